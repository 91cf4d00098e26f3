"""msms: a favoured allele by forward simulation, of one origin or several, in a changing population."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from selbench import Citation, ParsedCommand, Scenario
from selbench.scenario import lowest
from selbench_coalescent.base import EngineSimulator
from selbench_coalescent.citations import EWING_HERMISSON_2010, HUDSON_2002
from selbench_coalescent.plans import plan_of
from selbench_coalescent.quantities import Quantities
from selbench_coalescent.scope import unsupported_history, unsupported_selection

if TYPE_CHECKING:
    from selbench_coalescent.engine.plan import Plan
    from selbench_coalescent.programs import MsmsDriver

PLACEBO_FREQUENCY = 0.1
"""Frequency at onset of the neutral allele of a placebo whose scenario gives none."""


@dataclass(frozen=True)
class Msms(EngineSimulator):
    """Coalescent with forward Wright-Fisher selection, dominance and size changes (as msms)."""

    name: ClassVar[str] = "msms"
    citations: ClassVar[tuple[Citation, ...]] = (EWING_HERMISSON_2010, HUDSON_2002)

    def unsupported(self, scenario: Scenario) -> str | None:
        """Name the first thing that msms does not do."""
        if self.program:
            return self.driver().unsupported(scenario)
        history = unsupported_history(scenario)
        if history is not None or scenario.selection is None:
            return history
        if scenario.selection.given_trajectories:
            return "selection.given_trajectories: msms draws its own trajectories; use mssel"
        return unsupported_selection(scenario, scenario.selection)

    def parse_command(self, line: str) -> ParsedCommand:
        """Read ``msms -N n -ms nsam reps -t θ -r ρ nsites -SI t 1 f -SAA a …``."""
        from selbench_coalescent.arguments import parse_msms

        return parse_msms(line)

    def driver(self) -> MsmsDriver:
        """Return what runs msms."""
        from selbench_coalescent.programs import MsmsDriver

        return MsmsDriver(self.program, self.program_timeout_s)

    def placebo(self, scenario: Scenario) -> Scenario | None:
        """Return the scenario with an allele that makes no difference, of unrelated copies at onset.

        With carriers as chance has it, and its own column left out, that is
        exactly neutral.
        """
        if scenario.selection is None:
            return None
        selection = scenario.selection
        neutral = replace(
            selection,
            s=0.0,
            h=0.5,
            w_AA=None,
            w_Aa=None,
            w_aa=None,
            present_frequency=None,
            fixation_time=None,
            origin="multiple",
            onset_time=selection.onset_time or lowest(scenario.population.size) / 10,
            onset_frequency=selection.onset_frequency or PLACEBO_FREQUENCY,
            carriers="binomial",
            keep_selected_site=False,
        )
        return replace(scenario, selection=neutral)

    def plan(self, quantities: Quantities, *, seed: int) -> Plan:
        """Return a plan whose carriers stand in random columns."""
        return plan_of(quantities, seed=seed, shuffled=True)
