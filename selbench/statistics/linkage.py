"""Kernel for pairwise linkage disequilibrium: Kelly's Zns and Kim and Nielsen's ω."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_ONE = np.uint64(1)


@njit(cache=True)
def measure_linkage(
    haplotypes: NDArray[np.uint8], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return mean r² and ω of every window, ω with splits from 2 and from 3; 0 where undefined.

    r² = (n·n₁₁ − ab)² / (a(n − a)·b(n − b)) for two sites carried by a and b of n
    haplotypes, n₁₁ of which carry both (Hill and Robertson 1968).

    Parameters
    ----------
    haplotypes : uint8 (total_sites, n)
        Segregating sites only.
    offsets : int64 (n_windows + 1,)

    Returns
    -------
    mean_r_squared, omega, omega_inner : float64 (n_windows,)
    """
    n_windows, n = len(offsets) - 1, haplotypes.shape[1]
    mean_r_squared, omega, omega_inner = np.zeros(n_windows), np.zeros(n_windows), np.zeros(n_windows)
    for window in range(n_windows):
        masks, carriers = _pack_sites(haplotypes[offsets[window] : offsets[window + 1]])
        n_sites = len(carriers)
        if n_sites < 2:
            continue
        left, right, cross = _sums_by_split(masks, carriers, n)
        mean_r_squared[window] = right[0] / (n_sites * (n_sites - 1) / 2)
        omega[window] = _largest_omega(left, right, cross, 2)
        omega_inner[window] = _largest_omega(left, right, cross, 3)
    return mean_r_squared, omega, omega_inner


@njit(cache=True)
def _pack_sites(haplotypes: NDArray[np.uint8]) -> Any:
    """Return the carriers of each site as a bit mask (n_sites, n_words) and a number (n_sites,)."""
    n_sites, n = haplotypes.shape
    masks = np.zeros((n_sites, (n + 63) // 64), dtype=np.uint64)
    carriers = np.empty(n_sites, dtype=np.int64)
    for site in range(n_sites):
        carriers[site] = haplotypes[site].sum()
        for j in range(n):
            masks[site, j >> 6] |= np.uint64(haplotypes[site, j]) << np.uint64(j & 63)
    return masks, carriers


@njit(cache=True)
def _sums_by_split(masks: NDArray[np.uint64], carriers: NDArray[np.int64], n: int) -> Any:
    """Sum r² over the pairs left of, right of and across the split before each site.

    Only additions: a sum across that is 0 comes out as 0, not as the rounding
    error of a difference.

    Returns
    -------
    left, right, cross : float64 (n_sites + 1,)
        Entry ℓ is for the split of sites 0 … ℓ − 1 from ℓ … n_sites − 1.
    """
    n_sites = len(carriers)
    left, right, cross = np.zeros(n_sites + 1), np.zeros(n_sites + 1), np.zeros(n_sites + 1)
    with_earlier = np.zeros(n_sites)
    for i in range(n_sites - 1, -1, -1):
        with_later = 0.0
        variance_i = float(carriers[i] * (n - carriers[i]))
        for j in range(n_sites - 1, i, -1):
            covariance = float(n * _n_both(masks[i], masks[j]) - carriers[i] * carriers[j])
            r_squared = covariance * covariance / (variance_i * (carriers[j] * (n - carriers[j])))
            with_later += r_squared
            with_earlier[j] += r_squared
            cross[j] += with_later
        right[i] = right[i + 1] + with_later
    for j in range(n_sites):
        left[j + 1] = left[j] + with_earlier[j]
    return left, right, cross


@njit(cache=True)
def _n_both(mask: NDArray[np.uint64], other: NDArray[np.uint64]) -> int:
    """Count the bits set in both masks."""
    count = 0
    for word in range(len(mask)):
        both = mask[word] & other[word]
        while both:  # LLVM turns this loop into one popcount instruction
            both &= both - _ONE
            count += 1
    return count


@njit(cache=True)
def _largest_omega(
    left: NDArray[np.float64], right: NDArray[np.float64], cross: NDArray[np.float64], fewest: int
) -> Any:
    """Return the largest ω over the splits that leave at least `fewest` sites on either side."""
    n_sites = len(left) - 1
    largest = 0.0
    for split in range(fewest, n_sites - fewest + 1):
        after = n_sites - split
        if cross[split] > 0:
            n_within = split * (split - 1) // 2 + after * (after - 1) // 2
            within = (left[split] + right[split]) / n_within
            largest = max(largest, within / (cross[split] / (split * after)))
    return largest
