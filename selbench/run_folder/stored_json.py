"""JSON files of a run folder, read as strangers' files are: strictly, and refused in one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from selbench.errors import DataError, SelbenchError
from selbench.foreign import json as foreign
from selbench.run_folder.layout import MAKE_AGAIN, RUN_FOLDER
from selbench.tables import build, show, to_table

R = TypeVar("R", bound="Record")


@dataclass(frozen=True)
class Record:
    """Part of a JSON file: keys that a newer version adds are passed over when it is read.

    A field whose metadata say ``key`` stands under that key.
    """

    @classmethod
    def from_table(cls: type[R], table: object, *, where: str, error: type[SelbenchError] = DataError) -> R:
        """Read the fields from a table that may hold more.

        Raises
        ------
        SelbenchError
            Naming the key, what was expected and what was found.
        """
        if not isinstance(table, Mapping):
            raise error(f"{where}: expected a table, found {show(table)}")
        names = _names(cls)
        known = {names[key]: value for key, value in table.items() if key in names}
        return build(cls, known, where=where, error=error)

    def to_table(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {key: to_table(getattr(self, name)) for key, name in _names(type(self)).items()}


def _names(cls: type[Record]) -> dict[str, str]:
    """Return the fields of a record by the keys that they stand under; one under ``None`` is not stored."""
    keys = {field.name: field.metadata.get("key", field.name) for field in fields(cls)}
    return {key: name for name, key in keys.items() if key is not None}


def read_json(path: Path, *, way_out: str = MAKE_AGAIN) -> Any:
    """Read a JSON file of a run folder.

    Raises
    ------
    DataError
        If it is missing, cut off, nested without end, or holds what no writer of ours writes.
    """
    if not path.is_file():
        raise DataError(f"{path}: not found; expected {RUN_FOLDER}")
    return foreign.read_json(path, way_out=way_out)


def read_record(cls: type[R], table: object, path: Path, *, way_out: str = MAKE_AGAIN) -> R:
    """Read a record that is a whole file.

    Raises
    ------
    DataError
        Naming file and key, what was expected and what was found.
    """
    try:
        return cls.from_table(table, where="", error=DataError)
    except DataError as problem:
        raise DataError(f"{path}: {str(problem).lstrip('.: ')}; {way_out}") from problem


def json_text(value: Any) -> str:
    """Return a value as the text of a JSON file."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
