"""Power at a false-positive rate, with the threshold from null windows that serve nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.roc import RankedScores

ALPHAS = (0.05, 0.01)
"""False-positive rates at which power is reported."""

EXPECTED_CALLS = 20
"""A threshold for rate alpha is chosen on at least this many / alpha windows."""

ROUNDING = 1e-9
"""Added to a number of windows that should be whole, before it is cut to one."""


def windows_needed(alpha: float) -> int:
    """Return how many threshold windows power at rate `alpha` asks for."""
    return round(EXPECTED_CALLS / alpha)


@dataclass(frozen=True, eq=False)
class Bracket:
    """Per resample, two neighbouring thresholds: at most so many null windows called, and more.

    Parameters
    ----------
    threshold, next_threshold : float64 (n_resamples,)
        A window is called when its score is at least the threshold.
    called, next_called : int32 (n_resamples,)
        Null windows of the threshold split that are called.
    """

    threshold: NDArray[np.float64]
    called: NDArray[np.int32]
    next_threshold: NDArray[np.float64]
    next_called: NDArray[np.int32]


def bracket(null: RankedScores, most: float) -> Bracket:
    """Find the lowest score of a null window that calls at most `most` of them, and the score below it.

    Tied windows are called together or not at all. Where even the highest score
    calls too many, the threshold lies just above it.
    """
    ends = np.flatnonzero(np.append(null.scores[1:] != null.scores[:-1], True))
    called = null.down_to[:, np.append(0, ends + 1)]
    resample = np.arange(len(called))
    last = (called <= most).sum(axis=1) - 1
    most_called = called[resample, last]
    # scores that a resample left out are none of its thresholds: go back to the one it holds
    first = np.argmax(called == most_called[:, None], axis=1)
    below = np.minimum(last + 1, len(ends))
    next_threshold = null.scores[ends[below - 1]]
    above_all = np.nextafter(next_threshold, np.inf)
    threshold = np.where(first > 0, null.scores[ends[first - 1]], above_all)
    return Bracket(threshold, most_called, next_threshold, called[resample, below])


def call_threshold(null: RankedScores, alpha: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Choose the threshold for false-positive rate `alpha`, and tell the rate that it reaches.

    With m null windows, call at the k-th largest score or above, k = floor(alpha (m + 1)),
    so that a new null window is called with probability k / (m + 1) at most. If
    ties make that more than k windows, the next higher score is taken.

    Returns
    -------
    thresholds, rates : float64 (n_resamples,)
        Rates are the shares of the same null windows that are called.
    """
    most = floor(alpha * (null.n_windows + 1) + ROUNDING)
    found = bracket(null, most)
    thresholds = found.threshold if most > 0 else np.full(len(found.called), np.inf)
    return thresholds, found.called / null.n_windows


def interpolated_power(positive: RankedScores, null: RankedScores, alpha: float) -> NDArray[np.float64]:
    """Power at exactly `alpha`: on the line between the two thresholds around it.

    That is the power of a test that decides at random between the two. Without
    it a method with few distinct scores pays for the rate that it cannot reach.

    Returns
    -------
    power : float64 (n_resamples,)
    """
    most = alpha * null.n_windows
    found = bracket(null, most + ROUNDING)
    power, next_power = (
        positive.share_at_least(found.threshold),
        positive.share_at_least(found.next_threshold),
    )
    gap = found.next_called - found.called
    share = np.divide(np.maximum(most - found.called, 0), gap, out=np.zeros(len(gap)), where=gap > 0)
    return np.asarray(power + share * (next_power - power))
