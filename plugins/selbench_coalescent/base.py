"""What the three simulators share: they turn a scenario into a plan and run it on the engine."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from selbench import Scenario, Selection, Simulator, UnsupportedError, Windows
from selbench.adapters.ms_program import DEFAULT_TIMEOUT_S
from selbench.streams import stream_seed
from selbench_coalescent.paths import ABSENT, given_paths, paths_of, shared_paths
from selbench_coalescent.quantities import Quantities

if TYPE_CHECKING:
    from selbench_coalescent.engine.plan import Plan
    from selbench_coalescent.programs import Driver


@dataclass(frozen=True)
class EngineSimulator(Simulator):
    """A simulator on the built-in coalescent engine, or on the user's own program.

    A window depends on the scenario, the seed and its index alone.

    Parameters
    ----------
    program : str
        Run this instead of the engine: ``/path/to/ms``, ``java -jar msms.jar``.
    program_timeout_s : float
        Seconds after which a run of the program, 1,000 windows, is killed.
    """

    program: str = ""
    program_timeout_s: float = DEFAULT_TIMEOUT_S
    any_range: ClassVar[bool] = True

    @abstractmethod
    def driver(self) -> Driver:
        """Return what runs `program`."""

    @abstractmethod
    def plan(self, quantities: Quantities, *, seed: int) -> Plan:
        """Return what the engine is to do for a scenario that this simulator can do."""

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        """Simulate the windows with these indices.

        Their parameters are what the priors gave and, with selection,
        ``n_carriers``: how many haplotypes carry the favoured allele.
        """
        from selbench_coalescent.engine.run import run_plan

        reason = self.unsupported(scenario)
        if reason is not None:
            raise UnsupportedError(f"{self.name}: {reason}")
        if self.program:
            return self.driver().simulate(scenario, windows=windows, seed=seed)
        quantities = Quantities.draw(scenario, windows=windows, seed=seed)
        ancestor_seed, path_seed = self.seeds(seed)
        sites = run_plan(
            self.plan(quantities, seed=seed),
            windows=windows,
            seed=ancestor_seed,
            path_seed=path_seed,
        )
        return Windows(
            spec=scenario.window_spec,
            haplotypes=sites.haplotypes,
            positions=sites.position,
            offsets=sites.offsets,
            parameters=quantities.drawn | ({"n_carriers": sites.carriers} if scenario.selection else {}),
        )

    def seeds(self, seed: int) -> tuple[int, int]:
        """Return the seeds of the ancestors and of the trajectories."""
        return stream_seed(seed, self.name, "ancestors"), stream_seed(seed, self.name, "trajectory")

    def provenance(self) -> Mapping[str, str]:
        """Return command, version line and checksum of the program, where there is one."""
        return self.driver().provenance() if self.program else {"program": "built-in engine"}


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
        merge=selection.origin == "merge",
        shuffled=shuffled,
        keep_selected_site=selection.keep_selected_site,
    )
    if selection.given_trajectories or selection.trajectories == "each":
        return replace(plan, paths=paths_of(quantities))
    count = 1 if selection.trajectories == "shared" else int(selection.trajectories)
    few = quantities.alike(count)
    drawn = replace(_neutral_plan(few), carriers=plan.carriers, paths=paths_of(few))
    return replace(plan, paths=shared_paths(drawn, quantities.windows, seed=_shared_seed(selection, seed)))


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
        paths=given_paths((ABSENT,), quantities.windows),
    )


def _carriers_rule(selection: Selection) -> int:
    from selbench_coalescent.engine.plan import ALL, BINOMIAL, CONDITIONED

    rules = {"all": ALL, "binomial": BINOMIAL, "conditioned": CONDITIONED}
    return selection.carriers if isinstance(selection.carriers, int) else rules[selection.carriers]


def _shared_seed(selection: Selection, seed: int) -> int:
    own = seed if selection.trajectory_seed is None else selection.trajectory_seed
    return stream_seed(own, "shared trajectories")
