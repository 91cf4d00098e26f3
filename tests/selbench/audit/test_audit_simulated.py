"""Which windows of a run are audited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from selbench import Registry
from selbench.audit.simulated import audited_tasks_of_run
from selbench.experiment import parse_experiment
from selbench.runner.plan import Plan
from selbench.runner.run import RunOutcome
from selbench.runner.store import Store


def test_of_a_task_that_methods_are_only_tested_on_training_windows_are_not_made_for_the_audit(
    toy_experiment: Callable[..., dict[str, Any]], toys: Registry, tmp_path: Path
) -> None:
    table = toy_experiment({"train": 10, "test": 10, "threshold": 10})
    table["tasks"]["away"] = table["tasks"]["small"] | {"population": {"size": 2000}}
    table["evaluate"] = [{"train": "small", "test": ["small", "away"]}]
    experiment = parse_experiment(table, toys, where="toy.toml")
    audited = audited_tasks_of_run(RunOutcome(Plan(experiment, Store(tmp_path)), ()))
    splits = {task: {batch.split for batch in data.batches()} for task, data in audited.items()}
    assert splits == {"small": {"train", "validation", "test", "threshold"}, "away": {"test", "threshold"}}
