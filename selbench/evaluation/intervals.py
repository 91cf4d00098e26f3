"""95 % intervals of single values, on the scales where they cover: never of width 0, never outside [0, 1].

An interval that does not exist, as of an area from one window per class, is
(NaN, NaN).
"""

from __future__ import annotations

from math import exp, isfinite, log, nan, sqrt

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
"""Share of repeats of an experiment in which an interval holds the truth."""

NORMAL_QUANTILE = 1.959963984540054
"""Half-width of a 95 % interval in standard errors."""

NO_INTERVAL = (nan, nan)


def t_quantile(degrees_of_freedom: float, tail: float = (1 - LEVEL) / 2) -> float:
    """Return what Student's t exceeds with probability `tail`; with infinite degrees of freedom, a normal."""
    from scipy.special import ndtri, stdtrit

    if not isfinite(degrees_of_freedom):
        return float(-ndtri(tail))
    return float(-stdtrit(degrees_of_freedom, tail))


def influence_degrees_of_freedom(influences: NDArray[np.float64]) -> float:
    """Return the degrees of freedom of a variance that is a sum of squared influences (Satterthwaite, 1946).

    2 (Σ a²)² / Σ a⁴: few where a handful of windows carries all of the
    variance, as under an area close to 1; infinite where there is no variance.

    Parameters
    ----------
    influences : float64 (n_windows,)
        What each window adds to the deviation of the value from its mean.
    """
    squares = influences**2
    fourth = float((squares**2).sum())
    return 2 * float(squares.sum()) ** 2 / fourth if fourth > 0 else float("inf")


def wilson(share: float, n: float) -> tuple[float, float]:
    """Interval of a share of `n` windows by the score test (Wilson, 1927).

    >>> low, high = wilson(1.0, 100)
    >>> round(low, 3), high
    (0.963, 1.0)
    """
    if not n > 0:
        return NO_INTERVAL
    square = NORMAL_QUANTILE**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = NORMAL_QUANTILE / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n**2))
    low = 0.0 if share <= 0 else max(0.0, middle - half)
    return low, 1.0 if share >= 1 else min(1.0, middle + half)


def proportion_interval(share: float, variance: float, n: float) -> tuple[float, float]:
    """Wilson's interval with as many windows as the variance tells of: 1 at least, and `n` at most.

    The share of windows above a threshold that was itself estimated varies more
    than a share of n windows: as one of n_eff = p (1 - p) / variance.

    Parameters
    ----------
    share, variance : float
    n : float
        Windows that the share is one of.
    """
    if not (0 < share < 1 and variance > 0):
        return wilson(min(max(share, 0.0), 1.0), n)
    return wilson(share, max(1.0, min(n, share * (1 - share) / variance)))


def logit_interval(
    value: float, variance: float, n: float, degrees_of_freedom: float = float("inf")
) -> tuple[float, float]:
    """Interval of a value in (0, 1), symmetric on the logit scale; Wilson's where that scale has no room.

    Parameters
    ----------
    value, variance : float
    n : float
        Windows of the smaller class: what a value of 0 or 1, or one without variance, rests on.
    degrees_of_freedom : float
        Of the variance.
    """
    if n < 2 or not isfinite(variance):
        return NO_INTERVAL
    if not (0 < value < 1 and variance > 0):
        return wilson(min(max(value, 0.0), 1.0), n)
    middle = log(value / (1 - value))
    half = t_quantile(degrees_of_freedom) * sqrt(variance) / (value * (1 - value))
    return _expit(middle - half), _expit(middle + half)


def log_interval(
    value: float, variance: float, n: float, degrees_of_freedom: float = float("inf")
) -> tuple[float, float]:
    """Interval of a mean loss in [0, 1], symmetric on the log scale; Wilson's where it has no room."""
    if n < 2 or not isfinite(variance):
        return NO_INTERVAL
    if not (value > 0 and variance > 0):
        return wilson(min(max(value, 0.0), 1.0), n)
    half = min(t_quantile(degrees_of_freedom) * sqrt(variance) / value, 700.0)
    return value * exp(-half), min(1.0, value * exp(half))


def bounded_interval(
    value: float, variance: float, n: float, degrees_of_freedom: float, lowest: float, highest: float
) -> tuple[float, float]:
    """Interval of a value between two bounds: on the logit scale, the log scale with one bound, or as it is.

    Parameters
    ----------
    value, variance, n, degrees_of_freedom
        As `logit_interval` takes them.
    lowest, highest : float
        Infinite where there is no such bound.
    """
    if n < 2 or not isfinite(variance):
        return NO_INTERVAL
    width = highest - lowest
    if isfinite(width):
        low, high = logit_interval((value - lowest) / width, variance / width**2, n, degrees_of_freedom)
        return lowest + width * low, lowest + width * high
    if not variance > 0:
        return NO_INTERVAL
    half = t_quantile(degrees_of_freedom) * sqrt(variance)
    gap = value - lowest if isfinite(lowest) else highest - value
    if not isfinite(gap) or gap <= 0:
        return value - half, value + half
    near, far = gap * exp(-min(half / gap, 700.0)), gap * exp(min(half / gap, 700.0))
    return (lowest + near, lowest + far) if isfinite(lowest) else (highest - far, highest - near)


def _expit(logit: float) -> float:
    return 1 / (1 + exp(-logit)) if logit > -700 else 0.0
