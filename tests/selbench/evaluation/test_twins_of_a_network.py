"""A report on four copies of one network does not call one of them better."""

import csv
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[3] / "benchmarks" / "claims"


@pytest.fixture(scope="module")
def twins() -> ModuleType:
    spec = importlib.util.spec_from_file_location("twins", FOLDER / "twins.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_no_twin_is_better_than_another_in_the_first_four_seeds(twins: ModuleType) -> None:
    found = [twins.false_claims(seed) for seed in range(1, 5)]
    assert sum(row["better_by_auc"] > 0 for row in found) == 0
    assert all(row["auc_lowest"] < row["auc_highest"] for row in found), "their trainings do differ"


def test_at_most_two_of_the_twenty_committed_reports_hold_a_false_claim() -> None:
    with (FOLDER / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["seed"]) for row in rows] == list(range(1, 21))
    assert sum(int(row["better_by_auc"]) > 0 for row in rows) <= 2
    assert sum(int(row["better_by_any_metric"]) > 0 for row in rows) <= 2
