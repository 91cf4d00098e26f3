"""``selbench status`` and ``selbench clean``: what a run has done, and what its store holds in vain."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Selbench = Callable[..., subprocess.CompletedProcess[str]]


def rows_of(result: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    """Return the counts of each method by its spelling."""
    lines = [line.split() for line in result.stdout.splitlines()[1:]]
    return {line[1]: line[2:] for line in lines}


def test_status_counts_what_is_done_and_says_how_to_go_on(
    selbench: Selbench, toy_file: Path, tmp_path: Path
) -> None:
    assert (
        selbench("run", toy_file, "--out", "run", "--workers", "0", "--methods", "few-sites").returncode == 0
    )
    table = tmp_path / "run" / "experiment.toml"
    table.write_text(table.read_text().replace("repetitions = 2", "repetitions = 3"))
    result = selbench("status", "run")
    assert result.returncode == 0, result.stderr
    counts = list(rows_of(result).values())
    assert counts == [["2", "1", "–", "–"], ["2", "1", "–", "–"]]
    assert "4 of 6 trainings done; go on with: selbench run run/experiment.toml --out run" in result.stderr


def test_what_was_not_asked_for_is_not_to_do(selbench: Selbench, toy_file: Path) -> None:
    failing, slow = "few-sites[fails=true]", "few-sites[seconds=0.3]"
    toy_file.write_text(toy_file.read_text().replace(f'"{slow}"', f'"{failing}", "{slow}"'))
    asked = ["--methods", "site-count+few-sites", "--methods", f"site-count+{failing}"]
    assert selbench("run", toy_file, "--out", "run", "--workers", "0", *asked).returncode == 1
    told = selbench("status", "run")
    assert list(rows_of(told).values()) == [["2", "–", "–", "–"], ["–", "–", "–", "2"]]
    counted, go_on = told.stderr.strip().splitlines()[-1].split("; go on with: selbench ")
    assert counted == "2 of 4 trainings done, and 2 others of its file were not asked for"
    planned = selbench(*shlex.split(go_on), "--dry-run")
    assert set(planned.stderr.splitlines()[0].split(", ")) == {"2 to do", "2 done"}, planned.stderr


def test_status_tells_failures_with_their_error(selbench: Selbench, toy_file: Path, tmp_path: Path) -> None:
    toy_file.write_text(toy_file.read_text().replace("few-sites[seconds=0.3]", "few-sites[fails=true]"))
    assert selbench("run", toy_file, "--out", "run", "--workers", "0").returncode == 1
    result = selbench("status", "run")
    (counts,) = [counts for name, counts in rows_of(result).items() if "fails" in name]
    assert counts == ["–", "–", "–", "2"]
    assert "ArithmeticError: told to fail" in result.stderr
    assert "failed" in result.stderr


def test_status_of_a_finished_run_points_to_its_report(
    selbench: Selbench, toy_file: Path, tmp_path: Path
) -> None:
    assert selbench("run", toy_file, "--out", "run", "--workers", "0", "--reduced").returncode == 0
    assert "2 of 2 trainings done; finished: selbench report run" in selbench("status", "run").stderr
    assert not list((tmp_path / "run").glob(".running*")), "nobody is at work any more"


def test_status_alone_has_a_line_for_each_run(selbench: Selbench, toy_file: Path, tmp_path: Path) -> None:
    assert "no run in runs" in selbench("status").stderr
    assert selbench("run", toy_file, "--workers", "0", "--reduced").returncode == 0
    known = "runs/toy-reduced: 2 of 2 trainings done; finished: selbench report runs/toy-reduced\n"
    assert selbench("status").stdout == known
    (tmp_path / "runs" / "damaged").mkdir()
    (tmp_path / "runs" / "damaged" / "experiment.toml").write_text("seed = ")
    (tmp_path / "runs" / "notes").mkdir()
    result = selbench("status")
    assert result.returncode == 1
    assert result.stdout == known
    assert result.stderr.startswith("runs/damaged: ")


def test_status_of_another_folder_is_refused(selbench: Selbench, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    result = selbench("status", "other")
    assert result.returncode == 1
    assert "other: expected a run folder with experiment.toml" in result.stderr


def test_a_run_is_known_while_it_is_at_work(
    selbench: Selbench, start: Callable[..., subprocess.Popen[str]], toy_file: Path, tmp_path: Path
) -> None:
    toy_file.write_text(toy_file.read_text().replace("seconds=0.3", "seconds=20"))
    run = start("run", toy_file, "--out", "run", "--workers", "1")
    try:
        while not list(tmp_path.glob("run/.running*")):
            assert run.poll() is None
        said = selbench("status", "run").stderr
        assert f"process {run.pid}" in said
        assert "still running" in said
        refused = selbench("clean", "run", "--yes")
        assert refused.returncode == 1
        assert "is at work there" in refused.stderr
    finally:
        run.kill()
        run.wait()
    assert "go on with" in selbench("status", "run").stderr, "a killed run is not at work"


def test_clean_says_what_it_frees_and_frees_only_that(
    selbench: Selbench, toy_file: Path, tmp_path: Path
) -> None:
    def run() -> None:
        assert selbench("run", toy_file, "--out", "run", "--workers", "0", "--reduced").returncode == 0

    run()
    assert "nothing to free" in selbench("clean", "run").stderr
    before = sorted(path for path in (tmp_path / "run/store").rglob("*") if path.is_file())
    toy_file.write_text(toy_file.read_text().replace("seconds=0.3", "seconds=0.4"))
    run()
    with_both = sorted(path for path in (tmp_path / "run/store").rglob("*") if path.is_file())
    result = selbench("clean", "run")
    assert result.returncode == 0
    assert "predictors" in result.stdout
    assert "predictions" in result.stdout
    assert "windows" not in result.stdout, "the windows are those of both methods"
    assert "nothing removed; add --yes" in result.stderr
    assert sorted(path for path in (tmp_path / "run/store").rglob("*") if path.is_file()) == with_both
    assert selbench("clean", "run", "--yes").returncode == 0
    after = sorted(path for path in (tmp_path / "run/store").rglob("*") if path.is_file())
    assert len(before) == len(after) < len(with_both)
    again = selbench("run", toy_file, "--out", "run", "--reduced", "--dry-run")
    assert again.stdout.count("done") == 2, "nothing that the run needs is gone"


def test_clean_everything_keeps_results_and_predictors(
    selbench: Selbench, toy_file: Path, tmp_path: Path
) -> None:
    assert selbench("run", toy_file, "--out", "run", "--workers", "0", "--reduced").returncode == 0
    assert selbench("clean", "run", "--everything", "--yes").returncode == 0
    assert not list((tmp_path / "run/store").rglob("made_by.json"))
    assert selbench("report", "run").returncode == 0
    assert list((tmp_path / "run/predictors").glob("*/method.json"))


def test_scraps_of_killed_runs_are_freed(selbench: Selbench, toy_file: Path, tmp_path: Path) -> None:
    assert selbench("run", toy_file, "--out", "run", "--workers", "0", "--reduced").returncode == 0
    scrap = tmp_path / "run/store/windows/ab/.abcdef12-xyz"
    scrap.mkdir(parents=True)
    (scrap / "windows.npz").write_bytes(b"x" * 5000)
    result = selbench("clean", "run", "--yes")
    assert "leftovers" in result.stdout
    assert "5 kB" in result.stderr
    assert not scrap.exists()


@pytest.mark.parametrize(
    ("marker", "said"),
    [(json.dumps({"format": 99}), "expected a store of format 1, found 99"), ("{", "damaged")],
)
def test_a_store_of_another_version_is_refused(
    selbench: Selbench, toy_file: Path, tmp_path: Path, marker: str, said: str
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "store.json").write_text(marker)
    result = selbench("run", toy_file, "--store", "shared", "--workers", "0")
    assert result.returncode == 1
    assert said in result.stderr


def test_a_folder_that_is_no_store_is_refused(selbench: Selbench, toy_file: Path, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "thesis.tex").write_text("years of work")
    result = selbench("run", toy_file, "--store", "shared", "--workers", "0")
    assert result.returncode == 1
    assert "shared: expected a store or a new folder, found thesis.tex" in result.stderr
