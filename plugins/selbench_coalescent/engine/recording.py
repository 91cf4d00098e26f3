"""Paths written down from today to the origin, for programs that take them from a file."""

from __future__ import annotations

from typing import Any

import numpy as np

from selbench import Trajectory, UnsupportedError
from selbench_coalescent.engine.compiled import compiled_entry, pointer
from selbench_coalescent.engine.diffusion import next_step
from selbench_coalescent.engine.kernel import DONE, PATH_FULL, draw, sources_digest
from selbench_coalescent.engine.path import (
    FREQUENCY,
    PATH_CELLS,
    PATH_STREAM,
    REGIME_COLUMNS,
    UNTIL,
    Path,
)
from selbench_coalescent.engine.plan import Plan
from selbench_coalescent.engine.run import MOST_TRIES, as_arguments, step_memory
from selbench_coalescent.engine.splitmix import open_stream
from selbench_coalescent.engine.workspace import STREAM, Capacity, open_workspace
from selbench_coalescent.engine.wright_fisher import EPOCH_COLUMNS


def record_paths(plan: Plan, *, windows: range, seed: int, path_seed: int) -> tuple[Trajectory, ...]:
    """Return the frequency path that `run_plan` follows in each of these windows.

    Raises
    ------
    UnsupportedError
        If no path that meets the conditions is found for a window.
    """
    told = as_arguments(plan, windows, seed, path_seed)
    words = (plan.n_haplotypes + 63) // 64
    memory = Capacity(segments=2, ancestors=1, sites=1, words=words).allocate()
    steps, cells = step_memory(plan), np.zeros(2 * PATH_CELLS)
    times, frequencies = np.empty(1024), np.empty(1024)
    recorded: list[Trajectory] = []
    while len(recorded) < len(windows):
        count, reason = _record(len(recorded), *told, *steps, *memory, cells, times, frequencies)
        if reason == PATH_FULL:
            steps = (np.zeros(2 * len(steps[0])), np.zeros(2 * len(steps[0])))
        elif reason != DONE:
            raise UnsupportedError(
                f"window {windows[len(recorded)]}: no trajectory met the conditions in {MOST_TRIES} draws"
            )
        elif count > len(times):
            times, frequencies = np.empty(2 * count), np.empty(2 * count)
        else:
            recorded.append(Trajectory(tuple(times[:count].tolist()), tuple(frequencies[:count].tolist())))
    return tuple(recorded)


def _compiled_recorder(sources: int) -> Any:
    """Compile the recorder; like the kernel it is compiled anew when a source changes."""

    @compiled_entry
    def record(  # type: ignore[no-untyped-def]
        i,  # the window; the rest as for the kernel, and where to write
        windows,
        seeds,
        told,
        length,
        rates,
        epochs,
        numbers,
        regimes,
        tables,
        steps,
        step_frequencies,
        sizes,
        cells,
        path_cells,
        times,
        frequencies,
    ):
        _ = sources, length, rates
        w = open_workspace(sizes, cells)
        path = Path(
            pointer(steps, 0),
            pointer(step_frequencies, 0),
            pointer(regimes, i * regimes.shape[1] * REGIME_COLUMNS),
            regimes.shape[1],
            pointer(tables, 0),
            pointer(path_cells, 0),
            pointer(path_cells.view(np.int64), 0),
            pointer(path_cells.view(np.uint64), 0),
        )
        open_stream(w.word, STREAM, seeds[0], np.uint64(windows[i]))
        open_stream(path.word, PATH_STREAM, seeds[1], np.uint64(windows[i]))
        facts, n_epochs = np.zeros(2), epochs.shape[1]
        failure = draw(
            w,
            path,
            pointer(told, 0),
            pointer(numbers, i * numbers.shape[1]),
            pointer(epochs, i * n_epochs * EPOCH_COLUMNS),
            n_epochs,
            len(steps),
            pointer(facts, 0),
        )
        if failure:
            return 0, failure
        count, since = 0, 0.0
        while True:
            if count < len(times):
                times[count], frequencies[count] = since, path.real[FREQUENCY]
            count += 1
            if path.real[FREQUENCY] == 0.0:
                return count, DONE
            since = path.real[UNTIL]
            next_step(path)

    return record


_record = _compiled_recorder(sources_digest())
