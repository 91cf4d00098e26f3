"""How many calls are right where few windows are swept: from power and the realised false-positive rate."""

from __future__ import annotations

from math import inf, sqrt

PREVALENCE = 0.01
"""One window in a hundred is swept."""

Limits = tuple[float, float, float]
"""A value, and its 95 % interval: value, low, high."""


def predictive_value(power: float, false_positives: float, prevalence: float = PREVALENCE) -> float:
    """Return the share of calls that are right (Altman & Bland, 1994, BMJ 309:102); 0 where none is made.

    Parameters
    ----------
    power, false_positives : float
        Shares of positive and of null windows that are called.
    prevalence : float
        Share of windows that are positive.

    Examples
    --------
    >>> round(predictive_value(0.8, 0.01), 3)
    0.447
    """
    right, wrong = prevalence * power, (1 - prevalence) * false_positives
    return right / (right + wrong) if right > 0 else 0.0


def predictive_interval(
    power: Limits, false_positives: Limits, prevalence: float = PREVALENCE
) -> tuple[float, float]:
    """Return the 95 % interval of the predictive value, from those of both shares.

    The value rises with the ratio of the shares, whose limits follow from theirs
    (Donner & Zou, 2012, Statistical Methods in Medical Research 21:347). Both shares hang on one threshold
    and so rise together: taken as if they were independent, the interval is wide rather than narrow.

    Examples
    --------
    >>> [round(limit, 2) for limit in predictive_interval((0.8, 0.77, 0.82), (0.01, 0.005, 0.018))]
    [0.31, 0.62]
    """
    low, high = (_ratio_limit(power, false_positives, upper) for upper in (False, True))
    return _of_ratio(low, prevalence), _of_ratio(high, prevalence)


def _ratio_limit(above: Limits, below: Limits, upper: bool) -> float:
    p, q = above[0], below[0]
    a, b = (above[2], below[1]) if upper else (above[1], below[2])
    root = sqrt(max(0.0, (p * q) ** 2 - a * b * (2 * p - a) * (2 * q - b)))
    divisor = b * (2 * q - b)
    if b <= 0:
        return inf if a > 0 else 0.0
    if abs(divisor) < 1e-12 * b:  # the quadratic has one root left
        return a * (2 * p - a) / (2 * p * q) if p * q > 0 else inf
    return max(0.0, (p * q + (root if upper else -root)) / divisor)


def _of_ratio(ratio: float, prevalence: float) -> float:
    return 1.0 if ratio == inf else ratio * prevalence / (ratio * prevalence + 1 - prevalence)
