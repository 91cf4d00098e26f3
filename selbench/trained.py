"""TrainedMethod: an encoder and a fitted predictor with the contract they were trained under."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from selbench.components import Encoder, Model, Predictor
from selbench.errors import DataError, UnsupportedError
from selbench.features import Examples
from selbench.options import build_component, options_of, spelling
from selbench.registry import Registry
from selbench.schema import from_table, to_table
from selbench.windows import Polarisation, Windows, WindowSpec

FORMAT = 1
_METHOD_FILE = "method.json"
_PREDICTOR_FOLDER = "predictor"


@dataclass(frozen=True, eq=False)
class TrainedMethod:
    """What is saved, loaded and asked about new windows.

    Parameters
    ----------
    encoder : Encoder
    model : Model
        The model that the predictor was fitted by; it rebuilds the predictor when loading.
    predictor : Predictor
    spec : WindowSpec
        The windows it was trained on; it refuses others.
    classes : tuple of str
        Class names in the order of the probability columns; the null class first.
    positive : str
        The class whose probability a scan reports.
    empty_windows : {"keep", "drop"}
        Whether windows without sites were among the training windows.
    polarisation : {"ancestral", "ref", "major"}
        What a 0 meant in the training windows.
    training_range : mapping of str to (low, high)
        Central 99.8 % of each statistic over the training windows.
    class_ranges : mapping of str to mapping of str to (low, high)
        The same within each class, by class; empty where that was not kept.
    provenance : mapping of str to object
        Task, repetition, seed, versions: for people, not for the code.
    """

    encoder: Encoder
    model: Model
    predictor: Predictor
    spec: WindowSpec
    classes: tuple[str, ...]
    positive: str
    empty_windows: Literal["keep", "drop"] = "keep"
    polarisation: Polarisation = "ancestral"
    training_range: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    class_ranges: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "training_range", dict(self.training_range))
        object.__setattr__(self, "class_ranges", {c: dict(of) for c, of in self.class_ranges.items()})
        object.__setattr__(self, "provenance", dict(self.provenance))
        if self.positive not in self.classes[1:]:
            raise DataError(
                f"positive: expected one of {', '.join(self.classes[1:])}, found {self.positive!r}"
            )

    @property
    def null(self) -> str:
        """The null class (neutral)."""
        return self.classes[0]

    @property
    def spelling(self) -> str:
        """The method as the command line spells it: ``encoder+model``."""
        return f"{spelling(self.encoder)}+{spelling(self.model)}"

    def predict(self, windows: Windows) -> NDArray[np.float32]:
        """Return class probabilities, float32 (n_windows, n_classes), columns as `classes`.

        Raises
        ------
        DataError
            If the windows are of another sample size or length than those trained on.
        UnsupportedError
            If the encoder cannot take their polarisation.
        """
        self.check(windows.spec)
        reason = self.encoder.unsupported(windows.spec, windows.polarisation)
        if reason:
            raise UnsupportedError(f"{spelling(self.encoder)}: {reason}")
        features = Examples(
            windows, self.encoder.encode, self.encoder.feature_spec(windows.spec), self.classes
        )
        probabilities = np.empty((len(windows), len(self.classes)), dtype=np.float32)
        for start, batch in zip(range(0, len(windows), features.batch_size), features.batches(), strict=True):
            probabilities[start : start + len(batch)] = self.predictor.predict_proba(batch)
        return probabilities

    def check(self, spec: WindowSpec) -> None:
        """Refuse windows of another sample size or length than those trained on, naming both.

        Ploidy may differ: it says whose the haplotypes are, not what they carry.
        """
        if spec.n_haplotypes != self.spec.n_haplotypes:
            raise DataError(
                f"this predictor was trained on {self.spec.n_haplotypes} haplotypes per window; "
                f"these windows have {spec.n_haplotypes}"
            )
        if spec.sequence_length != self.spec.sequence_length:
            raise DataError(
                f"this predictor was trained on windows of {self.spec.sequence_length} bp; "
                f"these are {spec.sequence_length} bp long"
            )

    def save(self, directory: Path) -> None:
        """Write the method into a folder that does not exist yet or is empty."""
        (directory / _PREDICTOR_FOLDER).mkdir(parents=True)
        self.predictor.save(directory / _PREDICTOR_FOLDER)
        described = _Described(
            encoder=_Part(self.encoder.name, options_of(self.encoder)),
            model=_Part(self.model.name, options_of(self.model)),
            windows=self.spec,
            classes=self.classes,
            positive=self.positive,
            empty_windows=self.empty_windows,
            polarisation=self.polarisation,
            training_range=self.training_range,
            class_ranges=self.class_ranges,
            provenance=self.provenance,
        )
        text = json.dumps({"format": FORMAT, **to_table(described)}, indent=2)
        (directory / _METHOD_FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, directory: Path, registry: Registry) -> TrainedMethod:
        """Load what `save` wrote. No code is run from the folder.

        Raises
        ------
        DataError
            If the folder is not a saved method, or a file of it is damaged.
        PluginError
            If the plugin of its encoder or model is not installed.
        """
        described = _read(directory)
        return cls._rebuilt(
            directory,
            described,
            build_component(registry.encoders[described.encoder.name], described.encoder.options),
            build_component(registry.models[described.model.name], described.model.options),
        )

    @classmethod
    def load_with(cls, directory: Path, encoder: Encoder, model: Model) -> TrainedMethod:
        """Load what `save` wrote, its encoder and model being known."""
        return cls._rebuilt(directory, _read(directory), encoder, model)

    @classmethod
    def _rebuilt(
        cls, directory: Path, described: _Described, encoder: Encoder, model: Model
    ) -> TrainedMethod:
        if not (directory / _PREDICTOR_FOLDER).is_dir():
            raise DataError(f"{directory}: expected a folder {_PREDICTOR_FOLDER}, found none; train it again")
        return cls(
            encoder=encoder,
            model=model,
            predictor=model.load(directory / _PREDICTOR_FOLDER),
            spec=described.windows,
            classes=described.classes,
            positive=described.positive,
            empty_windows=described.empty_windows,
            polarisation=described.polarisation,
            training_range=described.training_range,
            class_ranges=described.class_ranges,
            provenance=described.provenance,
        )


@dataclass(frozen=True)
class _Part:
    """An encoder or a model, as the file names it."""

    name: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class _Described:
    """What the file says of a method."""

    encoder: _Part
    model: _Part
    windows: WindowSpec
    classes: tuple[str, ...]
    positive: str
    empty_windows: Literal["keep", "drop"]
    polarisation: Polarisation
    training_range: Mapping[str, tuple[float, float]]
    provenance: Mapping[str, Any]
    class_ranges: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.positive not in self.classes[1:]:
            raise DataError(f"positive: expected a class but the first, found {self.positive!r}")
        for label, of_class in self.class_ranges.items():
            if label not in self.classes or of_class.keys() != self.training_range.keys():
                raise DataError(
                    f"class_ranges.{label}: expected a class and the statistics of training_range, "
                    f"found {', '.join(of_class) or 'none'}"
                )


def _read(directory: Path) -> _Described:
    path = directory / _METHOD_FILE
    if not path.is_file():
        raise DataError(
            f"{directory}: expected a predictor folder with {_METHOD_FILE}, found none; "
            "a run keeps its predictors in RUN/predictors/"
        )
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise DataError(f"{path}: damaged, expected JSON: {problem}; train it again") from problem
    found = table.pop("format", None) if isinstance(table, dict) else type(table).__name__
    if found != FORMAT:
        raise DataError(f"{path}: expected a predictor of format {FORMAT}, found {found!r}")
    return from_table(_Described, table, where=f"{path}: damaged", error=DataError)
