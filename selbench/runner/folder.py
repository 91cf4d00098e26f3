"""Write the run folder: plain tables, JSON and PNG files that open without selbench."""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from selbench.errors import DataError
from selbench.experiment import Experiment
from selbench.files import folder_lock, write_whole
from selbench.foreign.toml import read_toml
from selbench.plugin import Registry
from selbench.runner.cells import predictor_name
from selbench.runner.gallery import write_gallery
from selbench.runner.record import run_record
from selbench.runner.run import RunOutcome
from selbench.runner.session import sessions_at_work
from selbench.runner.store import MANIFEST
from selbench.runner.tables import write_tables

_EXPERIMENT = "experiment.toml"
_TOP = (_EXPERIMENT, "predictions.parquet", "results.parquet", "run.json", "audit.json", "report.html")


def begin_folder(experiment: Experiment, folder: Path) -> None:
    """Make the run folder, or take up one of the same experiment, and write experiment.toml.

    Raises
    ------
    DataError
        If the folder holds something else, or cannot be written.
    """
    import tomli_w

    earlier = earlier_table(folder)
    for name, table in experiment.table["tasks"].items():
        before = earlier.get("tasks", {}).get(name, table)
        if before != table or earlier.get("seed", experiment.seed) != experiment.seed:
            what = f"task {name!r}" if before != table else "the seed"
            raise DataError(
                f"{folder}: holds a run in which {what} was another: choose another --out, or delete that run"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with folder_lock(folder):
            write_whole(folder / _EXPERIMENT, tomli_w.dumps(dict(experiment.table)).encode())
            (folder / "predictors").mkdir(exist_ok=True)
    except OSError as problem:
        raise DataError(f"{folder}: cannot be written: {problem.strerror or problem}") from problem


def earlier_table(folder: Path) -> dict[str, Any]:
    """Return the experiment that a run folder holds already; empty for a new folder.

    Raises
    ------
    DataError
        If the folder is in use for something else.
    """
    path = folder / _EXPERIMENT
    if path.is_file():
        return read_toml(path, expected="the experiment of a run; delete it, or choose another --out")
    if folder.exists() and (not folder.is_dir() or not all(map(_may_come_first, folder.iterdir()))):
        raise DataError(
            f"{folder}: expected a new folder or that of a run, found other files: choose another --out"
        )
    return {}


def _may_come_first(path: Path) -> bool:
    """Tell whether something may lie in a folder before the experiment does: a store, or what a kill left."""
    return path.name == "store" or path.name.startswith(f".{_EXPERIMENT}-")


def write_folder(
    outcome: RunOutcome, registry: Registry, folder: Path, *, started: datetime, command: list[str]
) -> None:
    """Write the results of a run, each file whole or not at all; run.json comes last."""
    with folder_lock(folder):
        _remove_leftovers(folder)
        _remove_strays(outcome, folder / "predictors")
        copy_predictors(outcome, folder)
        write_tables(outcome, folder)
        images = write_gallery(outcome, folder)
        record = run_record(outcome, registry, started=started, command=command, images=images)
        write_whole(folder / "run.json", (json.dumps(record, indent=1) + "\n").encode())


def _remove_leftovers(folder: Path) -> None:
    """Remove the temporary folders in which killed runs were writing, unless another run is at work here."""
    if len(sessions_at_work(folder)) > 1:
        return
    for name in (*_TOP, "images/*.png"):
        pattern = Path(name).with_name(f".{Path(name).name}-*")
        for path in folder.glob(str(pattern)):
            shutil.rmtree(path, ignore_errors=True)


def copy_predictors(outcome: RunOutcome, folder: Path) -> None:
    """Put every trained method into ``predictors/``, sharing the store's files where the disk can."""
    for training in outcome.trainings:
        if training.status != "done":
            continue
        planned = training.planned
        name = predictor_name(
            planned.training.task.name, planned.training.method.name, planned.training.repetition
        )
        source = outcome.plan.store.path("predictors", planned.predictor_key)
        target = folder / "predictors" / name
        temporary = target.with_name(f".{name}.{os.getpid()}.tmp")
        try:
            shutil.rmtree(temporary, ignore_errors=True)
            shutil.copytree(source, temporary, copy_function=_link_or_copy, ignore=_not_the_manifest)
            shutil.rmtree(target, ignore_errors=True)
            temporary.rename(target)
        except OSError as problem:
            shutil.rmtree(temporary, ignore_errors=True)
            raise DataError(f"{target}: cannot be written: {problem.strerror or problem}") from problem


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target


def _not_the_manifest(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == MANIFEST]


def _remove_strays(outcome: RunOutcome, predictors: Path) -> None:
    """Remove trained methods that are not of this run's tables; the store still has them."""
    ours = {
        predictor_name(training.task.name, training.method.name, training.repetition)
        for training in (outcome_of.planned.training for outcome_of in outcome.trainings)
    }
    for path in predictors.iterdir():
        if path.is_dir() and path.name not in ours:
            shutil.rmtree(path, ignore_errors=True)
