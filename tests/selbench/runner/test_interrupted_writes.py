"""A run that is killed at a file operation, or finds the disk full or read-only, goes on afterwards."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from selbench import DataError, Registry
from selbench.experiment import Experiment, parse_experiment
from selbench.runner import store as store_room
from selbench.runner.executors import InProcess
from selbench.runner.folder import begin_folder, write_folder
from selbench.runner.run import RunOutcome, run_experiment
from selbench.runner.session import session
from selbench.runner.store import Store
from selbench.runner.tables import predictions_table

CHANGES = {"os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir"}


@pytest.fixture
def experiment(toy_table: dict[str, Any], toy_registry: Registry) -> Experiment:
    """Return a toy experiment that takes a moment."""
    small = toy_table["tasks"]["small"] | {
        "windows": {"train": 20, "validation": 10, "test": 20, "threshold": 20}
    }
    table = toy_table | {"repetitions": 1, "tasks": {"small": small}}
    return parse_experiment(table, toy_registry, where="toy.toml")


def whole_run(experiment: Experiment, registry: Registry, folder: Path) -> None:
    """Run and write the run folder, as the command line does."""
    begin_folder(experiment, folder)
    outcome = run_experiment(experiment, Store.open(folder / "store"), InProcess())
    assert {training.status for training in outcome.trainings} == {"done"}
    write_folder(outcome, registry, folder, started=datetime.now(UTC), command=["selbench"])


def killed_at(change: int, work: Callable[[], None]) -> bool:
    """Do work in a child that is killed before its n-th change of a file system; tell whether it was.

    Changes are what Python announces to audit hooks: files opened for writing, and
    names made, moved or removed.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            left = [change]

            def watch(event: str, arguments: tuple[Any, ...]) -> None:
                writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_ACCMODE
                if writes or event in CHANGES:
                    left[0] -= 1
                    if not left[0]:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(watch)
            work()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, f"after {change} changes it cannot go on"
    return os.WIFSIGNALED(status)


def test_killed_at_any_change_of_a_file_a_run_goes_on(
    experiment: Experiment, toy_registry: Registry, tmp_path: Path
) -> None:
    whole_run(experiment, toy_registry, tmp_path / "undisturbed")
    change, folder = 1, tmp_path / "killed"
    while killed_at(change, lambda: whole_run(experiment, toy_registry, folder)):
        change += 1
    assert change > 12
    expected = (tmp_path / "undisturbed" / "predictions.parquet").read_bytes()
    assert (folder / "predictions.parquet").read_bytes() == expected
    read = [pd.read_parquet(run / "results.parquet") for run in (folder, tmp_path / "undisturbed")]
    measured = [table[~table.metric.str.contains("seconds|peak_memory")] for table in read]
    pd.testing.assert_frame_equal(*(table.reset_index(drop=True) for table in measured), check_exact=True)


def _run_until_full(experiment: Experiment, store: Store) -> RunOutcome | None:
    try:
        return run_experiment(experiment, store, InProcess())
    except DataError as problem:
        if str(problem) != f"{store.root}: cannot store a result: No space left on device":
            raise
        return None


