"""What became of every training: its status, its cost, where its predictor lies, what it predicted."""

from __future__ import annotations

import re
from typing import Any

from selbench.experiment import Split, Task
from selbench.foreign.arrays import read_npz
from selbench.runner.run import RunOutcome, TrainingOutcome
from selbench.runner.store import key_of


def slug(text: str) -> str:
    """Return a name as part of a file name: letters, digits, ``-``, ``_`` and ``.`` only."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text.replace("+", "-with-")).strip("-")


def predictor_name(task: str, method: str, repetition: int) -> str:
    """Return the folder name of a trained method: ``TASK.METHOD.rN``."""
    return f"{slug(task)}.{slug(method)}.r{repetition}"


def training_records(outcome: RunOutcome) -> list[dict[str, Any]]:
    """Return what became of every training, as it stands in run.json."""
    return [_training_record(outcome, training) for training in outcome.trainings]


def _training_record(outcome: RunOutcome, training: TrainingOutcome) -> dict[str, Any]:
    planned, plan = training.planned, outcome.plan
    record: dict[str, Any] = {
        "train_task": planned.training.task.name,
        "method": planned.training.method.name,
        "repetition": planned.training.repetition,
        "status": training.status,
        "reason": training.reason,
        "predictor": "",
        "seconds": {},
        "cpu_seconds": {},
        "peak_memory_bytes": None,
        "n_parameters": None,
        "history": {},
        "remarks": [],
    }
    if training.traceback:
        record["traceback"] = training.traceback
    if training.status == "done":
        name = predictor_name(record["train_task"], record["method"], record["repetition"])
        record |= plan.store.read_json("predictors", planned.predictor_key, "cost.json")
        record["predictor"] = f"predictors/{name}"
        own = [(task, split) for task, split in planned.tests if task.name == planned.training.task.name]
        arrays = [prediction_arrays(outcome, training, task, split) for task, split in own]
        record["seconds"] = {**record["seconds"], "predict": float(sum(a["seconds"] for a in arrays))}
    return record


def prediction_arrays(
    outcome: RunOutcome, training: TrainingOutcome, task: Task, split: Split
) -> dict[str, Any]:
    """Read what a training predicted for one split of a test task: probabilities, labels, seconds."""
    made_by = training.planned.predictions_made_by(outcome.plan, task, split)
    path = outcome.plan.store.path("predictions", key_of(made_by)) / "predictions.npz"
    return read_npz(path, expected="predictions", way_out=f"delete {path.parent} and run again")
