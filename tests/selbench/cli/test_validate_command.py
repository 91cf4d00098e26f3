"""selbench validate at the command line: a table, a page, and an exit status to build on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from selbench.cli.app import app as selbench
from selbench.cli.console import stdout
from selbench.formats.ms_text import write_ms
from selbench.testing import random_windows

SETTINGS = ["--set", "n_haplotypes=12", "--set", "sequence_length=200", "--set", "mutation_rate=6e-8"]
THETA = 4 * 80_000 * 6e-8 * 200
WATTERSON_CONSTANT = sum(1 / i for i in range(1, 12))


def run(*words: str) -> Result:
    stdout.cache_clear()
    result = CliRunner().invoke(selbench, ["validate", *words], env={"COLUMNS": "200"})
    stdout.cache_clear()
    assert result.exception is None or isinstance(result.exception, SystemExit | typer.Exit), result.exception
    return result


def figures(path: Path, mean_sites: float) -> Path:
    """Publish a mean of S, its standard error as if from 400 windows, and its lowest value."""
    entry = {"n": 400, "mean": mean_sites, "se_mean": 0.4, "quantiles": {"0": 0.0}}
    path.write_text(json.dumps({"replicates": 400, "command": "", "stats": {"S": entry}}))
    return path


def test_theory_as_figures_agrees_and_a_wrong_figure_does_not(tmp_path: Path) -> None:
    theory = figures(tmp_path / "theory.json", THETA * WATTERSON_CONSTANT)
    page = tmp_path / "page.html"
    right = run("msprime", str(theory), *SETTINGS, "--n-windows", "400", "--out", str(page))
    assert right.exit_code == 0
    assert "segregating_sites" in right.stdout
    assert "yes" in right.stdout
    assert "<svg" in page.read_text()
    wrong = figures(tmp_path / "wrong.json", 2 * THETA * WATTERSON_CONSTANT)
    assert run("msprime", str(wrong), *SETTINGS, "--n-windows", "400").exit_code == 1


def test_ms_text_takes_part(tmp_path: Path) -> None:
    path = tmp_path / "windows.txt"
    with path.open("wb") as stream:
        write_ms(random_windows(50, seed=1), stream, command="ms 12 50", seeds=[1])
    result = run("msprime", str(path), *SETTINGS, "--n-windows", "50", "--statistics", "theta_w,h12")
    assert "windows.txt" in result.stdout
    assert [word for word in ("theta_w", "h12", "tajimas_d") if word in result.stdout] == ["theta_w", "h12"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["msprime", "ms", "--args", "ms 4 1 -t 1", *SETTINGS], "leave --set out"),
        (["msprime", "no-such"], "no-such"),
        (["msprime", "msprime", "--statistics", "tetha_w"], "theta_w"),
        (["msprime", "msprime", "--set", "s=0.1", "--n-windows", "2"], "msprime cannot do this scenario"),
        (["msprime", "msprime", "--args", "ms 4 1 -t 1"], "no argument line"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_1(words: list[str], expected: str) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert expected in result.stderr
    assert result.stdout == ""
