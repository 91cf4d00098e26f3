"""mssel: one favoured allele of single origin, along a trajectory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from selbench import Citation, ParsedCommand, Scenario, Selection
from selbench_coalescent.base import EngineSimulator
from selbench_coalescent.citations import HUDSON_2002, HUDSON_KAPLAN_1988, KAPLAN_1989
from selbench_coalescent.plans import plan_of
from selbench_coalescent.quantities import Quantities
from selbench_coalescent.scope import unsupported_history, unsupported_selection
from selbench_coalescent.trajectories import ABSENT

if TYPE_CHECKING:
    from selbench_coalescent.engine.plan import Plan
    from selbench_coalescent.programs import MsselDriver


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
        if scenario.selection.origin == "multiple":
            return 'selection.origin: "multiple" is several origins, mssel has one; use msms'
        return unsupported_history(scenario) or unsupported_selection(scenario, scenario.selection)

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
        """Return a plan whose last columns are the carriers."""
        return plan_of(quantities, seed=seed, shuffled=False)
