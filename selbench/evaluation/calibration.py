"""Whether probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

N_BINS = 10
"""Bins of equal width between 0 and 1."""


def brier_losses(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Squared distance from the truth, per window (Brier, 1950), halved so that it lies in [0, 1].

    With two classes it is the squared error of the positive class's probability.

    Parameters
    ----------
    probabilities : float64 (n_windows, n_classes)
    labels : int64 (n_windows,)

    Returns
    -------
    losses : float64 (n_windows,)
    """
    truth = np.eye(probabilities.shape[1])[labels]
    return np.asarray(((probabilities - truth) ** 2).sum(axis=1) / 2)


def bin_of(probabilities: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the bin of each probability: [0, 0.1), … , [0.9, 1]."""
    return np.minimum((probabilities * N_BINS).astype(np.intp), N_BINS - 1)


def expected_calibration_error(
    probabilities: NDArray[np.float64], is_class: NDArray[np.bool_], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean distance between what was said of a class and what came true, over bins (Naeini et al., 2015).

    Parameters
    ----------
    probabilities : float64 (n_windows,)
        Of the class.
    is_class : bool (n_windows,)
    counts : float64 (n_resamples, n_windows)
        How often each window counts.

    Returns
    -------
    error : float64 (n_resamples,)
    """
    excess = np.zeros((len(probabilities), N_BINS))
    excess[np.arange(len(probabilities)), bin_of(probabilities)] = probabilities - is_class
    return np.asarray(np.abs(counts @ excess).sum(axis=1) / counts.sum(axis=1))


@dataclass(frozen=True, eq=False)
class Reliability:
    """What was said and what came true, per bin that holds windows.

    Parameters
    ----------
    said, came_true : float64 (n_filled_bins,)
        Mean probability, and share of windows of the class.
    n_windows : int64 (n_filled_bins,)
    """

    said: NDArray[np.float64]
    came_true: NDArray[np.float64]
    n_windows: NDArray[np.int64]


def reliability(probabilities: NDArray[np.float64], is_class: NDArray[np.bool_]) -> Reliability:
    """Bin windows by the probability (n_windows,) given to a class."""
    bins = bin_of(probabilities)
    n_windows = np.bincount(bins, minlength=N_BINS)
    filled = n_windows > 0
    said = np.bincount(bins, weights=probabilities, minlength=N_BINS)[filled]
    came_true = np.bincount(bins, weights=is_class, minlength=N_BINS)[filled]
    return Reliability(said / n_windows[filled], came_true / n_windows[filled], n_windows[filled])
