"""discoal: hard, soft and partial sweeps along a diffusion, in the vocabulary of its command line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from selbench import Citation, ParsedCommand, Scenario, Selection
from selbench_coalescent.base import EngineSimulator
from selbench_coalescent.citations import HUDSON_2002, KERN_SCHRIDER_2016
from selbench_coalescent.plans import plan_of
from selbench_coalescent.quantities import Quantities
from selbench_coalescent.scope import unsupported_history, unsupported_selection
from selbench_coalescent.trajectories import ABSENT

if TYPE_CHECKING:
    from selbench_coalescent.engine.plan import Plan
    from selbench_coalescent.programs import DiscoalDriver


@dataclass(frozen=True)
class Discoal(EngineSimulator):
    """Neutral windows and sweeps from a new or a standing allele (as discoal, Kern & Schrider 2016).

    Unlike the original, crossing-over between the selected site and a lineage
    that does not span it counts: without, sweeps lack sites and haplotypes where
    ρ is a hundred or more.
    """

    name: ClassVar[str] = "discoal"
    citations: ClassVar[tuple[Citation, ...]] = (KERN_SCHRIDER_2016, HUDSON_2002)

    def unsupported(self, scenario: Scenario) -> str | None:
        """Name the first thing that discoal's vocabulary does not have, or the engine cannot do."""
        if self.program:
            return self.driver().unsupported(scenario)
        history = unsupported_history(scenario)
        if history is not None or scenario.selection is None:
            return history
        if scenario.selection.origin == "multiple":
            return 'selection.origin: "multiple" is several origins, discoal has one; use msms'
        return unsupported_selection(scenario, scenario.selection)

    def parse_command(self, line: str) -> ParsedCommand:
        """Read ``discoal n reps L -t θ -r ρ -ws τ -a α …``."""
        from selbench_coalescent.arguments import parse_discoal

        return parse_discoal(line)

    def driver(self) -> DiscoalDriver:
        """Return what runs discoal."""
        from selbench_coalescent.programs import DiscoalDriver

        return DiscoalDriver(self.program, self.program_timeout_s)

    def placebo(self, scenario: Scenario) -> Scenario | None:
        """Return the scenario with the allele at frequency 0, or a neutral line where a program makes it."""
        if scenario.selection is None:
            return None
        if self.program:
            return replace(scenario, selection=None)
        absent = Selection(given_trajectories=(ABSENT,), carriers=0, position=scenario.selection.position)
        return replace(scenario, selection=absent)

    def plan(self, quantities: Quantities, *, seed: int) -> Plan:
        """Return a plan whose carriers stand in random columns."""
        return plan_of(quantities, seed=seed, shuffled=True)
