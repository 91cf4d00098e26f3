"""What has no row in the table of a suite is named, with its reason where somebody tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from selbench import Registry
from selbench.report.html.suite import render_suite as page_of
from selbench.report.short_labels import with_short_labels
from selbench.report.suite import SuiteTable, suite_table
from selbench.report.suite_absent import not_run, unfinished
from selbench.report.suite_markdown import render_suite as text_of
from selbench.run_folder import RunRecord

SHIFTS = {"imagene+imagene-cnn": 2.6, "statistics+logistic": 2.0, "scan-raisd+scan-raisd": 1.0}


@pytest.fixture(scope="module")
def record(fake_run: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    """Return a run of three methods on one task."""
    run = fake_run(pairs=[("hard", "hard")], shifts=SHIFTS, n_resamples=10, unfinished=False)
    return RunRecord.read(run.write(tmp_path_factory.mktemp("absent") / "hard"))


@pytest.fixture(scope="module")
def table(record: RunRecord) -> SuiteTable:
    return suite_table(record)


def test_what_is_installed_and_has_no_row_is_named_in_groups(record: RunRecord, table: SuiteTable) -> None:
    said = not_run(record, table, Registry.installed())
    groups = dict(part.split(" (") for part in said.partition(": ")[2].split("), ")[:-1])
    images = groups["encodings as images"].split(", ")
    assert {"sweepnet", "full-length"} <= set(images)
    assert "imagene" not in images
    assert "frequency-track" in groups["other encodings"].split(", ")
    assert "random-forest" in groups["models"].split(", ")
    assert not {"logistic", "sweepnet-cnn", "tajimas-d"} & set(groups["models"].split(", "))
    assert "ihs" in groups["scanners"].split(", ")
    assert "raisd" not in groups["scanners"].split(", ")
    assert "thresholds on " in said


def test_where_all_that_is_installed_stands_nothing_is_said(record: RunRecord, table: SuiteTable) -> None:
    assert not_run(record, table, Registry.of()) == ""


def test_both_forms_name_what_was_not_run(record: RunRecord, table: SuiteTable) -> None:
    said = "Installed and not run here, so neither better nor worse: models (mine)."
    for form in (text_of, page_of):
        assert said in form(record, replace(table, not_run=said))
        assert "not run here" not in form(record, table)


def test_failed_and_skipped_trainings_are_told_once_per_task_and_method(
    record: RunRecord, table: SuiteTable
) -> None:
    def ended(method: str, repetition: int, status: Any, reason: str) -> Any:
        base = record.trainings[0]
        return replace(
            base, train_task="wild", method=method, repetition=repetition, status=status, reason=reason
        )

    lost = [
        ended("scan-raisd+scan-raisd", 0, "failed", "found 3 of\n9"),
        ended("scan-raisd+scan-raisd", 1, "failed", "found 4 of 9"),
        ended("scan-raisd+scan-raisd", 2, "done", ""),
        ended("statistics+logistic", 0, "skipped", "needs phase"),
        ended("imagene+imagene-cnn", 0, "skipped", "needs phase"),
        replace(ended("statistics+logistic", 7, "failed", "once"), train_task="hard"),
    ]
    tasks = {**record.tasks, "wild": record.tasks["hard"]}
    info = replace(record.info, tasks=tasks, trainings=(*record.trainings, *lost))
    said = list(unfinished(replace(record, info=info), table))
    names = {method: record.labels[method] for method in SHIFTS}
    assert said == [
        f"wild: {names['scan-raisd+scan-raisd']}: 2 of 3 trainings failed: found 3 of 9",
        f"wild: {names['statistics+logistic']}, {names['imagene+imagene-cnn']}: "
        "1 of 1 trainings skipped: needs phase",
    ]


def test_a_row_under_a_numbered_name_is_one(fake_run: Callable[..., Any], tmp_path: Path) -> None:
    long = [f"statistics[names=theta_w;tajimas_d;{last},sub_windows=11]+logistic" for last in ("h1", "h12")]
    run = fake_run(shifts=dict.fromkeys(long, 2.0), n_resamples=10, unfinished=False)
    record = RunRecord.read(run.write(tmp_path / "run"))
    lost = replace(record.trainings[0], repetition=7, status="failed", reason="of another run")
    another = replace(record, info=replace(record.info, trainings=(*record.trainings, lost)))
    table = suite_table(with_short_labels(record))
    assert table.tasks[0].best.label.endswith(("(1)", "(2)"))
    assert list(unfinished(another, table)) == []


def test_a_task_of_a_stranger_s_run_does_not_tell_how_long_windows_are(
    record: RunRecord, table: SuiteTable
) -> None:
    stranger = replace(record.tasks["hard"], spec={"n_haplotypes": 4, "sequence_length": 10, "odd": 1})
    info = replace(record.info, tasks={"theirs": stranger, **record.tasks})
    said = not_run(replace(record, info=info), table, Registry.installed())
    assert said == not_run(record, table, Registry.installed())
