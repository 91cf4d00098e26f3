"""Kernels that count alleles per site and group identical haplotypes.

Everything is counted in integers, so that the formulas above them are exact
until their one division.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_EMPTY = -1
# 2⁶⁴ divided by the golden ratio: multiplying by it spreads keys over the top bits (Knuth 1973, §6.4)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(1)


@njit(cache=True)
def count_carriers(haplotypes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count the 1s of every site: uint8 (n_sites, n_haplotypes) → int64 (n_sites,)."""
    carriers = np.empty(haplotypes.shape[0], dtype=np.int64)
    for site in range(haplotypes.shape[0]):
        carriers[site] = haplotypes[site].sum()
    return carriers


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
    sites : int64 (n_windows, 4)
        S, Σi, Σi², ξ₁ over the sites with 0 < i < n.
    groups : int64 (n_windows, 5)
        Number of groups of identical haplotypes, Σ(size²), and the three largest sizes.
    """
    n_windows, n = len(offsets) - 1, haplotypes.shape[1]
    sites = np.zeros((n_windows, 4), dtype=np.int64)
    groups = np.empty((n_windows, 5), dtype=np.int64)
    scratch = _grouping_scratch(n)
    keys = np.empty(n, dtype=np.uint64)
    group_bits = 0
    while (1 << group_bits) < n:
        group_bits += 1
    sites_per_key = 64 - group_bits
    for window in range(n_windows):
        keys[:] = np.uint64(0)
        n_groups, pending = 0, 0
        for row in range(offsets[window], offsets[window + 1]):
            i = 0
            for j in range(n):
                allele = haplotypes[row, j]
                i += allele
                keys[j] = (keys[j] << _ONE) | np.uint64(allele)
            pending += 1
            if pending == sites_per_key:
                n_groups = _group(keys, *scratch)
                pending = 0
            if 0 < i < n:
                sites[window, 0] += 1
                sites[window, 1] += i
                sites[window, 2] += i * i
                sites[window, 3] += i == 1
        if pending or n_groups == 0:
            n_groups = _group(keys, *scratch)
        _summarise_groups(scratch[2][:n_groups], groups[window])
    return sites, groups


@njit(cache=True)
def _grouping_scratch(n: int) -> Any:
    """Return a hash table with twice as many slots as haplotypes, its keys, sizes and shift."""
    table_bits = 1
    while (1 << table_bits) < 2 * n:
        table_bits += 1
    table = np.empty(1 << table_bits, dtype=np.int64)
    return table, np.empty(n, dtype=np.uint64), np.empty(n, dtype=np.int64), np.uint64(64 - table_bits)


@njit(cache=True)
def _group(
    keys: NDArray[np.uint64],
    table: NDArray[np.int64],
    group_keys: NDArray[np.uint64],
    sizes: NDArray[np.int64],
    shift: np.uint64,
) -> int:
    """Replace every key by the number of its group, in order of first appearance; count members.

    Keys are compared in full, so the grouping is exact whatever the hash does.
    """
    table[:] = _EMPTY
    n_groups = 0
    for j in range(len(keys)):
        slot = np.int64((keys[j] * _SPREAD) >> shift)
        while table[slot] != _EMPTY and group_keys[table[slot]] != keys[j]:
            slot = (slot + 1) & (len(table) - 1)
        group = table[slot]
        if group == _EMPTY:
            group = n_groups
            table[slot] = group
            group_keys[group] = keys[j]
            sizes[group] = 0
            n_groups += 1
        sizes[group] += 1
        keys[j] = np.uint64(group)
    return n_groups


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
