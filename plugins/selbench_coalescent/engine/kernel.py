"""The compiled loop over windows. Importing this module imports numba."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path as File
from typing import Any

import numpy as np

from selbench_coalescent.engine.ancestry import found_sample
from selbench_coalescent.engine.coalescent import trace_back
from selbench_coalescent.engine.compiled import Reals, Wholes, compiled, compiled_entry, pointer
from selbench_coalescent.engine.distributions import exponential
from selbench_coalescent.engine.draw import arrange, draw_carriers, draw_path
from selbench_coalescent.engine.path import PATH_STREAM, Path
from selbench_coalescent.engine.shapes import REGIME_COLUMNS
from selbench_coalescent.engine.sites import add_selected_site, write_sites
from selbench_coalescent.engine.splitmix import open_stream
from selbench_coalescent.engine.workspace import (
    N_SITES,
    STREAM,
    TO_MUTATION,
    TOO_OLD,
    VOID,
    Workspace,
    open_workspace,
)
from selbench_coalescent.engine.wright_fisher import EPOCH_COLUMNS, TOO_LONG

# why the kernel returns
DONE, OUTPUT_FULL, WORKSPACE_FULL, PATH_FULL, PATH_ENDLESS, NO_PATH_FOUND = 0, 1, 2, 3, 4, 5

# entries of `told`
N_HAPLOTYPES, PATH_KIND, CARRIERS, MERGE, SHUFFLED, KEEP_SITE, MOST_TRIES = 0, 1, 2, 3, 4, 5, 6

# columns of `rates` and `facts`
MUTATION_RATE, RECOMBINATION_RATE, POSITION = 0, 1, 2
N_CARRIERS, TODAY = 0, 1


@compiled
def draw(
    w: Workspace,
    path: Path,
    told: Wholes,
    numbers: Reals,
    epochs: Reals,
    n_epochs: int,
    capacity: int,
    facts: Reals,
) -> int:
    """Draw path and carriers, together and again until both are accepted; return DONE or why not."""
    for _ in range(told[MOST_TRIES]):
        today = draw_path(w, path, told[PATH_KIND], numbers, epochs, n_epochs, capacity)
        if today == TOO_LONG:
            return PATH_FULL
        if today >= 0.0:
            k = draw_carriers(told[CARRIERS], told[N_HAPLOTYPES], today, w.word)
            if k >= 0:
                facts[N_CARRIERS], facts[TODAY] = k, today
                return DONE
    return NO_PATH_FOUND


def _compiled_kernel(sources: int) -> Callable[..., Any]:
    """Compile the kernel; numba's cache key contains the closure, and so the sources of all callees."""

    @compiled_entry
    def simulate(  # type: ignore[no-untyped-def]
        first,  # window to begin with
        windows,  # int64 (n_windows,) their indices
        seeds,  # uint64 (2,) of the ancestors and of the paths
        told,  # int64, see above
        length,  # bp
        rates,  # float64 (n_windows, 3)
        epochs,  # float64 (n_windows, n_epochs, EPOCH_COLUMNS)
        numbers,  # float64 (n_windows, k) what the kind of path needs
        regimes,  # float64 (n_windows, n_regimes, REGIME_COLUMNS)
        tables,  # float64 (n_tables, TABLE_NODES)
        times,  # float64 (n_steps,) steps of given paths, or memory for drawn ones
        frequencies,
        sizes,  # of the workspace
        cells,
        path_cells,
        column_cells,
        position,  # float64 (rows,) sites so far, and from here on
        derived,  # uint64 (rows, words)
        offsets,  # int64 (n_windows + 1,)
        facts,  # float64 (n_windows, 2)
    ):
        _ = sources
        w, n = open_workspace(sizes, cells), told[N_HAPLOTYPES]
        rules, columns = pointer(told, 0), pointer(column_cells, 0)
        n_epochs, n_regimes = epochs.shape[1], regimes.shape[1]
        for i in range(first, len(windows)):
            path = Path(
                pointer(times, 0),
                pointer(frequencies, 0),
                pointer(regimes, i * n_regimes * REGIME_COLUMNS),
                n_regimes,
                pointer(tables, 0),
                pointer(path_cells, 0),
                pointer(path_cells.view(np.int64), 0),
                pointer(path_cells.view(np.uint64), 0),
            )
            site, history = rates[i, POSITION], pointer(epochs, i * n_epochs * EPOCH_COLUMNS)
            open_stream(w.word, STREAM, seeds[0], np.uint64(windows[i]))
            open_stream(path.word, PATH_STREAM, seeds[1], np.uint64(windows[i]))
            of_window = pointer(numbers, i * numbers.shape[1])
            failure = draw(
                w, path, rules, of_window, history, n_epochs, len(times), pointer(facts, i * facts.shape[1])
            )
            if failure:
                return i, failure, 0
            k = int(facts[i, N_CARRIERS])
            arrange(columns, n, told[SHUFFLED] > 0, w.word)
            w.whole[N_SITES], w.real[TO_MUTATION] = 0, exponential(w.word, STREAM)
            found_sample(w, columns, n, k, length, site)
            trace_back(
                w,
                path,
                history,
                n_epochs,
                rates[i, MUTATION_RATE],
                rates[i, RECOMBINATION_RATE],
                n,
                site,
                told[MERGE] > 0,
            )
            if told[KEEP_SITE] and 0 < k < n and 0.0 <= site < length:
                add_selected_site(w, columns, n, k, site)
            n_sites = w.whole[N_SITES]
            if w.whole[VOID] == TOO_OLD:
                return i, PATH_ENDLESS, 0
            if w.whole[VOID] or n_sites > w.n_sites:
                return i, WORKSPACE_FULL, n_sites
            if offsets[i] + n_sites > len(position):
                return i, OUTPUT_FULL, n_sites
            write_sites(w, pointer(position, 0), pointer(derived, 0), offsets[i], length)
            offsets[i + 1] = offsets[i] + n_sites
        return len(windows), DONE, 0

    return simulate


def sources_digest() -> int:
    """Return a checksum of the engine's sources."""
    sources = sorted(File(__file__).parent.glob("*.py"))
    return zlib.crc32(b"".join(source.read_bytes() for source in sources))


simulate = _compiled_kernel(sources_digest())
