"""Trajectories written down from today to the origin, for windows that share them and for other programs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from selbench import Trajectory, UnsupportedError
from selbench_coalescent.engine.batch import (
    DONE,
    FACT_COLUMNS,
    TODAY,
    TRAJECTORY_FULL,
    begin_window,
    open_batch,
    sources_digest,
    walk_of,
)
from selbench_coalescent.engine.compiled import Reals, compiled, compiled_entry, pointer
from selbench_coalescent.engine.diffusion import next_step
from selbench_coalescent.engine.plan import Plan
from selbench_coalescent.engine.run import as_arguments, no_trajectory, step_memory
from selbench_coalescent.engine.trajectory import FREQUENCY, UNTIL, WALK_CELLS, TrajectoryWalk
from selbench_coalescent.engine.workspace import Capacity, open_workspace

MOST_STEPS = 10_000_000
"""Steps of a trajectory that are written down before giving up."""


class RecordedTrajectory(NamedTuple):
    """A trajectory as a step function."""

    times: NDArray[np.float64]  # (n_steps,) generations ago at which a step begins
    frequencies: NDArray[np.float64]  # (n_steps,) the last is 0
    today: float  # frequency today


def record_trajectories(
    plan: Plan, *, windows: range, seed: int, trajectory_seed: int
) -> tuple[Trajectory, ...]:
    """Return the frequency trajectory that `run_plan` follows in each of these windows, as trajectories.

    Raises
    ------
    UnsupportedError
        If no trajectory that meets the conditions is found for a window.
    """
    return tuple(
        Trajectory(tuple(walk.times.tolist()), tuple(walk.frequencies.tolist()))
        for walk in record_steps(plan, windows=windows, seed=seed, trajectory_seed=trajectory_seed)
    )


def record_steps(plan: Plan, *, windows: range, seed: int, trajectory_seed: int) -> list[RecordedTrajectory]:
    """Return the frequency trajectory that `run_plan` follows in each of these windows.

    Raises
    ------
    UnsupportedError
        If no trajectory that meets the conditions is found for a window, or it has
        more than `MOST_STEPS` steps.
    """
    arrays = as_arguments(plan, windows, seed, trajectory_seed)
    words = (plan.n_haplotypes + 63) // 64
    memory = Capacity(segments=2, ancestors=1, sites=1, words=words).allocate()
    steps, cells, facts = step_memory(plan), np.zeros(2 * WALK_CELLS), np.zeros(FACT_COLUMNS)
    times, frequencies = np.empty(1024), np.empty(1024)
    recorded: list[RecordedTrajectory] = []
    while len(recorded) < len(windows):
        count, reason = _record(len(recorded), arrays, *steps, *memory, cells, facts, times, frequencies)
        if reason == TRAJECTORY_FULL:
            steps = (np.zeros(2 * len(steps[0])), np.zeros(2 * len(steps[0])))
        elif reason != DONE:
            raise no_trajectory(windows[len(recorded)], reason)
        elif count > len(times):
            times, frequencies = _more_room(len(times), windows[len(recorded)])
        else:
            recorded.append(
                RecordedTrajectory(times[:count].copy(), frequencies[:count].copy(), float(facts[TODAY]))
            )
    return recorded


def _more_room(n_steps: int, window: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if 2 * n_steps > MOST_STEPS:
        raise UnsupportedError(
            f"window {window}: the allele is too old to write its trajectory down (over {n_steps} steps: "
            "balancing selection may keep it for good); expected trajectories = 'each' and no program: "
            "then the built-in engine follows it as far as the window needs, and no further"
        )
    return np.empty(2 * n_steps), np.empty(2 * n_steps)


@compiled
def write_steps(walk: TrajectoryWalk, times: Reals, frequencies: Reals, room: int) -> int:
    """Write the steps from where a walk stands to its origin; return how many, at most `room` + 1."""
    count, since = 0, 0.0
    while count <= room:
        if count < room:
            times[count], frequencies[count] = since, walk.real[FREQUENCY]
        count += 1
        if walk.real[UNTIL] == np.inf:
            break
        since = walk.real[UNTIL]
        next_step(walk)
    return count


def _compiled_recorder(sources: int) -> Any:
    """Compile the recorder; like the kernel it is compiled anew when a source changes."""

    @compiled_entry
    def record(  # type: ignore[no-untyped-def]
        i,  # the window; the rest as for the kernel, and where to write
        arrays,
        steps,
        step_frequencies,
        sizes,
        cells,
        walk_cells,
        facts,
        times,
        frequencies,
    ):
        _ = sources
        w, batch = open_workspace(sizes, cells), open_batch(arrays, steps, step_frequencies, walk_cells)
        walk = walk_of(batch, i)
        reason = begin_window(w, walk, batch, i, pointer(facts, 0))
        if reason:
            return 0, reason
        return write_steps(walk, pointer(times, 0), pointer(frequencies, 0), len(times)), DONE

    return record


_record = _compiled_recorder(sources_digest())
