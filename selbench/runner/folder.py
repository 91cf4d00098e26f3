"""Write the run folder: plain tables, JSON and PNG files that open without selbench."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selbench.errors import DataError
from selbench.evaluation import compare_methods, rank_baselines
from selbench.experiment import Experiment
from selbench.files import folder_lock, write_whole
from selbench.foreign.toml import read_toml
from selbench.plugin import Registry
from selbench.run_folder import TrainingRecord, predictor_name, write_info
from selbench.run_folder.layout import (
    COMPARISONS,
    EXPERIMENT,
    FILES,
    IMAGES,
    PREDICTIONS,
    PREDICTORS,
    RECORD,
    RESULTS,
    STORE,
    VALIDATION,
    WINDOWS,
)
from selbench.run_folder.made_from import Products, code_of, digest_of
from selbench.run_folder.tables import with_names, write_table
from selbench.runner.fingerprint import code_of_offer
from selbench.runner.gallery import Strip, gallery, write_gallery
from selbench.runner.null_scores import write_null_scores
from selbench.runner.record import names_in, run_info, shares_training, training_records
from selbench.runner.run import RunOutcome, TrainingOutcome
from selbench.runner.session import sessions_at_work
from selbench.runner.store import MANIFEST
from selbench.runner.tables import (
    predictions_made_from,
    predictions_table,
    results_table,
    roles_in,
    tested_portions,
    validation_table,
    windows_table,
)
from selbench.tables import without_folders
from selbench.trained.null import NULL_FILE

if TYPE_CHECKING:
    import pandas as pd


def begin_folder(experiment: Experiment, folder: Path) -> None:
    """Make the run folder, or take up one of the same experiment, and write experiment.toml.

    Raises
    ------
    DataError
        If the folder holds something else, or cannot be written.
    """
    import tomli_w

    expect_same_run(experiment, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with folder_lock(folder):
            write_whole(folder / EXPERIMENT, tomli_w.dumps(dict(experiment.table)).encode())
            (folder / PREDICTORS).mkdir(exist_ok=True)
    except OSError as problem:
        raise DataError(f"{folder}: cannot be written: {problem.strerror or problem}") from problem


def expect_same_run(experiment: Experiment, folder: Path) -> None:
    """Raise DataError where a folder holds something else than this experiment's run, or a new one."""
    earlier = earlier_table(folder)
    for name, table in experiment.table["tasks"].items():
        before = earlier.get("tasks", {}).get(name, table)
        other = without_folders(before) != without_folders(table)
        if other or earlier.get("seed", experiment.seed) != experiment.seed:
            what = f"task {name!r}" if other else "the seed"
            raise DataError(
                f"{folder}: holds a run in which {what} was another: choose another --out, or delete that run"
            )


def earlier_table(folder: Path) -> dict[str, Any]:
    """Return the experiment that a run folder holds already; empty for a new folder.

    Raises
    ------
    DataError
        If the folder is in use for something else.
    """
    path = folder / EXPERIMENT
    if path.is_file():
        return read_toml(path, expected="the experiment of a run; delete it, or choose another --out")
    if folder.exists() and (not folder.is_dir() or not all(map(_may_come_first, folder.iterdir()))):
        raise DataError(
            f"{folder}: expected a new folder or that of a run, found other files: choose another --out"
        )
    return {}


def _may_come_first(path: Path) -> bool:
    """Tell whether something may lie in a folder before the experiment does: a store, or what a kill left."""
    return path.name == STORE or path.name.startswith(f".{EXPERIMENT}-")


def write_folder(
    outcome: RunOutcome, registry: Registry, folder: Path, *, started: datetime, command: list[str]
) -> Products:
    """Write the results of a run, each file whole or not at all; run.json comes last.

    What is there already, made from the same, is left as it is.

    Returns
    -------
    products : Products
        What each file was made from.
    """
    with folder_lock(folder):
        _remove_leftovers(folder)
        _remove_strays(outcome, folder / PREDICTORS)
        write_null_scores(outcome, copy_predictors(outcome, folder))
        return _Writing(outcome, registry, folder).write(started, command)


