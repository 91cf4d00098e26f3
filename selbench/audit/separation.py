"""How well one number separates two classes: AUC with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.delong import Placements, auc_difference, placements
from selbench.evaluation.intervals import NORMAL_QUANTILE, wilson
from selbench.evaluation.predictions import MethodPredictions

Scores = NDArray[np.float64]

NO_ERROR = 1e-12
"""Below it a standard error is none but rounding."""


@dataclass(frozen=True)
class Area:
    """An area under the ROC curve with its 95 % interval over windows (DeLong et al., 1988).

    Where all pairs of windows stand alike, so that there is no variance: Wilson's with
    the windows of the smaller class, never one of width 0.
    """

    value: float
    low: float
    high: float

    @property
    def includes_half(self) -> bool:
        """Whether the interval holds ½."""
        return self.low <= 0.5 <= self.high

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def separation(null: Scores, positive: Scores, *, quantile: float = NORMAL_QUANTILE) -> Area:
    """Return the area that scores separate two classes by, averaged over repetitions.

    Parameters
    ----------
    null, positive : float64 (n_windows,) or (n_repetitions, n_windows)
    quantile : float
        Half-width of the interval in standard errors.
    """
    coin = Placements(np.full(null.shape[-1], 0.5), (np.full(positive.shape[-1], 0.5),))
    excess, error = auc_difference(places(np.atleast_2d(null), np.atleast_2d(positive)), coin)
    if error < NO_ERROR:  # all pairs of windows stand alike
        return Area(0.5 + excess, *wilson(0.5 + excess, min(null.shape[-1], positive.shape[-1])))
    half = quantile * error
    return Area(0.5 + excess, max(0.0, 0.5 + excess - half), min(1.0, 0.5 + excess + half))


def places(null: Scores, positive: Scores) -> Placements:
    """Return where windows stand among those of the other class, averaged over repetitions.

    Parameters
    ----------
    null, positive : float64 (n_repetitions, n_windows)
    """
    scores = np.concatenate([null, positive], axis=1)
    labels = np.repeat([0, 1], [null.shape[1], positive.shape[1]])
    both = np.stack([-scores, scores], axis=-1)
    return placements(MethodPredictions("", tuple(range(len(null))), both, both[:, :0]), labels)


def matched_separation(
    null: Scores, positive: Scores, null_strata: Scores, positive_strata: Scores
) -> Area | None:
    """Return the area among pairs of windows of one stratum; None without such pairs.

    The chance that a positive window outranks a null one of the same stratum,
    over all such pairs. Its error is that of the linearised ratio of outranked
    pairs to pairs, as for any two-sample U-statistic (Hoeffding, 1948).

    Parameters
    ----------
    null, positive : float64 (n_repetitions, n_windows)
    null_strata, positive_strata : float64 (n_windows,)
    """
    by_stratum = []
    for stratum in np.intersect1d(null_strata, positive_strata):
        a, b = null[:, null_strata == stratum], positive[:, positive_strata == stratum]
        by_stratum.append((places(a, b), a.shape[1], b.shape[1]))
    n_pairs = sum(n_null * n_positive for _, n_null, n_positive in by_stratum)
    if n_pairs == 0:
        return None
    value = sum(placed.auc * n * m for placed, n, m in by_stratum) / n_pairs
    squares = 0.0
    for placed, n_null, n_positive in by_stratum:
        squares += float(((n_positive * (placed.null - value)) ** 2).sum())
        squares += float(((n_null * (placed.others[0] - value)) ** 2).sum())
    error = float(np.sqrt(squares)) / n_pairs
    if error < NO_ERROR:
        n_windows = (sum(n for _, n, _ in by_stratum), sum(m for *_, m in by_stratum))
        return Area(value, *wilson(value, min(n_windows)))
    half = NORMAL_QUANTILE * error
    return Area(value, max(0.0, value - half), min(1.0, value + half))
