"""Learning curves: parts of one training set, tested on the same windows."""

from __future__ import annotations

import json

import pytest

from selbench.report import markdown, terminal
from selbench.report.html import render
from selbench.report.leaderboard import leaderboards
from selbench.report.learning import learning_curves
from selbench.report.suite import suite_table
from selbench.run_folder import RunRecord


@pytest.fixture(scope="module")
def record(fake_run, tmp_path_factory):
    run = fake_run(
        pairs=[("study", "study"), ("study@500", "study"), ("study@50", "study"), ("other", "other")],
        n_train={"study@500": 500, "study@50": 50},
        n_test=30,
        n_resamples=20,
        repetitions=1,
    )
    return RunRecord.read(run.write(tmp_path_factory.mktemp("run")))


def test_sizes_rise_and_every_method_has_its_auc_at_each(record):
    (curve,) = learning_curves(record)
    assert curve.test_task == "study"
    assert curve.sizes == (50, 500, 1000)
    rows = record.results.query("metric == 'roc_auc' and `class` == '' and repetition.isna()")
    finished = {method: label for method, label in record.labels.items() if label in curve.estimates}
    assert len(finished) > 2
    for method, label in finished.items():
        of_method = rows[rows["method"] == method].set_index("train_task")["value"]
        found = [estimate.value for estimate in curve.estimates[label]]
        assert found == [of_method["study@50"], of_method["study@500"], of_method["study"]]


def test_another_metric_stands_in_its_place_and_auc_where_it_was_not_measured(record):
    (curve,) = learning_curves(record, "accuracy")
    assert curve.metric == "accuracy"
    rows = record.results.query("metric == 'accuracy' and `class` == '' and repetition.isna()")
    at_whole = rows[rows["train_task"] == "study"].set_index("method")["value"]
    of_whole = {label: estimates[-1].value for label, estimates in curve.estimates.items()}
    assert of_whole == {record.labels[method]: value for method, value in at_whole.items()}
    (curve,) = learning_curves(record, "power_at_1_percent_interpolated")
    assert curve.metric == "AUC", "30 threshold windows are too few for power at 1 %"
    assert "by training windows, tested on study" in render(record)


def test_parts_have_no_leaderboards_of_their_own(record):
    assert [board.title for board in leaderboards(record)] == ["study", "other"]


def test_a_part_alone_has_a_leaderboard(fake_run, tmp_path):
    run = fake_run(
        pairs=[("study@50", "study"), ("study@50", "bottleneck")],
        n_train={"study@50": 50},
        n_test=30,
        n_resamples=20,
        repetitions=1,
    )
    record = RunRecord.read(run.write(tmp_path / "run"))
    assert [board.title for board in leaderboards(record)] == ["study@50 → study", "study@50 → bottleneck"]
    for text in (render(record), terminal.render(record), markdown.render(record)):
        assert "study@50" in text
    assert [task.name for task in suite_table(record).tasks] == ["study@50 → study"]


def test_terminal_and_markdown_show_the_curve(record):
    assert "AUC on study by training windows per class" in terminal.render(record)
    assert "| AUC by training windows per class | 50 | 500 | 1,000 |" in markdown.render(record)


def test_a_run_without_parts_has_no_curve(run_folder):
    assert learning_curves(RunRecord.read(run_folder)) == ()
    assert all(
        not task["part_of"] for task in json.loads((run_folder / "run.json").read_text())["tasks"].values()
    )
