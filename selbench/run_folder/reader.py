"""A finished run, read strictly: everything that reports, audits, scans and notebooks are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from selbench.errors import DataError
from selbench.evaluation import compare_methods, rank_baselines
from selbench.evaluation.metrics import METRICS
from selbench.evaluation.predictions import ClassRoles
from selbench.evaluation.rivals import Ranking
from selbench.evaluation.samples import COMPARED
from selbench.plugin import Metric
from selbench.run_folder.adaptation import adapted_pairs, gains
from selbench.run_folder.findings import Audit, read_audits
from selbench.run_folder.layout import (
    COMPARISONS,
    EXPERIMENT,
    MAKE_AGAIN,
    PREDICTIONS,
    RECORD,
    RESULTS,
    VALIDATION,
    WINDOWS,
)
from selbench.run_folder.names import MethodName
from selbench.run_folder.records import (
    ImageRecord,
    MethodRecord,
    RunInfo,
    TaskRecord,
    TrainingRecord,
    read_info,
)
from selbench.run_folder.tables import (
    COMPARISON_COLUMNS,
    PREDICTION_COLUMNS,
    RESULT_COLUMNS,
    WINDOW_COLUMNS,
    Columns,
    check_table,
    in_words,
    no_windows,
    read_table,
    with_names,
)

if TYPE_CHECKING:
    import pandas as pd

_NUMBER = re.compile(r"\d[\d,.]*")


@dataclass(frozen=True, eq=False)
class RunRecord:
    """A finished run.

    Parameters
    ----------
    folder : Path
    info : RunInfo
        run.json.
    results : DataFrame
    read_predictions, read_comparisons, read_validation : callable
        Read the large tables, which not everybody needs; text of predictions may come as categories.
        Older runs lack the last two.
    read_windows : callable
        Reads what each test window was made with; no rows where the run did not write it.
    experiment_toml : str
    audits : tuple of Audit
        Per task; empty where the folder holds no audit.json.
    askable : tuple of Metric
        Metrics of plugins that comparisons made anew can be asked for.
    """

    folder: Path
    info: RunInfo
    results: pd.DataFrame
    read_predictions: Callable[[], pd.DataFrame]
    read_comparisons: Callable[[], pd.DataFrame] | None = None
    read_validation: Callable[[], pd.DataFrame] | None = None
    read_windows: Callable[[], pd.DataFrame] = no_windows
    experiment_toml: str = ""
    audits: tuple[Audit, ...] = ()
    askable: tuple[Metric, ...] = ()

    @classmethod
    def read(cls, folder: str | Path) -> RunRecord:
        """Read a run folder; of the large tables, what they say of themselves.

        Raises
        ------
        DataError
            If a piece is missing, cut off, or of another version.
        """
        folder = Path(folder)
        info = read_info(folder)
        info = replace(info, images=tuple(replace(image, folder=folder) for image in info.images))
        predictions, comparisons = folder / PREDICTIONS, folder / COMPARISONS
        validation, windows = folder / VALIDATION, folder / WINDOWS
        check_table(predictions, PREDICTION_COLUMNS)
        for path, columns in (
            (comparisons, COMPARISON_COLUMNS),
            (validation, PREDICTION_COLUMNS),
            (windows, WINDOW_COLUMNS),
        ):
            if path.is_file():
                check_table(path, columns)
        record = cls(
            folder=folder,
            info=info,
            results=read_table(folder / RESULTS, RESULT_COLUMNS),
            read_predictions=_reader(predictions, PREDICTION_COLUMNS, info, numbers="p_", as_categories=True),
            read_comparisons=_reader(comparisons, COMPARISON_COLUMNS, info)
            if comparisons.is_file()
            else None,
            read_validation=(
                _reader(validation, PREDICTION_COLUMNS, info, numbers="p_") if validation.is_file() else None
            ),
            read_windows=(
                _reader(windows, WINDOW_COLUMNS, info, numbers="") if windows.is_file() else no_windows
            ),
            experiment_toml=_read_text(folder / EXPERIMENT),
            audits=read_audits(folder),
        )
        _of_run(record.results, folder / RESULTS, info)
        return record

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """One row per window, method and repetition."""
        return with_names(in_words(self.read_predictions()), self.names)

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """Every paired comparison; made anew for runs that have none written."""
        if self.read_comparisons is not None:
            return self.read_comparisons()
        return with_names(self.compared(self.read_predictions()), self.names)

    def compared(self, predictions: pd.DataFrame, metrics: Collection[str] = COMPARED) -> pd.DataFrame:
        """Compare the methods of a table of predictions as those of this run, parts of tasks left out."""
        return compare_methods(
            predictions[~predictions["train_task"].isin(list(self.parts))],
            self.roles,
            baselines=self.baselines,
            ranking=self.ranking,
            shared_training=self.shared_training,
            metrics=metrics,
            seed=self.seed,
            brought=self.askable,
        )

    @cached_property
    def validation(self) -> pd.DataFrame | None:
        """One row per validation window, method and repetition; None where the run recorded none."""
        return None if self.read_validation is None else with_names(self.read_validation(), self.names)

    @property
    def baselines(self) -> tuple[str, ...]:
        """The methods that trained ones have to beat."""
        return tuple(name for name, method in self.methods.items() if method.is_baseline)

    @cached_property
    def ranking(self) -> Ranking:
        """Baselines by training task, the best on its validation windows first."""
        said = None if self.read_validation is None else self.read_validation()
        return rank_baselines(said, self.roles, self.baselines)

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.info.experiment

    @property
    def seed(self) -> int:
        """The experiment's seed."""
        return self.info.seed

    @property
    def tasks(self) -> Mapping[str, TaskRecord]:
        """Its tasks, by name."""
        return self.info.tasks

    @property
    def methods(self) -> Mapping[str, MethodRecord]:
        """Its methods, by id."""
        return self.info.methods

    @property
    def trainings(self) -> tuple[TrainingRecord, ...]:
        """Every training."""
        return self.info.trainings

    @property
    def images(self) -> tuple[ImageRecord, ...]:
        """Example images."""
        return self.info.images

    @property
    def names(self) -> Mapping[str, MethodName]:
        """What each method is called, by id."""
        return self.info.names

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """How each method is called in text: the shortest name that no other method shares."""
        return {method: name.label for method, name in self.names.items()}

    @cached_property
    def brought(self) -> Mapping[str, Metric]:
        """Metrics that plugins brought to this run, by name."""
        return {name: record.metric(name) for name, record in self.info.metrics.items()}

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """Every metric of this run's results, by name."""
        return {**METRICS, **self.brought}

    @property
    def roles(self) -> dict[str, ClassRoles]:
        """The classes of every task, as an evaluation wants them."""
        return {name: task.roles for name, task in self.tasks.items()}

    @property
    def shared_training(self) -> tuple[str, ...]:
        """Tasks whose trainings have the same windows of one class at least."""
        return tuple(name for name, task in self.tasks.items() if task.shared_training)

    @cached_property
    def parts(self) -> frozenset[str]:
        """Tasks that train on a part of another's windows, where methods were trained on all of them, too."""
        trained = {train for train, _ in self.pairs}
        return frozenset(name for name, task in self.tasks.items() if task.part_of in trained)

    @cached_property
    def whole_tasks(self) -> dict[str, TaskRecord]:
        """The tasks that were run and are not a part of another's training windows."""
        ran = {training.train_task for training in self.trainings} | set(self.results["test_task"])
        return {name: task for name, task in self.tasks.items() if name in ran and not task.part_of}

    @cached_property
    def tried(self) -> tuple[str, ...]:
        """The methods that were run, whether or not they finished: a run may take some of its file's."""
        ran = {training.method for training in self.trainings} | set(self.results["method"])
        return tuple(method for method in self.methods if method in ran)

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every (train_task, test_task) that was tested, tasks in the order of the experiment.

        What a training cost stands in the results with its own task, tested or not.
        """
        found = {cell[:2] for cell in self.cells}
        return tuple((train, test) for train in self.tasks for test in self.tasks if (train, test) in found)

    @cached_property
    def cells(self) -> frozenset[tuple[str, str, str]]:
        """Every (train_task, test_task, method) that was tested."""
        names = ["train_task", "test_task", "method"]
        tested = self.results.loc[self.results["n_windows"] > 0, names].drop_duplicates()
        return frozenset(zip(*(tested[name].astype(str) for name in names), strict=True))

    @property
    def unfinished(self) -> tuple[TrainingRecord, ...]:
        """Trainings that were skipped or failed."""
        return tuple(training for training in self.trainings if training.status != "done")

    @cached_property
    def remarks(self) -> tuple[tuple[str, str], ...]:
        """What is to be known of trainings: of which methods, and tasks if there are several, and what.

        A method's trainings differ in the numbers they tell: the first to say a thing speaks for all.
        """
        owners: dict[tuple[str, str], dict[str, None]] = {}
        said = set()
        for training in self.trainings:
            for remark in training.remarks if training.train_task in self.whole_tasks else ():
                thing = (training.train_task, training.method, _NUMBER.sub("#", remark))
                if thing not in said:
                    owners.setdefault((training.train_task, remark), {})[self.labels[training.method]] = None
                said.add(thing)
        told = tuple(
            (", ".join(labels) + (f" on {task}" if len(self.whole_tasks) > 1 else ""), remark)
            for (task, remark), labels in owners.items()
        )
        pairs = adapted_pairs(self.methods)
        return told + (gains(pairs, self.comparisons, self.labels) if pairs else ())

    def trainings_of(self, train_task: str, method: str) -> tuple[TrainingRecord, ...]:
        """Return the finished repetitions of a method on a task."""
        return tuple(
            training
            for training in self.trainings
            if (training.train_task, training.method, training.status) == (train_task, method, "done")
        )


def _reader(
    path: Path, columns: Columns, info: RunInfo, *, numbers: str | None = None, as_categories: bool = False
) -> Callable[[], pd.DataFrame]:
    """Return what reads a table once, when it is first asked for."""
    return cache(
        lambda: _of_run(read_table(path, columns, numbers=numbers, as_categories=as_categories), path, info)
    )


def _of_run(table: pd.DataFrame, path: Path, info: RunInfo) -> pd.DataFrame:
    """Refuse a table that speaks of other tasks or methods than run.json."""
    for column, known in (
        ("train_task", info.tasks),
        ("test_task", info.tasks),
        ("method", info.methods),
        ("other", info.methods),
    ):
        stray = set(table[column].unique()) - set(known) if column in table.columns else ()
        if stray:
            raise DataError(
                f"{path}: {column} {min(map(str, stray))!r} is not in {RECORD}; "
                f"the files are not of one run: {MAKE_AGAIN}"
            )
    return table


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError(
            f"{path}: not found; expected a run folder, as `selbench run EXPERIMENT` writes it"
        ) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise DataError(f"{path}: cannot be read: {problem}") from problem
