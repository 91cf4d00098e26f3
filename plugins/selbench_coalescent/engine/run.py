"""Run the kernel over a plan: give it memory, and more where a window asks for it."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from selbench import UnsupportedError
from selbench_coalescent.engine import batch, kernel
from selbench_coalescent.engine.batch import BatchArrays
from selbench_coalescent.engine.diffusion import MOST_STEPS
from selbench_coalescent.engine.plan import (
    GivenTrajectories,
    Plan,
    Sites,
    TrajectoriesFromMutation,
    TrajectoriesToFixation,
)
from selbench_coalescent.engine.shapes import REGIME_COLUMNS, TABLE_NODES
from selbench_coalescent.engine.trajectory import WALK_CELLS
from selbench_coalescent.engine.workspace import BLOCK_ANCESTORS, NOT_COUNTED, Capacity

Scalar = TypeVar("Scalar", bound=np.generic)

MOST_TRIES = 100_000
"""Draws of a trajectory for one window before giving up."""
LARGEST_GUESS = 2**20
"""Segments and sites that there is memory for before any window has asked for more."""
MOST_MUTATIONS = 10_000_000
"""The same where nearly all mutations are soon lost."""


def run_plan(plan: Plan, *, windows: range, seed: int, trajectory_seed: int) -> Sites:
    """Simulate the windows of a plan.

    Parameters
    ----------
    plan : Plan
        One row per window.
    windows : range
        Their indices: with the seeds, all that a window's random numbers depend on.
    seed, trajectory_seed : int
        Of the ancestors, and of their frequency trajectories.

    Raises
    ------
    UnsupportedError
        If no trajectory that meets the conditions is found for a window in `MOST_TRIES` draws.
    """
    n, count = plan.n_haplotypes, len(windows)
    capacity = expected_capacity(plan)
    memory = capacity.allocate()
    steps = step_memory(plan)
    position, derived = np.empty(1024), np.empty((1024, capacity.words), dtype=np.uint64)
    offsets, facts = np.zeros(count + 1, dtype=np.int64), np.zeros((count, batch.FACT_COLUMNS))
    arrays = as_arguments(plan, windows, seed, trajectory_seed)
    scratch = (np.zeros(2 * WALK_CELLS), np.zeros(n, dtype=np.int64))
    done, reason = 0, batch.DONE
    while True:
        # a window that only lacked room for its output stands finished in the workspace
        is_finished = reason == batch.OUTPUT_FULL
        done, reason, wanted = kernel.simulate(
            done, is_finished, arrays, *steps, *memory, *scratch, position, derived, offsets, facts
        )
        if reason == batch.DONE:
            break
        if reason == batch.OUTPUT_FULL:
            rows = max(2 * len(position), offsets[done] + wanted)
            position, derived = _lengthened(position, rows), _lengthened(derived, rows)
        elif reason == batch.WORKSPACE_FULL:
            capacity = _larger(capacity, wanted)
            memory = capacity.allocate()
        elif reason == batch.TRAJECTORY_FULL:
            steps = (np.zeros(2 * len(steps[0])), np.zeros(2 * len(steps[0])))
        else:
            raise no_trajectory(windows[done], reason)
    total = offsets[-1]
    carriers = facts[:, batch.N_CARRIERS].astype(np.int64)
    haplotypes = _unpacked(derived[:total], n)
    founders = _founders(plan, carriers, facts[:, batch.FOUNDERS])
    return Sites(position[:total], haplotypes, offsets, carriers, founders, facts[:, batch.TODAY])


def _founders(plan: Plan, carriers: NDArray[np.int64], counted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Complete what the kernel counted: windows that were done before the onset descend from one copy."""
    founders = np.where(carriers == 0, 0, np.where(counted == NOT_COUNTED, 1, counted))
    inside = (plan.position >= 0) & (plan.position < plan.sequence_length)
    return np.where(inside, founders, np.nan)


