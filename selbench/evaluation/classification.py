"""Calls of a class per window, and what follows from their counts.

The called class is the most probable one; among equals the first, so that a
method which cannot tell calls the null class.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def called_class(probabilities: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the code of the most probable class, (…,) for probabilities (…, n_classes)."""
    return np.asarray(np.argmax(probabilities, axis=-1))


def confusion_counts(
    labels: NDArray[np.int64], called: NDArray[np.intp], counts: NDArray[np.float64], n_classes: int
) -> NDArray[np.float64]:
    """Count windows by true and called class.

    Parameters
    ----------
    labels, called : int (n_windows,)
        Codes.
    counts : float64 (n_resamples, n_windows)
        How often each window counts.

    Returns
    -------
    confusion : float64 (n_resamples, n_classes, n_classes)
        Axes: resample, true class, called class.
    """
    cell = labels * n_classes + called
    indicator = np.zeros((len(labels), n_classes**2))
    indicator[np.arange(len(labels)), cell] = 1
    return (counts @ indicator).reshape(-1, n_classes, n_classes)


def accuracy(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of windows whose class is called, (n_resamples,)."""
    return np.asarray(np.trace(confusion, axis1=1, axis2=2) / confusion.sum(axis=(1, 2)))


def recall(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the windows of a class that are called so, (n_resamples, n_classes)."""
    return np.asarray(_diagonal(confusion) / confusion.sum(axis=2))


def balanced_accuracy(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean recall over classes, (n_resamples,)."""
    return np.asarray(recall(confusion).mean(axis=1))


def precision(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the windows called a class that are of it, (n_resamples, n_classes); 0 if none is called."""
    return np.asarray(_diagonal(confusion) / np.maximum(confusion.sum(axis=1), 1))


def f1(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Harmonic mean of precision and recall, (n_resamples, n_classes)."""
    return np.asarray(2 * _diagonal(confusion) / (confusion.sum(axis=1) + confusion.sum(axis=2)))


def _diagonal(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.diagonal(confusion, axis1=1, axis2=2))
