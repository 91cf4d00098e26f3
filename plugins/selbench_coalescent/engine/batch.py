"""A batch of windows as compiled code takes it: what it is told, where it stands, and how a window begins."""

from __future__ import annotations

import zlib
from pathlib import Path as File
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from selbench_coalescent.engine.compiled import Reals, Wholes, Words, beyond, compiled, inlined, pointer
from selbench_coalescent.engine.draw import draw_carriers, draw_path
from selbench_coalescent.engine.path import PATH_STREAM, Path
from selbench_coalescent.engine.shapes import REGIME_COLUMNS
from selbench_coalescent.engine.splitmix import open_stream
from selbench_coalescent.engine.workspace import STREAM, Workspace
from selbench_coalescent.engine.wright_fisher import EPOCH_COLUMNS, TOO_LONG

# why the kernel returns
DONE, OUTPUT_FULL, WORKSPACE_FULL, PATH_FULL, PATH_ENDLESS, NO_PATH_FOUND = 0, 1, 2, 3, 4, 5

# entries of `rules`
N_HAPLOTYPES, PATH_KIND, CARRIERS, MERGE, SHUFFLED, KEEP_SITE, MOST_TRIES = 0, 1, 2, 3, 4, 5, 6

# columns of `rates` and of `facts`
MUTATION_RATE, RECOMBINATION_RATE, POSITION, RATE_COLUMNS = 0, 1, 2, 3
N_CARRIERS, TODAY, FACT_COLUMNS = 0, 1, 2


class Told(NamedTuple):
    """What the kernel is told of a batch; the types never vary, so that it is compiled once."""

    windows: NDArray[np.int64]  # (n_windows,) their indices
    seeds: NDArray[np.uint64]  # (2,) of the ancestors and of the paths
    rules: NDArray[np.int64]  # see above
    length: float  # bp
    rates: NDArray[np.float64]  # (n_windows, RATE_COLUMNS)
    epochs: NDArray[np.float64]  # (n_windows, n_epochs, EPOCH_COLUMNS)
    numbers: NDArray[np.float64]  # (n_windows, k) what the kind of path needs
    regimes: NDArray[np.float64]  # (n_windows, n_regimes, REGIME_COLUMNS)
    tables: NDArray[np.float64]  # (n_tables, TABLE_NODES)


class Batch(NamedTuple):
    """The same, as pointers and their strides, with the memory for paths."""

    windows: Wholes
    seeds: Words
    rules: Wholes
    length: float
    rates: Reals
    epochs: Reals
    n_epochs: int
    numbers: Reals
    n_numbers: int
    regimes: Reals
    n_regimes: int
    tables: Reals
    times: Reals  # (n_steps,) of given paths, or memory for drawn ones
    frequencies: Reals
    n_steps: int
    path_real: Reals
    path_whole: Wholes
    path_word: Words


@compiled
def open_batch(
    told: Told,
    times: NDArray[np.float64],
    frequencies: NDArray[np.float64],
    path_cells: NDArray[np.float64],
) -> Batch:
    """Point to everything; the caller keeps the arrays alive."""
    return Batch(
        pointer(told.windows, 0),
        pointer(told.seeds, 0),
        pointer(told.rules, 0),
        told.length,
        pointer(told.rates, 0),
        pointer(told.epochs, 0),
        told.epochs.shape[1],
        pointer(told.numbers, 0),
        told.numbers.shape[1],
        pointer(told.regimes, 0),
        told.regimes.shape[1],
        pointer(told.tables, 0),
        pointer(times, 0),
        pointer(frequencies, 0),
        len(times),
        pointer(path_cells, 0),
        pointer(path_cells.view(np.int64), 0),
        pointer(path_cells.view(np.uint64), 0),
    )


@inlined
def path_of(batch: Batch, i: int) -> Path:
    """Return the path of window i, not yet begun."""
    return Path(
        batch.times,
        batch.frequencies,
        beyond(batch.regimes, i * batch.n_regimes * REGIME_COLUMNS),
        batch.n_regimes,
        batch.tables,
        batch.path_real,
        batch.path_whole,
        batch.path_word,
    )


@compiled
def begin_window(w: Workspace, path: Path, batch: Batch, i: int, facts: Reals) -> int:
    """Open the streams of window i; draw path and carriers, again until both are accepted.

    Returns
    -------
    reason : int
        DONE, with `facts` filled in, or why there is no path.
    """
    rules, index = batch.rules, np.uint64(batch.windows[i])
    open_stream(w.word, STREAM, batch.seeds[0], index)
    open_stream(path.word, PATH_STREAM, batch.seeds[1], index)
    numbers = beyond(batch.numbers, i * batch.n_numbers)
    epochs = beyond(batch.epochs, i * batch.n_epochs * EPOCH_COLUMNS)
    for _ in range(rules[MOST_TRIES]):
        today = draw_path(w, path, rules[PATH_KIND], numbers, epochs, batch.n_epochs, batch.n_steps)
        if today == TOO_LONG:
            return PATH_FULL
        if today >= 0.0:
            k = draw_carriers(rules[CARRIERS], rules[N_HAPLOTYPES], today, w.word)
            if k >= 0:
                facts[N_CARRIERS], facts[TODAY] = k, today
                return DONE
    return NO_PATH_FOUND


def sources_digest() -> int:
    """Return a checksum of the engine's sources."""
    sources = sorted(File(__file__).parent.glob("*.py"))
    return zlib.crc32(b"".join(source.read_bytes() for source in sources))
