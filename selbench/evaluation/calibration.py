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


def calibrated_labels(probabilities: NDArray[np.float64], uniforms: NDArray[np.float64]) -> NDArray[np.int64]:
    """Draw the labels that windows would have if a method's probabilities were true.

    Parameters
    ----------
    probabilities : float64 (n_windows, n_classes)
    uniforms : float64 (n_draws, n_windows)

    Returns
    -------
    labels : int64 (n_draws, n_windows)
    """
    steps = np.cumsum(probabilities, axis=1)[:, :-1]
    return np.asarray((uniforms[:, :, None] >= steps).sum(axis=2))


def calibration_floor(
    probabilities: NDArray[np.float64], code: int, labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Calibration errors that a perfectly calibrated method shows, by nothing but few windows.

    The mean of absolute differences is above 0 for every finite number of
    windows (Bröcker & Smith, 2007; Roelofs et al., 2022).

    Parameters
    ----------
    probabilities : float64 (n_windows,)
        Of class `code`.
    labels : int64 (n_draws, n_windows)
        As `calibrated_labels` draws them.

    Returns
    -------
    errors : float64 (n_draws,)
    """
    n_windows = len(probabilities)
    in_bin = np.zeros((n_windows, N_BINS))
    in_bin[np.arange(n_windows), bin_of(probabilities)] = 1
    excess = (probabilities - (labels == code)) @ in_bin
    return np.asarray(np.abs(excess).sum(axis=1) / n_windows)


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
