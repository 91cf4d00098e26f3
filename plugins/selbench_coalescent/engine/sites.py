"""The sites of a window: put in order of position and written behind those before."""

from __future__ import annotations

import numpy as np

from selbench_coalescent.engine.compiled import Reals, Wholes, Words, compiled
from selbench_coalescent.engine.workspace import SITES, Workspace


@compiled
def add_selected_site(w: Workspace, columns: Wholes, n: int, n_derived: int, site: float) -> None:
    """Add the selected site itself, which the last `n_derived` haplotypes of the sample carry."""
    row = w.tally[SITES]
    w.tally[SITES] = row + 1
    if row >= w.n_sites:
        return
    w.position[row] = site
    for word in range(w.words):
        w.derived[row * w.words + word] = np.uint64(0)
    for rank in range(n - n_derived, n):
        column = columns[rank]
        w.derived[row * w.words + (column >> 6)] |= np.uint64(1) << np.uint64(column & 63)


@compiled
def write_sites(w: Workspace, position: Reals, derived: Words, first: int, length: float) -> None:
    """Write the window's sites by position to row `first` and the following ones."""
    n = w.tally[SITES]
    if n > 32:
        _sort_roughly(w, n, length)
    else:
        for i in range(n):
            w.order[i] = i
    _insertion_sort(w, n)
    last_place = np.nextafter(length, 0.0)
    for i in range(n):
        position[first + i] = min(w.position[w.order[i]], last_place)
        for word in range(w.words):
            derived[(first + i) * w.words + word] = w.derived[w.order[i] * w.words + word]


@compiled
def _sort_roughly(w: Workspace, n: int, length: float) -> None:
    """Set `order` to the sites by bins of position, as many bins as sites."""
    scale = n / length
    for i in range(n):
        w.bins[i] = 0
    for i in range(n):
        w.bins[min(n - 1, int(w.position[i] * scale))] += 1
    before = 0
    for i in range(n):
        before += w.bins[i]
        w.bins[i] = before
    for i in range(n - 1, -1, -1):
        place = min(n - 1, int(w.position[i] * scale))
        w.bins[place] -= 1
        w.order[w.bins[place]] = i


@compiled
def _insertion_sort(w: Workspace, n: int) -> None:
    for i in range(1, n):
        site = w.order[i]
        place = i
        while place > 0 and w.position[w.order[place - 1]] > w.position[site]:
            w.order[place] = w.order[place - 1]
            place -= 1
        w.order[place] = site
