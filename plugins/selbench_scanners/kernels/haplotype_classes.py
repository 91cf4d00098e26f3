"""How many haplotypes are alike in a window of sites, for windows that slide along a sequence."""

from __future__ import annotations

import numpy as np
from numba import njit

from selbench_scanners.kernels.bits import Haplotypes, Wholes

_UNBROKEN = np.iinfo(np.int64).max


@njit(cache=True)
def class_sizes(haplotypes: Haplotypes, starts: Wholes, window_sites: int) -> Wholes:
    """Count the haplotypes of each kind in every window, largest count first.

    One pass over the sites, whatever the windows' size and overlap: the positional
    Burrows–Wheeler transform (Durbin 2014, algorithm 2) keeps haplotypes sorted by what
    precedes a site, with the number of sites that neighbours in this order share.

    Parameters
    ----------
    haplotypes : uint8 (n_sites, n)
        0 or 1.
    starts : int64 (n_windows,)
        First site of each window, rising.
    window_sites : int

    Returns
    -------
    sizes : int64 (n_windows, n)
        0 beyond the number of different haplotypes.
    """
    n_sites, n = haplotypes.shape
    sizes = np.zeros((len(starts), n), dtype=np.int64)
    order, shared = np.arange(n), np.zeros(n, dtype=np.int64)
    next_order, next_shared = np.empty_like(order), np.empty_like(shared)
    window = 0
    for site in range(n_sites):
        if window == len(starts):
            break
        zero, one = 0, n
        for j in range(n):
            one -= haplotypes[site, j]
        since_zero, since_one = -1, -1
        for k in range(n):
            since_zero, since_one = min(since_zero, shared[k]), min(since_one, shared[k])
            if haplotypes[site, order[k]]:
                next_order[one], next_shared[one] = order[k], since_one + 1
                since_one = _UNBROKEN
                one += 1
            else:
                next_order[zero], next_shared[zero] = order[k], since_zero + 1
                since_zero = _UNBROKEN
                zero += 1
        order, next_order = next_order, order
        shared, next_shared = next_shared, shared
        while window < len(starts) and starts[window] + window_sites - 1 == site:
            kinds = 0
            for k in range(n):
                if k == 0 or shared[k] < window_sites:
                    kinds += 1
                sizes[window, kinds - 1] += 1
            sizes[window, :kinds] = -np.sort(-sizes[window, :kinds])
            window += 1
    return sizes
