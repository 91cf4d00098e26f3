"""Kernel for pairwise linkage disequilibrium: Kelly's Zns and Kim and Nielsen's ω."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_ONE = np.uint64(1)
_BLOCK = 16  # sites that a loop takes at a time, written out and several to an instruction


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
    n = haplotypes.shape[1]
    octets = np.packbits(haplotypes, axis=1)
    if octets.shape[1] % 8:
        octets = np.pad(octets, ((0, 0), (0, -octets.shape[1] % 8)))
    measures: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    measures = _measure_windows(octets.view(np.uint64), offsets, n)
    return measures


@njit(cache=True)
def _measure_windows(words: NDArray[np.uint64], offsets: NDArray[np.int64], n: int) -> Any:
    """Measure windows of sites whose carriers are the bits set in words (total_sites, n_words)."""
    n_windows = len(offsets) - 1
    mean_r_squared, omega, omega_inner = np.zeros(n_windows), np.zeros(n_windows), np.zeros(n_windows)
    for window in range(n_windows):
        sites = words[offsets[window] : offsets[window + 1]]
        n_sites = len(sites)
        if n_sites < 2:
            continue
        left, right, cross = _sums_by_split(sites, n)
        mean_r_squared[window] = right[0] / (n_sites * (n_sites - 1) / 2)
        omega[window], omega_inner[window] = _largest_omegas(left, right, cross)
    return mean_r_squared, omega, omega_inner


@njit(cache=True)
def _sums_by_split(sites: NDArray[np.uint64], n: int) -> Any:
    """Sum r² over the pairs left of, right of and across the split before each site.

    Only additions: a sum across that is 0 comes out as 0, not as the rounding
    error of a difference.

    Parameters
    ----------
    sites : uint64 (n_sites, n_words)
        Of each site the haplotypes that carry it, a bit each.

    Returns
    -------
    left, right, cross : float64 (n_sites + 1,)
        Entry ℓ is for the split of sites 0 … ℓ − 1 from ℓ … n_sites − 1.
    """
    n_sites = len(sites)
    masks, carriers, variances = _whole_blocks(sites, n)
    left, right, cross = np.zeros(n_sites + 1), np.zeros(n_sites + 1), np.zeros(len(carriers) + 1)
    with_earlier, of_block = np.zeros(len(carriers)), np.zeros(len(carriers))
    n_both, r_squared = np.zeros(len(carriers), dtype=np.int64), np.zeros(len(carriers))
    # Rows in blocks from the last. Of the columns beyond a block only the sum over its rows matters to the
    # splits there, so that one chain of additions along the columns serves them all.
    for first in range(len(carriers) - _BLOCK, -1, -_BLOCK):
        beyond = first + _BLOCK
        of_block[beyond:] = 0.0
        for i in range(min(beyond, n_sites) - 1, first - 1, -1):
            _count_both(masks, i, first, n_both)
            r_squared[first:beyond] = 0.0
            _add_r_squared(n_both, carriers, variances, n, i, first, beyond, r_squared)
            with_later = _add_r_squared(n_both, carriers, variances, n, i, beyond, len(carriers), of_block)
            for j in range(beyond - 1, i, -1):
                with_later += r_squared[j]
                cross[j] += with_later
                with_earlier[j] += r_squared[j]
            right[i] = right[i + 1] + with_later
        across = 0.0
        for j in range(len(carriers) - 1, beyond - 1, -1):
            across += of_block[j]
            cross[j] += across
            with_earlier[j] += of_block[j]
    for j in range(n_sites):
        left[j + 1] = left[j] + with_earlier[j]
    return left, right, cross[: n_sites + 1]


@njit(cache=True)
def _whole_blocks(sites: NDArray[np.uint64], n: int) -> Any:
    """Return masks (n_words, n), carriers and variances of sites filled up to whole blocks.

    Sites that nobody carries, of variance 1, fill the last block: their r² with any other is 0.
    """
    n_sites, n_words = sites.shape
    n_filled = (n_sites + _BLOCK - 1) // _BLOCK * _BLOCK
    masks = np.zeros((n_words, n_filled), dtype=np.uint64)
    carriers, variances = np.zeros(n_filled), np.ones(n_filled)
    for site in range(n_sites):
        for word in range(n_words):
            masks[word, site] = sites[site, word]
            carriers[site] += _n_set(sites[site, word])
        variances[site] = carriers[site] * (n - carriers[site])
    return masks, carriers, variances


# Indices without a sign need no test for one, which would keep a loop from taking several sites at a time.
@njit(cache=True)
def _count_both(masks: NDArray[np.uint64], i: int, first: int, n_both: NDArray[np.int64]) -> None:
    """Count the haplotypes that carry site i and each from `first` on."""
    begin, end = np.uint64(first), np.uint64(len(n_both))
    n_both[first:] = 0
    last = len(masks) - 1
    if last % 2 == 0:
        mask = masks[last, i]
        for j in range(begin, end):
            n_both[j] = _n_set(mask & masks[last, j])
    for word in range(0, last, 2):  # two at a time, which saves writing down the counts between them
        mask, next_mask = masks[word, i], masks[word + 1, i]
        for j in range(begin, end):
            n_both[j] += _n_set(mask & masks[word, j]) + _n_set(next_mask & masks[word + 1, j])


# Neither do sums in any order, nor divisions without a check of each divisor.
@njit(cache=True, error_model="numpy", fastmath={"reassoc"})
def _add_r_squared(
    n_both: NDArray[np.int64],
    carriers: NDArray[np.float64],
    variances: NDArray[np.float64],
    n: int,
    i: int,
    first: int,
    stop: int,
    sums: NDArray[np.float64],
) -> float:
    """Add r² of site i with each from `first` to before `stop` to `sums`, and return the sum over them."""
    total, a, variance = 0.0, carriers[i], variances[i]
    for j in range(np.uint64(first), np.uint64(stop)):
        covariance = n * float(np.int32(n_both[j])) - a * carriers[j]
        r_squared = covariance * covariance / (variance * variances[j])
        sums[j] += r_squared
        total += r_squared
    return total


@njit(cache=True)
def _n_set(word: np.uint64) -> int:
    """Count the bits that are set."""
    count = 0
    while word:  # LLVM turns this loop into one popcount instruction
        word &= word - _ONE
        count += 1
    return count


@njit(cache=True, error_model="numpy")
def _largest_omegas(
    left: NDArray[np.float64], right: NDArray[np.float64], cross: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the largest ω over the splits that leave at least 2, and at least 3, sites on either side."""
    n_sites = len(left) - 1
    largest = inner = 0.0
    for split in range(2, n_sites - 1):
        after = n_sites - split
        if cross[split] > 0:
            n_within = split * (split - 1) // 2 + after * (after - 1) // 2
            omega = (left[split] + right[split]) * (split * after) / (n_within * cross[split])
            largest = max(largest, omega)
            if split > 2 and after > 2:
                inner = max(inner, omega)
    return largest, inner