@dataclass(frozen=True)
class _Writing:
    """The files of a run that hang together, each made once and only if somebody needs it."""

    outcome: RunOutcome
    registry: Registry
    folder: Path

    def write(self, started: datetime, command: list[str]) -> Products:
        """Make what is missing or was made from something else."""
        plan, names = self.outcome.plan, names_in(self.outcome.plan.experiment)
        tables = {
            "code": code_of("run_folder", "runner/tables.py"),
            "predictions": predictions_made_from(self.outcome),
            "names": names,
        }
        measures = {
            "code": code_of("evaluation"),
            "predictions": tables,
            "tasks": roles_in(plan.experiment),
            "seed": plan.experiment.seed,
            "metrics": {metric.name: code_of_offer(metric) for metric in plan.experiment.metrics},
            "baselines": self._baselines,
        }
        images = {
            "code": code_of("runner/gallery.py"),
            "images": [
                [plan.portion_made_by(strip.portion), plan.identities.of(strip.encoder), strip.records]
                for strip in self.gallery
            ],
        }
        windows = {
            "code": code_of("run_folder", "runner/tables.py", "runner/blocks.py", "runner/portion_files.py"),
            "portions": [(t.name, plan.portion_made_by(each)) for t, each in tested_portions(self.outcome)],
        }
        everything = {
            "code": code_of("runner/record.py"),
            "measures": measures,
            "images": images,
            "trainings": [
                (c.planned.training.name, c.status, c.reason, c.traceback) for c in self.outcome.trainings
            ],
            "predictors": [c.planned.predictor_key for c in self.outcome.trainings],
            "experiment": plan.experiment.table,
        }
        products = Products.of(self.folder)
        for name, made_from, make in (
            (PREDICTIONS, tables, lambda: self._write(PREDICTIONS, self.predictions)),
            (VALIDATION, tables, self._write_validation),
            (WINDOWS, windows, lambda: self._write(WINDOWS, windows_table(self.outcome))),
            (RESULTS, measures, lambda: self._write(RESULTS, self._results())),
            (COMPARISONS, measures, lambda: self._write(COMPARISONS, self._comparisons())),
            (IMAGES, images, lambda: write_gallery(self.outcome, self.gallery, self.folder)),
            (RECORD, everything, lambda: self._write_record(started, command)),
        ):
            if name != IMAGES or self.gallery:
                products = products.ensure(name, digest_of(made_from), make)
        return products

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """The table of predictions."""
        return predictions_table(self.outcome)

    @cached_property
    def validation(self) -> pd.DataFrame | None:
        """The table of what was said of validation windows, if anything was."""
        return validation_table(self.outcome)

    @cached_property
    def trainings(self) -> list[TrainingRecord]:
        """What became of every training."""
        return training_records(self.outcome)

    @cached_property
    def gallery(self) -> list[Strip]:
        """What there is to be shown."""
        return gallery(self.outcome)

    def _write(self, name: str, table: pd.DataFrame) -> None:
        write_table(table, self.folder / name)

    def _write_validation(self) -> None:
        if self.validation is None:
            (self.folder / VALIDATION).unlink(missing_ok=True)
        else:
            self._write(VALIDATION, self.validation)

    def _results(self) -> pd.DataFrame:
        return results_table(self.predictions, self.outcome, self.trainings)

    def _comparisons(self) -> pd.DataFrame:
        """Compare all methods, but where they are trained on a task not on parts of its windows."""
        experiment, roles = self.outcome.plan.experiment, roles_in(self.outcome.plan.experiment)
        trained = set(self.predictions["train_task"].unique())
        wholes = {name: task.part_of.name for name, task in experiment.tasks.items() if task.part_of}
        parts = [name for name, whole in wholes.items() if whole in trained]
        found = compare_methods(
            self.predictions[~self.predictions["train_task"].isin(parts)],
            roles,
            baselines=self._baselines,
            ranking=rank_baselines(self.validation, roles, self._baselines),
            shared_training=[t.name for t in experiment.tasks.values() if shares_training(experiment, t)],
            seed=experiment.seed,
            brought=experiment.metrics,
        )
        return with_names(found, names_in(experiment))

    @property
    def _baselines(self) -> list[str]:
        methods = self.outcome.plan.experiment.methods
        return [method.name for method in methods if method.model.is_baseline]

    def _write_record(self, started: datetime, command: list[str]) -> None:
        images = [record for strip in self.gallery for record in strip.records]
        info = run_info(
            self.outcome,
            self.registry,
            started=started,
            command=command,
            trainings=self.trainings,
            images=images,
        )
        write_whole(self.folder / RECORD, write_info(info))


