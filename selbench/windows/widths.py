"""A fixed number of sites out of windows that have any number: which are kept, and where they stand.

Networks take images of one width. A window that has more sites gives up those at its
ends or elsewhere; one that has fewer leaves columns empty. Neither happens unsaid:
`width_remarks` counts the windows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from selbench.windows.windows import Windows


@dataclass(frozen=True, eq=False)
class Placement:
    """Which sites of each window are kept, and where in an image of some width they stand.

    Parameters
    ----------
    first : int64 (n_windows,)
        The first site kept, counted within its window.
    count : int64 (n_windows,)
        How many are kept, one after the other.
    column : int64 (n_windows,)
        Where the first of them stands; columns before and after the kept ones stay empty.
    """

    first: NDArray[np.int64]
    count: NDArray[np.int64]
    column: NDArray[np.int64]


def common_sites(windows: Windows, least: float, *, turn: bool) -> Windows:
    """Return the windows without sites whose minor allele is rarer than `least`, a frequency.

    With `turn`, a site whose derived allele exceeds one half is turned over, so that
    1 is the minor allele.
    """
    from selbench.windows.columns import keep_common

    haplotypes = np.empty_like(windows.haplotypes)
    kept = keep_common(windows.haplotypes, least, turn, haplotypes)
    return replace(
        windows,
        haplotypes=haplotypes[: np.count_nonzero(kept)],
        positions=windows.positions[kept],
        offsets=np.concatenate([[0], np.cumsum(kept)])[windows.offsets],
    )


def middle_sites(n_sites: NDArray[np.int64], width: int) -> Placement:
    """Keep the `width` sites around the middle one, or put fewer into the middle.

    Site S//2 stands in column width//2, whichever is the larger.

    Examples
    --------
    >>> placement = middle_sites(np.array([7, 3]), 4)
    >>> placement.first.tolist(), placement.count.tolist(), placement.column.tolist()
    ([1, 0], [4, 3], [0, 1])
    """
    shift = n_sites // 2 - width // 2
    first = np.where(n_sites > width, shift, 0)
    column = np.where(n_sites < width, np.maximum(-shift, 0), 0)
    return Placement(first, np.minimum(n_sites, width), column)


def placed_haplotypes(windows: Windows, placement: Placement, width: int) -> NDArray[np.uint8]:
    """Return the kept sites as images, uint8 (n_windows, n_haplotypes, width); empty columns are 0."""
    from selbench.windows.columns import place_columns

    images = np.zeros((len(windows), windows.spec.n_haplotypes, width), dtype=np.uint8)
    place_columns(
        windows.haplotypes, windows.offsets[:-1] + placement.first, placement.count, placement.column, images
    )
    return images


def is_placed(placement: Placement, width: int) -> NDArray[np.bool_]:
    """Tell which columns hold a site, bool (n_windows, width)."""
    columns = np.arange(width)
    first = placement.column[:, None]
    return (columns >= first) & (columns < first + placement.count[:, None])


def width_remarks(n_sites: NDArray[np.int64], width: int) -> tuple[str, ...]:
    """Say how many windows have fewer sites than columns, and how many more: a sentence each.

    Examples
    --------
    >>> width_remarks(np.array([7, 3, 5]), 4)
    ('1 of 3 training windows have fewer than 4 sites: 25 % of their columns are empty', \
'2 of 3 training windows have more than 4 sites: 33 % of their sites are left out')
    """
    remarks, n_windows = [], len(n_sites)
    fewer, more = n_sites[n_sites < width], n_sites[n_sites > width]
    if len(fewer):
        remarks.append(
            f"{len(fewer)} of {n_windows} training windows have fewer than {width} sites: "
            f"{100 * (1 - fewer.mean() / width):.0f} % of their columns are empty"
        )
    if len(more):
        remarks.append(
            f"{len(more)} of {n_windows} training windows have more than {width} sites: "
            f"{100 * (1 - len(more) * width / more.sum()):.0f} % of their sites are left out"
        )
    return tuple(remarks)
