"""Where sub-windows begin among the sites of their windows."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def sub_window_offsets(
    positions: NDArray[np.float64], offsets: NDArray[np.int64], n_parts: int, sequence_length: int
) -> NDArray[np.int64]:
    """Return where each of `n_parts` equal parts of every window begins: int64 (n_windows · n_parts + 1,).

    Sites are sorted, so that each border is found by halving what it may lie in.
    """
    n_windows = len(offsets) - 1
    borders = np.empty(n_windows * n_parts + 1, dtype=np.int64)
    for window in range(n_windows):
        border = offsets[window]
        for part in range(n_parts):
            low, high = border, offsets[window + 1]  # the first site of this part or of a later one
            while low < high:
                middle = (low + high) // 2
                if positions[middle] * n_parts // sequence_length < part:
                    low = middle + 1
                else:
                    high = middle
            border = low
            borders[window * n_parts + part] = border
    borders[-1] = offsets[-1]
    return borders
