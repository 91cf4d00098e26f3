"""Areas under the ROC curve, and their differences, with the error that the windows leave them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.audit.separation import places
from selbench.evaluation.delong import Placements, auc_difference
from selbench.evaluation.predictions import MethodPredictions, score_against_null
from selbench.evaluation.significance import SIGNIFICANCE


@dataclass(frozen=True)
class Estimate:
    """An area, or a difference of two, with its standard error over windows."""

    value: float
    error: float

    def interval(self, quantile: float) -> tuple[float, float]:
        """Return the value minus and plus so many standard errors."""
        return self.value - quantile * self.error, self.value + quantile * self.error

    def differs_from(self, other: float, quantile: float) -> bool:
        """Whether the interval leaves a value out."""
        low, high = self.interval(quantile)
        return not low <= other <= high


def class_placements(method: MethodPredictions, labels: NDArray[np.int64], code: int) -> Placements:
    """Place the windows of one class among those of the null class, averaged over repetitions.

    Parameters
    ----------
    method : MethodPredictions
    labels : int64 (n_windows,)
    code : int
        Of the class; the null class is 0.
    """
    scores = score_against_null(method.test, code)
    return places(scores[:, labels == 0], scores[:, labels == code])


def area(placed: Placements) -> Estimate:
    """Return the area with its standard error (DeLong et al., 1988)."""
    coin = Placements(np.full_like(placed.null, 0.5), tuple(np.full_like(x, 0.5) for x in placed.others))
    above_half, error = auc_difference(placed, coin)
    return Estimate(0.5 + above_half, error)


def gain(placed: Placements, other: Placements) -> Estimate:
    """Return how much larger the first area is, on the same windows (DeLong et al., 1988, eq. 6)."""
    return Estimate(*auc_difference(placed, other))


def family_quantile(n_intervals: int) -> float:
    """Half-width in standard errors of intervals that all hold at once with 95 % (Bonferroni)."""
    from scipy.special import ndtri

    return float(-ndtri(SIGNIFICANCE / (2 * max(1, n_intervals))))
