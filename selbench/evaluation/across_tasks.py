"""Methods over several tasks, training by training: what a table of means would hide (Agarwal et al., 2021).

Scores are those of every training on every task, shares such as areas. Intervals
are over trainings, which are resampled within tasks: the tasks are those that were chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.intervals import logit_interval, proportion_interval
from selbench.evaluation.significance import SIGNIFICANCE
from selbench.streams import generator

OfTasks = Sequence[NDArray[np.float64]]
"""Scores of one method: an array (n_repetitions,) per task, in [0, 1], higher is better."""

Scores = Mapping[str, OfTasks]
"""Scores by method; tasks in one order."""

N_RESAMPLES = 2000
NO_VARIANCE = 1e-24
"""A variance over trainings below this is rounding."""


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
    """A value with its 95 % interval over trainings; NaN where no training scored otherwise than another."""

    value: float
    low: float = nan
    high: float = nan

    @property
    def has_interval(self) -> bool:
        """Whether there is an interval."""
        return not isnan(self.low)


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

    @property
    def reverse(self) -> PairOverTasks:
        """The same pair seen from the other method."""
        chance = self.improvement
        return replace(
            self,
            method=self.other,
            other=self.method,
            difference=-self.difference,
            wins=self.losses,
            losses=self.wins,
            improvement=Summary(1 - chance.value, 1 - chance.high, 1 - chance.low),
        )


def interquartile_mean(of_tasks: OfTasks, *, seed: int) -> Summary:
    """Mean of the middle half of all trainings on all tasks: one hopeless task does not decide it.

    The interval is on the logit scale, with the variance of a stratified
    bootstrap and Student's t: percentiles of so few trainings are too narrow.
    """

    def middle(drawn: Sequence[OfTasks]) -> NDArray[np.float64]:
        everything = np.sort(np.concatenate(drawn[0], axis=1), axis=1)
        cut = everything.shape[1] // 4
        return np.asarray(everything[:, cut : everything.shape[1] - cut].mean(axis=1))

    value, variance = _resampled([of_tasks], middle, seed=seed)
    n_trainings = sum(map(len, of_tasks))
    degrees = n_trainings - len(of_tasks)
    if not degrees or variance < NO_VARIANCE:
        return Summary(value)
    return Summary(value, *logit_interval(value, variance * n_trainings / degrees, n_trainings, degrees))


def probability_of_improvement(of_method: OfTasks, of_other: OfTasks, *, seed: int) -> Summary:
    """Chance that a training of one method scores above one of another, averaged over tasks.

    The interval is Wilson's, with as many trainings as the variance of a
    stratified bootstrap tells of, and at most those that there are.
    """

    above = [
        (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
        for a, b in zip(of_method, of_other, strict=True)
    ]
    value = float(np.mean([of.mean() for of in above]))
    times = _times_drawn(seed, tuple(map(len, (*of_method, *of_other))))
    resampled = [
        (ours @ of * theirs).sum(axis=1) / of.size
        for of, ours, theirs in zip(above, times[: len(above)], times[len(above) :], strict=True)
    ]
    variance = float(np.mean(resampled, axis=0).var())
    if not any(len(set(of.tolist())) > 1 for of in (*of_method, *of_other)):
        return Summary(value)
    n_trainings = sum(min(len(a), len(b)) for a, b in zip(of_method, of_other, strict=True))
    return Summary(value, *proportion_interval(value, variance, n_trainings))


def performance_profile(of_tasks: OfTasks, thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
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
    """Compare every method with every other, in both directions."""
    found = [_pair(scores, *sorted(pair), seed=seed) for pair in combinations(scores, 2)]
    return tuple(seen for pair in found for seen in (pair, pair.reverse))


def _pair(scores: Scores, method: str, other: str, *, seed: int) -> PairOverTasks:
    apart = np.array([a.mean() - b.mean() for a, b in zip(scores[method], scores[other], strict=True)])
    return PairOverTasks(
        method,
        other,
        float(apart.mean()),
        int((apart > 0).sum()),
        int((apart == 0).sum()),
        int((apart < 0).sum()),
        probability_of_improvement(scores[method], scores[other], seed=seed),
    )


@lru_cache(maxsize=4)
def _times_drawn(seed: int, sizes: tuple[int, ...]) -> tuple[NDArray[np.float64], ...]:
    """Return how often each resample has each training, float64 (n_resamples, size) per size.

    The draws are those of `_resampled`; pairs of as many trainings share them.
    """
    rng = generator(seed, "across tasks")
    drawn = (rng.integers(size, size=(N_RESAMPLES, size)) for size in sizes)
    return tuple(
        (of[:, :, None] == np.arange(size)).sum(axis=1).astype(np.float64)
        for of, size in zip(drawn, sizes, strict=True)
    )


def _resampled(
    methods: Sequence[OfTasks], statistic: Callable[[Sequence[OfTasks]], NDArray[np.float64]], *, seed: int
) -> tuple[float, float]:
    """Return a statistic of the trainings as they are, and its variance over trainings drawn within tasks."""
    value = float(statistic([[of[None] for of in of_tasks] for of_tasks in methods])[0])
    rng = generator(seed, "across tasks")
    drawn = [
        [of[rng.integers(len(of), size=(N_RESAMPLES, len(of)))] for of in of_tasks] for of_tasks in methods
    ]
    return value, float(statistic(drawn).var())
