"""Image resizing equal to scikit-image's anti-aliased bilinear resize, for small 0/1 matrices.

Resizing is linear and works axis by axis, and a pixel depends on few others: each
axis becomes a short list of taps per new pixel, and the image two passes over them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

_TRUNCATE = 4.0
"""Standard deviations at which the Gaussian is cut, as scipy and scikit-image do."""

_PADDING = 8
"""Numbers after each line of a matrix that is written column by column: lines of a power of two in length
would all lie in the same few places of the processor's cache."""

_ROUNDING = 1e-9
"""Added before a grey is cut to a whole number or held to the threshold: sums of weights miss the whole
number that they stand for by 1e-14, above or below by chance."""

Taps = tuple[NDArray[np.int64], NDArray[np.float64]]


@lru_cache(maxsize=1024)
def resize_taps(size: int, new_size: int) -> Taps:
    """Return from which pixels, and with which weights, each new pixel of an axis is made.

    The axis is smoothed by a Gaussian with σ = max(0, (size / new_size − 1) / 2),
    cut at 4 σ, then interpolated linearly at the centres of the new pixels; beyond
    its ends it is mirrored about the centre of the last pixel (``order=1,
    mode="reflect", anti_aliasing=True`` in `skimage.transform.resize`). The
    mirrored axis is symmetric, so both steps commute with the mirror and make one.

    Returns
    -------
    index : int64 (new_size, n_taps)
    weight : float64 (new_size, n_taps)
        Rows sum to 1.
    """
    centre = (np.arange(new_size) + 0.5) * (size / new_size) - 0.5
    left = np.floor(centre)
    right_share = (centre - left)[:, None]
    sigma = max(0.0, (size / new_size - 1) / 2)
    radius = int(_TRUNCATE * sigma + 0.5)
    gaussian = np.exp(-0.5 * (np.arange(-radius, radius + 1) / (sigma or 1.0)) ** 2)
    gaussian /= gaussian.sum()
    weight = (1 - right_share) * np.append(gaussian, 0) + right_share * np.append(0, gaussian)
    index = left.astype(np.int64)[:, None] + np.arange(-radius, radius + 2)
    used = (weight != 0).any(axis=0)
    return _mirrored(index[:, used], size), np.ascontiguousarray(weight[:, used])


def _mirrored(index: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Fold indices beyond the ends back in: … 2 1 [0 1 2 … n−1] n−2 …"""
    if size == 1:
        return np.zeros_like(index)
    period = 2 * (size - 1)
    folded = index % period
    return np.minimum(folded, period - folded)


@njit(cache=True)
def resize_alleles(
    alleles: NDArray[np.uint8],
    row_index: NDArray[np.int64],
    row_weight: NDArray[np.float64],
    column_index: NDArray[np.int64],
    column_weight: NDArray[np.float64],
    threshold: float,
    image: NDArray[np.uint8],
) -> None:
    """Draw alleles (n_sites, n_haplotypes) into an image (rows of haplotypes, columns of sites).

    Pixels are the resized 0/1 matrix times 255, cut to whole numbers; with a
    `threshold` above 0 they are 255 from there on, and 0 below.
    """
    n_haplotypes, n_columns = alleles.shape[1], len(column_index)
    line, pixels = np.empty(n_haplotypes), np.empty(n_columns)
    across = np.empty((n_haplotypes, n_columns + _PADDING))
    for column in range(n_columns):
        line[:] = 0
        for tap in range(column_index.shape[1]):
            weight, source = column_weight[column, tap], alleles[column_index[column, tap]]
            for haplotype in range(n_haplotypes):
                line[haplotype] += weight * source[haplotype]
        for haplotype in range(n_haplotypes):
            across[haplotype, column] = line[haplotype]
    for row in range(len(row_index)):
        pixels[:] = _ROUNDING
        for tap in range(row_index.shape[1]):
            weight, values = 255 * row_weight[row, tap], across[row_index[row, tap]]
            for column in range(n_columns):
                pixels[column] += weight * values[column]
        for column in range(n_columns):
            if threshold == 0:
                image[row, column] = np.uint8(pixels[column])
            else:
                image[row, column] = 255 if pixels[column] >= threshold else 0
