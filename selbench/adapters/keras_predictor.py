"""A trained Keras network: probabilities, and two files that hold numbers alone."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.arrays import read_npz
from selbench.foreign.json import read_json
from selbench.plugin import Predictor
from selbench.tables import from_table
from selbench.windows import FeatureSpec

_WEIGHTS, _NETWORK = "weights.npz", "network.json"
_BATCH, _BATCH_BYTES = 64, 2**28


@dataclass(frozen=True)
class NetworkRecord:
    """What is stored of a network beside its weights.

    Parameters
    ----------
    features : FeatureSpec
        Of the features it was trained on.
    n_classes : int
    input_divisor : float
        Features are divided by it.
    input_offset : float
        And taken from them before.
    history : mapping of str to tuple of float
        One value per epoch.
    answers : tuple of tuple of float
        Probabilities of `trial_features`, by which a network built again is known; none in older files.
    """

    features: FeatureSpec
    n_classes: int
    input_divisor: float
    input_offset: float = 0.0
    history: Mapping[str, Any] = field(default_factory=dict)
    answers: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        divides = 0 < self.input_divisor < math.inf and math.isfinite(self.input_offset)
        if self.n_classes < 2 or not divides or min(self.features.shape) < 1:
            raise DataError(
                f"expected two classes or more of windows with features, divided by a number above 0, found "
                f"{self.n_classes} of {self.features.shape} divided by {self.input_divisor}"
            )

    def scaled(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Return features as the network takes them.

        Raises
        ------
        DataError
            If their shape is another one, or a value is not finite.
        """
        if features.shape[1:] != self.features.shape:
            raise DataError(f"expected features of shape {self.features.shape}, found {features.shape[1:]}")
        scaled = features.astype(np.float32)
        if features.dtype.kind == "f" and not np.isfinite(scaled).all():
            raise DataError("expected finite features, found NaN or infinity")
        if self.input_offset:
            scaled -= np.float32(self.input_offset)
        if self.input_divisor != 1:
            scaled /= np.float32(self.input_divisor)
        return scaled


@dataclass(frozen=True, eq=False)
class KerasPredictor(Predictor):
    """A trained Keras network.

    Parameters
    ----------
    network : keras.Model
    record : NetworkRecord
    remarks : tuple of str
        Which learning rate was chosen; known after the fit, not saved.
    device : str
        What it was fitted on; not saved.
    """

    network: Any
    record: NetworkRecord
    remarks: tuple[str, ...] = ()
    device: str = "cpu"

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Return class probabilities, float32 (n, n_classes).

        Every forward pass has the same number of rows, the last one filled up, so
        that no row depends on how many are asked for.
        """
        record = self.record
        size = max(1, min(_BATCH, _BATCH_BYTES // (4 * prod(record.features.shape))))
        probabilities = np.empty((len(features), record.n_classes), dtype=np.float32)
        batch = np.zeros((size, *record.features.shape), dtype=np.float32)
        for start in range(0, len(features), size):
            part = record.scaled(features[start : start + size])
            batch[: len(part)] = part
            output = np.asarray(self.network.predict_on_batch(batch), dtype=np.float32)[: len(part)]
            if output.shape[1] == 1:
                output = np.hstack([1 - output, output])
            probabilities[start : start + len(part)] = output
        return probabilities

    def save(self, directory: Path) -> None:
        """Write weights.npz (arrays alone) and network.json."""
        weights = {f"{i:04d}": weight for i, weight in enumerate(self.network.get_weights())}
        np.savez(directory / _WEIGHTS, **weights)
        (directory / _NETWORK).write_text(json.dumps(asdict(self.record), indent=1))

    def answers(self) -> tuple[tuple[float, ...], ...]:
        """Return the probabilities of `trial_features`."""
        probabilities = self.predict_proba(trial_features(self.record))
        return tuple(tuple(map(float, row)) for row in probabilities)

    def answers_as(self, expected: tuple[tuple[float, ...], ...], tolerance: float) -> bool:
        """Tell whether the network gives the answers of another, or none are known of that one."""
        return not expected or bool(np.allclose(self.answers(), expected, rtol=0, atol=tolerance))

    @property
    def features(self) -> FeatureSpec:
        """The features that the network was built for."""
        return self.record.features

    @property
    def history(self) -> Mapping[str, tuple[float, ...]]:
        """Loss and accuracy by epoch; ``loss`` includes regularisation, ``val_loss`` does not."""
        return {name: tuple(values) for name, values in self.record.history.items()}

    @property
    def n_parameters(self) -> int:
        """Number of weights."""
        return int(self.network.count_params())


def trial_features(record: NetworkRecord) -> NDArray[np.float32]:
    """Return made-up features, float32 (8, *shape), the same for every network of this shape.

    Half are noise over the range that the network divides by, half are mostly empty,
    so that a saturated answer to one kind leaves the other to tell networks apart.
    """
    rng = np.random.default_rng(0)
    noise = rng.random((8, *record.features.shape), dtype=np.float32)
    noise[4:] *= noise[4:] > 0.9
    return noise * np.float32(max(1.0, record.input_divisor))


def read_network(directory: Path) -> tuple[NetworkRecord, list[NDArray[Any]]]:
    """Read what `KerasPredictor.save` wrote.

    Raises
    ------
    DataError
        If a file is missing or damaged.
    """
    try:
        table = read_json(directory / _NETWORK)
        arrays = read_npz(directory / _WEIGHTS, expected="weights")
    except DataError as problem:
        raise DataError(f"{directory}: missing or damaged network ({problem}); train it again") from problem
    weights = [arrays[name] for name in sorted(arrays)]
    if not all(weight.dtype.kind == "f" and np.isfinite(weight).all() for weight in weights):
        raise DataError(
            f"{directory}: missing or damaged network (expected weights that are finite floating-point "
            "numbers); train it again"
        )
    return from_table(NetworkRecord, table, where=str(directory / _NETWORK), error=DataError), weights
