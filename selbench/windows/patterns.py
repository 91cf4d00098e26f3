"""Compiled kernels behind `orderings`: patterns as words of 64 alleles, sorted window by window."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Wholes = NDArray[np.int64]

_WORD = 64


@njit(cache=True)
def haplotype_words(haplotypes: NDArray[np.uint8], offsets: Wholes, words: Words) -> None:
    """Pack each haplotype of each window, first site highest, into words (n_windows · n_haplotypes, n_words).

    Words start as 0; those beyond a window's sites stay so.
    """
    n_haplotypes = haplotypes.shape[1]
    alleles = np.empty(n_haplotypes, dtype=np.uint64)
    for window in range(len(offsets) - 1):
        first, rows = offsets[window], words[window * n_haplotypes : (window + 1) * n_haplotypes]
        for word in range((offsets[window + 1] - first + _WORD - 1) // _WORD):
            alleles[:] = 0
            start = first + word * _WORD
            for site in range(start, min(start + _WORD, offsets[window + 1])):
                bit = np.uint64(_WORD - 1 - (site - start))
                for haplotype in range(n_haplotypes):
                    alleles[haplotype] |= np.uint64(haplotypes[site, haplotype]) << bit
            for haplotype in range(n_haplotypes):
                rows[haplotype, word] = alleles[haplotype]


@njit(cache=True)
def order_patterns(words: Words, offsets: Wholes, by_distance: bool, order: Wholes) -> None:
    """Order the patterns of each window: rows of `words` from ``offsets[i]`` to ``offsets[i + 1]``.

    By frequency: runs of equal patterns, the most frequent first, ties falling by
    pattern. By distance: by the number of alleles that differ from the most
    frequent one, ties rising by pattern. Equal patterns keep the order they came in.
    """
    for window in range(len(offsets) - 1):
        start, stop = offsets[window], offsets[window + 1]
        if start == stop:
            continue
        falling = _falling(words, start, stop)
        starts = _starts_of_runs(words, falling)
        counts = starts[1:] - starts[:-1]
        by_count = np.argsort(-counts, kind="mergesort")
        if by_distance:
            most_frequent = falling[starts[by_count[0]]]
            n_runs = len(counts)
            distance = np.empty(n_runs, dtype=np.int64)
            for run in range(n_runs):  # in rising order of pattern, for that settles ties
                distance[run] = _differing(words, falling[starts[n_runs - 1 - run]], most_frequent)
            runs = n_runs - 1 - np.argsort(distance, kind="mergesort")
        else:
            runs = by_count
        at = start
        for run in runs:
            for place in range(starts[run], starts[run + 1]):
                order[at] = falling[place]
                at += 1


@njit(cache=True)
def order_around_medoid(words: Words, order: Wholes) -> None:
    """Order the haplotypes of each window, words (n_windows · n, n_words), by distance to their medoid.

    Haplotypes are taken in falling order of pattern, which settles ties.
    """
    n_windows, n = order.shape
    differing = np.zeros((n, n), dtype=np.int64)
    for window in range(n_windows):
        start = window * n
        falling = _falling(words, start, start + n)
        for a in range(n):
            for b in range(a + 1, n):
                differing[a, b] = differing[b, a] = _differing(words, falling[a], falling[b])
        medoid = np.argmin(differing.sum(axis=1))
        by_distance = np.argsort(differing[medoid], kind="mergesort")
        for place in range(n):
            order[window, place] = falling[by_distance[place]] - start


@njit(cache=True)
def order_haplotypes(
    haplotypes: NDArray[np.uint8], offsets: Wholes, order: Wholes, target: NDArray[np.uint8]
) -> None:
    """Put the haplotypes of each window into their order (n_windows, n_haplotypes)."""
    for window in range(len(order)):
        for site in range(offsets[window], offsets[window + 1]):
            for place in range(order.shape[1]):
                target[site, place] = haplotypes[site, order[window, place]]


@njit(cache=True)
def _falling(words: Words, start: int, stop: int) -> Wholes:
    """Sort rows from the highest pattern to the lowest, stably: a bottom-up merge sort."""
    n = stop - start
    source, target = np.arange(start, stop), np.empty(n, dtype=np.int64)
    width = 1
    while width < n:
        for low in range(0, n, 2 * width):
            middle, high = min(low + width, n), min(low + 2 * width, n)
            left, right = low, middle
            for place in range(low, high):
                if left < middle and (right >= high or not _is_above(words, source[right], source[left])):
                    target[place] = source[left]
                    left += 1
                else:
                    target[place] = source[right]
                    right += 1
        source, target = target, source
        width *= 2
    return source


@njit(cache=True)
def _is_above(words: Words, a: int, b: int) -> bool:
    for word in range(words.shape[1]):
        if words[a, word] != words[b, word]:
            return bool(words[a, word] > words[b, word])
    return False


@njit(cache=True)
def _starts_of_runs(words: Words, falling: Wholes) -> Wholes:
    """Return where each run of equal patterns begins, and the end of the last."""
    starts = np.empty(len(falling) + 1, dtype=np.int64)
    starts[0], n_runs = 0, 1
    for place in range(1, len(falling)):
        if _is_above(words, falling[place - 1], falling[place]):
            starts[n_runs] = place
            n_runs += 1
    starts[n_runs] = len(falling)
    return starts[: n_runs + 1]


@njit(cache=True)
def _differing(words: Words, a: int, b: int) -> int:
    """Count the alleles in which two patterns differ (population count by Wegner's loop)."""
    count = 0
    for word in range(words.shape[1]):
        left = words[a, word] ^ words[b, word]
        while left:
            left &= left - np.uint64(1)
            count += 1
    return count
