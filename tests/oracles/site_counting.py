"""The simplest method that can scan: it counts sites, so that a table tells what was made of a genome."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench.plugin import Encoder, Model, Predictor, Progress
from selbench.trained import MethodDescription, TrainedMethod
from selbench.windows import Classes, Examples, FeatureSpec, Windows, WindowSpec


@dataclass(frozen=True)
class NumberOfSites(Encoder):
    """The number of sites, whatever is known of them."""

    name: ClassVar[str] = "number-of-sites"
    needs_phase = False
    needs_ancestral = False
    accepts_missing = True

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        return FeatureSpec((1,), "float32", ("number",))

    def encode(self, windows: Windows) -> NDArray[Any]:
        return windows.n_sites[:, np.newaxis].astype(np.float32)


@dataclass(frozen=True)
class Silent(Encoder):
    """The same, and declares nothing."""

    name: ClassVar[str] = "silent"
    feature_spec = NumberOfSites.feature_spec
    encode = NumberOfSites.encode


class Rarer(Predictor):
    """The fewer sites, the more probable a sweep."""

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        sweep = 1 / (1 + features[:, 0])
        return np.stack([1 - sweep, sweep], axis=1).astype(np.float32)

    def save(self, directory: Path) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class RarerModel(Model):
    """Learns nothing."""

    name: ClassVar[str] = "rarer"
    default_encoder: ClassVar[str] = "number-of-sites"

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Progress) -> Predictor:
        return Rarer()

    def load(self, directory: Path) -> Predictor:
        return Rarer()


def method_of(encoder: Encoder, n_haplotypes: int, window_bp: int) -> TrainedMethod:
    """Return a trained method of these encoders, without any training."""
    spec, classes = WindowSpec(n_haplotypes, window_bp), Classes(("neutral", "sweep"), "sweep")
    description = MethodDescription.of(encoder, RarerModel(), spec, classes, empty_windows="keep")
    return TrainedMethod(encoder, RarerModel(), Rarer(), description)
