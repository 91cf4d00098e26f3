"""Compiled steps before the resize, over all windows of a batch at once."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def common_sites(
    haplotypes: NDArray[np.uint8], maf: float, flip: bool, common: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Copy the sites whose minor allele is common enough into the first rows of `common`.

    With `flip`, a site whose derived allele exceeds one half is turned over.

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
        if min(count, n_haplotypes - count) / n_haplotypes < maf:
            continue
        turned = np.uint8(flip and 2 * count > n_haplotypes)
        for haplotype in range(n_haplotypes):
            common[row, haplotype] = haplotypes[site, haplotype] ^ turned
        kept[site] = True
        row += 1
    return kept


@njit(cache=True)
def sort_haplotypes(
    haplotypes: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    order: NDArray[np.int64],
    target: NDArray[np.uint8],
) -> None:
    """Put the haplotypes of each window into their order (n_windows, n_haplotypes)."""
    for window in range(len(order)):
        for site in range(offsets[window], offsets[window + 1]):
            for place in range(order.shape[1]):
                target[site, place] = haplotypes[site, order[window, place]]
