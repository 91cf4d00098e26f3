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
        nearest = np.inf
        for centre in range(offsets[window] + half, offsets[window + 1] - half):
            distance = abs(positions[centre] - target_bp)
            if distance < nearest and offsets[window + 1] - offsets[window] > n_sites:
                nearest = distance
                first[window] = centre - half - offsets[window]
    return first


@njit(cache=True)
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
        for place in range(count[window]):
            site = first[window] + place
            track = tracks[window, column[window] + place]
            if place + 1 < count[window]:
                track[0] = (positions[site + 1] - positions[site]) / distance_bp
            carriers = 0
            for haplotype in range(n_haplotypes):
                carriers += haplotypes[site, haplotype]
            track[1] = carriers / n_haplotypes
