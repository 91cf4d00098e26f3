"""The compiled loop over windows. Importing this module imports numba."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path as File
from typing import Any

import numpy as np

from selbench_coalescent.engine.ancestry import found_sample
from selbench_coalescent.engine.coalescent import SIZE, trace_back
from selbench_coalescent.engine.compiled import Wholes, Words, compiled, compiled_entry, pointer
from selbench_coalescent.engine.path import FREQUENCY, PATH_STREAM, STEPS, Path, start_diffusion, start_steps
from selbench_coalescent.engine.plan import ALL
from selbench_coalescent.engine.sites import add_selected_site, write_sites
from selbench_coalescent.engine.splitmix import (
    exponential,
    index_below,
    open_stream,
    random_bits,
    uniform,
)
from selbench_coalescent.engine.workspace import (
    N_SITES,
    STREAM,
    TO_MUTATION,
    TOO_SMALL,
    open_workspace,
)

MUTATION_RATE, RECOMBINATION_RATE, POSITION = 0, 1, 2
PRESENT, FIXED_FOR, COEFFICIENT = 0, 1, 2


@compiled
def _count_carriers(rule: int, n: int, p: float, stream: Words) -> int:
    if rule >= 0:
        return rule
    if rule == ALL:
        return n
    k = 0
    for _ in range(n):
        k += 1 if uniform(stream, STREAM) < p else 0
    return k


@compiled
def _arrange(columns: Wholes, n: int, shuffled: bool, stream: Words) -> None:
    for i in range(n):
        columns[i] = i
    if shuffled:
        for i in range(n - 1, 0, -1):
            j = index_below(random_bits(stream, STREAM), i + 1)
            columns[i], columns[j] = columns[j], columns[i]


def _compiled_kernel(sources: int) -> Callable[..., Any]:
    """Compile the kernel; numba's cache key contains the closure, and so the sources of all callees."""

    @compiled_entry
    def simulate(  # type: ignore[no-untyped-def]
        first,
        seed,
        path_seed,
        windows,
        length,
        n,
        rates,
        epochs,
        selected,
        kind,
        times,
        frequencies,
        steps,
        carriers,
        merge,
        shuffled,
        kept,
        sizes,
        cells,
        path_cells,
        column_cells,
        position,
        derived,
        offsets,
        facts,
    ):
        _ = sources
        w = open_workspace(sizes, cells)
        path = Path(
            pointer(times, 0),
            pointer(frequencies, 0),
            pointer(path_cells, 0),
            pointer(path_cells.view(np.int64), 0),
            pointer(path_cells.view(np.uint64), 0),
        )
        columns = pointer(column_cells, 0)
        i = first
        while i < len(windows):
            site = rates[i, POSITION]
            open_stream(w.word, STREAM, seed, np.uint64(windows[i]))
            open_stream(path.word, PATH_STREAM, path_seed, np.uint64(windows[i]))
            if kind == STEPS:
                start_steps(path, steps[i, 0], steps[i, 1])
            else:
                start_diffusion(
                    path,
                    selected[i, PRESENT],
                    selected[i, FIXED_FOR],
                    selected[i, COEFFICIENT],
                    2.0 * epochs[i, 0, SIZE],
                )
            today = path.real[FREQUENCY] if kind == STEPS else selected[i, PRESENT]
            k = _count_carriers(carriers, n, today, w.word)
            _arrange(columns, n, shuffled, w.word)
            w.real[TO_MUTATION] = exponential(w.word, STREAM)
            w.whole[N_SITES] = 0
            found_sample(w, columns, n, k, length, site)
            origin = trace_back(
                w,
                path,
                pointer(epochs, 3 * epochs.shape[1] * i),
                epochs.shape[1],
                rates[i, MUTATION_RATE],
                rates[i, RECOMBINATION_RATE],
                n,
                site,
                merge,
            )
            if kept and 0 < k < n:
                add_selected_site(w, columns, n, k, site)
            n_sites = w.whole[N_SITES]
            if w.whole[TOO_SMALL] or n_sites > w.n_sites or offsets[i] + n_sites > len(position):
                break
            write_sites(w, pointer(position, 0), pointer(derived, 0), offsets[i], length)
            offsets[i + 1] = offsets[i] + n_sites
            facts[i, 0], facts[i, 1], facts[i, 2] = k, today, origin
            i += 1
        return i, w.whole[TOO_SMALL], w.whole[N_SITES]

    return simulate


def _digest() -> int:
    sources = sorted(File(__file__).parent.glob("*.py"))
    return zlib.crc32(b"".join(source.read_bytes() for source in sources))


simulate = _compiled_kernel(_digest())
