"""Compiled kernel that draws tracks of distances and frequencies, over all windows of a batch."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def nearest_stretches(
    positions: NDArray[np.float64], offsets: NDArray[np.int64], target_bp: float, n_sites: int
) -> NDArray[np.int64]:
    """Return where in each window the stretch begins whose centre is nearest to the target.

    The centre leaves half of the stretch on either side; of two as near it is the first.
    A window without such a centre begins with its first site.
    """
    half = n_sites // 2
    first = np.zeros(len(offsets) - 1, dtype=np.int64)
    for window in range(len(first)):
        low, high = offsets[window] + half, offsets[window + 1] - half - 1
        if offsets[window + 1] - offsets[window] <= n_sites:
            continue
        lowest = low
        while low < high:  # positions do not fall: halve down to the first centre not before the target
            middle = (low + high) // 2
            if positions[middle] < target_bp:
                low = middle + 1
            else:
                high = middle
        centre = low
        if low > lowest and abs(positions[low - 1] - target_bp) <= abs(positions[low] - target_bp):
            centre = low - 1
        while centre > lowest and positions[centre - 1] == positions[centre]:
            centre -= 1
        first[window] = centre - half - offsets[window]
    return first


@njit(cache=True, error_model="numpy")
def draw_tracks(
    haplotypes: NDArray[np.uint8],
    positions: NDArray[np.float64],
    first: NDArray[np.int64],
    count: NDArray[np.int64],
    column: NDArray[np.int64],
    distance_bp: float,
    tracks: NDArray[np.float32],
) -> None:
    """Write distance to the next kept site and derived frequency into tracks (n_windows, n_sites, 2)."""
    n_haplotypes = haplotypes.shape[1]
    for window in range(len(first)):
        start, n_kept = column[window], count[window]
        for place in range(n_kept):
            site = first[window] + place
            if place + 1 < n_kept:
                tracks[window, start + place, 0] = (positions[site + 1] - positions[site]) / distance_bp
            carriers = np.int32(0)
            for haplotype in range(n_haplotypes):
                carriers += np.int32(haplotypes[site, haplotype])
            tracks[window, start + place, 1] = carriers / n_haplotypes
