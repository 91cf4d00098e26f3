"""The method that does not look: what a class imbalance alone achieves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, Examples, Model, Predictor, Progress
from selbench.foreign.json import read_json

_FILE = "majority.json"


@dataclass(frozen=True)
class Majority(Model):
    """The class frequencies of the training windows, whatever the window."""

    name: ClassVar[str] = "majority"
    default_encoder: ClassVar[str] = "statistics[names=segregating_sites]"

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Progress) -> Predictor:
        """Count the classes."""
        counts = np.bincount(train.labels, minlength=len(train.classes))
        progress(1.0, "counted classes")
        return MajorityPredictor(tuple((counts / counts.sum()).tolist()))

    def load(self, directory: Path) -> Predictor:
        """Load the class frequencies."""
        path = directory / _FILE
        try:
            frequencies = read_json(path)["frequencies"]
            return MajorityPredictor(tuple(float(frequency) for frequency in frequencies))
        except (DataError, ValueError, KeyError, TypeError) as problem:
            raise DataError(f"{path}: missing or damaged: {problem!r}; train it again") from problem


@dataclass(frozen=True)
class MajorityPredictor(Predictor):
    """The same probabilities for every window."""

    frequencies: tuple[float, ...]

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Return the class frequencies, float32 (n, n_classes)."""
        return np.tile(np.array(self.frequencies, dtype=np.float32), (len(features), 1))

    def save(self, directory: Path) -> None:
        """Write the class frequencies."""
        (directory / _FILE).write_text(json.dumps({"frequencies": self.frequencies}) + "\n")
