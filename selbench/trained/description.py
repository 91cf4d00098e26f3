"""What a saved method says of itself: the file method.json, written and read strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from selbench.errors import DataError
from selbench.foreign.json import read_json
from selbench.plugin import Component, Encoder, Model, installed_versions, options_of
from selbench.tables import from_table, to_table
from selbench.windows import Classes, Polarisation, WindowSpec

FORMAT = 1
METHOD_FILE = "method.json"


@dataclass(frozen=True)
class Part:
    """An encoder or a model, as the file names it."""

    name: str
    options: Mapping[str, Any]

    @classmethod
    def of(cls, component: Component) -> Part:
        """Return how the file names a component."""
        return cls(component.name, options_of(component))


@dataclass(frozen=True)
class MethodDescription:
    """What a trained method says of itself, and the file of it.

    Parameters
    ----------
    encoder, model : Part
    windows : WindowSpec
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
    provenance : mapping of str to object
        Task, repetition, seed: for people, not for the code.
    class_ranges : mapping of str to mapping of str to (low, high)
        The range within each class, by class; empty where that was not kept.
    versions : mapping of str to str
        Of Python, the libraries and plugins that it was trained with.

    Raises
    ------
    DataError
        If the positive class is not one but the first, or a range is of no class.
    """

    encoder: Part
    model: Part
    windows: WindowSpec
    classes: tuple[str, ...]
    positive: str
    empty_windows: Literal["keep", "drop"]
    polarisation: Polarisation
    training_range: Mapping[str, tuple[float, float]]
    provenance: Mapping[str, Any]
    class_ranges: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        Classes(self.classes, self.positive)
        for label, of_class in self.class_ranges.items():
            if label not in self.classes or of_class.keys() != self.training_range.keys():
                raise DataError(
                    f"class_ranges.{label}: expected a class and the statistics of training_range, "
                    f"found {', '.join(of_class) or 'none'}"
                )

    @classmethod
    def of(cls, encoder: Encoder, model: Model, windows: WindowSpec, classes: Classes, **known: Any) -> Self:
        """Return the description of a method that was trained here and now.

        Parameters
        ----------
        known : object
            The other fields; by default windows without sites were kept, 0 was the ancestral allele, and
            nothing else is known.
        """
        return cls(
            encoder=Part.of(encoder),
            model=Part.of(model),
            windows=windows,
            classes=classes.names,
            positive=classes.positive,
            **{
                "empty_windows": "keep",
                "polarisation": "ancestral",
                "training_range": {},
                "provenance": {},
                "versions": versions_of(encoder, model),
                **known,
            },
        )

    @property
    def roles(self) -> Classes:
        """The classes and what they stand for."""
        return Classes(self.classes, self.positive)


def versions_of(encoder: Encoder, model: Model) -> dict[str, str]:
    """Return the versions of Python, libraries and the plugins of a method, as they are here."""
    return installed_versions(type(part).__module__.partition(".")[0] for part in (encoder, model))


def write_description(described: MethodDescription, directory: Path) -> None:
    """Write the file into a folder."""
    text = json.dumps({"format": FORMAT, **to_table(described)}, indent=2)
    (directory / METHOD_FILE).write_text(text + "\n", encoding="utf-8")


def read_description(directory: Path) -> MethodDescription:
    """Read the file from a folder.

    Raises
    ------
    DataError
        If it is missing, damaged, or of another format; with the key.
    """
    path = directory / METHOD_FILE
    if not path.is_file():
        raise DataError(
            f"{directory}: expected a predictor folder with {METHOD_FILE}, found none; "
            "a run keeps its predictors in RUN/predictors/"
        )
    table = read_json(path, way_out="train it again")
    found = table.pop("format", None) if isinstance(table, dict) else type(table).__name__
    if found != FORMAT:
        raise DataError(f"{path}: expected a predictor of format {FORMAT}, found {found!r}")
    return from_table(MethodDescription, table, where=f"{path}: damaged", error=DataError)
