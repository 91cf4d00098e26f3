"""Runs as a notebook meets them: run, open, ask, compare, run again."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from selbench import Registry
from selbench.bench import Run, compare_runs, load_method, open_run, plan_run, run
from selbench.errors import DataError, ExperimentError
from selbench.experiment import Experiment, parse_experiment
from selbench.run_folder.layout import COMPARISONS, PREDICTIONS, REPORT, RESULTS

PACKAGES = Path(__file__).parents[2] / "packages"


@pytest.fixture(scope="module")
def registry() -> Registry:
    sys.path.insert(0, str(PACKAGES))
    import toy_selection

    return Registry.of(toy_selection)


def table_of(name: str = "toy", tasks: tuple[str, ...] = ("small",)) -> dict[str, Any]:
    task = {
        "null": "neutral",
        "positive": "sweep",
        "empty_windows": "drop",
        "sample": {"n_haplotypes": 10},
        "locus": {"sequence_length": 500, "mutation_rate": 1e-8},
        "population": {"size": 1000},
        "windows": {"train": 60, "validation": 20, "test": 80, "threshold": 100},
        "classes": {
            "neutral": {"simulator": "toy"},
            "sweep": {"simulator": "toy", "selection": {"s": 0.1, "carriers": "all"}},
        },
    }
    return {
        "name": name,
        "seed": 7,
        "repetitions": 2,
        "baselines": False,
        "methods": ["few-sites", "few-sites[seconds=0.001]"],
        "tasks": dict.fromkeys(tasks, task),
    }


def experiment_of(registry: Registry, **options: Any) -> Experiment:
    return parse_experiment(table_of(**options), registry, where="toy.toml")


@pytest.fixture(scope="module")
def toy(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("runs") / "toy"
    return run(experiment_of(registry), out=out, workers=0, registry=registry)


def test_a_run_is_tables_with_all_names_of_every_method(toy: Run) -> None:
    for table in (toy.leaderboard, toy.predictions, toy.results, toy.comparisons):
        assert {"method", "method_label", "method_folder"} <= set(table.columns)
        assert table["method_label"].nunique() <= 2
    named = toy.leaderboard[["method", "method_label", "method_folder"]]
    info = json.loads((toy.path / "run.json").read_text())
    for method, label, folder in named.itertuples(index=False):
        about = info["methods"][method]
        assert (about["method_label"], about["method_folder"]) == (label, folder)
        assert (toy.path / "predictors" / f"small.{folder}.r1" / "method.json").is_file()
    assert toy.leaderboard["roc_auc"].between(0, 1).all()
    assert set(toy.audit.columns) >= {"task", "check", "verdict", "headline"}


def test_two_variants_of_one_model_are_called_by_two_names(toy: Run) -> None:
    assert set(toy.leaderboard["method_label"]) == set(toy.record.labels.values())
    assert len(set(toy.record.labels.values())) == 2


def test_a_folder_opens_as_what_was_run(toy: Run, registry: Registry) -> None:
    again = open_run(toy.path, registry)
    pd.testing.assert_frame_equal(again.leaderboard, toy.leaderboard)
    pd.testing.assert_frame_equal(again.comparisons, pd.read_parquet(toy.path / COMPARISONS))


def test_a_method_answers_to_each_of_its_names(toy: Run, registry: Registry) -> None:
    for name in toy.record.names.values():
        for called in (*name.all, f"small/{name.label}", f"small.{name.folder}.r0"):
            assert toy.methods[called].classes == ("neutral", "sweep")
            assert toy.methods.folder(called).name == f"small.{name.folder}.r0"
        assert load_method(f"{toy.path}:{name.label}@1", registry).provenance["repetition"] == 1
        assert toy.methods.repetition(1)[name.label].provenance["repetition"] == 1
        assert toy.methods[name.label].repetition(1).provenance["repetition"] == 1
    assert list(toy.methods) == list(toy.record.labels.values())
    assert len(toy.methods) == 2


def test_a_method_that_is_not_there_is_named_with_what_is(toy: Run, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"method 'logistic' is not there.*it has"):
        toy.methods["logistic"]
    with pytest.raises(DataError, match="expected the folder of a finished run"):
        load_method(f"{tmp_path}/nowhere:logistic")


def test_a_repetition_that_is_not_there_is_named_by_its_folder(toy: Run) -> None:
    method = toy.methods[next(iter(toy.methods))]
    with pytest.raises(DataError, match=r"expected repetition 7 as .*\.r7, found none"):
        method.repetition(7)
    with pytest.raises(DataError, match="expected a method loaded from a run"):
        replace(method, folder=None).repetition(1)


def test_with_several_tasks_a_bare_name_is_refused_with_the_full_ones(
    registry: Registry, tmp_path: Path
) -> None:
    two = experiment_of(registry, name="two", tasks=("a b", "a-b"))
    found = run(two, out=tmp_path / "two", workers=0, repetitions=1, registry=registry)
    assert len(list((found.path / "predictors").iterdir())) == 4, "no two tasks share a folder"
    label = next(iter(found.record.labels.values()))
    with pytest.raises(DataError, match="trained on several tasks") as refusal:
        found.methods[label]
    assert f"a b/{label}" in str(refusal.value)
    for task in ("a b", "a-b"):
        assert found.methods[f"{task}/{label}"].provenance["task"] == task


def test_running_again_makes_nothing_anew(toy: Run, registry: Registry) -> None:
    def marks() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in toy.path.glob("*.*")}

    before = marks()
    run(experiment_of(registry), out=toy.path, workers=0, registry=registry)
    after = marks()
    assert {Path(name).name for name in before if before[name] != after[name]} <= {
        "experiment.toml",
        "components.json",
    }


@pytest.mark.parametrize("file", [PREDICTIONS, RESULTS, COMPARISONS, REPORT])
def test_what_was_damaged_is_made_again_the_same(toy: Run, registry: Registry, file: str) -> None:
    path = toy.path / file
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    run(experiment_of(registry), out=toy.path, workers=0, registry=registry)
    assert path.read_bytes() == content


def test_runs_are_compared_as_one(toy: Run, registry: Registry) -> None:
    with pytest.raises(DataError, match="two runs or more"):
        compare_runs([toy.path])
    joined = compare_runs([toy, toy.path], registry)
    assert set(joined.leaderboard["method"]) == set(toy.leaderboard["method"])


def test_a_report_takes_its_form_from_the_name(toy: Run, tmp_path: Path) -> None:
    assert toy.report(tmp_path / "a.html").read_text().startswith("<!doctype html>")
    table = pd.read_csv(toy.report(tmp_path / "a.csv"))
    assert set(table["table"]) == {"results", "comparisons"}
    assert toy.report(tmp_path / "a.md").read_text().startswith("# toy")


def test_a_plan_knows_every_name_before_anything_is_trained(registry: Registry, tmp_path: Path) -> None:
    planned = plan_run(experiment_of(registry), out=tmp_path / "run", registry=registry)
    assert len(planned.trainings) == 4
    assert not (tmp_path / "run").exists()
    folder = next(iter({t.training.method.name for t in planned.trainings}))
    for wanted in (folder, "few-sites"):
        plan_run(experiment_of(registry), out=tmp_path / "run", methods=[wanted], registry=registry)
    spelled = plan_run(
        experiment_of(registry), out=tmp_path / "run", methods=["few-sites[seconds=0.0]"], registry=registry
    )
    assert {t.training.method.short_name for t in spelled.trainings} == {"few-sites"}  # its default, written
    with pytest.raises(ExperimentError, match="expected a name of its own among files"):
        plan_run(experiment_of(registry, tasks=("Study", "study")), out=tmp_path / "run", registry=registry)
