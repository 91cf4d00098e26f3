"""Compiled kernel that draws density images, over all windows of a batch."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def draw_densities(
    haplotypes: NDArray[np.uint8],
    bins: NDArray[np.int64],
    offsets: NDArray[np.int64],
    together: int,
    images: NDArray[np.uint8],
) -> None:
    """Count the 1s of each haplotype, or of `together` neighbours, by bin; sort by distance to the mean.

    Distances are n² times those to the mean, whole numbers, so that ties are ties.
    """
    n_bins, n = images.shape[1:]
    counts = np.empty((n_bins, n), dtype=np.int64)
    distances = np.empty(n, dtype=np.int64)
    for window in range(len(images)):
        counts[:] = 0
        for site in range(offsets[window], offsets[window + 1]):
            row = counts[bins[site]]
            for haplotype in range(n * together):
                row[haplotype // together] += haplotypes[site, haplotype]
        distances[:] = 0
        for row in range(n_bins):
            total = counts[row].sum()
            for column in range(n):
                distances[column] += (n * counts[row, column] - total) ** 2
        order = np.argsort(distances, kind="mergesort")
        for row in range(n_bins):
            for column in range(n):
                images[window, row, column] = min(counts[row, order[column]], 255)
