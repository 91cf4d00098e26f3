"""A run folder, read strictly: everything that a report is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selbench.errors import DataError
from selbench.evaluation.predictions import COLUMNS, ClassRoles
from selbench.evaluation.results import RESULT_COLUMNS
from selbench.report.audits import AuditRecord, read_audits
from selbench.report.records import (
    CellRecord,
    ImageRecord,
    MethodRecord,
    TaskRecord,
    read_record,
    read_task,
)
from selbench.tables import method_labels, show

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
"""The version of run.json that this reads."""


@dataclass(frozen=True, eq=False)
class RunRecord:
    """Everything that a report says, as read from a run folder.

    Parameters
    ----------
    folder : Path
    info : mapping
        run.json as it stands.
    tasks, methods : mapping of str to TaskRecord, MethodRecord
    cells : tuple of CellRecord
    images : tuple of ImageRecord
    results, predictions : DataFrame
    experiment_toml : str
    audits : tuple of AuditRecord
        Per task; empty where the folder holds no audit.json.
    """

    folder: Path
    info: Mapping[str, Any]
    tasks: Mapping[str, TaskRecord]
    methods: Mapping[str, MethodRecord]
    cells: tuple[CellRecord, ...]
    images: tuple[ImageRecord, ...]
    results: pd.DataFrame
    predictions: pd.DataFrame
    experiment_toml: str
    audits: tuple[AuditRecord, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> RunRecord:
        """Read a run folder.

        Raises
        ------
        DataError
            If a piece is missing, cut off, or of another version.
        """
        info = _read_json(folder)
        where = f"{folder / 'run.json'}"
        record = cls(
            folder=folder,
            info=info,
            tasks={name: read_task(table, f"{where}: tasks.{name}") for name, table in info["tasks"].items()},
            methods={
                name: read_record(MethodRecord, table, f"{where}: methods.{name}")
                for name, table in info["methods"].items()
            },
            cells=tuple(read_record(CellRecord, table, f"{where}: cells") for table in info["cells"]),
            images=tuple(
                replace(read_record(ImageRecord, table, f"{where}: images"), folder=folder)
                for table in info.get("images", ())
            ),
            results=_read_table(folder / "results.parquet", RESULT_COLUMNS),
            predictions=_read_table(folder / "predictions.parquet", COLUMNS),
            experiment_toml=_read_text(folder / "experiment.toml"),
            audits=read_audits(folder),
        )
        record._check_names()
        return record

    @property
    def name(self) -> str:
        """The experiment's name."""
        return str(self.info["experiment"])

    @property
    def seed(self) -> int:
        """The experiment's seed."""
        return int(self.info["seed"])

    @property
    def roles(self) -> dict[str, ClassRoles]:
        """The classes of every task, as an evaluation wants them."""
        return {name: task.roles for name, task in self.tasks.items()}

    @property
    def shared_training(self) -> tuple[str, ...]:
        """Tasks whose trainings have the same windows of one class at least."""
        return tuple(name for name, task in self.tasks.items() if task.shared_training)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """How each method is called in text: the shortest name that no other method shares."""
        return method_labels(
            {name: (m.encoder, m.model, m.default_encoder) for name, m in self.methods.items()}
        )

    @cached_property
    def whole_tasks(self) -> dict[str, TaskRecord]:
        """The tasks that were run and are not a part of another's training windows."""
        ran = {cell.train_task for cell in self.cells} | set(self.predictions["test_task"])
        return {name: task for name, task in self.tasks.items() if name in ran and not task.part_of}

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every (train_task, test_task) of the results, tasks in the order of the experiment."""
        found = set(zip(self.predictions["train_task"], self.predictions["test_task"], strict=True))
        return tuple((train, test) for train in self.tasks for test in self.tasks if (train, test) in found)

    @property
    def unfinished(self) -> tuple[CellRecord, ...]:
        """Cells that were skipped or failed."""
        return tuple(cell for cell in self.cells if cell.status != "done")

    @cached_property
    def remarks(self) -> tuple[tuple[str, str], ...]:
        """What is to be known of trainings: of which methods, and tasks if there are several, and what."""
        owners: dict[tuple[str, str], dict[str, None]] = {}
        for cell in self.cells:
            for remark in cell.remarks if cell.train_task in self.whole_tasks else ():
                owners.setdefault((cell.train_task, remark), {})[self.labels[cell.method]] = None
        return tuple(
            (", ".join(labels) + (f" on {task}" if len(self.whole_tasks) > 1 else ""), remark)
            for (task, remark), labels in owners.items()
        )

    def cells_of(self, train_task: str, method: str) -> tuple[CellRecord, ...]:
        """Return the finished repetitions of a method on a task."""
        return tuple(
            cell
            for cell in self.cells
            if (cell.train_task, cell.method, cell.status) == (train_task, method, "done")
        )

    def _check_names(self) -> None:
        for table, file in ((self.results, "results.parquet"), (self.predictions, "predictions.parquet")):
            for column, known in (
                ("train_task", self.tasks),
                ("test_task", self.tasks),
                ("method", self.methods),
            ):
                stray = set(table[column]) - set(known)
                if stray:
                    raise DataError(
                        f"{self.folder / file}: {column} {min(stray)!r} is not in run.json; "
                        "the files are not of one run: run the experiment again to rewrite them"
                    )


def _read_json(folder: Path) -> dict[str, Any]:
    path = folder / "run.json"
    try:
        info = json.loads(_read_text(path))
    except ValueError as problem:
        raise DataError(
            f"{path}: expected JSON, found {problem}; run the experiment again to rewrite it"
        ) from problem
    found = info.get("format") if isinstance(info, dict) else None
    if found != FORMAT:
        raise DataError(
            f"{path}: expected format {FORMAT}, found {show(found)}; use the selbench version that wrote it"
        )
    missing = [key for key in ("experiment", "seed", "tasks", "methods", "cells") if key not in info]
    if missing:
        raise DataError(f"{path}: missing {', '.join(missing)}; run the experiment again to rewrite it")
    return dict(info)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError(
            f"{path}: not found; expected a run folder, as `selbench run EXPERIMENT` writes it"
        ) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise DataError(f"{path}: cannot be read: {problem}") from problem


def _read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    if not path.is_file():
        raise DataError(
            f"{path}: not found; run the experiment again: finished work is kept, tables are rewritten"
        )
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as problem:
        raise DataError(
            f"{path}: expected a parquet table, found a damaged file ({str(problem).splitlines()[0]}); "
            "run the experiment again: finished work is kept, tables are rewritten"
        ) from problem
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise DataError(f"{path}: expected the columns {', '.join(columns)}, missing {', '.join(missing)}")
    return table
