"""A stranger's plugin whose components go wrong, each in the way that its options tell."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import (
    Encoder,
    Examples,
    FeatureSpec,
    Model,
    Predictor,
    Progress,
    Scanner,
    Scenario,
    Simulator,
    Stretch,
    Windows,
    WindowSpec,
    hookimpl,
)
from selbench.plugin import Learned
from selbench.windows import Polarisation


@dataclass(frozen=True)
class FaultyEncoder(Encoder):
    """The number of sites, unless it goes wrong."""

    name: ClassVar[str] = "faulty-sites"
    fault: Literal["", "raises", "leaves", "list", "shape", "type", "spec", "learn", "unsupported"] = ""

    def unsupported(self, windows: WindowSpec, polarisation: Polarisation) -> str | None:
        """Take all."""
        if self.fault == "unsupported":
            raise KeyError("asked")
        return None

    def learn(self, train: Windows, *, null: str) -> Any:
        """Learn nothing."""
        return None if self.fault == "learn" else {}

    def feature_spec(self, windows: WindowSpec) -> Any:
        """One number."""
        return (1,) if self.fault == "spec" else FeatureSpec((1,), "float64", ("statistic",), ("sites",))

    def encode(self, windows: Windows) -> Any:
        """Count."""
        sys.stdout.write("counting\n")
        counts = windows.n_sites[:, None].astype(np.float64)
        if self.fault == "raises":
            return {}["x"]
        if self.fault == "leaves":
            sys.exit(2)
        wrong = {"list": counts.tolist(), "shape": counts.repeat(3, axis=1), "type": counts.astype(str)}
        return wrong.get(self.fault, counts)


class Halves(Predictor):
    """One half for each class, unless it goes wrong."""

    def __init__(self, fault: str) -> None:
        self.fault = fault

    def predict_proba(self, features: NDArray[Any]) -> Any:
        """Say nothing of anything."""
        if self.fault == "predict" and features.any():
            raise ZeroDivisionError("nobody there")
        probabilities = np.full((len(features), 2), 0.5, dtype=np.float32)
        wrong = {"list": probabilities.tolist(), "shape": probabilities[:, :1]}
        return wrong.get(self.fault, probabilities)

    def save(self, directory: Path) -> None:
        """Write nothing."""


@dataclass(frozen=True)
class FaultyModel(Model):
    """Learns nothing, unless it goes wrong."""

    name: ClassVar[str] = "faulty-halves"
    default_encoder: ClassVar[str] = "faulty-sites"
    fault: Literal["", "nothing", "predict", "load", "list", "shape"] = ""

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Progress) -> Any:
        """Look at the features, as others do."""
        train.to_array()
        return None if self.fault == "nothing" else Halves(self.fault)

    def load(self, directory: Path) -> Predictor:
        """Read nothing."""
        if self.fault == "load":
            raise KeyError("x")
        return Halves(self.fault)


@dataclass(frozen=True)
class FaultySimulator(Simulator):
    """Returns a list of nothing, or goes wrong otherwise."""

    name: ClassVar[str] = "faulty"
    fault: Literal["list", "raises", "leaves", "writes"] = "list"

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Any:
        """Simulate a site in each window, if that."""
        if self.fault == "list":
            return list(windows)
        if self.fault == "raises":
            return {}["x"]
        if self.fault == "leaves":
            sys.exit(3)
        os.write(1, b"written by C code\n")
        spec = scenario.window_spec
        haplotypes = [np.eye(1, spec.n_haplotypes, dtype=np.uint8)] * len(windows)
        positions = [np.array([1.0])] * len(windows)
        return Windows.from_arrays(haplotypes, positions, sequence_length=spec.sequence_length)


@dataclass(frozen=True)
class FaultyScanner(Scanner):
    """Finds nothing, in the wrong way."""

    name: ClassVar[str] = "faulty-scanner"
    fault: Literal["none", "raises"] = "none"

    def profile(self, stretch: Stretch, background: Learned) -> Any:
        """Return no profile."""
        return {}["x"] if self.fault == "raises" else None


@hookimpl
def register_simulators() -> list[type[Simulator]]:
    """Register the simulator."""
    return [FaultySimulator]


@hookimpl
def register_encoders() -> list[type[Encoder]]:
    """Register the encoder."""
    return [FaultyEncoder]


@hookimpl
def register_models() -> list[type[Model]]:
    """Register the model."""
    return [FaultyModel]


@hookimpl
def register_scanners() -> list[type[Scanner]]:
    """Register the scanner."""
    return [FaultyScanner]
