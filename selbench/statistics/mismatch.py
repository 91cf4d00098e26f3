"""Kernel for the mismatch distribution: how many sites two haplotypes differ at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_ONE = np.uint64(1)


@njit(cache=True)
def measure_mismatches(haplotypes: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the raggedness (Harpending 1994, eq. 1) and the moments of every mismatch distribution.

    Parameters
    ----------
    haplotypes : uint8 (total_sites, n)
    offsets : int64 (n_windows + 1,)

    Returns
    -------
    mismatches : float64 (n_windows, 4)
        Raggedness; variance with one degree of freedom less than pairs, skewness and excess
        kurtosis, not corrected for bias. The moments are 0 where all pairs are alike, or one.
    """
    n_windows, n = len(offsets) - 1, haplotypes.shape[1]
    n_pairs = n * (n - 1) // 2
    mismatches = np.zeros((n_windows, 4))
    for window in range(n_windows):
        pairs = _mismatch_distribution(haplotypes[offsets[window] : offsets[window + 1]])
        squares = 0
        for j in range(1, len(pairs)):
            squares += (pairs[j] - pairs[j - 1]) ** 2
        mismatches[window, 0] = squares / float(n_pairs) ** 2
        mismatches[window, 1:] = _moments(pairs, n_pairs)
    return mismatches


@njit(cache=True)
def _moments(pairs: NDArray[np.int64], n_pairs: int) -> Any:
    """Return variance, skewness and excess kurtosis of j, given how many pairs have it."""
    moments = np.zeros(3)
    if n_pairs < 2 or pairs.max() == n_pairs:
        return moments
    total = 0
    for j in range(len(pairs)):
        total += j * pairs[j]
    mean = total / n_pairs
    second, third, fourth = 0.0, 0.0, 0.0
    for j in range(len(pairs)):
        if pairs[j]:
            square = pairs[j] * (j - mean) ** 2
            second += square
            third += square * (j - mean)
            fourth += square * (j - mean) ** 2
    variance = second / n_pairs
    moments[0] = second / (n_pairs - 1)
    moments[1] = third / n_pairs / variance**1.5
    moments[2] = fourth / n_pairs / variance**2 - 3
    return moments


@njit(cache=True)
def _mismatch_distribution(haplotypes: NDArray[np.uint8]) -> Any:
    """Count the pairs of haplotypes that differ at j sites, int64 (n_sites + 2,)."""
    n_sites, n = haplotypes.shape
    columns = np.zeros((n, (n_sites + 63) // 64), dtype=np.uint64)
    for row in range(n_sites):
        for j in range(n):
            columns[j, row >> 6] |= np.uint64(haplotypes[row, j]) << np.uint64(row & 63)
    pairs = np.zeros(n_sites + 2, dtype=np.int64)
    for j in range(n):
        for k in range(j + 1, n):
            differences = 0
            for word in range(columns.shape[1]):
                differing = columns[j, word] ^ columns[k, word]
                while differing:  # LLVM turns this loop into one popcount instruction
                    differing &= differing - _ONE
                    differences += 1
            pairs[differences] += 1
    return pairs
