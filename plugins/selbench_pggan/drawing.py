"""Compiled kernel that draws pg-gan's regions, over all windows of a batch."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, error_model="numpy")
def draw_regions(
    haplotypes: NDArray[np.uint8],
    positions: NDArray[np.float64],
    offsets: NDArray[np.int64],
    first: NDArray[np.int64],
    count: NDArray[np.int64],
    column: NDArray[np.int64],
    length_bp: float,
    regions: NDArray[np.float32],
) -> None:
    """Write ±1 and distances of the kept sites into regions (n_windows, n_haplotypes, n_sites, 2)."""
    n = haplotypes.shape[1]
    signs, distances = np.empty((regions.shape[2], n), np.float32), np.empty(regions.shape[2], np.float32)
    for window in range(len(first)):
        for place in range(count[window]):
            site = offsets[window] + first[window] + place
            carriers = np.int32(0)
            for haplotype in range(n):
                carriers += np.int32(haplotypes[site, haplotype])
            of_derived = np.float32(1 if 2 * carriers <= n else -1)
            for haplotype in range(n):
                signs[place, haplotype] = of_derived * np.float32(
                    2 * np.int32(haplotypes[site, haplotype]) - 1
                )
            before = max(site - 1, offsets[window])
            distances[place] = positions[site] / length_bp - positions[before] / length_bp
        start = column[window]
        for haplotype in range(n):
            for place in range(count[window]):
                regions[window, haplotype, start + place, 0] = signs[place, haplotype]
                regions[window, haplotype, start + place, 1] = distances[place]
