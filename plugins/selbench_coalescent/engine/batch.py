"""A batch of windows as compiled code takes it: what it is told, where it stands, and how a window begins."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from selbench_coalescent.engine.compiled import Reals, Wholes, Words, beyond, compiled, inlined, pointer
from selbench_coalescent.engine.draw import draw_carriers, draw_trajectory
from selbench_coalescent.engine.shapes import REGIME_COLUMNS
from selbench_coalescent.engine.splitmix import open_stream
from selbench_coalescent.engine.trajectory import TRAJECTORY_STREAM, TrajectoryWalk
from selbench_coalescent.engine.workspace import STREAM, Workspace
from selbench_coalescent.engine.wright_fisher import EPOCH_COLUMNS, TOO_LONG

# why the kernel returns
DONE, OUTPUT_FULL, WORKSPACE_FULL, TRAJECTORY_FULL, TRAJECTORY_ENDLESS, NO_TRAJECTORY_FOUND = 0, 1, 2, 3, 4, 5

# entries of `rules`
N_HAPLOTYPES, TRAJECTORY_KIND, CARRIERS, MERGE, SHUFFLED, KEEP_SITE, MOST_TRIES = 0, 1, 2, 3, 4, 5, 6

# columns of `rates` and of `facts`
MUTATION_RATE, RECOMBINATION_RATE, POSITION, RATE_COLUMNS = 0, 1, 2, 3
N_CARRIERS, TODAY, FOUNDERS, FACT_COLUMNS = 0, 1, 2, 3


class BatchArrays(NamedTuple):
    """What the kernel is told of a batch; the types never vary, so that it is compiled once."""

    windows: NDArray[np.int64]  # (n_windows,) their indices
    seeds: NDArray[np.uint64]  # (2,) of the ancestors and of the trajectories
    rules: NDArray[np.int64]  # see above
    length: float  # bp
    rates: NDArray[np.float64]  # (n_windows, RATE_COLUMNS)
    epochs: NDArray[np.float64]  # (n_windows, n_epochs, EPOCH_COLUMNS)
    numbers: NDArray[np.float64]  # (n_windows, k) what the kind of trajectory needs
    regimes: NDArray[np.float64]  # (n_windows, n_regimes, REGIME_COLUMNS)
    tables: NDArray[np.float64]  # (n_tables, TABLE_NODES)


class Batch(NamedTuple):
    """The same, as pointers and their strides, with the memory for trajectories."""

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
    times: Reals  # (n_steps,) of given trajectories, or memory for drawn ones
    frequencies: Reals
    n_steps: int
    walk_real: Reals
    walk_whole: Wholes
    walk_word: Words


@compiled
def open_batch(
    arrays: BatchArrays,
    times: NDArray[np.float64],
    frequencies: NDArray[np.float64],
    walk_cells: NDArray[np.float64],
) -> Batch:
    """Point to everything; the caller keeps the arrays alive."""
    return Batch(
        pointer(arrays.windows, 0),
        pointer(arrays.seeds, 0),
        pointer(arrays.rules, 0),
        arrays.length,
        pointer(arrays.rates, 0),
        pointer(arrays.epochs, 0),
        arrays.epochs.shape[1],
        pointer(arrays.numbers, 0),
        arrays.numbers.shape[1],
        pointer(arrays.regimes, 0),
        arrays.regimes.shape[1],
        pointer(arrays.tables, 0),
        pointer(times, 0),
        pointer(frequencies, 0),
        len(times),
        pointer(walk_cells, 0),
        pointer(walk_cells.view(np.int64), 0),
        pointer(walk_cells.view(np.uint64), 0),
    )


@inlined
def walk_of(batch: Batch, i: int) -> TrajectoryWalk:
    """Return the walk of window i along its trajectory, not yet begun."""
    return TrajectoryWalk(
        batch.times,
        batch.frequencies,
        beyond(batch.regimes, i * batch.n_regimes * REGIME_COLUMNS),
        batch.n_regimes,
        batch.tables,
        batch.walk_real,
        batch.walk_whole,
        batch.walk_word,
    )


@compiled
def begin_window(w: Workspace, walk: TrajectoryWalk, batch: Batch, i: int, facts: Reals) -> int:
    """Open the streams of window i; draw trajectory and carriers, again until both are accepted.

    Returns
    -------
    reason : int
        DONE, with `facts` filled in, or why there is no trajectory.
    """
    rules, index = batch.rules, np.uint64(batch.windows[i])
    open_stream(w.word, STREAM, batch.seeds[0], index)
    open_stream(walk.word, TRAJECTORY_STREAM, batch.seeds[1], index)
    numbers = beyond(batch.numbers, i * batch.n_numbers)
    epochs = beyond(batch.epochs, i * batch.n_epochs * EPOCH_COLUMNS)
    for _ in range(rules[MOST_TRIES]):
        today = draw_trajectory(
            w, walk, rules[TRAJECTORY_KIND], numbers, epochs, batch.n_epochs, batch.n_steps
        )
        if today == TOO_LONG:
            return TRAJECTORY_FULL
        if today >= 0.0:
            k = draw_carriers(rules[CARRIERS], rules[N_HAPLOTYPES], today, w.word)
            if k >= 0:
                facts[N_CARRIERS], facts[TODAY] = k, today
                return DONE
    return NO_TRAJECTORY_FOUND


def sources_digest() -> int:
    """Return a checksum of the engine's sources."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return zlib.crc32(b"".join(source.read_bytes() for source in sources))
