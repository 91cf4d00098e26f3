"""Alleles as bits: sites packed into words of 64 haplotypes, and what is counted on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Haplotypes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Wholes = NDArray[np.int64]
Floats = NDArray[np.float64]

_ONE = np.uint64(1)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ over the golden ratio: spreads the bits of a product


@njit(cache=True)
def pack_sites(haplotypes: Haplotypes) -> Any:
    """Return who carries the derived allele and who has a call at all, bit by bit.

    Parameters
    ----------
    haplotypes : uint8 (n_sites, n)
        0, 1, or 255 where there is no call.

    Returns
    -------
    derived, called : uint64 (n_sites, n_words)
        Bit ``j & 63`` of word ``j >> 6`` belongs to haplotype j.
    """
    n_sites, n = haplotypes.shape
    derived = np.zeros((n_sites, (n + 63) // 64), dtype=np.uint64)
    called = np.zeros_like(derived)
    for site in range(n_sites):
        for word in range(derived.shape[1]):
            carriers, calls, bit = np.uint64(0), np.uint64(0), np.uint64(0)
            for j in range(word * 64, min(n, word * 64 + 64)):
                allele = haplotypes[site, j]
                carriers |= np.uint64(allele == 1) << bit
                calls |= np.uint64(allele <= 1) << bit
                bit += _ONE
            derived[site, word], called[site, word] = carriers, calls
    return derived, called


@njit(cache=True, inline="always")
def n_set(word: np.uint64) -> int:
    """Count the bits set in a word."""
    count = 0
    while word:  # LLVM turns this loop into one popcount instruction
        word &= word - _ONE
        count += 1
    return count


@njit(cache=True)
def count_alleles(haplotypes: Haplotypes) -> Any:
    """Return the derived and the called alleles of each site, int64 (n_sites,) twice."""
    n_sites, n = haplotypes.shape
    derived, called = np.zeros(n_sites, dtype=np.int64), np.zeros(n_sites, dtype=np.int64)
    for site in range(n_sites):
        carriers, calls = 0, 0
        for j in range(n):
            carriers += haplotypes[site, j] == 1
            calls += haplotypes[site, j] <= 1
        derived[site], called[site] = carriers, calls
    return derived, called


@njit(cache=True)
def pattern_ids(derived: Words, called: Words) -> Wholes:
    """Number the patterns of sites in the order of their first site, int64 (n_sites,).

    A pattern is equal to its complement among the called haplotypes; patterns
    with other calls are others. Compared bit by bit: the hash only finds the place.
    """
    n_sites, n_words = derived.shape
    size = 16
    while size < 2 * n_sites:
        size *= 2
    slots = np.full(size, -1, dtype=np.int64)
    ids = np.empty(n_sites, dtype=np.int64)
    patterns = np.empty_like(derived)
    n_patterns = 0
    for site in range(n_sites):
        _orient(derived[site], called[site], patterns[site])
        key = np.uint64(n_words)
        for word in range(n_words):
            key = (key ^ patterns[site, word]) * _MULTIPLIER
            key = (key ^ called[site, word] ^ (key >> np.uint64(32))) * _MULTIPLIER
        slot = np.int64(key >> np.uint64(20)) & (size - 1)
        while slots[slot] >= 0 and not (
            _same(patterns[slots[slot]], patterns[site]) and _same(called[slots[slot]], called[site])
        ):
            slot = (slot + 1) & (size - 1)
        if slots[slot] < 0:
            slots[slot] = site
            ids[site] = n_patterns
            n_patterns += 1
        else:
            ids[site] = ids[slots[slot]]
    return ids


@njit(cache=True)
def jointly_called_ids(derived: Words, called: Words) -> Wholes:
    """Number the patterns of sites, compared among the haplotypes that both sites call, int64 (n_sites,).

    A site has the pattern of the first one before it that it is equal or complementary to, of those
    that began a pattern themselves: so numbers depend on the order of the sites.
    """
    n_sites, n_words = derived.shape
    ids = np.empty(n_sites, dtype=np.int64)
    firsts = np.empty(n_sites, dtype=np.int64)  # the site that began each pattern
    n_patterns = 0
    for site in range(n_sites):
        pattern = 0
        while pattern < n_patterns:
            first = firsts[pattern]
            unequal, equal = np.uint64(0), np.uint64(0)
            for word in range(n_words):
                both = called[site, word] & called[first, word]
                differ = (derived[site, word] ^ derived[first, word]) & both
                unequal |= differ
                equal |= both ^ differ
            if unequal == 0 or equal == 0:
                break
            pattern += 1
        if pattern == n_patterns:
            firsts[pattern] = site
            n_patterns += 1
        ids[site] = pattern
    return ids


@njit(cache=True)
def _orient(derived: Words, called: Words, pattern: Words) -> None:
    """Write a site's pattern with the allele of its first called haplotype as 0."""
    flip = False
    for word in range(len(called)):
        if called[word]:
            first = called[word] & (~called[word] + _ONE)
            flip = (derived[word] & first) != 0
            break
    for word in range(len(called)):
        pattern[word] = called[word] & ~derived[word] if flip else derived[word]


@njit(cache=True)
def _same(a: Words, b: Words) -> bool:
    different = np.uint64(0)
    for word in range(len(a)):
        different |= a[word] ^ b[word]
    return bool(different == 0)
