"""A simulator whose selected path may leave a mark of its own, which its placebo carries too."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from toy_selection import ToySimulator

from selbench import Scenario, Simulator, Windows, hookimpl


@dataclass(frozen=True)
class ToyWithPlacebo(ToySimulator):
    """Scatter derived alleles at random; with s = 0 as without selection, but for extra sites."""

    name: ClassVar[str] = "toy-with-placebo"
    extra_sites: float = 0.0
    rounds_positions: bool = False

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        """Draw windows; the selected path adds what it should not."""
        selection = scenario.selection
        if selection is None:
            return super().simulate(scenario, windows=windows, seed=seed)
        path = replace(self, mean_sites=self.mean_sites + self.extra_sites)
        real = scenario if selection.s else replace(scenario, selection=None)
        made = super(ToyWithPlacebo, path).simulate(real, windows=windows, seed=seed)
        return replace(made, positions=np.floor(made.positions)) if self.rounds_positions else made

    def placebo(self, scenario: Scenario) -> Scenario | None:
        """Return the same path with a coefficient of 0."""
        if scenario.selection is None:
            return None
        return replace(scenario, selection=replace(scenario.selection, s=0.0))


@hookimpl
def register_simulators() -> list[type[Simulator]]:
    """Register the simulator."""
    return [ToyWithPlacebo]
