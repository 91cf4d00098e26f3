"""Compiled kernel that draws tracks of distances and frequencies, over all windows of a batch."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


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
            track[1] = np.int64(haplotypes[site].sum()) / n_haplotypes
