"""Rows of a full-length image: one site each, as the study's images have them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.windows import Windows


def rows_of_their_own(rows: NDArray[np.int64], windows: Windows) -> NDArray[np.int64]:
    """Move sites that share a row to the next one, and push on what stands there.

    Parameters
    ----------
    rows : int64 (total_sites,)
        In [0, sequence_length), non-decreasing within a window.

    Returns
    -------
    rows : int64 (total_sites,)
        Rising within a window; the same wherever no earlier site is in the way.
        At the end of a window, where no next row is left, earlier sites give way.

    Raises
    ------
    DataError
        If a window has more sites than base pairs.
    """
    length, n_sites = windows.spec.sequence_length, windows.n_sites
    if len(n_sites) and n_sites.max() > length:
        raise DataError(
            f"window {n_sites.argmax()}: expected at most one site per base pair ({length}), "
            f"found {n_sites.max()}; an image cannot hold it unless sites that share a row are merged"
        )
    window = np.repeat(np.arange(len(windows)), n_sites)
    index = np.arange(len(window)) - windows.offsets[:-1][window]
    # Rows must rise by at least one per site, so row − index must not fall within a window: a running
    # maximum finds the least such rows, each window being lifted above all that come before it.
    lift = 2 * length * window
    least: NDArray[np.int64] = np.maximum.accumulate(rows - index + lift) - lift + index
    return np.minimum(least, length - n_sites[window] + index)
