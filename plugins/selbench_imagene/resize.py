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
    threshold: int,
    image: NDArray[np.uint8],
) -> None:
    """Draw alleles (n_sites, n_haplotypes) into an image (rows of haplotypes, columns of sites).

    Pixels are the resized 0/1 matrix times 255, cut to whole numbers; with a
    `threshold` above 0 they are 255 from there on, and 0 below.
    """
    line, pixels = np.empty(alleles.shape[1]), np.empty(len(row_index))
    drawn = np.empty((len(column_index), len(row_index)), dtype=np.uint8)
    for column in range(len(column_index)):
        line[:] = 0
        for tap in range(column_index.shape[1]):
            weight, source = column_weight[column, tap], alleles[column_index[column, tap]]
            for haplotype in range(len(line)):
                line[haplotype] += weight * source[haplotype]
        pixels[:] = 0
        for tap in range(row_index.shape[1]):
            for row in range(len(pixels)):
                pixels[row] += 255 * row_weight[row, tap] * line[row_index[row, tap]]
        for row in range(len(pixels)):
            if threshold == 0:
                drawn[column, row] = np.uint8(pixels[row])
            else:
                drawn[column, row] = 255 if pixels[row] >= threshold else 0
    for row in range(len(pixels)):  # columns are drawn side by side in memory, and turned once
        for column in range(len(drawn)):
            image[row, column] = drawn[column, row]
