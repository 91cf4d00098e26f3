"""The sites of a window: put in order of position and written behind those before."""

from __future__ import annotations

import numpy as np

from selbench_coalescent.engine.compiled import Reals, Wholes, Words, compiled
from selbench_coalescent.engine.workspace import DERIVED, N_SITES, NONE, POSITION, Workspace, take_site


@compiled
def add_selected_site(w: Workspace, columns: Wholes, n: int, n_derived: int, site: float) -> None:
    """Add the selected site itself, which the last `n_derived` haplotypes of the sample carry."""
    row = take_site(w)
    if row == NONE:
        return
    w.real[row + POSITION] = site
    for k in range(w.words):
        w.whole[row + DERIVED + k] = 0
    for rank in range(n - n_derived, n):
        column = columns[rank]
        w.word[row + DERIVED + (column >> 6)] |= np.uint64(1) << np.uint64(column & 63)


@compiled
def write_sites(w: Workspace, position: Reals, derived: Words, first: int, length: float) -> None:
    """Write the window's sites by position to row `first` and the following ones."""
    n = w.whole[N_SITES]
    if n > 32:
        _sort_roughly(w, n, length)
    else:
        for i in range(n):
            w.whole[w.order + i] = w.first_site + i * (DERIVED + w.words)
    _insertion_sort(w, n)
    last_place = np.nextafter(length, 0.0)
    for i in range(n):
        site = w.whole[w.order + i]
        position[first + i] = min(w.real[site + POSITION], last_place)
        for k in range(w.words):
            derived[(first + i) * w.words + k] = w.word[site + DERIVED + k]


@compiled
def _sort_roughly(w: Workspace, n: int, length: float) -> None:
    """Set `order` to the sites by bins of position, as many bins as sites."""
    bins, scale, site_cells = w.order + w.n_sites, n / length, DERIVED + w.words
    for i in range(n):
        w.whole[bins + i] = 0
    last_site = w.first_site + (n - 1) * site_cells
    for site in range(w.first_site, last_site + 1, site_cells):
        w.whole[bins + min(n - 1, int(w.real[site + POSITION] * scale))] += 1
    before = 0
    for i in range(n):
        before += w.whole[bins + i]
        w.whole[bins + i] = before
    for site in range(last_site, w.first_site - 1, -site_cells):
        place = bins + min(n - 1, int(w.real[site + POSITION] * scale))
        w.whole[place] -= 1
        w.whole[w.order + w.whole[place]] = site


@compiled
def _insertion_sort(w: Workspace, n: int) -> None:
    for i in range(w.order + 1, w.order + n):
        site = w.whole[i]
        position = w.real[site + POSITION]
        place = i
        while place > w.order and w.real[w.whole[place - 1] + POSITION] > position:
            w.whole[place] = w.whole[place - 1]
            place -= 1
        w.whole[place] = site
