"""The numbers of a scenario, window by window: fixed ones, and those drawn from priors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench import Prior, Scenario, Selection
from selbench.scenario import Quantity, draw_priors


@dataclass(frozen=True, eq=False)
class Quantities:
    """The quantities of a scenario for some windows.

    Parameters
    ----------
    scenario : Scenario
    windows : range
    drawn : dict of str to float64 (n_windows,)
        What the priors gave, by dotted name.
    """

    scenario: Scenario
    windows: range
    drawn: dict[str, NDArray[np.float64]]

    @classmethod
    def draw(cls, scenario: Scenario, *, windows: range, seed: int) -> Quantities:
        """Draw the priors of each window from its own stream."""
        return cls(scenario, windows, draw_priors(scenario, windows=windows, seed=seed))

    @property
    def selection(self) -> Selection:
        """The scenario's selection, which must be there."""
        if self.scenario.selection is None:
            raise TypeError("quantities: the scenario has no selection")
        return self.scenario.selection

    def alike(self, count: int) -> Quantities:
        """Return the quantities of `count` windows that all are like the first one."""
        drawn = {
            name: np.full(count, values[0] if len(values) else np.nan) for name, values in self.drawn.items()
        }
        return Quantities(self.scenario, range(count), drawn)

    def of(self, quantity: Quantity | None, name: str) -> NDArray[np.float64]:
        """Return the values of the quantity with this dotted name, float64 (n_windows,)."""
        if quantity is None:
            raise TypeError(f"{name}: not given")
        if isinstance(quantity, Prior):
            return self.drawn[name]
        return np.full(len(self.windows), float(quantity))

    def epochs(self) -> NDArray[np.float64]:
        """Return start, size and growth rate of each epoch, float64 (n_windows, n_epochs, 3)."""
        population = self.scenario.population
        columns = [
            np.zeros(len(self.windows)),
            self.of(population.size, "population.size"),
            self.of(population.growth_rate, "population.growth_rate"),
        ]
        for i, epoch in enumerate(population.epochs):
            at = f"population.epochs.{i}"
            columns += [
                self.of(epoch.start, f"{at}.start"),
                self.of(epoch.size, f"{at}.size"),
                self.of(epoch.growth_rate, f"{at}.growth_rate"),
            ]
        return np.stack(columns, axis=1).reshape(len(self.windows), len(columns) // 3, 3)
