"""Two contestants compared: means within their errors, distributions within chance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from selbench.errors import DataError
from selbench.evaluation.significance import holm
from selbench.validation.contestants import Contestant
from selbench.validation.distributions import Figures, distance, distance_p_value

LARGEST_Z = 4.0
"""Means agree within this many pooled standard errors."""

SMALLEST_P = 0.01
"""Distributions agree while the adjusted p-value is at least this."""

_NORMAL_QUANTILE = 1.959963984540054


@dataclass(frozen=True)
class Mean:
    """A mean over n windows, with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Agreement:
    """One statistic of two contestants.

    Parameters
    ----------
    statistic : str
    first, second : Mean
    z : float
        Difference of the means (second minus first) in pooled standard errors.
    distance : float
        Kolmogorov–Smirnov distance.
    p_value, adjusted_p_value : float
        Of that distance; adjusted by Holm over all statistics compared.
    """

    statistic: str
    first: Mean
    second: Mean
    z: float
    distance: float
    p_value: float
    adjusted_p_value: float = float("nan")

    @property
    def holds(self) -> bool:
        """Whether neither the means nor the distributions are told apart."""
        return abs(self.z) <= LARGEST_Z and self.adjusted_p_value >= SMALLEST_P


def compare(first: Contestant, second: Contestant) -> tuple[Agreement, ...]:
    """Compare two contestants in every statistic that both have.

    Raises
    ------
    DataError
        If both are figures, or they have no statistic in common.
    """
    if all(isinstance(d, Figures) for side in (first, second) for d in side.distributions.values()):
        raise DataError("expected at least one side with windows, found published figures on both")
    shared = [name for name in first.distributions if name in second.distributions]
    if not shared:
        raise DataError(f"{first.name} and {second.name} have no statistic in common")
    raw = [_agreement(name, first, second) for name in shared]
    adjusted = holm([agreement.p_value for agreement in raw])
    return tuple(
        replace(agreement, adjusted_p_value=float(p)) for agreement, p in zip(raw, adjusted, strict=True)
    )


def _agreement(statistic: str, first: Contestant, second: Contestant) -> Agreement:
    a, b = first.distributions[statistic], second.distributions[statistic]
    if min(a.n, b.n) < 2:
        raise DataError(
            f"{statistic}: expected at least 2 windows on both sides, found {a.n} and {b.n}; simulate more"
        )
    apart = distance(a, b)
    return Agreement(
        statistic=statistic,
        first=_mean(a.mean, a.standard_error, a.n),
        second=_mean(b.mean, b.standard_error, b.n),
        z=_z(b.mean - a.mean, float(np.hypot(a.standard_error, b.standard_error))),
        distance=apart,
        p_value=distance_p_value(apart, a.n, b.n),
    )


def _mean(value: float, standard_error: float, n: int) -> Mean:
    half = _NORMAL_QUANTILE * standard_error
    return Mean(value, value - half, value + half, n)


def _z(difference: float, standard_error: float) -> float:
    if difference == 0:
        return 0.0
    return difference / standard_error if standard_error > 0 else float(np.copysign(np.inf, difference))
