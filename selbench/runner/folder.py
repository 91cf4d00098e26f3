"""Write the run folder: plain tables, JSON and PNG files that open without selbench."""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime
from pathlib import Path

from selbench.errors import DataError
from selbench.experiment import Experiment
from selbench.registry import Registry
from selbench.runner.cells import predictor_name
from selbench.runner.gallery import write_gallery
from selbench.runner.record import run_record
from selbench.runner.run import RunOutcome
from selbench.runner.store import write_whole
from selbench.runner.tables import write_tables


def begin_folder(experiment: Experiment, folder: Path) -> None:
    """Make the run folder and write experiment.toml, overrides applied.

    Raises
    ------
    DataError
        If the folder cannot be written.
    """
    import tomli_w

    try:
        (folder / "predictors").mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise DataError(f"{folder}: cannot be written: {problem.strerror or problem}") from problem
    write_whole(folder / "experiment.toml", tomli_w.dumps(dict(experiment.table)).encode())


def write_folder(
    outcome: RunOutcome, registry: Registry, folder: Path, *, started: datetime, command: list[str]
) -> None:
    """Write the results of a run, each file whole or not at all; run.json comes last."""
    copy_predictors(outcome, folder)
    write_tables(outcome, folder)
    images = write_gallery(outcome, folder)
    record = run_record(outcome, registry, started=started, command=command, images=images)
    write_whole(folder / "run.json", (json.dumps(record, indent=1) + "\n").encode())


def copy_predictors(outcome: RunOutcome, folder: Path) -> None:
    """Put every trained method into ``predictors/``, sharing the store's files where the disk can."""
    for cell in outcome.cells:
        if cell.status != "done":
            continue
        planned = cell.planned
        name = predictor_name(planned.cell.task.name, planned.cell.method.name, planned.cell.repetition)
        source = outcome.plan.store.path("predictors", planned.predictor_key)
        target = folder / "predictors" / name
        temporary = target.with_name(f".{name}.{os.getpid()}.tmp")
        try:
            shutil.rmtree(temporary, ignore_errors=True)
            shutil.copytree(source, temporary, copy_function=_link_or_copy)
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
