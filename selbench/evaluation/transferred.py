"""What a threshold is worth in another world: chosen where a method was trained, used where it was not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.evaluation.intervals import proportion_interval
from selbench.evaluation.power import call_threshold, windows_needed
from selbench.evaluation.predictions import MethodPredictions, TaskPredictions, score_against_null
from selbench.evaluation.roc import RankedScores

Share = tuple[float, float, float]
"""A share and its 95 % interval over test windows: value, low, high."""


@dataclass(frozen=True)
class Transferred:
    """A method at the threshold of the world that it was trained in, in another one.

    Parameters
    ----------
    method : str
    false_positives, power : Share
        Of the other world's null and positive windows, those that are called; means over trainings.
    """

    method: str
    false_positives: Share
    power: Share


def transferred(home: TaskPredictions, away: TaskPredictions, alpha: float) -> Iterator[Transferred]:
    """Call windows of another task at the thresholds that a method's own task gave.

    Parameters
    ----------
    home, away : TaskPredictions
        Of the training task's own windows, whose threshold split is used, and of the other's.
    alpha : float
        The false-positive rate that is promised at home.

    Raises
    ------
    DataError
        If they were not trained on one task.
    """
    if home.train_task != away.train_task:
        raise DataError(
            f"expected methods trained on one task, found {home.train_task} and {away.train_task}"
        )
    code = away.roles.classes.index(away.roles.positive)
    at_home = {method.method: method for method in home.methods}
    for method in away.methods:
        if method.method in at_home and home.n_threshold_windows >= windows_needed(alpha):
            called = called_windows(at_home[method.method], method, code, alpha)
            of_null, of_positive = (called_share(called[:, away.labels == which]) for which in (0, code))
            yield Transferred(method.method, of_null, of_positive)


def called_windows(
    home: MethodPredictions, away: MethodPredictions, code: int, alpha: float
) -> NDArray[np.float64]:
    """Say which test windows are called at the threshold that a method's threshold windows give.

    Parameters
    ----------
    home, away : MethodPredictions
        Of one method: whose threshold windows are used, and whose test windows are called. May be the same.
    code : int
        Of the class that is looked for.
    alpha : float
        The false-positive rate.

    Returns
    -------
    called : float64 (n_repetitions, n_windows)
        0 or 1, for every training that both tasks know of.
    """
    rows = []
    for repetition in sorted(set(home.repetitions) & set(away.repetitions)):
        null = score_against_null(home.only(repetition).threshold[0], code)
        ranked = RankedScores.of(null, np.ones((1, len(null)), dtype=np.uint8))
        threshold = call_threshold(ranked, alpha)[0][0]
        rows.append(score_against_null(away.only(repetition).test[0], code) >= threshold)
    return np.array(rows, dtype=np.float64)


def called_share(called: NDArray[np.float64]) -> Share:
    """Return the share of windows that are called, mean over trainings, of (n_repetitions, n_windows)."""
    by_window = called.mean(axis=0)
    n = len(by_window)
    share = float(by_window.mean())
    variance = float(by_window.var(ddof=1)) / n if n > 1 else 0.0
    low, high = proportion_interval(share, variance, n)
    return share, low, high
