"""The leaderboard of a suite: who is best, what thresholds are worth elsewhere, what nobody can do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from selbench import Registry
from selbench.evaluation.predictive_value import predictive_value
from selbench.report.across_tasks import across_tasks
from selbench.report.html.suite import render_suite as page_of
from selbench.report.joint import join_runs, restricted
from selbench.report.leaderboard import Estimate, Standing
from selbench.report.short_labels import with_short_labels
from selbench.report.suite import DRIFT, NOT_TESTED, SuiteTable, SuiteTask, _right_calls, suite_table
from selbench.report.suite_choices import (
    BESIDE,
    choices,
    encodings,
    encodings_explained,
    headline_said,
    selection_said,
)
from selbench.report.suite_markdown import render_suite as text_of
from selbench.run_folder import RunRecord

SHIFTS = {"a+cnn": 2.6, "statistics+logistic": 2.5, "statistics+segregating-sites": 0.8}


@pytest.fixture(scope="module")
def records(fake_run: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> list[RunRecord]:
    """Return a run of one task with a twin and another world, and one of another task."""
    folder = tmp_path_factory.mktemp("suite")

    def write(name: str, pairs: list[tuple[str, str]], shifts: dict[str, float]) -> RunRecord:
        run = fake_run(
            pairs=pairs, shifts=shifts, n_test=60, n_threshold=2000, n_resamples=20, unfinished=False
        )
        return RunRecord.read(run.write(folder / name))

    hard = [("hard", "hard"), ("hard", "hard" + DRIFT), ("hard", "cold")]
    return [
        write("hard", hard, SHIFTS),
        write("weak", [("weak", "weak")], {method: shift / 3 for method, shift in SHIFTS.items()}),
    ]


@pytest.fixture(scope="module")
def joined(records: list[RunRecord]) -> RunRecord:
    """Return both as one."""
    return join_runs(records)


@pytest.fixture(scope="module")
def table(joined: RunRecord) -> SuiteTable:
    """Return what they come to."""
    return suite_table(joined)


def test_a_method_of_two_runs_is_one_method_and_keeps_each_run_s_figures(
    joined: RunRecord, records: list[RunRecord]
) -> None:
    assert set(joined.methods) == set(SHIFTS)
    for record in records:
        tasks = {train for train, _ in record.pairs}
        own = record.results[record.results["metric"] == "roc_auc"]["value"].tolist()
        rows = joined.results[
            (joined.results["metric"] == "roc_auc") & joined.results["train_task"].isin(tasks)
        ]
        assert rows["value"].tolist() == own
    assert len(joined.predictions) == sum(len(record.predictions) for record in records)
    assert len(joined.comparisons) == sum(len(record.comparisons) for record in records)


def test_tasks_are_counted_apart_from_twins_and_worlds(joined: RunRecord, table: SuiteTable) -> None:
    assert table.counts == ((2, "tasks"), (1, "drift twin"), (1, "other world"))
    assert "2 tasks, 1 drift twin, 1 other world, each counted by itself." in text_of(joined, table)
    page = page_of(joined, table)
    for n, noun in table.counts:
        assert f"<dt>{noun}</dt><dd>{n}</dd>" in page
    assert "<dt>tasks</dt><dd>4" not in page


def test_a_learning_curve_is_no_further_task(fake_run: Callable[..., Any], tmp_path: Path) -> None:
    pairs = [("hard", "hard"), ("hard-curve", "hard-curve")]
    run = fake_run(pairs=pairs, shifts=SHIFTS, n_resamples=10, unfinished=False)
    record = RunRecord.read(run.write(tmp_path / "run"))
    assert [task.name for task in suite_table(record).tasks] == ["hard"]


def test_methods_trained_on_a_part_of_a_task_stand_in_a_table_of_their_own(
    fake_run: Callable[..., Any], tmp_path: Path
) -> None:
    pairs = [
        ("hard", "hard"),
        ("hard@500", "hard"),
        ("hard@500", "hard-drift"),
        ("big-curve@500", "big-curve"),
    ]
    sizes = {"hard@500": 500, "big-curve@500": 500}
    run = fake_run(pairs=pairs, shifts=SHIFTS, n_train=sizes, n_resamples=10, unfinished=False)
    record = RunRecord.read(run.write(tmp_path / "run"))
    table = suite_table(record)
    assert [task.name for task in table.tasks] == ["hard"]
    (part,) = table.on_fewer
    assert (part.board.train_task, part.board.test_task) == ("hard@500", "hard")
    assert all(row.drift.is_known for row in part.rows)
    assert part.gain is None
    assert part.tied == tuple(row.label for row in part.rows[1:]), "nothing is compared"
    text, page = text_of(record, table), page_of(record, table)
    assert "\n## hard@500\n" in text
    assert "Trained on a part of the windows of hard" in text
    assert "Trained on a part of the windows of hard" in page


def named(table: SuiteTable, task: str) -> SuiteTask:
    return next(each for each in table.tasks if each.name == task)


def test_tasks_twins_and_worlds_are_told_apart(table: SuiteTable) -> None:
    assert {task.name for task in table.tasks} == {"hard", "weak"}
    assert {transfer.test_task for transfer in table.transfers} == {"cold"}
    hard, weak = named(table, "hard"), named(table, "weak")
    assert all(row.drift.is_known for row in hard.rows)
    assert not any(row.drift.is_known for row in weak.rows)


def test_the_best_by_power_comes_first_and_its_rivals_are_not_those_it_beats(table: SuiteTable) -> None:
    hard = named(table, "hard")
    powers = [row.power.value for row in hard.rows]
    assert powers == sorted(powers, reverse=True)
    assert "segregating-sites" not in (hard.best.label, *hard.tied)
    assert hard.baseline == "segregating-sites"
    assert hard.chosen_on.startswith("test windows")
    assert hard.gain is not None
    assert hard.gain.difference == pytest.approx(hard.best.power.value - hard.rows[-1].power.value)


def test_the_best_is_better_than_as_many_as_were_run_on_the_task(
    joined: RunRecord, table: SuiteTable
) -> None:
    first, *others = table.tasks
    rows = tuple(replace(row, is_tied=place == 0) for place, row in enumerate(first.rows[:2]))
    alone = replace(table, tasks=(replace(first, rows=rows), *others))
    assert "| none of 1 |" in text_of(joined, alone)
    assert "Better than the other one on it" in page_of(joined, alone)
    two = replace(table, tasks=(replace(first, rows=(*rows, replace(rows[1]))), *others))
    assert "Better than each of 2 others on it" in page_of(joined, two)


Made = Callable[..., tuple[RunRecord, SuiteTable]]


@pytest.fixture
def made(fake_run: Callable[..., Any], tmp_path: Path) -> Made:
    """Return how to make a run of a suite, and its table."""

    def make(**options: Any) -> tuple[RunRecord, SuiteTable]:
        told = {"pairs": [("hard", "hard"), ("weak", "weak")], "n_test": 20, "n_threshold": 2000}
        run = fake_run(**{**told, "n_resamples": 10, "unfinished": False, **options})
        record = RunRecord.read(run.write(tmp_path / "run"))
        return record, suite_table(record)

    return make


def test_a_method_that_stands_alone_beats_nobody(made: Made) -> None:
    record, table = made(pairs=[("hard", "hard")], shifts={"statistics+logistic": 2.5})
    assert headline_said(record, table) == "hard: statistics with logistic is the only method"
    assert "none of 0" not in text_of(record, table)
    assert " 1 task. By power" in text_of(record, table)
    page = page_of(record, table)
    assert "No other method stands on it" in page
    assert "Better than" not in page


def test_without_baselines_nothing_is_said_of_gains_over_one(made: Made) -> None:
    record, table = made(shifts={"a+cnn": 2.6, "statistics+logistic": 2.5})
    assert headline_said(record, table) == "a has the highest power on 2 of 2 tasks"
    for form in (text_of(record, table), page_of(record, table)):
        assert "of 0 ()" not in form
        assert "max-T" not in form
        assert "Gain:" not in form


def test_tasks_with_too_few_windows_for_power_are_told_by_area(
    made: Made, joined: RunRecord, table: SuiteTable
) -> None:
    record, by_area = made(shifts=SHIFTS, n_threshold=0)
    assert by_area.by_area == ("hard", "weak")
    assert headline_said(record, by_area).startswith("a stands first on 2 of 2 tasks; ")
    first, *others = table.tasks
    one = replace(table, tasks=(replace(first, metric="roc_auc"), *others))
    assert one.by_area == (first.name,)
    for form in (text_of, page_of):
        assert "By AUC." in form(record, by_area)
        assert form(record, by_area).count("AUC on hard, weak") == 2, "beside both tables"
        assert f"; by AUC on {first.name}, which has too few windows for it." in form(joined, one)
        assert f"AUC on {first.name}" not in form(joined, table)
    alone = replace(by_area, tasks=by_area.tasks[:1])
    assert headline_said(record, alone) == "hard: a with cnn has the highest AUC"


def test_a_gain_on_too_few_windows_has_no_interval(made: Made) -> None:
    record, table = made(shifts=SHIFTS, n_test=1)
    assert table.tasks[0].gain is not None
    assert table.tasks[0].gain.verdict == "too few windows"
    for form in (text_of(record, table), page_of(record, table)):
        assert "too few test windows for an interval" in form
        assert not re.search(r"\bnan to nan\b", form)


def test_what_was_not_compared_is_not_shown_to_be_worse(made: Made) -> None:
    record, _ = made(pairs=[("hard", "hard")], shifts=SHIFTS)
    told = record.comparisons[record.comparisons["other"] != "statistics+segregating-sites"]
    table = suite_table(replace(record, read_comparisons=lambda: told))
    assert "segregating-sites" in table.tasks[0].tied


def test_two_encodings_that_are_one_in_short_are_two_in_the_headline_too(made: Made) -> None:
    long = [f"statistics[names=theta_w;tajimas_d;{last},sub_windows=11]" for last in ("h1", "h12")]
    record, table = made(shifts={f"{encoder}+logistic": 2.0 + i for i, encoder in enumerate(long)})
    assert [choice.encoder for choice in choices(record, table)] == [next(iter(encodings(record, table)))] * 2
    assert "sub_windows=11] (2) has the highest power" in headline_said(record, table)


def test_the_page_says_where_its_figures_come_from(joined: RunRecord, table: SuiteTable) -> None:
    assert "</code> beside it" not in page_of(joined, table)
    assert "of each run that stands in it" in page_of(joined, table)


def test_right_calls_follow_from_power_and_false_positives(table: SuiteTable) -> None:
    for row in named(table, "hard").rows:
        power = row.standing.estimate("power_at_1_percent").value
        rate = row.standing.estimate("false_positive_rate_at_1_percent").value
        assert row.right_calls.value == pytest.approx(predictive_value(power, rate))
        assert row.right_calls.low <= row.right_calls.value <= row.right_calls.high


def test_of_no_calls_no_share_is_right() -> None:
    none = {
        (f"{metric}_at_1_percent", ""): Estimate(0.0, 0.0, 0.1) for metric in ("power", "false_positive_rate")
    }
    assert not _right_calls(Standing("m", "m", False, none, {}, {})).is_known


def test_a_threshold_taken_elsewhere_calls_what_counting_gives(
    table: SuiteTable, joined: RunRecord, records: list[RunRecord]
) -> None:
    said = joined.predictions[joined.predictions["method"] == "statistics+logistic"]
    shares = []
    for repetition in (0, 1):
        of = said[(said["repetition"] == repetition) & (said["train_task"] == "hard")]
        home = of[(of["test_task"] == "hard") & (of["split"] == "threshold")]["p_sweep"].to_numpy(np.float64)
        away = of[(of["test_task"] == "cold") & (of["split"] == "test") & (of["label"] == "neutral")]
        shares.append((away["p_sweep"].to_numpy(np.float64) >= np.sort(home)[::-1][19]).mean())
    assert suite_table(joined, records).transfers == table.transfers
    (found,) = [t for t in table.transfers if t.label == "logistic"]
    assert found.false_positives.value == pytest.approx(np.mean(shares))


def test_what_a_method_declined_and_what_it_was_made_for_stand_beside_its_scores(
    joined: RunRecord, table: SuiteTable
) -> None:
    best, *others = table.tasks[0].rows
    assert best.coverage_said == ""
    shares = {**best.standing.estimates, ("coverage", ""): Estimate(0.934)}
    aside = "not as designed: 1 kb, made for 1.1 Mb"
    marked = replace(best, standing=replace(best.standing, estimates=shares, not_as_designed=aside))
    shown = replace(table, tasks=(replace(table.tasks[0], rows=(marked, *others)), *table.tasks[1:]))
    for form in (text_of(joined, shown), page_of(joined, shown)):
        assert "judged 93.4 %" in form
        assert aside in form
    for form in (text_of(joined, table), page_of(joined, table)):
        assert "judged" not in form.replace("that it judged", "")
        assert aside not in form


def test_other_worlds_stand_side_by_side(joined: RunRecord, table: SuiteTable) -> None:
    (found,) = [t for t in table.transfers if t.label == "logistic"]
    text = text_of(joined, table)
    assert f"| logistic | {found.false_positives.value:.3f}, {found.power.value:.2f} |" in text
    assert f"power {found.power.value:.2f}" in page_of(joined, table)


@pytest.mark.parametrize(("seconds", "tier"), [(12.0, "A"), (12.1, "B"), (301.0, "C"), (float("nan"), "–")])
def test_a_tier_is_what_a_training_costs(table: SuiteTable, seconds: float, tier: str) -> None:
    assert replace(table.tasks[0].best, cpu_seconds=seconds).tier == tier


def test_what_nobody_can_do_is_said(table: SuiteTable) -> None:
    assert any(said.startswith("weak: at 1 % false positives") for said in table.open_questions)
    assert not any(said.startswith("hard: at 1 %") for said in table.open_questions)
    best = named(table, "hard").best.label
    (away,) = [each for each in table.transfers if (each.train_task, each.label) == ("hard", best)]
    far = replace(away, false_positives=Estimate(0.2, 0.15, 0.25))
    said = [each for each in replace(table, transfers=(far,)).open_questions if "same threshold" in each]
    assert said == [
        f"hard: the best method, {best}, calls 1 % of the windows without selection there, "
        f"and at the same threshold 20 % in {away.test_task}."
    ]
    near = replace(away, false_positives=Estimate(0.02, 0.015, 0.025))
    assert not any("same threshold" in each for each in replace(table, transfers=(near,)).open_questions)


def test_both_forms_say_the_same_and_load_nothing(joined: RunRecord, table: SuiteTable) -> None:
    refused = ["<b>evil</b>: 1 of 5 trainings"]
    text, page = (
        text_of(joined, table, refused, "selbench leaderboard toys-1 runs"),
        page_of(joined, table, refused),
    )
    for form in (text, page):
        assert NOT_TESTED in form
        assert "<b>evil" not in form
        assert f"{table.tasks[0].best.power.value:.3f}" in form
    assert not re.search(r"src=\"(?!data:)|<link", page)
    assert "Made by `selbench leaderboard toys-1 runs`" in text


def test_everything_that_ranks_ranks_by_power(joined: RunRecord, table: SuiteTable) -> None:
    found = across_tasks(joined, [task.board for task in table.tasks], table.metric)
    assert found is not None
    for method in found.methods:
        powers = [row.power.value for task in table.tasks for row in [task.row_of(method.label)] if row]
        assert method.values == pytest.approx(powers)
    text, page = text_of(joined, table), page_of(joined, table)
    for form in (text, page):
        assert found.metric.label in form
        assert "by AUC over" not in form
        assert BESIDE in form


def test_an_encoding_stands_with_the_model_that_does_best_on_it(joined: RunRecord, table: SuiteTable) -> None:
    found = encodings(joined, table)
    assert set(found) == {"a", "statistics"}
    for task in table.tasks:
        best = found["statistics"][task.name]
        assert best.model == "logistic"
        assert best.row == task.row_of("logistic")
    assert [choice.encoder for choice in choices(joined, table)] == [
        joined.methods[task.best.standing.method].encoder for task in table.tasks
    ]


def test_a_gain_with_the_encoding_of_the_baseline_is_told_as_one_of_the_model(
    joined: RunRecord, table: SuiteTable
) -> None:
    for choice in choices(joined, table):
        assert choice.task.gain is not None
        best = next(row for row in choice.task.rows if row.label == choice.task.gain.method)
        assert choice.is_gain_of_model is (joined.methods[best.standing.method].encoder == "statistics")
    first, *others = table.tasks
    rows = tuple(row for row in first.rows if row.label != "cnn")
    gain = replace(table.tasks[0].gain, method="logistic", other="segregating-sites", verdict="better")  # type: ignore[type-var]
    of_model = replace(table, tasks=(replace(first, rows=rows, gain=gain), *others))
    assert "with the baseline's own encoding" in headline_said(joined, of_model)
    assert ", same encoding |" in text_of(joined, of_model)
    assert "best baseline, segregating-sites: same encoding" in page_of(joined, of_model)
    for form in (text_of(joined, table), page_of(joined, table)):
        assert "of 1 (segregating-sites), chosen by AUC on validation windows" in form


def test_both_forms_name_what_costs_less_than_half_of_the_best(joined: RunRecord, table: SuiteTable) -> None:
    first, *others = table.tasks
    best, second, *rest = first.rows
    for spent, is_named in ((4.9, True), (5.1, False)):
        rows = (replace(best, cpu_seconds=10.0), replace(second, cpu_seconds=spent, is_tied=True), *rest)
        shown = replace(table, tasks=(replace(first, rows=rows), *others))
        text, page = text_of(joined, shown), page_of(joined, shown)
        assert (f"| {second.label}, 4.9 against 10 |" in text) is is_named
        assert (f"Cheapest of these: {second.label}, 4.9 CPU s against 10" in page) is is_named
        for form in (text, page):
            assert "In one minute" in form
            assert "less than half of what the best takes" in form


def test_the_encodings_that_lead_are_explained_once(joined: RunRecord, table: SuiteTable) -> None:
    registry = Registry.installed()
    assert encodings_explained(joined, table, registry) == "", "nobody has an encoder `a` installed"
    second = tuple(replace(task, rows=task.rows[1:]) for task in table.tasks)
    assert second[0].best.label == "logistic"
    said = encodings_explained(joined, replace(table, tasks=second), registry)
    assert said == f"statistics: {registry.encoders.entry('statistics').summary}"
    for form in (text_of, page_of):
        assert form(joined, replace(table, encodings="mine: what it is")).count("mine: what it is") == 1


def test_a_selection_is_told_by_its_own_settings(joined: RunRecord, table: SuiteTable) -> None:
    asked = {"s": {"log_uniform": [0.002, 0.02]}, "fixation_time": {"uniform": [0.0, 200_000.0]}, "h": 0.5}
    task = joined.tasks["hard"]
    told = replace(task, scenarios={task.positive: {"selection": asked}})
    info = replace(joined.info, tasks={**joined.tasks, "hard": told})
    said = selection_said(replace(joined, info=info), named(table, "hard"))
    assert said == "s 0.002–0.02; fixed 0–200,000 generations ago"


def test_long_names_are_told_in_short_once_each_and_spelled_once(
    fake_run: Callable[..., Any], tmp_path: Path
) -> None:
    long = [f"statistics[names=theta_w;tajimas_d;{last},sub_windows=11]+logistic" for last in ("h1", "h12")]
    run = fake_run(shifts=dict.fromkeys(long, 2.0), n_resamples=10, unfinished=False)
    record = with_short_labels(RunRecord.read(run.write(tmp_path / "run")))
    assert list(record.labels.values()) == [
        f"statistics[3 names, sub_windows=11]+logistic ({n})" for n in (1, 2)
    ]
    assert list(record.labels) == long
    assert with_short_labels(record) is record
    text = text_of(record, suite_table(record))
    assert [text.count(method) for method in long] == [1, 1]


def test_what_may_not_stand_leaves_the_tables(records: list[RunRecord]) -> None:
    record = records[0]
    kept = {cell for cell in record.cells if cell[2] != "a+cnn" and cell[:2] == ("hard", "hard")}
    part = restricted(record, kept)
    assert part.cells == kept
    assert set(part.predictions["method"]) == {"statistics+logistic", "statistics+segregating-sites"}
    assert "a+cnn" not in set(part.comparisons["method"]) | set(part.comparisons["other"])
    assert {training.method for training in part.trainings} == {method for *_, method in kept}


def test_the_folder_gets_a_readme_a_page_and_a_table(
    joined: RunRecord, table: SuiteTable, tmp_path: Path
) -> None:
    from selbench.bench.suites import SuiteLeaderboard

    board = SuiteLeaderboard(joined, table, ())
    text, page, comparisons = board.write(tmp_path / "board", "selbench leaderboard runs")
    names = [path.name for path in (text, page, comparisons)]
    assert names == ["README.md", "leaderboard.html", "leaderboard.parquet"]
    told = pd.read_parquet(comparisons)
    assert set(told["metric"]) == {"power_at_1_percent_interpolated", "roc_auc"}
    assert set(told["train_task"]) == {task.name for task in table.tasks}
    assert (told["train_task"] == told["test_task"]).all()
    (gain,) = told[
        (told["family"] == "best baseline")
        & (told["metric"] == "power_at_1_percent_interpolated")
        & (told["train_task"] == table.tasks[0].name)
    ]["difference"].nlargest(1)
    assert gain == pytest.approx(table.tasks[0].gain.difference if table.tasks[0].gain else None)
    assert page.read_text().startswith("<!doctype html>")
