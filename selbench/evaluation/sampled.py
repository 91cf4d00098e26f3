"""A metric of one method over trainings and windows: its values, and how windows move them.

The variance of a comparison is that of two-way random effects, trainings × test
windows, as Obuchowski & Rockette (1995) and Hillis (2007) have it for readers ×
cases: a training stands where a reader does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.intervals import t_quantile

NO_VARIANCE = 1e-30
"""A variance over windows below this is rounding."""


@dataclass(frozen=True)
class Spread:
    """How far trainings of one method lie apart, as the variance that this gives their average.

    Parameters
    ----------
    variance : float
        s² / R, the variance over R trainings by R; 0 for one training.
    by_windows : float
        I / R, the part of it that windows alone make.
    degrees_of_freedom : float
        Of the variance: R - 1.
    """

    variance: float
    by_windows: float
    degrees_of_freedom: float

    @property
    def by_trainings(self) -> float:
        """The part that trainings make; never below 0."""
        return max(0.0, self.variance - self.by_windows)


@dataclass(frozen=True, eq=False)
class Sampled:
    """A metric of one method, training by training.

    Parameters
    ----------
    values : float64 (n_repetitions,)
        The metric of each training.
    deviations : float64 (n_repetitions, n_terms)
        How test windows move each value: the variance over windows of any
        weighted sum of values, of one method or several, is the squared length
        of the same sum of deviations. Influences of windows are such terms, and
        so are centred resamples over √(n_resamples - 1).
    """

    values: NDArray[np.float64]
    deviations: NDArray[np.float64]

    @property
    def n_repetitions(self) -> int:
        """Trainings."""
        return len(self.values)

    @cached_property
    def mean(self) -> float:
        """The metric, averaged over trainings."""
        return float(self.values.mean())

    @cached_property
    def mean_deviation(self) -> NDArray[np.float64]:
        """How windows move the average: float64 (n_terms,)."""
        return np.asarray(self.deviations.mean(axis=0))

    @cached_property
    def spread(self) -> Spread:
        """How far the trainings lie apart.

        I = R / (R - 1) · (mean of the trainings' variances over windows - the average's variance over
        windows), which is the sum of squared distances of their deviations from the mean over R - 1.
        """
        n = self.n_repetitions
        if n < 2:
            return Spread(0.0, 0.0, 0.0)
        apart = self.deviations - self.mean_deviation
        return Spread(float(self.values.var(ddof=1)) / n, float((apart**2).sum()) / (n - 1) / n, n - 1.0)


@dataclass(frozen=True)
class Contrast:
    """The difference of two averages with its variance.

    Parameters
    ----------
    value : float
    over_windows : float
        Its variance over test windows; NaN where there are too few of them.
    variance : float
        Over windows and trainings; never below `over_windows`.
    degrees_of_freedom : float
        Of the variance.
    """

    value: float
    over_windows: float
    variance: float
    degrees_of_freedom: float

    @property
    def p_value(self) -> float:
        """Two-sided, by Student's t; NaN without a variance."""
        from scipy.special import ndtr, stdtr

        if not self.variance > 0:
            return float("nan")
        t = -abs(self.value) / float(np.sqrt(self.variance))
        below = stdtr(self.degrees_of_freedom, t) if np.isfinite(self.degrees_of_freedom) else ndtr(t)
        return float(2 * below)

    def interval(self, tail: float = 0.025) -> tuple[float, float]:
        """Return the interval that leaves `tail` on each side, by the same variance as the p-value."""
        half = t_quantile(self.degrees_of_freedom, tail) * float(np.sqrt(self.variance))
        return self.value - half, self.value + half


def contrast(
    a: Sampled, b: Sampled, *, spreads: tuple[Spread, Spread] | None = None, least_variance: float = 0.0
) -> Contrast:
    """Compare two methods on the same test windows, over windows and trainings.

    With T = s²_a / R_a + s²_b / R_b, the variance is that over windows of the
    difference of averages, plus what T exceeds windows' own part of it by. Its
    degrees of freedom are Satterthwaite's: only T is estimated from few values.

    Parameters
    ----------
    spreads : pair of Spread, optional
        Of the two methods' trainings; by default as each method's own trainings tell it.
    least_variance : float
        Taken where windows show no variance at all, as between two methods that make no error.
    """
    of_a, of_b = spreads or (a.spread, b.spread)
    over_windows = float(((a.mean_deviation - b.mean_deviation) ** 2).sum())
    if over_windows < NO_VARIANCE:
        over_windows = least_variance
    total = of_a.variance + of_b.variance
    variance = over_windows + max(0.0, total - of_a.by_windows - of_b.by_windows)
    of_parts = sum(s.variance**2 / s.degrees_of_freedom for s in (of_a, of_b) if s.degrees_of_freedom > 0)
    degrees = variance**2 / of_parts if of_parts > 0 else float("inf")
    return Contrast(a.mean - b.mean, over_windows, variance, float(degrees))


ALIKE = 0.01
"""Spreads whose ratio leaves less than this on either side, by the F distribution, are not of one kind."""


def moderated(methods: Sequence[Sampled]) -> tuple[Spread, ...]:
    """Return each method's spread as if one training more had told what methods that vary alike tell.

    Among many methods with two or three trainings there is always one pair whose
    trainings lie close by luck, and its difference would be the family's claim.
    Variances that borrow from each other do not have that (Smyth, 2004); the one
    training that is borrowed counts little beside five. Nothing is borrowed from
    a method whose trainings are known to vary otherwise: what a network's
    restarts do says nothing of a regression's.
    """
    found = []
    for method in methods:
        spread = method.spread
        others = [
            other.n_repetitions * (other.spread.variance - other.spread.by_windows)
            for other in methods
            if other is not method and _vary_alike(method, other)
        ]
        if not others:
            found.append(spread)
            continue
        borrowed = max(0.0, spread.by_windows + sum(others) / len(others) / method.n_repetitions)
        degrees = spread.degrees_of_freedom + 1
        variance = (spread.degrees_of_freedom * spread.variance + borrowed) / degrees
        found.append(Spread(variance, spread.by_windows, degrees))
    return tuple(found)


def _vary_alike(a: Sampled, b: Sampled) -> bool:
    from scipy.special import fdtr

    of_a, of_b = (method.n_repetitions * method.spread.variance for method in (a, b))
    if min(a.n_repetitions, b.n_repetitions) < 2 or min(of_a, of_b) == 0:
        return False
    below = float(fdtr(a.n_repetitions - 1, b.n_repetitions - 1, of_a / of_b))
    return ALIKE <= below <= 1 - ALIKE
