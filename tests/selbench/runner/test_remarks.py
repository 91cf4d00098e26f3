"""Remarks on trainings reach the record of the run; features that cannot fit into memory decline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from selbench import Registry
from selbench.experiment import parse_experiment
from selbench.runner.executors import InProcess
from selbench.runner.gallery import gallery, write_gallery
from selbench.runner.record import training_records
from selbench.runner.run import RunOutcome, run_experiment
from selbench.runner.store import Store


@pytest.fixture
def outcome_of(toy_table: dict[str, Any], tmp_path: Path) -> Any:
    import toy_selection

    import selbench_fadja
    import selbench_imagene
    import selbench_statistics

    registry = Registry.of(toy_selection, selbench_fadja, selbench_imagene, selbench_statistics)

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
