"""What a saved method says of itself: the file method.json, written and read strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from selbench.errors import DataError
from selbench.foreign.json import read_json
from selbench.tables import from_table, to_table
from selbench.windows import Polarisation, WindowSpec

FORMAT = 1
METHOD_FILE = "method.json"


@dataclass(frozen=True)
class Part:
    """An encoder or a model, as the file names it."""

    name: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class MethodDescription:
    """What the file says of a method; the fields are those of `TrainedMethod`."""

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
        if len(set(self.classes)) < len(self.classes):
            raise DataError(f"classes: expected each once, found {', '.join(self.classes)}")
        if self.positive not in self.classes[1:]:
            raise DataError(f"positive: expected a class but the first, found {self.positive!r}")
        for label, of_class in self.class_ranges.items():
            if label not in self.classes or of_class.keys() != self.training_range.keys():
                raise DataError(
                    f"class_ranges.{label}: expected a class and the statistics of training_range, "
                    f"found {', '.join(of_class) or 'none'}"
                )


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
