"""One run with a stranger's things from every door that is no component's: each is found where it belongs."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from selbench import Registry
from selbench.bench import Run, compare_runs, run
from selbench.bench.reports import render_report
from selbench.errors import ExperimentError
from selbench.experiment import parse_experiment
from selbench.formats.png_folder import write_png_folder
from selbench.formats.readers import read_windows, reader_of
from selbench.run_folder.layout import COMPARISONS, PREDICTIONS, REPORT, RESULTS
from selbench.testing import random_windows

PACKAGES = Path(__file__).parents[2] / "packages"


@pytest.fixture(scope="module")
def registry() -> Registry:
    sys.path.insert(0, str(PACKAGES))
    import toy_doors
    import toy_selection

    return Registry.of(toy_selection, toy_doors)


def table_of(**changes: Any) -> dict[str, Any]:
    task = {
        "null": "neutral",
        "positive": "sweep",
        "empty_windows": "drop",
        "sample": {"n_haplotypes": 10},
        "locus": {"sequence_length": 500, "mutation_rate": 1e-8},
        "population": {"town": "small"},
        "windows": {"train": 40, "validation": 20, "test": 40, "threshold": 40},
        "classes": {
            "neutral": {"simulator": "toy"},
            "sweep": {"simulator": "toy", "selection": {"s": 0.1, "carriers": "all"}},
        },
    }
    return {
        "name": "doors",
        "seed": 7,
        "repetitions": 2,
        "baselines": False,
        "methods": ["few-sites", "few-sites[seconds=0.001]"],
        "metrics": ["log_loss", "toy_doors:correlation", "brier"],
        "tasks": {"small": task},
    } | changes


def parsed(registry: Registry, **changes: Any) -> Any:
    return parse_experiment(table_of(**changes), registry, where="doors.toml")


@pytest.fixture(scope="module")
def doors(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("runs") / "doors"
    return run(parsed(registry), out=out, workers=0, registry=registry, progress=False)


def test_a_metric_is_a_column_everywhere(doors: Run) -> None:
    for name, label in (("log_loss", "log loss"), ("correlation", "MCC")):
        for table, where in ((RESULTS, "value"), (COMPARISONS, "difference")):
            rows = pd.read_parquet(doors.path / table)
            assert rows.loc[rows["metric"] == name, where].notna().all()
            assert (rows["metric"] == name).any()
        board = doors.leaderboard
        assert (board[f"{name}_low"] <= board[name]).all()
        for form in ("terminal", "markdown", "html"):
            assert label in render_report(doors.record, form)
        assert f",{name}," in render_report(doors.record, "csv")
    assert not any(row.startswith("brier.") for row in board.columns)


def test_a_metric_that_one_of_two_runs_names_is_measured_of_the_methods_of_both(
    doors: Run, registry: Registry, tmp_path: Path
) -> None:
    other = shutil.copytree(doors.path, tmp_path / "other", ignore=shutil.ignore_patterns("store"))
    told = json.loads((other / "run.json").read_text())
    del told["metrics"]
    (other / "run.json").write_text(json.dumps(told))
    predictions = pd.read_parquet(other / PREDICTIONS)
    predictions["p_sweep"] = 1 - predictions["p_sweep"]
    predictions["p_neutral"] = 1 - predictions["p_neutral"]
    predictions.to_parquet(other / PREDICTIONS, index=False)
    joint = compare_runs([other, doors], registry)
    board, own = (of.leaderboard.set_index("method") for of in (joint, doors))
    for name in ("log_loss", "correlation"):
        assert board[name].notna().all()
        for method in own.index:
            assert board.loc[f"{method} @ doors", name] == own.loc[method, name]
        found = joint.comparisons[joint.comparisons["metric"] == name]
        assert found["difference"].notna().all()
        assert len(found) >= 6
    assert "MCC" in render_report(joint.record, "terminal")
    without = compare_runs([other, doors], Registry.of())
    assert "log_loss" not in without.leaderboard
    assert "no plugin installed here has them: correlation, log_loss" in render_report(without.record, "html")


def test_a_check_is_asked_in_every_audit_and_one_that_fails_leaves_the_others_alone(doors: Run) -> None:
    found = {row.check: row for row in doors.audit.itertuples()}
    assert found["Singletons"].verdict == "green"
    assert found["Out of order"].verdict == "amber"
    assert "KeyError: 'x' (toy_doors.py:" in found["Out of order"].headline
    assert found["Identical windows across splits"].verdict == "green"
    assert "Singletons" in (doors.path / REPORT).read_text()


def test_a_section_stands_in_the_page_and_its_text_is_no_markup(doors: Run) -> None:
    page = (doors.path / REPORT).read_text()
    assert "<h2>Markup &lt;of&gt; an author</h2>" in page
    assert "<script>alert" not in page
    assert "<i>text</i>" not in page
    assert "&lt;i&gt;text&lt;/i&gt; with <code>code</code>" in page
    assert '<td class="number">0.250</td>' in page
    assert '<td class="number">1,234</td>' in page
    assert "&lt;b&gt;line&lt;/b&gt;" in page
    assert "This section failed: KeyError: &#39;x&#39; (toy_doors.py:" in page
    assert "Nothing to show" not in page
    places = [page.index(f"<h2>{title}") for title in ("Leaderboard", "Markup", "Out of order", "ROC curves")]
    assert places == sorted(places)


def test_a_population_by_name_is_its_numbers_in_what_a_run_holds(doors: Run) -> None:
    scenarios = doors.record.tasks["small"].scenarios
    assert [scenario["population"]["size"] for scenario in scenarios.values()] == [1000, 1000]
    assert "small" not in str(scenarios)


def test_a_folder_of_images_is_trained_on_and_imported_as_it_lies(registry: Registry, tmp_path: Path) -> None:
    windows = {split: random_windows(60, seed=n, labels=True) for n, split in enumerate(("train", "test"))}
    kept = {split: each.take(each.n_sites > 0) for split, each in windows.items()}
    write_png_folder(tmp_path / "images", kept, null="neutral", positive="sweep")
    read = list(read_windows(reader_of(tmp_path / "images", registry), tmp_path / "images"))
    assert {split: len(found) for split, found in read} == {split: len(of) for split, of in kept.items()}
    task = table_of()["tasks"]["small"] | {
        "null": "neutral",
        "positive": "selection",
        "windows": {"train": 10, "validation": 0, "test": 10, "threshold": 0},
        "classes": {name: {"dataset": str(tmp_path / "images")} for name in ("neutral", "selection")},
    }
    del task["sample"], task["locus"], task["population"]
    found = run(
        parsed(registry, tasks={"small": task}, repetitions=1), out=tmp_path / "run", workers=0,
        registry=registry, progress=False,
    )  # fmt: skip
    assert found.leaderboard["roc_auc"].between(0, 1).all()


def test_another_metric_costs_no_training(doors: Run, registry: Registry) -> None:
    trained = {path: path.stat().st_mtime_ns for path in (doors.path / "store" / "predictors").iterdir()}
    assert trained
    fewer = parsed(registry, metrics=["log_loss"])
    again = run(fewer, out=doors.path, workers=0, registry=registry, progress=False)
    assert "correlation" not in set(pd.read_parquet(doors.path / RESULTS)["metric"])
    assert "MCC" not in (doors.path / REPORT).read_text()
    assert trained == {
        path: path.stat().st_mtime_ns for path in (doors.path / "store" / "predictors").iterdir()
    }
    assert again.leaderboard["log_loss"].notna().all()


def test_metrics_that_are_not_there_or_stand_in_the_way_are_refused_before_anything_runs(
    registry: Registry,
) -> None:
    with pytest.raises(ExperimentError, match=r"doors.toml: metrics: unknown metric 'log_los'"):
        parsed(registry, metrics=["log_los"])
