"""Methods over several tasks, training by training: what a table of means would hide (Agarwal et al., 2021).

Scores are those of every training on every task. Intervals resample trainings
within tasks: the tasks are those that were chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.intervals import LEVEL
from selbench.evaluation.significance import SIGNIFICANCE
from selbench.streams import generator

Scores = Mapping[str, Sequence[NDArray[np.float64]]]
"""By method, an array (n_repetitions,) per task, higher is better; tasks in one order."""

N_RESAMPLES = 2000


def fewest_tasks(n_methods: int) -> int:
    """Return how many tasks Wilcoxon's test needs to reject for any of all pairs, after Holm's correction.

    Its smallest two-sided p-value with n tasks is 2 / 2ⁿ.

    >>> [fewest_tasks(n) for n in (2, 4, 16)]
    [6, 8, 13]
    """
    n_pairs = n_methods * (n_methods - 1) // 2
    n_tasks = 1
    while n_pairs * 2.0 ** (1 - n_tasks) > SIGNIFICANCE:
        n_tasks += 1
    return n_tasks


@dataclass(frozen=True)
class Summary:
    """A value with its interval over trainings; both limits are the value where each task has one."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PairOverTasks:
    """Two methods over all tasks; adding a third changes nothing here (Ismail-Fawaz et al., 2023).

    Parameters
    ----------
    method, other : str
    difference : float
        Mean over tasks of the difference of means over trainings.
    wins, ties, losses : int
        Tasks on which `method` has the larger mean, as large a one, the smaller.
    improvement : Summary
        Chance that a training of `method` scores above one of `other` on the same task, ties one half.
    """

    method: str
    other: str
    difference: float
    wins: int
    ties: int
    losses: int
    improvement: Summary


def interquartile_mean(of_tasks: Sequence[NDArray[np.float64]], *, seed: int) -> Summary:
    """Mean of the middle half of all trainings on all tasks: one hopeless task does not decide it."""

    def middle(drawn: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        everything = np.sort(np.concatenate(drawn, axis=1), axis=1)
        cut = everything.shape[1] // 4
        return np.asarray(everything[:, cut : everything.shape[1] - cut].mean(axis=1))

    return _summary([of_tasks], lambda drawn: middle(drawn[0]), seed=seed)


def probability_of_improvement(
    of_method: Sequence[NDArray[np.float64]], of_other: Sequence[NDArray[np.float64]], *, seed: int
) -> Summary:
    """Chance that a training of one method scores above one of another, averaged over tasks."""

    def chance(drawn: Sequence[Sequence[NDArray[np.float64]]]) -> NDArray[np.float64]:
        of_tasks = [
            ((a[:, :, None] > b[:, None, :]) + 0.5 * (a[:, :, None] == b[:, None, :])).mean(axis=(1, 2))
            for a, b in zip(*drawn, strict=True)
        ]
        return np.asarray(np.mean(of_tasks, axis=0))

    return _summary([of_method, of_other], chance, seed=seed)


def performance_profile(
    of_tasks: Sequence[NDArray[np.float64]], thresholds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the share of trainings, tasks weighing the same, that score above each threshold.

    Parameters
    ----------
    of_tasks : sequence of float64 (n_repetitions,)
    thresholds : float64 (n_thresholds,)

    Returns
    -------
    shares : float64 (n_thresholds,)
    """
    return np.asarray(np.mean([(of[:, None] > thresholds).mean(axis=0) for of in of_tasks], axis=0))


def pairs_over_tasks(scores: Scores, *, seed: int) -> tuple[PairOverTasks, ...]:
    """Compare every method with every other."""
    found = []
    for method, other in permutations(scores, 2):
        apart = np.array([a.mean() - b.mean() for a, b in zip(scores[method], scores[other], strict=True)])
        found.append(
            PairOverTasks(
                method,
                other,
                float(apart.mean()),
                int((apart > 0).sum()),
                int((apart == 0).sum()),
                int((apart < 0).sum()),
                probability_of_improvement(scores[method], scores[other], seed=seed),
            )
        )
    return tuple(found)


def _summary(
    methods: Sequence[Sequence[NDArray[np.float64]]],
    statistic: Callable[[Sequence[Sequence[NDArray[np.float64]]]], NDArray[np.float64]],
    *,
    seed: int,
) -> Summary:
    """Compute a statistic of the trainings as they are, and of trainings resampled within tasks."""
    value = float(statistic([[of[None] for of in of_tasks] for of_tasks in methods])[0])
    rng = generator(seed, "across tasks")
    drawn = [
        [of[rng.integers(len(of), size=(N_RESAMPLES, len(of)))] for of in of_tasks] for of_tasks in methods
    ]
    low, high = np.quantile(statistic(drawn), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Summary(value, float(min(low, value)), float(max(high, value)))