def test_a_disk_that_fills_up_at_any_file_costs_that_file_alone(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, room_for = store_room._write, [0]

    def write_until_full(path: Path, content: bytes) -> None:
        if room_for[0] == 0:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        room_for[0] -= 1
        write(path, content)

    monkeypatch.setattr(store_room, "_write", write_until_full)
    store, held, failures = Store(tmp_path / "store"), 0, 0
    room_for[0] = 5
    while (outcome := _run_until_full(experiment, store)) is None:
        failures += 1
        assert not store.leftovers()
        now = len(list(store.artefacts()))
        assert now > held, "what was finished is kept, and the next run gets further"
        held = now
        room_for[0] = 5
    assert failures > 5
    room_for[0] = 10_000
    undisturbed = run_experiment(experiment, Store(tmp_path / "undisturbed"), InProcess())
    pd.testing.assert_frame_equal(predictions_table(outcome), predictions_table(undisturbed))


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(toy_table: dict[str, Any], tmp_path: Path, forked: Any) -> Run:
    """Return a function that runs the toy experiment by the command line, with files up to a size.

    It returns the exit status and what was said.
    """
    import tomli_w

    (tmp_path / "toy.toml").write_text(tomli_w.dumps(toy_table | {"repetitions": 1}))

    def run(*words: str | Path, largest_file: int = resource.RLIM_INFINITY) -> tuple[int, str]:
        command = ["run", "toy.toml", "--workers", "0", *words]
        run = forked(command, tmp_path, tmp_path / "said", {"COLUMNS": "300"}, largest_file)
        said = run.finish()
        return run.returncode, said

    return run


def check_refusal(refused: tuple[int, str], reason: str) -> None:
    """Expect one line at the end that says why."""
    status, said = refused
    assert status == 1, said
    assert reason in said.splitlines()[-1]
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_file_that_the_system_cuts_short_is_a_line_and_not_a_result(run: Run, tmp_path: Path) -> None:
    check_refusal(run("--out", "out", largest_file=600), "File too large")
    check_refusal(run("--out", "out", largest_file=20_000), "File too large")
    status, said = run("--out", "out")
    assert status == 0, said
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write to")
@pytest.mark.parametrize("option", ["--store", "--out"])
def test_a_folder_that_cannot_be_written_is_a_line(run: Run, option: str) -> None:
    check_refusal(run(option, "/proc/self/here"), "cannot be written")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a small disk, where one may."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("may not mount a disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.slow
def test_a_run_on_a_disk_that_is_full_and_then_read_only_goes_on_when_there_is_room(
    run: Run, disk: Path
) -> None:
    check_refusal(run("--out", disk / "run"), "No space left on device")
    held = len(list(Store(disk / "run" / "store").artefacts()))
    assert held > 0, "what was finished before is kept"
    subprocess.run(["mount", "-o", "remount,ro,size=8m", str(disk)], check=True)
    check_refusal(run("--out", disk / "run"), "Read-only file system")
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    status, said = run("--out", disk / "run")
    assert status == 0, said
    assert (disk / "run" / "report.html").exists()


def test_files_from_the_future_are_as_good_as_others(experiment: Experiment, tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = predictions_table(run_experiment(experiment, store, InProcess()))
    for path in tmp_path.rglob("*"):
        os.utime(path, (4e9, 4e9))
    started: list[object] = []
    again = run_experiment(experiment, store, InProcess(), observe=started.append)
    pd.testing.assert_frame_equal(predictions_table(again), first)
    assert all(type(event).__name__ == "StageBegan" for event in started), "nothing is done again"


def together(*works: Callable[[], None]) -> None:
    """Do several things at the same time, each in a child of its own; all must end well."""
    children = []
    for work in works:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                work()
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * len(works)


def test_two_runs_may_write_the_same_folder(
    experiment: Experiment, toy_registry: Registry, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    begin_folder(experiment, folder)
    outcome = run_experiment(experiment, Store(folder / "store"), InProcess())

    def write() -> None:
        for _ in range(4):
            begin_folder(experiment, folder)
            with session(folder):
                write_folder(outcome, toy_registry, folder, started=datetime.now(UTC), command=["selbench"])

    together(write, write)
    assert not list(folder.rglob(".*"))
    assert len(list((folder / "predictors").iterdir())) == 2
    assert len(pd.read_parquet(folder / "predictions.parquet")) == 2 * 60


def test_two_runs_may_replace_the_same_damaged_artefact(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for i in range(40):
        key = f"{i:06d}"
        folder = store.put("windows", key, {"one.bin": b"x" * 10}, {})
        (folder / "one.bin").write_bytes(b"cut")

    def put() -> None:
        for i in range(40):
            store.put("windows", f"{i:06d}", {"one.bin": b"x" * 10}, {})

    together(put, put, put)
    assert all(store.has("windows", f"{i:06d}") for i in range(40))
    assert not store.leftovers()
