"""A learning curve costs no windows: smaller trainings take the first of the larger one's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from selbench import Registry
from selbench.experiment import parse_experiment, portions
from selbench.runner.events import JobStarted
from selbench.runner.executors import InProcess
from selbench.runner.run import run_experiment
from selbench.runner.store import Store
from selbench.runner.tables import predictions_table


def test_parts_train_on_the_first_windows_and_are_tested_on_the_same(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    toy_table["tasks"]["small"] |= {"training_sizes": [7, 30], "empty_windows": "drop"}
    experiment = parse_experiment(toy_table, toy_registry, where="toy.toml")
    started: list[str] = []
    outcome = run_experiment(
        experiment,
        Store(tmp_path),
        InProcess(),
        observe=lambda event: started.append(event.name) if isinstance(event, JobStarted) else None,
    )
    assert [training.status for training in outcome.trainings] == ["done"] * 12
    assert sum("block" in name for name in started) == 7, "no more blocks than without the curve"

    def training(name: str) -> list[Any]:
        return [outcome.files_of(p).load() for p in portions(experiment.tasks[name], split="train")]

    for whole, part in zip(training("small"), training("small@7"), strict=True):
        assert len(part) == 7
        np.testing.assert_array_equal(part.positions, whole.take(range(7)).positions)
        np.testing.assert_array_equal(part.haplotypes, whole.take(range(7)).haplotypes)
    predictions = predictions_table(outcome)
    assert set(predictions.test_task) == {"small"}
    assert set(predictions.train_task) == {"small", "small@30", "small@7"}
