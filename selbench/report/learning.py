"""Learning curves: how well a method does by the number of windows it was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from selbench.report.leaderboard import AUC, UNKNOWN, Estimate, Leaderboard, leaderboard_of
from selbench.run_folder import RunRecord


@dataclass(frozen=True)
class LearningCurve:
    """A metric of every method on one test task, by training windows per class.

    Parameters
    ----------
    metric : str
        As people call it: ``AUC``.
    sizes : tuple of int
        Rising. A smaller training set is a prefix of a larger one.
    estimates : mapping of str to tuple of Estimate
        By the method's label, one for each size.
    """

    test_task: str
    metric: str
    sizes: tuple[int, ...]
    estimates: Mapping[str, tuple[Estimate, ...]]


def learning_curves(record: RunRecord, metric: str = AUC) -> tuple[LearningCurve, ...]:
    """Return a curve for every task also trained on fewer windows, by AUC where `metric` was not measured."""
    wholes = dict.fromkeys(task.part_of for task in record.tasks.values() if task.part_of)
    curves = (_curve(record, whole, metric) for whole in wholes)
    return tuple(curve for curve in curves if len(curve.sizes) > 1)


def _curve(record: RunRecord, whole: str, metric: str) -> LearningCurve:
    boards: dict[int, Leaderboard] = {}
    for train, test in record.pairs:
        if whole in (train, record.tasks[train].part_of) and test == whole:
            boards[record.tasks[train].windows["train"]] = leaderboard_of(record, train, test)
    by_size = dict(sorted(boards.items()))
    labels = dict.fromkeys(
        standing.label for board in reversed(by_size.values()) for standing in board.standings
    )
    shown = metric if all(board.measured((metric,)) for board in by_size.values()) else AUC
    return LearningCurve(
        whole,
        record.metrics[shown].label,
        tuple(by_size),
        {label: tuple(_estimate(board, label, shown) for board in by_size.values()) for label in labels},
    )


def _estimate(board: Leaderboard, label: str, metric: str) -> Estimate:
    return next((s.estimate(metric) for s in board.standings if s.label == label), UNKNOWN)
