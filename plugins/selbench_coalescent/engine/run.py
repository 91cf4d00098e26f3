"""Run the kernel over a plan: give it memory, and more where a window asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from selbench_coalescent.engine.kernel import simulate
from selbench_coalescent.engine.path import DIFFUSION, PATH_CELLS, STEPS
from selbench_coalescent.engine.plan import DiffusionPaths, Plan, Sites, StepPaths
from selbench_coalescent.engine.workspace import Capacity

Scalar = TypeVar("Scalar", bound=np.generic)


def run_plan(plan: Plan, *, windows: range, seed: int, path_seed: int) -> Sites:
    """Simulate the windows of a plan.

    Parameters
    ----------
    plan : Plan
        One row per window.
    windows : range
        Their indices: with the seeds, all that a window's random numbers depend on.
    seed, path_seed : int
        Of the ancestors, and of their frequency paths.
    """
    n, count = plan.n_haplotypes, len(windows)
    words = (n + 63) // 64
    capacity = Capacity(segments=8 * n + 64, ancestors=2 * n + 64, sites=1024, words=words)
    memory = capacity.allocate()
    position, derived = np.empty(1024), np.empty((1024, words), dtype=np.uint64)
    offsets, facts = np.zeros(count + 1, dtype=np.int64), np.zeros((count, 3))
    told = _as_arguments(plan, windows, seed, path_seed)
    scratch = (np.zeros(PATH_CELLS), np.zeros(n, dtype=np.int64))
    done = 0
    while True:
        done, too_small, wanted = simulate(
            done, *told, *memory, *scratch, position, derived.reshape(-1), offsets, facts
        )
        if done == count:
            break
        if too_small or wanted > capacity.sites:
            capacity = _larger(capacity, bool(too_small), wanted)
            memory = capacity.allocate()
        else:
            rows = max(2 * len(position), offsets[done] + wanted)
            position, derived = _lengthened(position, rows), _lengthened(derived, rows)
    total = offsets[-1]
    return Sites(
        position[:total],
        _unpacked(derived[:total], n),
        offsets,
        facts[:, 0].astype(np.int64),
        facts[:, 1],
    )


def _as_arguments(plan: Plan, windows: range, seed: int, path_seed: int) -> tuple[object, ...]:
    """Return a plan as the kernel takes it; types never vary, so that it is compiled once."""
    count, paths = len(windows), plan.paths
    no_steps = StepPaths(np.zeros(1), np.zeros(1), np.zeros((count, 2), dtype=np.int64))
    stepped = paths if isinstance(paths, StepPaths) else no_steps
    diffusion = np.zeros((count, 3))
    if isinstance(paths, DiffusionPaths):
        diffusion = np.column_stack([paths.present_frequency, paths.fixed_for, paths.s])
    rates = np.column_stack([plan.mutation_rate, plan.recombination_rate, plan.position])
    return (
        np.uint64(seed),
        np.uint64(path_seed),
        np.asarray(windows, dtype=np.int64),
        float(plan.sequence_length),
        plan.n_haplotypes,
        np.ascontiguousarray(rates, dtype=np.float64),
        np.ascontiguousarray(plan.epochs, dtype=np.float64),
        np.ascontiguousarray(diffusion, dtype=np.float64),
        DIFFUSION if isinstance(paths, DiffusionPaths) else STEPS,
        np.ascontiguousarray(stepped.times, dtype=np.float64),
        np.ascontiguousarray(stepped.frequencies, dtype=np.float64),
        np.ascontiguousarray(stepped.steps, dtype=np.int64),
        plan.carriers,
        plan.merge,
        plan.shuffled,
        plan.keep_selected_site,
    )


def _larger(capacity: Capacity, too_small: bool, wanted_sites: int) -> Capacity:
    if too_small:
        return replace(capacity, segments=2 * capacity.segments, ancestors=2 * capacity.ancestors)
    return replace(capacity, sites=max(2 * capacity.sites, wanted_sites))


def _lengthened(array: NDArray[Scalar], rows: int) -> NDArray[Scalar]:
    longer = np.empty((rows, *array.shape[1:]), dtype=array.dtype)
    longer[: len(array)] = array
    return longer


def _unpacked(derived: NDArray[np.uint64], n: int) -> NDArray[np.uint8]:
    """Turn bit masks (n_sites, words) into alleles (n_sites, n)."""
    octets = derived.astype("<u8", copy=False).view(np.uint8)
    return np.unpackbits(octets, axis=1, count=n, bitorder="little")
