"""What run.json tells of tasks, methods, cells and images, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from selbench.errors import DataError
from selbench.evaluation.predictions import ClassRoles
from selbench.tables import build, show

T = TypeVar("T")


@dataclass(frozen=True)
class SplitCount:
    """Windows of a class in a split: how many it keeps, were looked at for it, had no site among those.

    The digest, where the run wrote one, is that of all windows kept.
    """

    label: str
    split: str
    kept: int
    attempted: int
    empty: int
    digest: str = ""


@dataclass(frozen=True)
class TaskRecord:
    """A task as run.json tells it; `part_of` names the one whose training windows it takes a part of.

    With `shared_training` all trainings have the same windows of one class at least, and vary by seed.
    """

    classes: tuple[str, ...]
    null: str
    positive: str
    windows: Mapping[str, int]
    empty_windows: str
    spec: Mapping[str, int]
    counts: tuple[SplitCount, ...] = ()
    simulators: Mapping[str, Any] = field(default_factory=dict)
    scenarios: Mapping[str, Any] = field(default_factory=dict)
    part_of: str = ""
    shared_training: bool = True

    @property
    def roles(self) -> ClassRoles:
        """Its classes as an evaluation wants them."""
        return ClassRoles(self.classes, self.null, self.positive)


@dataclass(frozen=True)
class MethodRecord:
    """A method as run.json tells it."""

    encoder: str
    model: str
    is_baseline: bool
    summary: str = ""
    plugin: str = ""
    default_encoder: str = ""


@dataclass(frozen=True)
class CellRecord:
    """One training: what became of it, what it cost."""

    train_task: str
    method: str
    repetition: int
    status: str
    reason: str = ""
    predictor: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    peak_memory_bytes: int | None = None
    n_parameters: int | None = None
    history: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def total_seconds(self) -> float:
        """Wall seconds to encode, fit and predict."""
        return sum(self.seconds.values())


@dataclass(frozen=True)
class ImageRecord:
    """An example image of a class as an encoder makes it."""

    task: str
    encoder: str
    label: str
    file: str
    folder: Path = Path()


def read_task(table: object, where: str) -> TaskRecord:
    """Read a task with its counts of windows."""
    counts = table.get("counts", ()) if isinstance(table, Mapping) else ()
    plain = (
        {key: value for key, value in table.items() if key != "counts"}
        if isinstance(table, Mapping)
        else table
    )
    record = read_record(TaskRecord, plain, where)
    read = tuple(read_record(SplitCount, count, f"{where}.counts") for count in counts)
    return replace(record, counts=read)


def read_record(cls: type[T], table: object, where: str) -> T:
    """Read the fields of `cls` from a table that may hold more; `label` stands under ``class``."""
    if not isinstance(table, Mapping):
        raise DataError(f"{where}: expected a table, found {show(table)}")
    renamed = {"label" if key == "class" else key: value for key, value in table.items()}
    known = cls.__dataclass_fields__.keys() - {"folder"}  # type: ignore[attr-defined]
    return build(cls, {key: renamed[key] for key in renamed if key in known}, where=where, error=DataError)
