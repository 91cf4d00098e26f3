"""What trained methods say of their own validation windows, by which a report chooses the best baseline."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from selbench import Registry
from selbench.experiment import parse_experiment
from selbench.foreign.arrays import read_npz
from selbench.runner.executors import InProcess
from selbench.runner.plan import Plan
from selbench.runner.run import RunOutcome, run_plan, with_earlier
from selbench.runner.store import Store
from selbench.runner.tables import predictions_made_from, predictions_table, validation_table


def done(table: dict[str, Any], registry: Registry, store: Path) -> RunOutcome:
    experiment = parse_experiment(table, registry, where="toy.toml")
    return run_plan(Plan(experiment, Store(store)), InProcess())


@pytest.mark.parametrize("resampled", [True, False])
def test_every_training_is_asked_about_its_own_validation_windows(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path, resampled: bool
) -> None:
    outcome = done(toy_table | {"resample_training": resampled}, toy_registry, tmp_path)
    table = validation_table(outcome)
    assert table is not None
    assert len(table) == 4 * 2 * 20
    assert set(table["split"]) == {"validation"}
    assert set(predictions_table(outcome)["split"]) == {"test", "threshold"}
    by_repetition = {
        planned.training.repetition: [
            portion.repetition for portion in planned.windows_of(planned.training.task, "validation")
        ]
        for planned in outcome.plan.trainings
    }
    assert by_repetition == ({0: [0, 0], 1: [1, 1]} if resampled else {0: [None, None], 1: [None, None]})


def test_an_older_store_is_asked_again_without_training(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    first = done(toy_table, toy_registry, tmp_path)
    whole, tests = validation_table(first), predictions_table(first)
    for path in list((tmp_path / "predictions").rglob("predictions.npz")):
        if _n_windows(path) == 40:
            shutil.rmtree(path.parent)
    plan = Plan(first.plan.experiment, Store(tmp_path))
    assert {plan.state(planned) for planned in plan.trainings} == {"done"}, "its tables lack nothing"
    earlier = with_earlier(RunOutcome(plan, ()))
    assert validation_table(earlier) is None
    assert {row["split"] for row in predictions_made_from(earlier)} == {"test", "threshold"}
    pd.testing.assert_frame_equal(predictions_table(earlier), tests)
    predictors = {path: path.stat().st_mtime_ns for path in (tmp_path / "predictors").rglob("*")}
    again = done(toy_table, toy_registry, tmp_path)
    pd.testing.assert_frame_equal(validation_table(again), whole)
    assert predictors == {path: path.stat().st_mtime_ns for path in (tmp_path / "predictors").rglob("*")}


def _n_windows(path: Path) -> int:
    return len(np.asarray(read_npz(path, expected="", way_out="")["labels"]))
