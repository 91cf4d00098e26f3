"""From the quantities of a scenario to the plan that the engine runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from selbench import Selection
from selbench.streams import stream_seed
from selbench_coalescent.quantities import Quantities
from selbench_coalescent.trajectories import ABSENT, given_trajectories, shared_trajectories, trajectories_of

if TYPE_CHECKING:
    from selbench_coalescent.engine.plan import Plan


def engine_seeds(simulator: str, seed: int) -> tuple[int, int]:
    """Return the seeds of ancestors and trajectories that a simulator of this name runs the engine with."""
    return stream_seed(seed, simulator, "ancestors"), stream_seed(seed, simulator, "trajectory")


def plan_of(quantities: Quantities, *, seed: int, shuffled: bool) -> Plan:
    """Return the plan of a scenario, neutral or with a favoured allele.

    Parameters
    ----------
    quantities : Quantities
    seed : int
        Of shared trajectories, unless the scenario names one.
    shuffled : bool
        Whether carriers stand in random columns, not in the last ones.
    """
    selection = quantities.scenario.selection
    neutral = _neutral_plan(quantities)
    if selection is None:
        return neutral
    plan = replace(
        neutral,
        position=quantities.of(selection.position, "selection.position"),
        carriers=_carriers_rule(selection),
        merge=selection.origin == "multiple",
        shuffled=shuffled,
        keep_selected_site=selection.keep_selected_site,
    )
    if selection.given_trajectories or selection.trajectories == "each":
        return replace(plan, trajectories=trajectories_of(quantities))
    count = 1 if selection.trajectories == "shared" else int(selection.trajectories)
    few = quantities.alike(count)
    drawn = replace(_neutral_plan(few), carriers=plan.carriers, trajectories=trajectories_of(few))
    return replace(
        plan, trajectories=shared_trajectories(drawn, quantities.windows, seed=_shared_seed(selection, seed))
    )


def _neutral_plan(quantities: Quantities) -> Plan:
    from selbench_coalescent.engine.plan import Plan

    scenario, locus = quantities.scenario, quantities.scenario.locus
    return Plan(
        n_haplotypes=scenario.sample.n_haplotypes,
        sequence_length=locus.sequence_length,
        mutation_rate=quantities.of(locus.mutation_rate, "locus.mutation_rate"),
        recombination_rate=quantities.of(locus.recombination_rate, "locus.recombination_rate"),
        position=np.zeros(len(quantities.windows)),
        epochs=quantities.epochs(),
        trajectories=given_trajectories((ABSENT,), quantities.windows),
    )


def _carriers_rule(selection: Selection) -> int:
    from selbench_coalescent.engine.plan import ALL, BINOMIAL, CONDITIONED

    rules = {"all": ALL, "binomial": BINOMIAL, "conditioned": CONDITIONED}
    return selection.carriers if isinstance(selection.carriers, int) else rules[selection.carriers]


def _shared_seed(selection: Selection, seed: int) -> int:
    own = seed if selection.trajectory_seed is None else selection.trajectory_seed
    return stream_seed(own, "shared trajectories")
