"""mssel: one favoured allele of single origin, along a trajectory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from selbench import Citation, ParsedCommand, Scenario, Selection, Trajectory
from selbench.priors import highest, lowest
from selbench_coalescent.base import EngineSimulator, unsupported_history
from selbench_coalescent.citations import HUDSON_2002, HUDSON_KAPLAN_1988, KAPLAN_1989
from selbench_coalescent.ms import neutral_plan
from selbench_coalescent.quantities import Quantities

if TYPE_CHECKING:
    from selbench_coalescent.engine.plan import DiffusionPaths, Plan, StepPaths
    from selbench_coalescent.programs import MsselDriver

ABSENT = Trajectory(times=(0.0,), frequencies=(0.0,))
"""The trajectory of an allele that never was."""


@dataclass(frozen=True)
class Mssel(EngineSimulator):
    """Coalescent along the trajectory of a favoured allele, given or drawn (as mssel, Hudson)."""

    name: ClassVar[str] = "mssel"
    citations: ClassVar[tuple[Citation, ...]] = (HUDSON_2002, HUDSON_KAPLAN_1988, KAPLAN_1989)

    def unsupported(self, scenario: Scenario) -> str | None:
        """Name the first thing that a trajectory of single origin cannot express."""
        if self.program:
            return self.driver().unsupported(scenario)
        if scenario.selection is None:
            return "selection: missing; for neutral windows use ms"
        return unsupported_history(scenario) or _unsupported_selection(scenario, scenario.selection)

    def parse_command(self, line: str) -> ParsedCommand:
        """Read ``mssel nsam reps nanc nder trajfile selsite -r ρ nsites -t θ …``."""
        from selbench_coalescent.arguments import parse_mssel

        return parse_mssel(line)

    def driver(self) -> MsselDriver:
        """Return what runs mssel."""
        from selbench_coalescent.programs import MsselDriver

        return MsselDriver(self.program, self.program_timeout_s)

    def placebo(self, scenario: Scenario) -> Scenario | None:
        """Return the scenario with the favoured allele at frequency 0 in sample and population."""
        if scenario.selection is None:
            return None
        absent = Selection(given_trajectories=(ABSENT,), carriers=0, position=scenario.selection.position)
        return replace(scenario, selection=absent)

    def plan(self, quantities: Quantities, *, seed: int) -> Plan:
        """Return a plan with a path for each window."""
        selection = quantities.scenario.selection
        assert selection is not None
        paths = (
            given_paths(selection.given_trajectories, quantities.windows)
            if selection.given_trajectories
            else _diffusion_paths(quantities, selection)
        )
        return replace(
            neutral_plan(quantities),
            position=quantities.of(selection.position, "selection.position"),
            paths=paths,
            carriers=_carriers_rule(selection),
            keep_selected_site=selection.keep_selected_site,
        )


def given_paths(trajectories: tuple[Trajectory, ...], windows: range) -> StepPaths:
    """Return paths over given trajectories; window i takes trajectory i mod their number."""
    from selbench_coalescent.engine.plan import StepPaths

    last = np.cumsum([len(trajectory.times) for trajectory in trajectories])
    steps = np.column_stack([np.concatenate([[0], last[:-1]]), last - 1]).astype(np.int64)
    return StepPaths(
        times=np.concatenate([trajectory.times for trajectory in trajectories]),
        frequencies=np.concatenate([trajectory.frequencies for trajectory in trajectories]),
        steps=steps[np.asarray(windows, dtype=np.int64) % len(trajectories)],
    )


def _diffusion_paths(quantities: Quantities, selection: Selection) -> DiffusionPaths:
    from selbench_coalescent.engine.plan import DiffusionPaths

    assert selection.s is not None
    count = len(quantities.windows)
    present, fixed_for = np.ones(count), np.full(count, -1.0)
    if selection.present_frequency is not None:
        present = quantities.of(selection.present_frequency, "selection.present_frequency")
    if selection.fixation_time is not None:
        fixed_for = quantities.of(selection.fixation_time, "selection.fixation_time")
    return DiffusionPaths(present, fixed_for, quantities.of(selection.s, "selection.s"))


def _carriers_rule(selection: Selection) -> int:
    from selbench_coalescent.engine.plan import ALL, BINOMIAL, CONDITIONED

    rules = {"all": ALL, "binomial": BINOMIAL, "conditioned": CONDITIONED}
    return selection.carriers if isinstance(selection.carriers, int) else rules[selection.carriers]


def _unsupported_selection(scenario: Scenario, selection: Selection) -> str | None:
    length = scenario.locus.sequence_length
    outside = lowest(selection.position) < 0 or highest(selection.position) >= length
    if outside and lowest(scenario.locus.recombination_rate) == 0:
        return (
            f"selection.position: {selection.position} lies outside the window of {length} bp, "
            "which needs a recombination_rate above 0"
        )
    if selection.origin == "merge":
        return 'selection.origin: "merge" is several origins; mssel has one (use msms)'
    if selection.given_trajectories:
        return None
    if selection.dynamics != "diffusion":
        return 'selection.dynamics: mssel draws trajectories by "diffusion" (use msms for wright-fisher)'
    if selection.onset_time is not None or selection.onset_frequency is not None:
        return "selection.onset_time: not done yet"
    if selection.s is None or selection.h not in (None, 0.5):
        return "selection.h: only additive selection (h = 0.5) for now"
    if not scenario.population.is_constant:
        return "population: only a constant size for now"
    if (selection.present_frequency is None) == (selection.fixation_time is None):
        return "selection: expected present_frequency or fixation_time, one of them, or a trajectory_file"
    if selection.carriers == "conditioned" or selection.trajectories != "each":
        return "selection.carriers: not done yet"
    return None
