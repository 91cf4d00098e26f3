"""A stranger's plugin, small enough to read at a glance: what a third party ships, and what tests run."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench import (
    DataError,
    Encoder,
    Examples,
    FeatureSpec,
    Model,
    Predictor,
    Progress,
    Scenario,
    Simulator,
    Windows,
    WindowSpec,
    hookimpl,
)


@dataclass(frozen=True)
class ToySimulator(Simulator):
    """Scatter derived alleles at random; selection halves the number of sites."""

    name: ClassVar[str] = "toy"
    independent_windows: ClassVar[bool] = True
    mean_sites: float = 6.0

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        """Draw each window from a generator of its own."""
        spec = scenario.window_spec
        mean = self.mean_sites / (2 if scenario.selection else 1)
        haplotypes, positions = [], []
        for index in windows:
            rng = np.random.default_rng([seed, index])
            n_sites = rng.poisson(mean)
            ranks = rng.random((n_sites, spec.n_haplotypes)).argsort(axis=1)
            carriers = rng.integers(1, spec.n_haplotypes, n_sites)
            haplotypes.append(ranks < carriers[:, None])
            positions.append(np.sort(rng.random(n_sites) * spec.sequence_length))
        return Windows.from_arrays(
            haplotypes, positions, sequence_length=spec.sequence_length, n_haplotypes=spec.n_haplotypes
        )


@dataclass(frozen=True)
class SiteCount(Encoder):
    """The number of sites, alone."""

    name: ClassVar[str] = "site-count"

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """One number."""
        return FeatureSpec((1,), "float64", ("statistic",), ("sites",))

    def encode(self, windows: Windows) -> NDArray[Any]:
        """Count."""
        return windows.n_sites[:, None].astype(np.float64)


class FewSitesPredictor(Predictor):
    """A logistic curve around the threshold between the class means."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Fewer sites, more probably selected."""
        selected = 1 / (1 + np.exp(features[:, 0] - self.threshold))
        return np.stack([1 - selected, selected], axis=1).astype(np.float32)

    def save(self, directory: Path) -> None:
        """Write the threshold."""
        (directory / "threshold.json").write_text(json.dumps({"threshold": self.threshold}))


@dataclass(frozen=True)
class FewSites(Model):
    """A threshold on the number of sites, jittered by the seed; it can be told to fail, wait, or die."""

    name: ClassVar[str] = "few-sites"
    default_encoder: ClassVar[str] = "site-count"
    fails: bool = False
    seconds: float = 0.0
    dies_unless: str = ""

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Take one number per window only."""
        return None if features.shape == (1,) else f"expected one number per window, found {features.shape}"

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Progress) -> Predictor:
        """Put the threshold halfway between the class means."""
        if self.fails:
            raise ArithmeticError("told to fail")
        if self.dies_unless and not Path(self.dies_unless).exists():
            Path(self.dies_unless).touch()
            os._exit(9)
        for step in range(20):
            time.sleep(self.seconds / 20)
            progress(step / 20, f"step {step}")
        counts = train.to_array()[:, 0]
        means = [counts[train.labels == code].mean() for code in (0, 1)]
        jitter = np.random.default_rng(seed).normal(0, 0.1)
        return FewSitesPredictor(float(np.mean(means) + jitter))

    def load(self, directory: Path) -> Predictor:
        """Read the threshold."""
        try:
            stored = json.loads((directory / "threshold.json").read_text())
            return FewSitesPredictor(float(stored["threshold"]))
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise DataError(f"{directory}: damaged: {problem}") from problem


@hookimpl
def register_simulators() -> list[type[Simulator]]:
    """Register the simulator."""
    return [ToySimulator]


@hookimpl
def register_encoders() -> list[type[Encoder]]:
    """Register the encoder."""
    return [SiteCount]


@hookimpl
def register_models() -> list[type[Model]]:
    """Register the model."""
    return [FewSites]
