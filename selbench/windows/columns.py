"""Compiled kernels on sites, which become the columns of images: turned, filtered and placed."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def count_derived(haplotypes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return how many haplotypes carry a 1 at each site; none may lack a call."""
    carriers = np.empty(len(haplotypes), dtype=np.int64)
    for site in range(len(haplotypes)):
        count = np.int32(0)  # narrow, so that several are added up at a time
        for haplotype in range(haplotypes.shape[1]):
            count += np.int32(haplotypes[site, haplotype])
        carriers[site] = count
    return carriers


@njit(cache=True)
def place_columns(
    haplotypes: NDArray[np.uint8],
    first: NDArray[np.int64],
    count: NDArray[np.int64],
    column: NDArray[np.int64],
    images: NDArray[np.uint8],
) -> None:
    """Copy `count` rows from row `first` on into the columns of each image from `column` on.

    Haplotype after haplotype, so that an image is written in order.
    """
    for window in range(len(first)):
        rows = haplotypes[first[window] : first[window] + count[window]]
        for haplotype in range(images.shape[1]):
            line = images[window, haplotype, column[window] :]
            for site in range(len(rows)):
                line[site] = rows[site, haplotype]


@njit(cache=True)
def keep_common(
    haplotypes: NDArray[np.uint8], least: float, turn: bool, common: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Copy the sites whose minor allele is common enough into the first rows of `common`.

    With `turn`, a site whose derived allele exceeds one half is turned over.

    Returns
    -------
    kept : bool (n_sites,)
    """
    n_sites, n_haplotypes = haplotypes.shape
    kept = np.zeros(n_sites, dtype=np.bool_)
    row = 0
    for site in range(n_sites):
        count = 0
        for haplotype in range(n_haplotypes):
            count += haplotypes[site, haplotype]
        if min(count, n_haplotypes - count) / n_haplotypes < least:
            continue
        turned = np.uint8(turn and 2 * count > n_haplotypes)
        for haplotype in range(n_haplotypes):
            common[row, haplotype] = haplotypes[site, haplotype] ^ turned
        kept[site] = True
        row += 1
    return kept
