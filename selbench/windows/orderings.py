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

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from selbench.windows.windows import Windows

Order = Literal["frequency", "distance"]

_WORD = 64


def haplotype_order(windows: Windows, by: Order) -> NDArray[np.int64]:
    """Order the haplotypes of each window.

    Returns
    -------
    order : int64 (n_windows, n_haplotypes)
        Column indices into the haplotypes of the window.
    """
    from selbench.windows.patterns import haplotype_words

    n_windows, n_haplotypes = len(windows), windows.spec.n_haplotypes
    n_words = -(-int(windows.n_sites.max(initial=1)) // _WORD)
    words = np.zeros((n_windows * n_haplotypes, n_words), dtype=np.uint64)
    haplotype_words(windows.haplotypes, windows.offsets, words)
    order = _order(words, np.arange(n_windows + 1) * n_haplotypes, by)
    return (order % n_haplotypes).reshape(n_windows, n_haplotypes)


def medoid_order(windows: Windows) -> NDArray[np.int64]:
    """Order the haplotypes of each window by how many alleles differ from its medoid.

    The medoid is the haplotype with the least sum of differences to all others. Ties,
    for the medoid and for the order, are settled by the patterns, falling as 0/1 words.

    Returns
    -------
    order : int64 (n_windows, n_haplotypes)
        Column indices into the haplotypes of the window, the medoid first.
    """
    from selbench.windows.patterns import haplotype_words, order_around_medoid

    n_windows, n_haplotypes = len(windows), windows.spec.n_haplotypes
    n_words = -(-int(windows.n_sites.max(initial=1)) // _WORD)
    words = np.zeros((n_windows * n_haplotypes, n_words), dtype=np.uint64)
    haplotype_words(windows.haplotypes, windows.offsets, words)
    order = np.empty((n_windows, n_haplotypes), dtype=np.int64)
    order_around_medoid(words, order)
    return order


def sort_haplotypes(windows: Windows, order: NDArray[np.int64]) -> Windows:
    """Return the windows with their haplotypes in `order`, int64 (n_windows, n_haplotypes)."""
    from selbench.windows.patterns import order_haplotypes

    haplotypes = np.empty_like(windows.haplotypes)
    order_haplotypes(windows.haplotypes, windows.offsets, order, haplotypes)
    return replace(windows, haplotypes=haplotypes)


def site_order(windows: Windows, by: Order) -> NDArray[np.int64]:
    """Order the sites of each window, window after window.

    Returns
    -------
    order : int64 (total_sites,)
        Row indices into ``windows.haplotypes``; the sites of a window stay
        within its offsets.
    """
    packed = np.packbits(windows.haplotypes, axis=1)
    padded = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8)))
    return _order(padded.view(">u8").astype(np.uint64), windows.offsets, by)


def _order(words: NDArray[np.uint64], offsets: NDArray[np.int64], by: Order) -> NDArray[np.int64]:
    """Order patterns, words (n_patterns, n_words), within their windows."""
    from selbench.windows.patterns import order_patterns

    order = np.empty(len(words), dtype=np.int64)
    order_patterns(words, offsets, by == "distance", order)
    return order
