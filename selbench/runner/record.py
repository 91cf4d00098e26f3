"""run.json: everything about a run that is not a table."""

from __future__ import annotations

import hashlib
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from selbench.experiment import SPLITS, Method, Portion, Task
from selbench.plugin import Owner, Registry, installed_versions, spelling, summary
from selbench.runner.cells import training_records
from selbench.runner.citations import citations
from selbench.runner.run import RunOutcome
from selbench.tables import to_table

FORMAT = 1


def run_record(
    outcome: RunOutcome,
    registry: Registry,
    *,
    started: datetime,
    command: list[str],
    images: list[dict[str, str]],
) -> dict[str, Any]:
    """Return what run.json holds: everything about the run that is not a table."""
    experiment = outcome.plan.experiment
    return {
        "format": FORMAT,
        "selbench": version("selbench"),
        "experiment": experiment.name,
        "description": experiment.description,
        "seed": experiment.seed,
        "repetitions": experiment.repetitions,
        "threads": experiment.threads,
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": outcome.seconds,
        "command": command,
        "platform": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "keras_backend": os.environ.get("KERAS_BACKEND", "tensorflow"),
        },
        "packages": installed_versions(),
        "tasks": {task.name: _task_record(outcome, task) for task in experiment.tasks.values()},
        "methods": {method.name: _method_record(method, registry) for method in experiment.methods},
        "cells": training_records(outcome),
        "simulate_seconds": {
            task.name: _simulate_seconds(outcome, task) for task in experiment.tasks.values()
        },
        "citations": citations(experiment),
        "images": images,
    }


def _task_record(outcome: RunOutcome, task: Task) -> dict[str, Any]:
    return {
        "classes": list(task.classes),
        "null": task.null,
        "positive": task.positive,
        "part_of": task.part_of.name if task.part_of else "",
        "windows": to_table(task.windows),
        "empty_windows": task.empty_windows,
        "shared_training": _shares_training(outcome, task),
        "spec": to_table(task.spec),
        "counts": [
            record
            for split in SPLITS
            for portion in outcome.plan.experiment.portions(task, split=split)
            if (record := _count_record(outcome, portion))
        ],
        "simulators": {
            label: {"spelling": source.spelling, "provenance": outcome.plan.provenance(source)}
            for label, source in task.sources.items()
        },
        "scenarios": {
            label: source.scenario_table for label, source in task.sources.items() if source.scenario_table
        },
    }


def _shares_training(outcome: RunOutcome, task: Task) -> bool:
    """Whether all trainings have the same windows of any class: those vary by seed alone."""
    from_file = not all(source.makes_more for source in task.sources.values())
    return from_file or not outcome.plan.experiment.resample_training


def _count_record(outcome: RunOutcome, portion: Portion) -> dict[str, Any] | None:
    files = outcome.files_of(portion)
    if not files.blocks and portion.source.makes_more and portion.n_windows:
        return None
    held = files.kept()
    return {
        "class": portion.label,
        "split": portion.split,
        "kept": len(held.windows),
        "attempted": held.attempted,
        "empty": held.empty,
        "digest": hashlib.sha256(b"".join(held.windows.digests())).hexdigest(),
    }


def _method_record(method: Method, registry: Registry) -> dict[str, Any]:
    entry = registry.models.entry(method.model.name)
    return {
        "encoder": spelling(method.encoder),
        "model": spelling(method.model),
        "default_encoder": method.model.default_encoder,
        "is_baseline": method.model.is_baseline,
        "summary": summary(type(method.model)),
        "plugin": _plugin(entry.owner),
    }


def _plugin(owner: Owner) -> str:
    return f"{owner.plugin} {owner.version}".strip()


def _simulate_seconds(outcome: RunOutcome, task: Task) -> float:
    """Return the seconds spent on the blocks of a task, whenever that was."""
    total = 0.0
    for portion in outcome.plan.portions():
        if portion.task.name == task.name:
            for file in outcome.files_of(portion).blocks:
                cost = outcome.plan.store.read_json("windows", file.parent.name, "cost.json")
                total += float(cost["seconds"])
    return total
