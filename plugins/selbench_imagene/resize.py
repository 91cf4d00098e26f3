"""Image resizing as two matrix products, equal to scikit-image's anti-aliased bilinear resize."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_TRUNCATE = 4.0
"""Standard deviations at which the Gaussian is cut, as scipy and scikit-image do."""


@lru_cache(maxsize=4096)
def resize_matrix(size: int, new_size: int) -> NDArray[np.float64]:
    """Return the matrix that resizes one axis.

    Resizing is linear and works axis by axis, so ``rows @ image @ columns.T``
    resizes an image. Each axis is first smoothed by a Gaussian with
    σ = max(0, (size / new_size − 1) / 2), cut at 4 σ, and then interpolated
    linearly at the centres of the new pixels; beyond its ends the image is
    mirrored about the centre of the last pixel (``order=1, mode="reflect",
    anti_aliasing=True`` in `skimage.transform.resize`).

    Returns
    -------
    matrix : float64 (new_size, size)
        Rows sum to 1. Shared between callers: read-only.
    """
    matrix = _interpolation(size, new_size) @ _smoothing(size, max(0.0, (size / new_size - 1) / 2))
    matrix.flags.writeable = False
    return matrix


def _interpolation(size: int, new_size: int) -> NDArray[np.float64]:
    """Linear interpolation at (i + ½)·size/new_size − ½."""
    at = (np.arange(new_size) + 0.5) * (size / new_size) - 0.5
    left = np.floor(at).astype(np.int64)
    matrix = np.zeros((new_size, size))
    rows = np.arange(new_size)
    np.add.at(matrix, (rows, _mirrored(left, size)), 1 - (at - left))
    np.add.at(matrix, (rows, _mirrored(left + 1, size)), at - left)
    return matrix


def _smoothing(size: int, sigma: float) -> NDArray[np.float64]:
    if sigma == 0:
        return np.eye(size)
    radius = int(_TRUNCATE * sigma + 0.5)
    offsets = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    weights /= weights.sum()
    rows = np.arange(size)
    matrix = np.zeros((size, size))
    for offset, weight in zip(offsets, weights, strict=True):
        np.add.at(matrix, (rows, _mirrored(rows + offset, size)), weight)
    return matrix


def _mirrored(index: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Fold indices beyond the ends back in: … 2 1 [0 1 2 … n−1] n−2 …"""
    if size == 1:
        return np.zeros_like(index)
    period = 2 * (size - 1)
    folded = index % period
    return np.minimum(folded, period - folded)
