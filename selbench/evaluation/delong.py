"""DeLong's test: two areas under the ROC curve on the same windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.predictions import MethodPredictions, score_against_null


@dataclass(frozen=True, eq=False)
class Placements:
    """Where each window stands among those of the other class (DeLong et al., 1988, eq. 4-5).

    The placement of a positive window is the share of null windows that it
    outranks, that of a null window the share of positive ones that outrank it;
    ties one half. Averages of placements over repetitions, or over classes, are
    those of the averaged area.

    Parameters
    ----------
    null : float64 (n_null,)
        Averaged over the other classes.
    others : tuple of float64 (n_windows_of_class,)
        One array per class other than the null one.
    """

    null: NDArray[np.float64]
    others: tuple[NDArray[np.float64], ...]

    @property
    def auc(self) -> float:
        """Area under the ROC curve, averaged over classes."""
        return float(np.mean([of_class.mean() for of_class in self.others]))

    @property
    def influences(self) -> NDArray[np.float64]:
        """How each window moves the area: float64 (n_windows,), null windows first.

        Their squares sum to DeLong's variance; NaN where a class has one window.
        """
        n_others = len(self.others)
        others = [influences_of_mean(of_class) / n_others for of_class in self.others]
        return np.concatenate([influences_of_mean(self.null), *others])


def influences_of_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each of `values` (n,) adds to the deviation of their mean.

    The squares sum to the variance of the mean, with n - 1 as divisor; NaN for one value alone.
    """
    n = len(values)
    return (values - values.mean()) / np.sqrt(n * (n - 1)) if n > 1 else np.full(n, np.nan)


def placements(
    method: MethodPredictions, labels: NDArray[np.int64], *, codes: Sequence[int] | None = None
) -> Placements:
    """Compute the placements of a method's test windows, averaged over its repetitions.

    Sorting as Sun & Xu (2014) propose, so n log n.

    Parameters
    ----------
    method : MethodPredictions
    labels : int64 (n_windows,)
    codes : sequence of int, optional
        Classes to set against the null one, 0; by default all others.
    """
    null_places, other_places = [], []
    for code in codes or range(1, method.test.shape[2]):
        scores = score_against_null(method.test, code)
        null, positive = scores[:, labels == 0], scores[:, labels == code]
        other_places.append(np.mean([share_below(p, n) for p, n in zip(positive, null, strict=True)], axis=0))
        null_places.append(
            np.mean([1 - share_below(n, p) for p, n in zip(positive, null, strict=True)], axis=0)
        )
    return Placements(np.mean(null_places, axis=0), tuple(other_places))


def auc_difference(a: Placements, b: Placements) -> tuple[float, float]:
    """Return the difference of two areas, a - b, and its standard error (DeLong et al., 1988, eq. 6).

    With several classes: of the areas' averages; classes are independent samples.
    """
    n_others = len(a.others)
    variance = np.var(a.null - b.null, ddof=1) / len(a.null)
    for of_a, of_b in zip(a.others, b.others, strict=True):
        variance += np.var(of_a - of_b, ddof=1) / len(of_a) / n_others**2
    return a.auc - b.auc, float(np.sqrt(variance))


def share_below(scores: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of `others` below each score, ties one half."""
    falling = np.sort(others)
    ranks = np.searchsorted(falling, scores, side="left") + np.searchsorted(falling, scores, side="right")
    return np.asarray(ranks / (2 * len(others)))