def _remove_leftovers(folder: Path) -> None:
    """Remove the temporary folders in which killed runs were writing, unless another run is at work here."""
    if len(sessions_at_work(folder)) > 1:
        return
    for name in (*FILES, f"{IMAGES}/*.png"):
        pattern = Path(name).with_name(f".{Path(name).name}-*")
        for path in folder.glob(str(pattern)):
            shutil.rmtree(path, ignore_errors=True)


def copy_predictors(outcome: RunOutcome, folder: Path) -> dict[Path, TrainingOutcome]:
    """Put every trained method into ``predictors/``, sharing the store's files where the disk can.

    Those that would not come back from a file have none.

    Returns
    -------
    folders : dict of Path to TrainingOutcome
        Those that are there.
    """
    there = {}
    for training in outcome.trainings:
        target = _predictor_folder(folder, training)
        is_saved = training.status == "done" and outcome.plan.is_fitted(training.planned)
        if is_saved and not _is_copied(outcome, training, target):
            _copy_predictor(outcome, training, target)
        if is_saved:
            there[target] = training
    return there


def _predictor_folder(folder: Path, training: TrainingOutcome) -> Path:
    planned = training.planned.training
    return folder / PREDICTORS / predictor_name(planned.task.name, planned.method.name, planned.repetition)


def _is_copied(outcome: RunOutcome, training: TrainingOutcome, target: Path) -> bool:
    """Whether a predictor's files are those of the store, shared: another name for the same file."""
    source = outcome.plan.store.path("predictors", training.planned.predictor_key)
    files = _files_in(source)
    files.pop(MANIFEST, None)
    copied = _files_in(target)
    copied.pop(NULL_FILE, None)
    return bool(files) and files == copied


def _files_in(folder: Path) -> dict[str, tuple[int, int]]:
    """Return which file lies under each name in a folder, by device and number."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)  # hundreds of files: pathlib takes ten times as long
            status = os.stat(path)
            found[os.path.relpath(path, folder)] = status.st_dev, status.st_ino
    return found


def _copy_predictor(outcome: RunOutcome, training: TrainingOutcome, target: Path) -> None:
    source = outcome.plan.store.path("predictors", training.planned.predictor_key)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.copytree(source, temporary, copy_function=_link_or_copy, ignore=_not_the_manifest)
        shutil.rmtree(target, ignore_errors=True)
        temporary.rename(target)
    except OSError as problem:
        shutil.rmtree(temporary, ignore_errors=True)
        raise DataError(f"{target}: cannot be written: {problem.strerror or problem}") from problem


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target


def _not_the_manifest(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == MANIFEST]


def _remove_strays(outcome: RunOutcome, predictors: Path) -> None:
    """Remove trained methods that are not of this run's tables; the store still has them."""
    ours = {_predictor_folder(predictors.parent, training).name for training in outcome.trainings}
    for path in predictors.iterdir():
        if path.is_dir() and path.name not in ours:
            shutil.rmtree(path, ignore_errors=True)
