"""A ladder of shuffles: each rung takes one kind of signal out of windows and leaves the rest.

Every shuffle keeps the number of sites of every window, works on the whole batch
at once, and draws from the generator it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from selbench.streams import generator
from selbench.windows import Windows

Shuffle = Callable[[Windows, np.random.Generator], Windows]


@dataclass(frozen=True)
class Rung:
    """One shuffle.

    Parameters
    ----------
    name : str
        A short word for the head of a column.
    without : str
        What is gone or left, as in "loses .21 without linkage".
    means : str
        What is done to the windows.
    shuffle : callable
    """

    name: str
    without: str
    means: str
    shuffle: Shuffle


def shuffle_haplotype_order(windows: Windows, rng: np.random.Generator) -> Windows:
    """Reorder the haplotypes of every window, all of its sites alike: the haplotypes are the same."""
    order = rng.random((len(windows), windows.spec.n_haplotypes)).argsort(axis=1)
    return replace(
        windows, haplotypes=np.take_along_axis(windows.haplotypes, order[_window_of(windows)], axis=1)
    )


def redraw_positions(windows: Windows, rng: np.random.Generator) -> Windows:
    """Put the sites of every window at places drawn uniformly, in the order they stand in."""
    length = windows.spec.sequence_length
    drawn = np.minimum(rng.random(len(windows.positions)) * length, np.nextafter(length, 0))
    return replace(windows, positions=drawn[np.lexsort((drawn, _window_of(windows)))])


def shuffle_site_order(windows: Windows, rng: np.random.Generator) -> Windows:
    """Deal the sites of every window out anew over its positions: who is linked to whom stays."""
    order = np.lexsort((rng.random(len(windows.positions)), _window_of(windows)))
    return replace(windows, haplotypes=windows.haplotypes[order])


def shuffle_within_sites(windows: Windows, rng: np.random.Generator) -> Windows:
    """Deal every site's alleles out anew over the haplotypes: counts stay, linkage goes."""
    return replace(windows, haplotypes=rng.permuted(windows.haplotypes, axis=1))


def keep_spectra(windows: Windows, rng: np.random.Generator) -> Windows:
    """Leave nothing of a window but its site frequency spectrum."""
    return redraw_positions(shuffle_within_sites(shuffle_site_order(windows, rng), rng), rng)


def keep_numbers_of_sites(windows: Windows, rng: np.random.Generator) -> Windows:
    """Leave nothing of a window but its number of sites: which sites is drawn from all windows."""
    anywhere = rng.permutation(len(windows.positions))
    return keep_spectra(replace(windows, haplotypes=windows.haplotypes[anywhere]), rng)


RUNGS = (
    Rung(
        "haplotypes",
        "with haplotypes reordered",
        "haplotypes reordered, one order per window",
        shuffle_haplotype_order,
    ),
    Rung("positions", "with positions redrawn", "positions drawn anew, uniformly", redraw_positions),
    Rung("sites", "with sites reordered", "sites dealt out anew over the positions", shuffle_site_order),
    Rung(
        "linkage",
        "without linkage",
        "alleles dealt out anew over the haplotypes, site by site; the SFS stays",
        shuffle_within_sites,
    ),
    Rung("only SFS", "with the SFS alone", "sites, linkage and positions, all three", keep_spectra),
    Rung(
        "only S",
        "with the number of sites alone",
        "the same, and sites exchanged between windows of all classes",
        keep_numbers_of_sites,
    ),
)
"""From what a method should not read to what every method may."""

HAPLOTYPE_ORDER, ONLY_SPECTRUM, ONLY_NUMBER = RUNGS[0], RUNGS[-2], RUNGS[-1]


def climb(windows: Windows, *, seed: int, task: str) -> Iterator[tuple[Rung, Windows]]:
    """Yield the windows of a task as every rung leaves them, each from a stream of its own."""
    for rung in RUNGS:
        yield rung, rung.shuffle(windows, generator(seed, "shuffle", task, rung.name))


def _window_of(windows: Windows) -> NDArray[np.int64]:
    """Return the window that each site belongs to, int64 (total_sites,)."""
    return np.repeat(np.arange(len(windows)), windows.n_sites)
