"""The compiled loop over windows. Importing this module imports numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selbench_coalescent.engine.ancestry import found_sample
from selbench_coalescent.engine.batch import (
    DONE,
    FACT_COLUMNS,
    FOUNDERS,
    KEEP_SITE,
    MERGE,
    MUTATION_RATE,
    N_CARRIERS,
    N_HAPLOTYPES,
    OUTPUT_FULL,
    POSITION,
    RATE_COLUMNS,
    RECOMBINATION_RATE,
    SHUFFLED,
    TRAJECTORY_ENDLESS,
    WORKSPACE_FULL,
    Batch,
    begin_window,
    open_batch,
    sources_digest,
    walk_of,
)
from selbench_coalescent.engine.coalescent import trace_back
from selbench_coalescent.engine.compiled import Wholes, beyond, compiled, compiled_entry, inlined, pointer
from selbench_coalescent.engine.distributions import exponential
from selbench_coalescent.engine.draw import arrange
from selbench_coalescent.engine.sites import add_selected_site, write_sites
from selbench_coalescent.engine.trajectory import TrajectoryWalk
from selbench_coalescent.engine.workspace import (
    N_FOUNDERS,
    N_SITES,
    NOT_COUNTED,
    STREAM,
    TO_MUTATION,
    TOO_OLD,
    VOID,
    Workspace,
    open_workspace,
)
from selbench_coalescent.engine.wright_fisher import EPOCH_COLUMNS, SIZE

INDEXED_FROM = 1000.0
"""From this ρ = 4N₀rL on, ancestors are found by blocks. Sums of blocks round otherwise than a sum of all."""


@compiled
def fill_window(w: Workspace, walk: TrajectoryWalk, batch: Batch, i: int, k: int, columns: Wholes) -> None:
    """Simulate window i, of which k haplotypes carry the favoured allele; its sites stay in the workspace."""
    rules, n = batch.rules, batch.rules[N_HAPLOTYPES]
    rates = beyond(batch.rates, i * RATE_COLUMNS)
    epochs = beyond(batch.epochs, i * batch.n_epochs * EPOCH_COLUMNS)
    site = rates[POSITION]
    arrange(columns, n, rules[SHUFFLED] > 0, w.word)
    w.whole[N_SITES], w.real[TO_MUTATION] = 0, exponential(w.word, STREAM)
    w.whole[N_FOUNDERS] = NOT_COUNTED
    mutation_rate, recombination_rate = rates[MUTATION_RATE], rates[RECOMBINATION_RATE]
    indexed = 4.0 * epochs[SIZE] * recombination_rate * batch.length >= INDEXED_FROM
    found_sample(w, columns, n, k, batch.length, site, indexed)
    merge = rules[MERGE] > 0
    trace_back(w, walk, epochs, batch.n_epochs, mutation_rate, recombination_rate, n, site, merge)
    if rules[KEEP_SITE] and 0 < k < n and 0.0 <= site < batch.length:
        add_selected_site(w, columns, n, k, site)


@inlined
def unfinished(w: Workspace, room: int) -> int:
    """Say why the window in the workspace cannot be written to `room` rows, or DONE."""
    if w.whole[VOID] == TOO_OLD:
        return TRAJECTORY_ENDLESS
    if w.whole[VOID] or w.whole[N_SITES] > w.n_sites:
        return WORKSPACE_FULL
    return OUTPUT_FULL if w.whole[N_SITES] > room else DONE


def _compiled_kernel(sources: int) -> Callable[..., Any]:
    """Compile the kernel; numba's cache key contains the closure, and so the sources of all callees."""

    @compiled_entry
    def simulate(  # type: ignore[no-untyped-def]
        first,  # window to begin with
        is_finished,  # whether it stands in the workspace already and only lacks room for output
        arrays,
        times,  # float64 (n_steps,) steps of given trajectories, or memory for drawn ones
        frequencies,
        sizes,  # of the workspace
        cells,
        walk_cells,
        column_cells,
        position,  # float64 (rows,) sites so far, and from here on
        derived,  # uint64 (rows, words)
        offsets,  # int64 (n_windows + 1,)
        facts,  # float64 (n_windows, FACT_COLUMNS)
    ):
        _ = sources
        w, columns = open_workspace(sizes, cells), pointer(column_cells, 0)
        batch = open_batch(arrays, times, frequencies, walk_cells)
        for i in range(first, len(arrays.windows)):
            if not is_finished:
                walk = walk_of(batch, i)
                reason = begin_window(w, walk, batch, i, pointer(facts, i * FACT_COLUMNS))
                if reason:
                    return i, reason, 0
                fill_window(w, walk, batch, i, int(facts[i, N_CARRIERS]), columns)
            is_finished = False
            n_sites = w.whole[N_SITES]
            reason = unfinished(w, len(position) - offsets[i])
            if reason:
                return i, reason, n_sites
            write_sites(w, pointer(position, 0), pointer(derived, 0), offsets[i], batch.length)
            offsets[i + 1] = offsets[i] + n_sites
            facts[i, FOUNDERS] = w.whole[N_FOUNDERS]
        return len(arrays.windows), DONE, 0

    return simulate


simulate = _compiled_kernel(sources_digest())
