"""Programs that a file names start only with leave: looking at a stranger's folder starts nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from selbench import ExperimentError, Registry
from selbench.bench import open_experiment, run
from selbench.experiment import programs_of, programs_without_leave

TASK = """
name = "stranger"
seed = 1
repetitions = 1
baselines = false
methods = ["distinct-haplotypes"]
[tasks.t]
null = "n"
positive = "s"
sample = {{ n_haplotypes = 12 }}
locus = {{ sequence_length = 1000, mutation_rate = 2e-7, recombination_rate = 1e-8 }}
population = {{ size = 10000 }}
windows = {{ train = 20, validation = 5, test = 10, threshold = 10 }}
[tasks.t.classes.n]
simulator = {simulator}
[tasks.t.classes.s]
simulator = "ms"
"""

Selbench = Callable[..., Result]


@pytest.fixture
def selbench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Selbench:
    """Return a function that runs ``selbench ARGUMENTS`` in an empty folder, in this process."""
    from selbench.cli import console
    from selbench.cli.app import app

    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str) -> Result:
        console.stderr.cache_clear()
        console.stdout.cache_clear()
        return CliRunner().invoke(app, list(arguments))

    return invoke


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """Return a file that is there once the stranger's program has run."""
    return tmp_path / "mark"


@pytest.fixture
def stranger(selbench: Selbench, mark: Path, tmp_path: Path) -> Path:
    """Return a finished run, by this version, whose experiment has since been given a program."""
    file = tmp_path / "honest.toml"
    file.write_text(TASK.format(simulator='"ms"'))
    done = selbench("run", "honest.toml", "--out", "run", "--workers", "0")
    assert done.exit_code == 0, done.stderr
    folder = tmp_path / "run"
    command = json.dumps(f"ms[program=sh -c 'echo $0 >> {mark}' selbench]")
    (folder / "experiment.toml").write_text(TASK.format(simulator=command))
    return folder


READING = [
    ("status", "run"),
    ("clean", "run", "--yes"),
    ("clean", "run", "--everything", "--yes"),
    ("report", "run"),
    ("report", "run", "--format", "html", "--out", "page.html"),
    ("compare", "run", "run"),
    ("audit", "run"),
    ("run", "run/experiment.toml", "--out", "run", "--dry-run"),
    ("run", "run/experiment.toml", "--dry-run"),
    ("cite", "run/experiment.toml"),
]
MAKING = [
    ("run", "run/experiment.toml", "--out", "again", "--workers", "0"),
    ("run", "run/experiment.toml", "--out", "run", "--workers", "0"),
    ("run", "run/experiment.toml", "--out", "again", "--dask", "tcp://127.0.0.1:1"),
    ("export", "run/experiment.toml", "--out", "all.parquet"),
    ("audit", "run/experiment.toml"),
    ("audit", "run/experiment.toml", "--placebo", "--workers", "0"),
    ("audit", "run", "--placebo", "--workers", "0"),
]


def test_looking_starts_nothing_and_making_wants_leave(
    stranger: Path, mark: Path, selbench: Selbench, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(stranger, kept)
    for arguments in READING:
        result = selbench(*arguments)
        assert not mark.exists(), arguments
        assert result.exception is None or isinstance(result.exception, SystemExit), arguments
        shutil.rmtree(stranger)
        shutil.copytree(kept, stranger)
    for arguments in MAKING:
        result = selbench(*arguments)
        assert not mark.exists(), arguments
        assert result.exit_code == 1, arguments
        assert result.stderr.startswith("error: stranger: would start"), (arguments, result.stderr)
        assert f"echo $0 >> {mark}" in result.stderr, "the command is shown"
        assert "--allow-programs" in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
    with pytest.raises(ExperimentError, match="allow_programs=True"):
        run(stranger, out=tmp_path / "again", workers=0)
    assert not mark.exists()
    assert not (tmp_path / "again").exists()


def test_with_leave_the_program_starts(stranger: Path, mark: Path, selbench: Selbench) -> None:
    result = selbench("export", "run/experiment.toml", "--out", "all.parquet", "--allow-programs")
    assert mark.exists()
    assert "windows asked for" in result.stderr, "this one prints no windows"


def test_what_is_typed_on_the_command_line_needs_no_leave(
    stranger: Path, mark: Path, selbench: Selbench
) -> None:
    typed = f"tasks.t.classes.n.simulator=ms[program=sh -c 'echo $0 >> {mark}' selbench]"
    selbench("export", "honest.toml", "--out", "all.parquet", "--set", typed)
    assert mark.exists()


def test_a_typed_program_is_no_leave_for_another(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(TASK.format(simulator='"ms[program=sh]"'))
    registry = Registry.installed()
    experiment = open_experiment(tmp_path / "e.toml", registry=registry)
    assert programs_of(experiment) == ("sh",)
    for typed in (
        "tasks.t.classes.s.simulator=ms[program=sh -c true]",
        "description=sh",
        "name=ms[program=sh]",
    ):
        left = programs_without_leave(experiment, allow_programs=False, overrides=[typed], registry=registry)
        assert left == ("sh",), typed
    typed = "tasks.t.classes.s.simulator=ms[program=sh]"
    assert not programs_without_leave(experiment, allow_programs=False, overrides=[typed], registry=registry)


def test_the_plan_says_which_commands_it_would_start_and_what_is_not_known(
    stranger: Path, mark: Path, selbench: Selbench
) -> None:
    shown = selbench("run", "run/experiment.toml", "--dry-run")
    assert shown.exit_code == 0
    assert "1 not known" in shown.stderr
    assert 'starts, with --allow-programs: "ms' not in shown.stderr
    assert f"echo $0 >> {mark}" in shown.stderr