def no_trajectory(window: int, reason: int) -> UnsupportedError:
    """Return the error of a window without a trajectory, for the reason that the kernel gave."""
    if reason == batch.TRAJECTORY_ENDLESS:
        return UnsupportedError(
            f"window {window}: selection keeps the favoured allele for longer than {MOST_STEPS} steps of its "
            "trajectory, and ancestors on both sides have not met by then; ask for weaker balancing selection"
        )
    return UnsupportedError(
        f"window {window}: no trajectory met the conditions in {MOST_TRIES} draws (mutations: "
        f"{MOST_MUTATIONS}); ask for a more likely one, or try the other selection.dynamics"
    )


def as_arguments(plan: Plan, windows: range, seed: int, trajectory_seed: int) -> BatchArrays:
    """Return a plan as the kernel takes it."""
    count, trajectories = len(windows), plan.trajectories
    regimes, tables = np.zeros((count, 1, REGIME_COLUMNS)), np.zeros((1, TABLE_NODES))
    if trajectories.regimes is not None:
        regimes, tables = trajectories.regimes.rows, trajectories.regimes.tables
    rates = (plan.mutation_rate, plan.recombination_rate, plan.position)
    rules = (
        plan.n_haplotypes,
        trajectories.kind,
        plan.carriers,
        plan.merge,
        plan.shuffled,
        plan.keep_selected_site,
        MOST_MUTATIONS
        if isinstance(trajectories, TrajectoriesFromMutation | TrajectoriesToFixation)
        else MOST_TRIES,
    )
    return BatchArrays(
        np.asarray(windows, dtype=np.int64),
        np.array([seed, trajectory_seed], dtype=np.uint64),
        np.array(rules, dtype=np.int64),
        float(plan.sequence_length),
        np.column_stack(rates).astype(np.float64, order="C"),
        np.ascontiguousarray(plan.epochs, dtype=np.float64),
        np.column_stack(trajectories.columns()).astype(np.float64, order="C"),
        np.ascontiguousarray(regimes, dtype=np.float64),
        np.ascontiguousarray(tables, dtype=np.float64),
    )


def step_memory(plan: Plan) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the steps of given trajectories, or memory for those that will be drawn."""
    if isinstance(plan.trajectories, GivenTrajectories):
        return (
            np.array(plan.trajectories.times, dtype=np.float64),
            np.array(plan.trajectories.frequencies, dtype=np.float64),
        )
    return np.zeros(1024), np.zeros(1024)


def expected_capacity(plan: Plan) -> Capacity:
    """Guess what the windows of a plan need: little for small ones, and for large ones enough at once.

    In constant populations of 48 to 200 haplotypes, ρ = 1,000 to 20,000, up to 5ρ segments stood in work at
    a time; other histories may need more, and get it.
    """
    n = plan.n_haplotypes
    scale = 4 * plan.epochs[:, 0, 1] * plan.sequence_length
    rho, theta = ((scale * rate).max(initial=0.0) for rate in (plan.recombination_rate, plan.mutation_rate))
    expected_sites = theta * sum(1 / i for i in range(1, n))
    segments = min(5 * rho, LARGEST_GUESS) if rho >= kernel.INDEXED_FROM else 0
    return Capacity(
        segments=8 * n + 64 + int(segments),
        ancestors=BLOCK_ANCESTORS * ceil((2 * n + 64 + segments / 10) / BLOCK_ANCESTORS),
        sites=1024 + int(min(1.5 * expected_sites, LARGEST_GUESS)),
        words=(n + 63) // 64,
    )


def _larger(capacity: Capacity, wanted_sites: int) -> Capacity:
    if wanted_sites > capacity.sites:
        return replace(capacity, sites=max(2 * capacity.sites, wanted_sites))
    return replace(capacity, segments=2 * capacity.segments, ancestors=2 * capacity.ancestors)


def _lengthened(array: NDArray[Scalar], rows: int) -> NDArray[Scalar]:
    longer = np.empty((rows, *array.shape[1:]), dtype=array.dtype)
    longer[: len(array)] = array
    return longer


def _unpacked(derived: NDArray[np.uint64], n: int) -> NDArray[np.uint8]:
    """Turn bit masks (n_sites, words) into alleles (n_sites, n)."""
    octets = derived.astype("<u8", copy=False).view(np.uint8)
    return np.unpackbits(octets, axis=1, count=n, bitorder="little")
