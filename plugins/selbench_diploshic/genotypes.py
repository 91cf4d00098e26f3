"""Compiled kernels for diploid individuals without phase, and for positions as diploS/HIC reads them.

An individual is two neighbouring haplotypes; at each site it has a dosage of 0, 1 or 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_ONE = np.uint64(1)


@njit(cache=True)
def genotype_indicators(haplotypes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Spread dosages over three rows a site, one for each dosage: uint8 (3 n_sites, n_individuals).

    Individuals have the same column where they have the same dosages, and differ in
    two rows for each site where they do not: what is counted of haplotypes can so be
    counted of genotypes.
    """
    n_sites, n_individuals = haplotypes.shape[0], haplotypes.shape[1] // 2
    rows = np.zeros((3 * n_sites, n_individuals), dtype=np.uint8)
    for site in range(n_sites):
        for individual in range(n_individuals):
            dosage = haplotypes[site, 2 * individual] + haplotypes[site, 2 * individual + 1]
            rows[3 * site + dosage, individual] = 1
    return rows


@njit(cache=True)
def genotype_linkage(haplotypes: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return Zns and ω of the correlations of dosages, float64 (n_windows, 2).

    Zns is the mean over the whole square of sites with zeros on its diagonal, as the
    original takes it: (S − 1)/S times the mean over pairs. ω is over splits after site
    3 … S − 3. A site at which all have the same dosage has r² = 0 with every other.
    """
    n_windows = len(offsets) - 1
    linkage = np.zeros((n_windows, 2))
    for window in range(n_windows):
        n_sites = offsets[window + 1] - offsets[window]
        if n_sites < 2:
            continue
        r_squared = _r_squared(haplotypes[offsets[window] : offsets[window + 1]])
        linkage[window, 0] = 2 * r_squared.sum() / (n_sites * n_sites)
        linkage[window, 1] = _omega(r_squared)
    return linkage


@njit(cache=True)
def _r_squared(haplotypes: NDArray[np.uint8]) -> Any:
    """Return r² of the dosages of every two sites, above the diagonal of (n_sites, n_sites)."""
    n_sites, n = haplotypes.shape[0], haplotypes.shape[1] // 2
    n_words = (n + 63) // 64
    once = np.zeros((n_sites, n_words), dtype=np.uint64)
    twice = np.zeros((n_sites, n_words), dtype=np.uint64)
    sums, variances = np.zeros(n_sites, dtype=np.int64), np.zeros(n_sites)
    for site in range(n_sites):
        squares = 0
        for individual in range(n):
            dosage = haplotypes[site, 2 * individual] + haplotypes[site, 2 * individual + 1]
            bit = _ONE << np.uint64(individual & 63)
            if dosage == 1:
                once[site, individual >> 6] |= bit
            elif dosage == 2:
                twice[site, individual >> 6] |= bit
            sums[site] += dosage
            squares += dosage * dosage
        variances[site] = n * squares - sums[site] * sums[site]
    r_squared = np.zeros((n_sites, n_sites))
    for i in range(n_sites):
        for j in range(i + 1, n_sites):
            if variances[i] > 0 and variances[j] > 0:
                products = 0
                for word in range(n_words):
                    products += (
                        _n_bits(once[i, word] & once[j, word])
                        + 2 * _n_bits(once[i, word] & twice[j, word])
                        + 2 * _n_bits(twice[i, word] & once[j, word])
                        + 4 * _n_bits(twice[i, word] & twice[j, word])
                    )
                covariance = float(n * products - sums[i] * sums[j])
                r_squared[i, j] = covariance * covariance / (variances[i] * variances[j])
    return r_squared


@njit(cache=True)
def _n_bits(word: np.uint64) -> int:
    count = 0
    while word:  # LLVM turns this loop into one popcount instruction
        word &= word - _ONE
        count += 1
    return count


@njit(cache=True)
def _omega(r_squared: NDArray[np.float64]) -> float:
    """Return the largest ω over splits after site 3 … S − 3, 0 where there is none.

    Sums are only added to: one across a split that is 0 comes out as 0, not as a rounding error.
    """
    n_sites = len(r_squared)
    left, right, across = np.zeros(n_sites + 1), np.zeros(n_sites + 1), np.zeros(n_sites + 1)
    for i in range(n_sites - 1, -1, -1):
        with_later = 0.0
        for j in range(n_sites - 1, i, -1):
            with_later += r_squared[i, j]
            left[j + 1] += r_squared[i, j]
            across[j] += with_later
        right[i] = right[i + 1] + with_later
    left = np.cumsum(left)
    largest = 0.0
    for split in range(3, n_sites - 2):
        after = n_sites - split
        if across[split] > 0:
            n_within = split * (split - 1) // 2 + after * (after - 1) // 2
            within = (left[split] + right[split]) / n_within
            largest = max(largest, within / (across[split] / (split * after)))
    return largest


@njit(cache=True)
def positions_from_one(
    positions: NDArray[np.float64], offsets: NDArray[np.int64], sequence_length: int
) -> NDArray[np.int64]:
    """Turn positions into whole ones from 1 to the length, each above the one before, int64 (n_sites,).

    As the original reads the fractions of ``ms``: cut to whole base pairs, 0 becomes 1,
    and what is not above its predecessor comes next to it. Beyond the end they stay at
    the end.
    """
    whole = np.empty(len(positions), dtype=np.int64)
    for window in range(len(offsets) - 1):
        before = 0
        for site in range(offsets[window], offsets[window + 1]):
            before = max(int(positions[site]), before + 1)
            whole[site] = min(before, sequence_length)
    return whole
