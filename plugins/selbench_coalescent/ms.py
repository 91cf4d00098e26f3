"""ms: neutral windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from selbench import Citation, ParsedCommand, Scenario
from selbench_coalescent.base import EngineSimulator
from selbench_coalescent.citations import HUDSON_2002
from selbench_coalescent.plans import plan_of
from selbench_coalescent.quantities import Quantities
from selbench_coalescent.scope import unsupported_history

if TYPE_CHECKING:
    from selbench_coalescent.engine.plan import Plan
    from selbench_coalescent.programs import MsDriver


@dataclass(frozen=True)
class Ms(EngineSimulator):
    """Neutral coalescent with crossing-over and size changes (as ms, Hudson 2002)."""

    name: ClassVar[str] = "ms"
    citations: ClassVar[tuple[Citation, ...]] = (HUDSON_2002,)

    def unsupported(self, scenario: Scenario) -> str | None:
        """Say why not: ms knows no selection."""
        if self.program:
            return self.driver().unsupported(scenario)
        if scenario.selection is not None:
            return "selection: ms is neutral; use mssel or msms"
        return unsupported_history(scenario)

    def parse_command(self, line: str) -> ParsedCommand:
        """Read ``ms nsam reps -t θ -r ρ nsites …``."""
        from selbench_coalescent.arguments import parse_ms

        return parse_ms(line)

    def driver(self) -> MsDriver:
        """Return what runs ms, mspms or scrm."""
        from selbench_coalescent.programs import MsDriver

        return MsDriver(self.program, self.program_timeout_s)

    def plan(self, quantities: Quantities, *, seed: int) -> Plan:
        """Return a plan without favoured allele."""
        return plan_of(quantities, seed=seed, shuffled=False)
