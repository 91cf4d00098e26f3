"""The two tables of a run: predictions.parquet and results.parquet."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from selbench.errors import SelbenchError
from selbench.files import write_whole
from selbench.runner.cells import prediction_arrays, training_records
from selbench.runner.run import RunOutcome, TrainingOutcome

if TYPE_CHECKING:
    import pandas as pd


def write_tables(outcome: RunOutcome, folder: Path) -> None:
    """Write ``predictions.parquet`` and ``results.parquet``."""
    from selbench.evaluation import ClassRoles, evaluate

    predictions = predictions_table(outcome)
    _write_parquet(predictions, folder / "predictions.parquet")
    tasks = {
        task.name: ClassRoles(classes=task.classes, null=task.null, positive=task.positive)
        for task in outcome.plan.experiment.tasks.values()
    }
    results = evaluate(predictions, tasks, seed=outcome.plan.experiment.seed)
    _write_parquet(_with_costs(results, outcome), folder / "results.parquet")


def predictions_table(outcome: RunOutcome) -> pd.DataFrame:
    """Return one row per window, method and repetition, in a fixed order."""
    import pandas as pd

    parts = [
        part
        for training in outcome.trainings
        if training.status == "done"
        for part in _predictions_of(outcome, training)
    ]
    if not parts:
        reasons = "; ".join(sorted({f"{c.planned.training.name}: {c.reason}" for c in outcome.trainings})[:3])
        raise SelbenchError(f"no training finished, so there is nothing to compare: {reasons}")
    keys = ["train_task", "test_task", "method", "repetition", "split", "window"]
    table = pd.concat(parts, ignore_index=True).sort_values(keys, kind="stable", ignore_index=True)
    probabilities = [name for name in table.columns if name not in {*keys, "label"}]
    return table[[*keys, "label", *probabilities]]


def _predictions_of(outcome: RunOutcome, training: TrainingOutcome) -> Iterator[pd.DataFrame]:
    import pandas as pd

    planned = training.planned
    for task, split in planned.tests:
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


def _write_parquet(table: pd.DataFrame, path: Path) -> None:
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, compression="zstd")
    write_whole(path, buffer.getvalue())


def _with_costs(results: pd.DataFrame, outcome: RunOutcome) -> pd.DataFrame:
    """Append what every training cost as rows of the results: seconds, memory, parameters."""
    import pandas as pd

    rows = []
    for record in training_records(outcome):
        if record["status"] != "done":
            continue
        costs = {f"seconds_{name}": value for name, value in record["seconds"].items()}
        costs |= {f"cpu_seconds_{name}": value for name, value in record["cpu_seconds"].items()}
        costs |= {name: record[name] for name in ("peak_memory_bytes", "n_parameters")}
        rows += [
            {
                "train_task": record["train_task"],
                "test_task": record["train_task"],
                "method": record["method"],
                "repetition": record["repetition"],
                "metric": name,
                "class": "",
                "value": float(value),
                "low": np.nan,
                "high": np.nan,
                "interval": "",
                "n_windows": 0,
            }
            for name, value in costs.items()
            if value is not None
        ]
    costs_table = pd.DataFrame(rows, columns=list(results.columns))
    costs_table = costs_table.astype({"repetition": "Int64", "n_windows": results["n_windows"].dtype})
    return pd.concat([results, costs_table], ignore_index=True)
