"""Put beside every trained method what it said of its task's threshold windows, for scans to go by."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from selbench.errors import DataError
from selbench.experiment import Portion, Task, portions
from selbench.files import write_whole
from selbench.plugin import options_of
from selbench.run_folder.made_from import code_of
from selbench.runner.plan import PlannedTraining
from selbench.runner.run import RunOutcome, TrainingOutcome
from selbench.runner.store import key_of
from selbench.runner.tables import prediction_arrays
from selbench.trained import NullOrigin, NullScores, Portrait
from selbench.trained.null import NULL_FILE, null_text, read_null


def write_null_scores(outcome: RunOutcome, folders: Mapping[Path, TrainingOutcome]) -> None:
    """Write ``null.json`` into the folders of trained methods; what is there, made from the same, stays.

    A task without threshold windows, or that its method was not asked about, has none.
    """
    portraits: dict[str, Portrait | None] = {}
    for folder, training in folders.items():
        task = _asked_about(training.planned)
        if task is None:
            (folder / NULL_FILE).unlink(missing_ok=True)
            continue
        made_from = key_of(
            {
                "code": code_of("trained/portrait.py", "trained/null.py"),
                "predictions": training.planned.predictions_made_by(outcome.plan, task, "threshold"),
            }
        )
        if _written_from(folder) != made_from:
            (portion,) = portions(task, split="threshold")
            key = outcome.plan.portion_key(portion)
            if key not in portraits:
                portraits[key] = _portrait(outcome, portion)
            null = NullScores(_scores(outcome, training, task), origin_of(task), portraits[key], made_from)
            write_whole(folder / NULL_FILE, null_text(null))


def origin_of(task: Task) -> NullOrigin:
    """Return what makes the windows of a task's null class."""
    source = task.sources[task.null]
    if not source.makes_more or not source.simulators:
        return NullOrigin(task.name, source.spelling)
    (simulator,) = source.simulators
    options: Mapping[str, Any] = options_of(simulator)
    return NullOrigin(task.name, source.spelling, simulator.name, options, source.scenario_table)


def _asked_about(planned: PlannedTraining) -> Task | None:
    """Return the task whose threshold windows speak for a training: its own, or the one it is part of."""
    home = planned.training.task
    asked = (task for task, split in planned.tests if split == "threshold")
    return next((task for task in asked if task.name in (home.name, home.whole.name)), None)


def _written_from(folder: Path) -> str:
    try:
        null = read_null(folder)
    except DataError:
        return ""  # damaged, or of another version: written anew
    return "" if null is None else null.made_from


def _scores(outcome: RunOutcome, training: TrainingOutcome, task: Task) -> tuple[float, ...]:
    column = training.planned.training.task.classes.index(training.planned.training.task.positive)
    probabilities = prediction_arrays(outcome, training, task, "threshold")["probabilities"]
    return tuple(np.sort(probabilities[:, column]).astype(np.float64).tolist())


def _portrait(outcome: RunOutcome, portion: Portion) -> Portrait | None:
    """Look at the windows, if they are at hand: nothing is simulated again for it."""
    files = outcome.files_of(portion)
    if not files.blocks and portion.source.makes_more:
        return None
    return Portrait.of(files.load())
