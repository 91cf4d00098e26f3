"""Sweeps from standing variation, scored apart by how many copies of the allele their carriers descend from.

Where all carriers in the sample descend from one copy at the onset the sweep is hard, whatever the allele's
frequency was then: a sweep from standing variation by name, and by sight one of a new mutation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.power import windows_needed
from selbench.evaluation.prediction_table import by_task
from selbench.evaluation.transferred import called_share, called_windows
from selbench.report.leaderboard import Estimate
from selbench.report.suite import ALPHA, SuiteTable, SuiteTask
from selbench.report.suite_powers import FEWEST_WINDOWS
from selbench.run_folder import RunRecord

EXPLAINED = (
    "Power at 1 % false positives on the task's selected windows, by how many copies of the favoured allele, "
    "of those that there were at the onset, the carriers in the sample descend from: from one, the sweep is "
    "hard whatever the allele's frequency was; from several, soft. Windows of one founder differ in more "
    "than that: the allele was rarer at the onset. Intervals are over test windows."
)


@dataclass(frozen=True)
class FounderPower:
    """A method's power where carriers descend from one copy of the allele, and from several."""

    label: str
    of_one: Estimate
    of_several: Estimate


@dataclass(frozen=True)
class TaskFounders:
    """The methods of a task, best first.

    Parameters
    ----------
    task : str
    n_of_one, n_of_several : int
        Test windows whose carriers descend from one copy of the allele at the onset, and from several.
    methods : tuple of FounderPower
    """

    task: str
    n_of_one: int
    n_of_several: int
    methods: tuple[FounderPower, ...]


def founders(table: SuiteTable, parts: Sequence[RunRecord]) -> tuple[TaskFounders, ...]:
    """Score windows of one founder and of several apart, on tasks that have enough of both.

    Parameters
    ----------
    parts : sequence of RunRecord
        The runs that the table was made from.
    """
    return tuple(found for task in table.tasks if (found := _of_task(task, parts)) is not None)


def _of_task(task: SuiteTask, parts: Sequence[RunRecord]) -> TaskFounders | None:
    if task.board.n_threshold_windows < windows_needed(ALPHA):
        return None
    asked = [part for part in parts if any(cell[:2] == _pair(task) for cell in part.cells)]
    told = (counts for part in asked if (counts := _founders_of(task, part)) is not None)
    counts = next(told, None)
    if counts is None:
        return None
    is_one = counts == 1
    n_of_one, n_of_several = int(is_one.sum()), int((~is_one).sum())
    if min(n_of_one, n_of_several) < FEWEST_WINDOWS:
        return None
    found = {method: power for part in reversed(asked) for method, power in _powers(task, part, is_one)}
    rows = [(row.label, found[row.standing.method]) for row in task.rows if row.standing.method in found]
    return TaskFounders(
        task.name, n_of_one, n_of_several, tuple(FounderPower(label, *power) for label, power in rows)
    )


def _pair(task: SuiteTask) -> tuple[str, str]:
    return task.board.train_task, task.board.test_task


def _founders_of(task: SuiteTask, part: RunRecord) -> NDArray[np.float64] | None:
    """Return how many founders each window of the class that is looked for has; None where no run says it."""
    windows = part.read_windows()
    if "n_founders" not in windows.columns:
        return None
    test = task.board.test_task
    of_class = windows[(windows["test_task"] == test) & (windows["label"] == part.tasks[test].positive)]
    counts = of_class.sort_values("window")["n_founders"].to_numpy(np.float64)
    return counts if len(counts) and np.isfinite(counts).all() else None


def _powers(
    task: SuiteTask, part: RunRecord, is_one: NDArray[np.bool_]
) -> Iterator[tuple[str, tuple[Estimate, Estimate]]]:
    """Yield the power of every method that a run asked, on windows of one founder and of several."""
    train, test = _pair(task)
    said = part.read_predictions()
    rows = (said["train_task"] == train) & (said["test_task"] == test)
    (judged,) = by_task(said[rows], part.roles)
    code = judged.roles.classes.index(judged.roles.positive)
    for method in judged.methods:
        called = called_windows(method, method, code, ALPHA)[:, judged.labels == code]
        of_one, of_several = (called_share(called[:, chosen]) for chosen in (is_one, ~is_one))
        yield method.method, (Estimate(*of_one), Estimate(*of_several))
