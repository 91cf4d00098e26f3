"""ms: neutral windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from selbench import Citation, ParsedCommand, Scenario
from selbench_coalescent.base import EngineSimulator, unsupported_history
from selbench_coalescent.citations import HUDSON_2002
from selbench_coalescent.quantities import Quantities

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
        return neutral_plan(quantities)


def neutral_plan(quantities: Quantities) -> Plan:
    """Return the plan of a scenario whose favoured allele, if any, is at frequency 0 all along."""
    from selbench_coalescent.engine.plan import Plan, StepPaths

    scenario, count = quantities.scenario, len(quantities.windows)
    locus = scenario.locus
    return Plan(
        n_haplotypes=scenario.sample.n_haplotypes,
        sequence_length=locus.sequence_length,
        mutation_rate=quantities.of(locus.mutation_rate, "locus.mutation_rate"),
        recombination_rate=quantities.of(locus.recombination_rate, "locus.recombination_rate"),
        position=np.zeros(count),
        epochs=quantities.epochs(),
        paths=StepPaths(np.zeros(1), np.zeros(1), np.zeros((count, 2), dtype=np.int64)),
    )
