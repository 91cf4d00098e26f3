"""A simulator that writes carriers first and links selected sites, and an encoder that reads the order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench import Encoder, FeatureSpec, Scenario, Simulator, Windows, WindowSpec, hookimpl


@dataclass(frozen=True)
class ToyOrders(Simulator):
    """Selected windows: fewer sites and more common alleles, pairs of them alike, first haplotypes first."""

    name: ClassVar[str] = "toy-orders"
    independent_windows: ClassVar[bool] = True

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        """Draw each window from a generator of its own."""
        spec, selected = scenario.window_spec, scenario.selection is not None
        haplotypes, positions = [], []
        for index in windows:
            rng = np.random.default_rng([seed, index])
            n_sites = 2 * rng.poisson(3.0 if selected else 4.0) + 2
            carriers = 1 + rng.binomial(spec.n_haplotypes - 2, 0.5 if selected else 0.3, n_sites)
            keys = rng.random((n_sites, spec.n_haplotypes))
            if selected:
                carriers[1::2], keys[1::2] = carriers[::2], keys[::2]
                keys += 0.05 * np.arange(spec.n_haplotypes)
            haplotypes.append(keys.argsort(axis=1).argsort(axis=1) < carriers[:, None])
            positions.append(np.sort(rng.random(n_sites) * spec.sequence_length))
        return Windows.from_arrays(
            haplotypes, positions, sequence_length=spec.sequence_length, n_haplotypes=spec.n_haplotypes
        )


@dataclass(frozen=True)
class FirstCarriers(Encoder):
    """The share of derived alleles that the first half of the haplotypes carry."""

    name: ClassVar[str] = "first-carriers"

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """One number."""
        return FeatureSpec((1,), "float64", ("statistic",), ("share",))

    def encode_window(
        self, haplotypes: NDArray[np.uint8], positions: NDArray[np.float64], spec: WindowSpec
    ) -> NDArray[Any]:
        """Count."""
        return np.array([haplotypes[:, : spec.n_haplotypes // 2].sum() / max(1, haplotypes.sum())])


@hookimpl
def register_simulators() -> list[type[Simulator]]:
    """Register the simulator."""
    return [ToyOrders]


@hookimpl
def register_encoders() -> list[type[Encoder]]:
    """Register the encoder."""
    return [FirstCarriers]
