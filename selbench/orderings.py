"""Orders for the haplotypes or the sites of one window, by their patterns alone.

Every order here depends on what the patterns are, never on how they came: the
same set of patterns gives the same sorted matrix. Identical patterns end up side
by side, in the order in which they came.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray


def by_frequency(patterns: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Order patterns by how often each occurs, the most frequent first (Torada et al. 2019).

    Parameters
    ----------
    patterns : uint8 (n_patterns, length)
        0 and 1; one haplotype, or one site, per row.

    Returns
    -------
    order : int64 (n_patterns,)
        Row indices. Patterns that occur equally often stand in falling
        lexicographic order.
    """
    keys = _keys(patterns)
    counts = Counter(keys)
    order = sorted(range(len(keys)), key=lambda row: (counts[keys[row]], keys[row]), reverse=True)
    return np.array(order, dtype=np.int64)


def by_distance(patterns: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Order patterns by how much they differ from the most frequent one, nearest first (Torada et al. 2019).

    Parameters
    ----------
    patterns : uint8 (n_patterns, length)
        0 and 1; one haplotype, or one site, per row.

    Returns
    -------
    order : int64 (n_patterns,)
        Row indices. The most frequent pattern is the first of `by_frequency`;
        patterns equally far from it stand in rising lexicographic order.
    """
    if not len(patterns):
        return np.empty(0, dtype=np.int64)
    keys = _keys(patterns)
    counts = Counter(keys)
    most_frequent = keys.index(max(counts, key=lambda key: (counts[key], key)))
    distances = np.count_nonzero(patterns != patterns[most_frequent], axis=1).tolist()
    order = sorted(range(len(keys)), key=lambda row: (distances[row], keys[row]))
    return np.array(order, dtype=np.int64)


def _keys(patterns: NDArray[np.uint8]) -> list[bytes]:
    """Return each row as packed bits: bytes that compare as the rows do."""
    packed = np.packbits(patterns, axis=1)
    width, data = packed.shape[1], packed.tobytes()
    return [data[row * width : (row + 1) * width] for row in range(len(packed))]
