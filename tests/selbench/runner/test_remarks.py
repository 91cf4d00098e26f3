"""Remarks on trainings reach the record of the run; features that cannot fit into memory decline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import Examples, Model, PluginError, Predictor, Progress, Registry, hookimpl
from selbench.experiment import parse_experiment
from selbench.runner.executors import InProcess
from selbench.runner.gallery import gallery, write_gallery
from selbench.runner.record import training_records
from selbench.runner.run import RunOutcome, run_experiment
from selbench.runner.store import Store
from selbench.runner.tables import predictions_table


class Always(Predictor):
    """Says the same of every window, but for what it is told to say."""

    def __init__(self, sweep: float, saves: bool = True) -> None:
        self.sweep, self.saves = sweep, saves

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        return np.tile(np.float32([1 - self.sweep, self.sweep]), (len(features), 1))

    def save(self, directory: Path) -> None:
        if not self.saves:
            raise PluginError(f"{directory}/weights: holds a thing that no file may contain")


@dataclass(frozen=True)
class Forgetful(Model):
    """What it says after loading is not what it said when it was trained."""

    name = "forgetful"
    default_encoder = "statistics"
    saves: bool = True

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Progress) -> Predictor:
        return Always(0.75, self.saves)

    def load(self, directory: Path) -> Predictor:
        return Always(0.25)


class Forgetting:
    """A plugin with that model."""

    @hookimpl
    def register_models(self) -> list[type[Model]]:
        return [Forgetful]


@pytest.fixture
def outcome_of(toy_table: dict[str, Any], tmp_path: Path) -> Any:
    import toy_selection

    import selbench_fadja
    import selbench_imagene
    import selbench_statistics

    registry = Registry.of(toy_selection, selbench_fadja, selbench_imagene, selbench_statistics, Forgetting())

    def run(method: str) -> RunOutcome:
        table = toy_table | {"methods": [method], "repetitions": 1}
        for described in table["tasks"]["small"]["classes"].values():
            described["simulator"] = "toy[mean_sites=60]"
        experiment = parse_experiment(table, registry, where="toy.toml")
        return run_experiment(experiment, Store(tmp_path), InProcess())

    return run


def test_constant_features_and_shared_rows_are_remarked_on(outcome_of: Any) -> None:
    (training,) = training_records(outcome_of("full-length[collisions=merge]+logistic"))
    assert training.status == "done"
    shared, constant = training.remarks
    assert "sites of the training windows share a row with the site before" in shared
    assert shared.endswith("merged into one row")
    assert constant.startswith("left out ")
    assert constant.endswith("of 5,000 features, constant over the training windows")


def test_a_constant_statistic_is_named(outcome_of: Any) -> None:
    (training,) = training_records(
        outcome_of("statistics[names=h12;nucleotide_diversity;segregating_sites]+logistic")
    )
    assert training.remarks == ("left out 1 of 3 features, constant over the training windows: h12",)


@pytest.mark.parametrize(
    ("method", "why"),
    [
        ("forgetful", "loaded again, it answers otherwise (by up to 0.5) than it was trained to"),
        ("forgetful[saves=false]", "predictor/weights: holds a thing that no file may contain"),
    ],
)
def test_a_predictor_that_does_not_come_back_keeps_its_predictions_and_is_not_saved(
    outcome_of: Any, method: str, why: str
) -> None:
    outcome = outcome_of(method)
    (training,) = training_records(outcome)
    assert training.status == "done"
    assert training.predictor == ""
    assert list(training.remarks) == [f"its predictor is not saved: {why}"]
    table = predictions_table(outcome)
    assert (table["p_sweep"] == np.float32(0.75)).all(), "what was trained is what is scored"
    assert outcome_of(method).trainings[0].status == "done", "and it is not trained again"


def test_windows_whose_features_are_too_large_decline(outcome_of: Any) -> None:
    (training,) = outcome_of("sites[n_sites=1000000000]+logistic").trainings
    assert training.status == "skipped"
    assert "the features of one window, 10 × 1000000000, take 9.3 GiB" in training.reason
    (training,) = outcome_of("statistics[sub_windows=501]+logistic").trainings
    assert training.status == "skipped"
    assert "500 bp cannot be cut into 501 sub-windows" in training.reason


def test_an_encoder_that_declined_draws_no_pictures(outcome_of: Any, tmp_path: Path) -> None:
    outcome = outcome_of("sites[n_sites=1000000000]+logistic")
    assert gallery(outcome) == []
    outcome = outcome_of("sites+logistic")
    strips = gallery(outcome)
    write_gallery(outcome, strips, tmp_path)
    assert {record.label for strip in strips for record in strip.records} == {"neutral", "sweep"}
    assert all((tmp_path / record.file).is_file() for strip in strips for record in strip.records)
