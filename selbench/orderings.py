"""Orders for the haplotypes and the sites of a window, by their patterns alone.

Two orders, both from Torada et al. (2019). ``frequency``: by how often a pattern
occurs in its window, the most frequent first. ``distance``: by how many alleles
differ from the most frequent pattern, the nearest first. Ties are settled by the
patterns themselves, read as 0/1 words: they fall by frequency and rise by
distance, as if numpy's sorted unique patterns had been sorted stably. So the same
set of patterns gives the same sorted matrix, however they came; identical ones
keep the order in which they came.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from selbench.windows import Windows

Order = Literal["frequency", "distance"]


def haplotype_order(windows: Windows, by: Order) -> NDArray[np.int64]:
    """Order the haplotypes of each window.

    Returns
    -------
    order : int64 (n_windows, n_haplotypes)
        Column indices into the haplotypes of the window.
    """
    n_windows, n_haplotypes = len(windows), windows.spec.n_haplotypes
    window = np.repeat(np.arange(n_windows), n_haplotypes)
    order = _order(_haplotype_words(windows), window, by)
    return (order % n_haplotypes).reshape(n_windows, n_haplotypes)


def site_order(windows: Windows, by: Order) -> NDArray[np.int64]:
    """Order the sites of each window, window after window.

    Returns
    -------
    order : int64 (total_sites,)
        Row indices into ``windows.haplotypes``; the sites of a window stay
        within its offsets.
    """
    window = np.repeat(np.arange(len(windows)), windows.n_sites)
    return _order(_site_words(windows), window, by)


def _order(words: NDArray[np.uint64], window: NDArray[np.int64], by: Order) -> NDArray[np.int64]:
    """Order patterns, words (n_words, n_patterns), within their windows, which rise."""
    falling = np.lexsort((*~words[::-1], window))
    starts = np.ones(len(falling), dtype=np.bool_)
    starts[1:] = (np.diff(window[falling]) != 0) | (np.diff(words[:, falling]) != 0).any(axis=0)
    run = np.cumsum(starts) - 1
    count = np.bincount(run)[run]
    order = falling[np.lexsort((-count, window[falling]))]
    if by == "frequency":
        return order
    most_frequent = order[np.searchsorted(window, window)]
    differing = np.ascontiguousarray((words ^ words[:, most_frequent]).T)
    distance = np.unpackbits(differing.view(np.uint8), axis=1).sum(axis=1, dtype=np.int64)
    return np.lexsort((*words[::-1], distance, window))


def _haplotype_words(windows: Windows) -> NDArray[np.uint64]:
    """Pack each haplotype, first site highest: uint64 (n_words, n_windows · n_haplotypes)."""
    n_words = -(-int(windows.n_sites.max(initial=1)) // 64)
    alleles = np.zeros((len(windows), windows.spec.n_haplotypes, 64 * n_words), dtype=np.uint8)
    for padded, (haplotypes, _) in zip(alleles, windows, strict=True):
        padded[:, : len(haplotypes)] = haplotypes.T
    return _as_words(np.packbits(alleles, axis=2).reshape(-1, 8 * n_words))


def _site_words(windows: Windows) -> NDArray[np.uint64]:
    """Pack each site, first haplotype highest: uint64 (n_words, total_sites)."""
    packed = np.packbits(windows.haplotypes, axis=1)
    return _as_words(np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8))))


def _as_words(packed: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Read rows of bytes as big-endian words, which compare as the bytes do: (n_words, n_rows)."""
    return np.ascontiguousarray(packed.view(">u8").T, dtype=np.uint64)
