"""Put beside every trained method what it said of its task's threshold windows, for scans to go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
from selbench.windows import WHOLE, class_of


def write_null_scores(outcome: RunOutcome, folders: Mapping[Path, TrainingOutcome]) -> None:
    """Write ``null.json`` into the folders of trained methods; what is there, made from the same, stays.

    A task without threshold windows, or that its method was not asked about, or of which it declined every
    one, has none.
    """
    looked_at: dict[str, _LookedAt] = {}
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
            if key not in looked_at:
                looked_at[key] = _look(outcome, portion)
            scores, observed = _scores(outcome, training, task, looked_at[key].observed)
            if not scores:
                (folder / NULL_FILE).unlink(missing_ok=True)
                continue
            null = NullScores(scores, origin_of(task), looked_at[key].portrait, made_from, observed)
            write_whole(folder / NULL_FILE, null_text(null))


@dataclass(frozen=True, eq=False)
class _LookedAt:
    """What threshold windows look like, and which share of each was observed; nothing where they are gone."""

    portrait: Portrait | None = None
    observed: NDArray[np.float64] | None = None


def origin_of(task: Task) -> NullOrigin:
    """Return what makes the windows of a task's null class."""
    source = task.sources[task.null]
    if not source.makes_more or not source.simulators:
        return NullOrigin(task.name, source.spelling)
    (simulator,) = source.simulators
    options: Mapping[str, Any] = options_of(simulator)
    seen, lost = source.observation_table, source.share_lost
    return NullOrigin(task.name, source.spelling, simulator.name, options, source.scenario_table, seen, lost)


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


def _scores(
    outcome: RunOutcome, training: TrainingOutcome, task: Task, observed: NDArray[np.float64] | None
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the scores, rising, and beside each the share of its window that was observed.

    Windows that the method declined are not among them.
    """
    column = training.planned.training.task.classes.index(training.planned.training.task.positive)
    scores = prediction_arrays(outcome, training, task, "threshold")["probabilities"][:, column]
    rising = np.argsort(scores, kind="stable")  # NaN last
    rising = rising[: np.count_nonzero(~np.isnan(scores))]
    shares = () if observed is None or (observed == 1).all() else tuple(observed[rising].tolist())
    return tuple(scores[rising].astype(np.float64).tolist()), shares


def _look(outcome: RunOutcome, portion: Portion) -> _LookedAt:
    """Look at the windows, if they are at hand: nothing is simulated again for it."""
    files = outcome.files_of(portion)
    if not files.blocks and portion.source.makes_more:
        return _LookedAt()
    windows = files.load()
    whole = windows.take(class_of(windows.observed) == WHOLE)
    return _LookedAt(Portrait.of(whole) if len(whole) else None, windows.observed)
