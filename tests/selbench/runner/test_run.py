"""Running an experiment: resume, failures, skips, the same results whatever the workers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from selbench import Registry, SelbenchError, Windows
from selbench.experiment import parse_experiment
from selbench.runner import jobs
from selbench.runner.events import Event, JobStarted
from selbench.runner.executors import InProcess
from selbench.runner.processes import Processes
from selbench.runner.run import RunOutcome, run_experiment
from selbench.runner.store import Store
from selbench.runner.tables import predictions_table
from selbench.trained import TrainingRanges, training_ranges
from selbench.trained.description import read_description


class Watcher:
    """Collects the names of the jobs that were started."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, JobStarted):
            self.started.append(event.name)


def run(
    table: dict[str, Any], registry: Registry, store: Path, workers: int = 0
) -> tuple[RunOutcome, list[str]]:
    experiment = parse_experiment(table, registry, where="toy.toml")
    watcher = Watcher()
    if workers:
        with Processes(workers) as executor:
            outcome = run_experiment(experiment, Store(store), executor, observe=watcher)
    else:
        outcome = run_experiment(experiment, Store(store), InProcess(), observe=watcher)
    return outcome, watcher.started


def test_a_run_simulates_trains_and_tests_every_cell(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    outcome, started = run(toy_table, toy_registry, tmp_path)
    assert [training.status for training in outcome.trainings] == ["done"] * 4
    assert sum("block" in name for name in started) == 7
    predictions = predictions_table(outcome)
    assert len(predictions) == 4 * (2 * 80 + 100)
    assert set(predictions.loc[predictions.split == "threshold", "label"]) == {"neutral"}
    per_cell = predictions.groupby(["method", "repetition"]).label.apply(list)
    assert all(labels == per_cell.iloc[0] for labels in per_cell)


def test_running_again_does_nothing_and_gives_the_same(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    first, _ = run(toy_table, toy_registry, tmp_path)
    again, started = run(toy_table, toy_registry, tmp_path)
    assert started == []
    pd.testing.assert_frame_equal(predictions_table(again), predictions_table(first))


def test_adding_a_method_or_a_repetition_does_only_what_is_missing(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    run(toy_table, toy_registry, tmp_path)
    _, started = run(toy_table | {"repetitions": 3}, toy_registry, tmp_path)
    assert [name.rpartition(" ")[2] for name in started] == ["2", "2"]
    methods = [*toy_table["methods"], "few-sites[seconds=0.02]"]
    _, started = run(toy_table | {"methods": methods}, toy_registry, tmp_path)
    assert len(started) == 2
    assert all("0.02" in name for name in started)


def test_training_windows_are_measured_once_for_all_methods_and_runs(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[int] = []

    def counted(windows: Windows, classes: tuple[str, ...], *names: Any) -> TrainingRanges:
        measured.append(len(windows))
        return training_ranges(windows, classes, *names)

    monkeypatch.setattr(jobs, "training_ranges", counted)
    outcome, _ = run(toy_table, toy_registry, tmp_path)
    assert measured == [120], "four trainings on the same windows"
    (ranges,) = (tmp_path / "ranges").glob("*/*/ranges.json")
    known = TrainingRanges.from_json(ranges.read_bytes(), "here")
    for training in outcome.trainings:
        folder = outcome.plan.store.path("predictors", training.planned.predictor_key)
        assert read_description(folder).class_ranges == known.of_classes
    more = toy_table | {"methods": [*toy_table["methods"], "few-sites[seconds=0.02]"]}
    run(more, toy_registry, tmp_path)
    assert measured == [120]
    again = toy_table | {"methods": ["few-sites[seconds=0.03]"]}
    ranges.write_bytes(ranges.read_bytes()[:-9] + b"........}")
    run(again, toy_registry, tmp_path)
    assert measured == [120] * 3, "what is damaged is measured, by each"
    run(again | {"resample_training": True, "seed": 8}, toy_registry, tmp_path)
    assert measured == [120] * 5, "windows of each repetition's own"


def test_changing_the_scenario_or_the_seed_does_all_again(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    run(toy_table, toy_registry, tmp_path)
    _, started = run(toy_table | {"seed": 8}, toy_registry, tmp_path)
    assert len(started) == 7 + 4
    toy_table["tasks"]["small"]["locus"]["mutation_rate"] = 2e-8
    _, started = run(toy_table, toy_registry, tmp_path)
    assert len(started) == 7 + 4


def test_a_failing_cell_is_an_outcome_and_is_retried(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    table = toy_table | {"methods": ["few-sites", "few-sites[fails=true]"]}
    outcome, _ = run(table, toy_registry, tmp_path)
    assert [training.status for training in outcome.trainings] == ["done", "failed", "done", "failed"]
    reason = outcome.trainings[1].reason
    assert re.fullmatch(
        r"model few-sites\[fails=true\]: ArithmeticError: told to fail \(toy_selection\.py:\d+\)", reason
    )
    assert "told to fail" in outcome.trainings[1].traceback
    _, started = run(table, toy_registry, tmp_path)
    assert len(started) == 2
    experiment = parse_experiment(table, toy_registry, where="toy.toml")
    with pytest.raises(SelbenchError, match="told to fail"):
        run_experiment(experiment, Store(tmp_path), InProcess(), fail_fast=True)


def test_a_method_that_cannot_take_the_features_is_skipped_with_the_reason(
    toy_table: dict[str, Any], tmp_path: Path
) -> None:
    import toy_selection

    import selbench_fadja

    registry = Registry.of(toy_selection, selbench_fadja)
    outcome, _ = run(toy_table | {"methods": ["few-sites", "full-length+few-sites"]}, registry, tmp_path)
    assert [training.status for training in outcome.trainings] == ["done", "skipped"] * 2
    assert "expected one number per window" in outcome.trainings[1].reason


def test_windows_that_cannot_be_simulated_fail_their_cells_alone(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    toy_table["tasks"]["small"]["empty_windows"] = "drop"
    barren = {**toy_table["tasks"]["small"], "classes": dict(toy_table["tasks"]["small"]["classes"])}
    barren["classes"]["sweep"] = {**barren["classes"]["sweep"], "simulator": "toy[mean_sites=0]"}
    table = toy_table | {"tasks": {"small": toy_table["tasks"]["small"], "barren": barren}, "repetitions": 1}
    outcome, _ = run(table, toy_registry, tmp_path)
    assert [training.status for training in outcome.trainings] == ["done", "done", "failed", "failed"]
    assert "none of" in outcome.trainings[2].reason


def test_one_worker_two_workers_and_none_give_the_same_predictions(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    here, _ = run(toy_table, toy_registry, tmp_path / "here")
    for workers in (1, 2):
        there, started = run(toy_table, toy_registry, tmp_path / str(workers), workers)
        assert len(started) == 11
        pd.testing.assert_frame_equal(predictions_table(there), predictions_table(here))


def test_a_worker_that_dies_once_is_replaced(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    table = toy_table | {"methods": ["few-sites", f"few-sites[dies_unless={mark}]"], "repetitions": 1}
    outcome, _ = run(table, toy_registry, tmp_path / "store", workers=2)
    assert [training.status for training in outcome.trainings] == ["done", "done"]
    assert mark.exists()


def test_a_damaged_artefact_is_made_again(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path
) -> None:
    first, _ = run(toy_table, toy_registry, tmp_path)
    expected = predictions_table(first)
    victim = next(tmp_path.glob("predictions/*/*/predictions.npz"))
    victim.write_bytes(victim.read_bytes()[:50])
    again, started = run(toy_table, toy_registry, tmp_path)
    assert len(started) == 1
    pd.testing.assert_frame_equal(predictions_table(again), expected)
