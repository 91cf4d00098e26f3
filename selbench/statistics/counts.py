"""Kernels that count alleles per site and group identical haplotypes.

Everything is counted in integers, so that the formulas above them are exact
until their one division.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_FREE = -1
_BYTE, _HALF_WORD = np.uint64(8), np.uint64(32)
# 2⁶⁴ divided by the golden ratio: multiplying by it spreads keys over the high bits (Knuth 1973, §6.4)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True)
def count_carriers(haplotypes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count the 1s of every site: uint8 (n_sites, n_haplotypes) → int64 (n_sites,)."""
    carriers = np.empty(haplotypes.shape[0], dtype=np.int64)
    for site in range(haplotypes.shape[0]):
        carriers[site] = np.int64(haplotypes[site].sum())
    return carriers


@njit(cache=True)
def count_spectra(
    haplotypes: NDArray[np.uint8], offsets: NDArray[np.int64], folded: bool
) -> NDArray[np.int64]:
    """Count the segregating sites of every window by carriers, of the 1 or of the rarer allele.

    Parameters
    ----------
    haplotypes : uint8 (total_sites, n)
    offsets : int64 (n_windows + 1,)
    folded : bool

    Returns
    -------
    spectra : int64 (n_windows, n - 1) or (n_windows, n // 2) if folded
    """
    n_windows, n = len(offsets) - 1, haplotypes.shape[1]
    spectra = np.zeros((n_windows, n // 2 if folded else n - 1), dtype=np.int64)
    for window in range(n_windows):
        for row in range(offsets[window], offsets[window + 1]):
            i = np.int64(haplotypes[row].sum())
            if 0 < i < n:
                spectra[window, (min(i, n - i) if folded else i) - 1] += 1
    return spectra


@njit(cache=True)
def count_sites_and_haplotypes(
    haplotypes: NDArray[np.uint8], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count sites by frequency and haplotypes by identity, for every window.

    Parameters
    ----------
    haplotypes : uint8 (total_sites, n)
    offsets : int64 (n_windows + 1,)

    Returns
    -------
    sites : int64 (n_windows, 5)
        S, Σi, Σi², ξ₁ and the largest i over the sites with 0 < i < n.
    groups : int64 (n_windows, 5)
        Number of groups of identical haplotypes, Σ(size²), and the three largest sizes.
    """
    n_windows, n = len(offsets) - 1, haplotypes.shape[1]
    sites = np.zeros((n_windows, 5), dtype=np.int64)
    groups = np.empty((n_windows, 5), dtype=np.int64)
    slots, members, sizes = _grouping_memory(n)
    for window in range(n_windows):
        start, stop = offsets[window], offsets[window + 1]
        for row in range(start, stop):
            i = np.int64(haplotypes[row].sum())
            if 0 < i < n:
                sites[window, 0] += 1
                sites[window, 1] += i
                sites[window, 2] += i * i
                sites[window, 3] += i == 1
                sites[window, 4] = max(sites[window, 4], i)
        n_groups = _group(_pack_haplotypes(haplotypes, start, stop), slots, members, sizes)
        _summarise_groups(sizes[:n_groups], groups[window])
    return sites, groups


@njit(cache=True)
def _pack_haplotypes(haplotypes: NDArray[np.uint8], start: int, stop: int) -> Any:
    """Pack the columns from row `start` to `stop` into bits, uint64 (n_words, n_haplotypes)."""
    n = haplotypes.shape[1]
    packed = np.zeros(((stop - start + 63) // 64, n), dtype=np.uint64)
    byte = np.empty(n, dtype=np.uint8)
    for first in range(start, stop, 8):
        byte[:] = 0
        for row in range(first, min(first + 8, stop)):
            for j in range(n):
                byte[j] = (byte[j] << 1) | haplotypes[row, j]
        word = (first - start) // 64
        for j in range(n):
            packed[word, j] = (packed[word, j] << _BYTE) | np.uint64(byte[j])
    return packed


@njit(cache=True)
def _grouping_memory(n: int) -> Any:
    """Return a hash table of at least 2n slots, and room for the first member and size of n groups."""
    n_slots = 2
    while n_slots < 2 * n:
        n_slots *= 2
    return np.empty(n_slots, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)


@njit(cache=True)
def _group(
    packed: NDArray[np.uint64], slots: NDArray[np.int64], members: NDArray[np.int64], sizes: NDArray[np.int64]
) -> int:
    """Group identical columns; return how many groups there are, their sizes in `sizes`.

    Columns are compared in full, so the grouping is exact whatever the hash does.
    """
    hashes = np.zeros(packed.shape[1], dtype=np.uint64)
    for word in range(packed.shape[0]):
        for j in range(len(hashes)):
            hashes[j] = (hashes[j] ^ packed[word, j]) * _SPREAD
    slots[:] = _FREE
    n_groups = 0
    for j in range(len(hashes)):
        slot = np.int64(hashes[j] >> _HALF_WORD) & (len(slots) - 1)
        while slots[slot] != _FREE and not _same(packed, members[slots[slot]], j):
            slot = (slot + 1) & (len(slots) - 1)
        if slots[slot] == _FREE:
            slots[slot] = n_groups
            members[n_groups] = j
            sizes[n_groups] = 0
            n_groups += 1
        sizes[slots[slot]] += 1
    return n_groups


@njit(cache=True)
def _same(packed: NDArray[np.uint64], j: int, k: int) -> Any:
    differing = np.uint64(0)
    for word in range(packed.shape[0]):
        differing |= packed[word, j] ^ packed[word, k]
    return differing == 0


@njit(cache=True)
def _summarise_groups(sizes: NDArray[np.int64], summary: NDArray[np.int64]) -> None:
    squares, first, second, third = 0, 0, 0, 0
    for size in sizes:
        squares += size * size
        if size > first:
            first, second, third = size, first, second
        elif size > second:
            second, third = size, second
        elif size > third:
            third = size
    summary[0], summary[1] = len(sizes), squares
    summary[2], summary[3], summary[4] = first, second, third
