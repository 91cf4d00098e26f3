"""The tables of a run: predictions, results and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from selbench.errors import SelbenchError
from selbench.evaluation import ClassRoles
from selbench.experiment import Experiment, Portion, Split, Task, portions
from selbench.foreign.arrays import read_npz
from selbench.run_folder import MethodName, TrainingRecord, name_methods
from selbench.run_folder.tables import WINDOW_COLUMNS, no_windows, with_names
from selbench.runner.plan import VALIDATION, PlannedTraining
from selbench.runner.run import RunOutcome, TrainingOutcome
from selbench.runner.store import key_of

if TYPE_CHECKING:
    import pandas as pd


Asked = tuple[tuple[Task, Split], ...]
"""Splits of tasks that a trained method was asked about."""


def predictions_table(outcome: RunOutcome) -> pd.DataFrame:
    """Return one row per test or threshold window, method and repetition, in a fixed order.

    Raises
    ------
    SelbenchError
        If no training finished.
    """
    table = _table_of(outcome, lambda planned: planned.tests)
    if table is None:
        told = sorted((c.planned.training.name, c.reason) for c in outcome.trainings)
        first = {reason: name for name, reason in reversed(told)}  # each reason once, of its first training
        reasons = "; ".join(sorted(f"{name}: {reason}" for reason, name in first.items())[:3])
        raise SelbenchError(f"no training finished, so there is nothing to compare: {reasons}")
    return table


def validation_table(outcome: RunOutcome) -> pd.DataFrame | None:
    """Return the same of the windows that trainings were validated on, which each repetition may have anew.

    None where there are none.
    """
    return _table_of(outcome, _validation_of)


def _validation_of(planned: PlannedTraining) -> Asked:
    return tuple((task, split) for task, split in _answered(planned) if split == VALIDATION)


def _answered(planned: PlannedTraining) -> Asked:
    return tuple(
        (task, split) for task, split in planned.asked if planned.plan.has_answer(planned, task, split)
    )


def _table_of(outcome: RunOutcome, asked: Callable[[PlannedTraining], Asked]) -> pd.DataFrame | None:
    import pandas as pd

    parts = [
        part
        for training in outcome.trainings
        if training.status == "done"
        for part in _predictions_of(outcome, training, asked(training.planned))
    ]
    if not parts:
        return None
    keys = ["train_task", "test_task", "method", "repetition", "split", "window"]
    table = pd.concat(parts, ignore_index=True).sort_values(keys, kind="stable", ignore_index=True)
    probabilities = [name for name in table.columns if name not in {*keys, "label"}]
    return with_names(table[[*keys, "label", *probabilities]], name_methods(outcome.plan.experiment.labels))


def tested_portions(outcome: RunOutcome) -> list[tuple[Task, Portion]]:
    """Return the test portions of every task that somebody was tested on, whose windows a run has."""
    tasks = {
        task.name: task
        for training in outcome.trainings
        if training.status == "done"
        for task, split in training.planned.tests
        if split == "test"
    }
    return [
        (task, portion)
        for _, task in sorted(tasks.items())
        for portion in portions(task, split="test")
        if outcome.files_of(portion).blocks or not portion.source.makes_more
    ]


def windows_table(outcome: RunOutcome) -> pd.DataFrame:
    """Return one row per test window, numbered as in the predictions: what it was made with.

    A parameter that a class has none of is NaN; one with the name of another column is left out.
    """
    import pandas as pd

    parts: list[pd.DataFrame] = []
    begun: dict[str, int] = {}
    for task, portion in tested_portions(outcome):
        rows = outcome.files_of(portion).rows()
        first = begun.get(task.name, 0)
        begun[task.name] = first + len(rows)
        numbers = np.arange(first, first + len(rows), dtype=np.int64)
        parts.append(rows.assign(test_task=task.name, window=numbers, label=portion.label))
    if not parts:
        return no_windows()
    table = pd.concat(parts, ignore_index=True)
    parameters = sorted(name for name in table.columns if name not in WINDOW_COLUMNS)
    return table[[*WINDOW_COLUMNS, *parameters]]


def predictions_made_from(outcome: RunOutcome) -> list[dict[str, Any]]:
    """Return the keys of everything that is in the tables of predictions."""
    return [
        {
            "train_task": training.planned.training.task.name,
            "method": training.planned.training.method.name,
            "repetition": training.planned.training.repetition,
            "test_task": task.name,
            "split": split,
            "predictions": key_of(training.planned.predictions_made_by(outcome.plan, task, split)),
        }
        for training in outcome.trainings
        if training.status == "done"
        for task, split in _answered(training.planned)
    ]


def results_table(
    predictions: pd.DataFrame, outcome: RunOutcome, trainings: Sequence[TrainingRecord]
) -> pd.DataFrame:
    """Return every metric of every method and repetition, and what each training cost."""
    from selbench.evaluation import evaluate

    experiment = outcome.plan.experiment
    results = evaluate(predictions, roles_in(experiment), seed=experiment.seed, brought=experiment.metrics)
    return _with_costs(results, trainings, name_methods(experiment.labels))


def roles_in(experiment: Experiment) -> dict[str, ClassRoles]:
    """Return the classes of every task, as an evaluation wants them."""
    return {
        task.name: ClassRoles(task.classes, task.null, task.positive, is_genome=task.is_genome)
        for task in experiment.tasks.values()
    }


def prediction_arrays(
    outcome: RunOutcome, training: TrainingOutcome, task: Task, split: Split
) -> dict[str, Any]:
    """Read what a training predicted for one split of a test task: probabilities, labels, seconds."""
    made_by = training.planned.predictions_made_by(outcome.plan, task, split)
    path = outcome.plan.store.path("predictions", key_of(made_by)) / "predictions.npz"
    return read_npz(path, expected="predictions", way_out=f"delete {path.parent} and run again")


def _predictions_of(outcome: RunOutcome, training: TrainingOutcome, asked: Asked) -> Iterator[pd.DataFrame]:
    import pandas as pd

    planned = training.planned
    for task, split in asked:
        arrays = prediction_arrays(outcome, training, task, split)
        columns: dict[str, Any] = {
            "train_task": planned.training.task.name,
            "test_task": task.name,
            "method": planned.training.method.name,
            "repetition": np.int64(planned.training.repetition),
            "split": split,
            "window": np.arange(len(arrays["labels"]), dtype=np.int64),
            "label": arrays["labels"],
        }
        columns |= {
            f"p_{name}": arrays["probabilities"][:, code]
            for code, name in enumerate(planned.training.task.classes)
        }
        yield pd.DataFrame(columns)


def _with_costs(
    results: pd.DataFrame, trainings: Sequence[TrainingRecord], names: Mapping[str, MethodName]
) -> pd.DataFrame:
    """Append what every training cost as rows of the results: seconds, memory, parameters."""
    import pandas as pd

    rows = [
        {
            "train_task": training.train_task,
            "test_task": training.train_task,
            "method": training.method,
            "repetition": training.repetition,
            "metric": name,
            "class": "",
            "value": float(value),
            "low": np.nan,
            "high": np.nan,
            "interval": "",
            "n_windows": 0,
        }
        for training in trainings
        if training.status == "done"
        for name, value in _costs(training).items()
        if value is not None
    ]
    costs_table = pd.DataFrame(rows, columns=list(results.columns))
    costs_table = costs_table.astype({"repetition": "Int64", "n_windows": results["n_windows"].dtype})
    return with_names(pd.concat([results, costs_table], ignore_index=True), names)


def _costs(training: TrainingRecord) -> dict[str, float | None]:
    return {
        **{f"seconds_{name}": value for name, value in training.seconds.items()},
        **{f"cpu_seconds_{name}": value for name, value in training.cpu_seconds.items()},
        "peak_memory_bytes": training.peak_memory_bytes,
        "n_parameters": training.n_parameters,
    }
