"""What stands behind a leaderboard: power over what windows were made with, and what methods live on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from selbench.audit.areas import Estimate
from selbench.audit.ladder import RUNGS
from selbench.audit.reading import Reading, reading_finding
from selbench.errors import DataError
from selbench.report.html.suite import render_suite as page_of
from selbench.report.suite import SuiteTable, suite_table
from selbench.report.suite_founders import founders
from selbench.report.suite_markdown import render_suite as text_of
from selbench.report.suite_powers import FEWEST_WINDOWS, powers
from selbench.report.suite_signals import signals
from selbench.report.suite_why import Why, why
from selbench.run_folder import RunRecord
from selbench.run_folder.findings import Audit, audits_as_json

METHODS = {"a+cnn": 2.6, "statistics+logistic": 2.0}
N = 120


@pytest.fixture(scope="module")
def folder(fake_run: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run that tells what its windows were made with, and what its methods live on."""
    run = fake_run(
        pairs=[("hard", "hard")], shifts=METHODS, n_test=N, n_threshold=2000, n_resamples=10, unfinished=False
    )
    folder = run.write(tmp_path_factory.mktemp("why") / "hard")
    windows(N).to_parquet(folder / "windows.parquet", index=False)
    kept = {rung: Estimate(0.9 - 0.05 * place, 0.01) for place, rung in enumerate(RUNGS)}
    lost = {rung: Estimate(0.05 * place, 0.01) for place, rung in enumerate(RUNGS)}
    finding = reading_finding("hard", [Reading("cnn", Estimate(0.9, 0.01), kept, lost)], 3.0, ())
    audit = Audit("quickstart, shuffled test windows", (finding,))
    (folder / "audit.json").write_text(audits_as_json([audit]))
    return folder


def windows(n: int) -> pd.DataFrame:
    """Return windows of both classes: s log-uniform, time uniform."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"test_task": "hard", "window": np.arange(2 * n), "label": "neutral"})
    frame.loc[n:, "label"] = "sweep"
    frame["n_sites"], frame["observed"] = np.int64(9), 1.0
    selected = (frame["label"] == "sweep").to_numpy()
    frame["selection.s"] = np.where(selected, 10.0 ** rng.uniform(-3, -2, 2 * n), np.nan)
    frame["selection.fixation_time"] = np.where(selected, rng.uniform(0, 2000, 2 * n), np.nan)
    return frame.sample(frac=1, random_state=2)  # in whatever order


def with_founders(folder: Path, n_of_one: int) -> RunRecord:
    """Return the run with as many windows of one founder, the last of the class; the others have five."""
    made_with = windows(N)
    selected = made_with["label"] == "sweep"
    made_with.loc[selected, "n_founders"] = np.where(
        made_with.loc[selected, "window"].rank() > N - n_of_one, 1.0, 5.0
    )
    made_with.to_parquet(folder / "windows.parquet", index=False)
    return RunRecord.read(folder)


@pytest.fixture(scope="module")
def record(folder: Path) -> RunRecord:
    return RunRecord.read(folder)


@pytest.fixture(scope="module")
def table(record: RunRecord) -> SuiteTable:
    return suite_table(record)


def test_power_over_what_windows_were_made_with_is_what_counting_gives(
    record: RunRecord, table: SuiteTable
) -> None:
    (found,) = powers(table, [record])
    assert (found.strength.name, found.time.name) == ("s", "generations since fixation")
    assert np.diff(np.log(found.strength.edges)) == pytest.approx(np.log(10) / 5, rel=0.05)
    assert np.diff(found.time.edges) == pytest.approx(500, rel=0.05)
    best = table.tasks[0].best
    said = record.predictions[record.predictions["method"] == best.standing.method]
    called = []
    for _, of in said.groupby("repetition"):
        threshold = np.sort(of[of["split"] == "threshold"]["p_sweep"])[::-1][19]  # the 20th of 2,000
        called.append(of[of["split"] == "test"].assign(called=lambda x, t=threshold: x["p_sweep"] >= t))
    made = pd.concat(called).merge(windows(N), on=["test_task", "window", "label"])
    made = made[made["label"] == "sweep"]
    axes = {"selection.fixation_time": found.time, "selection.s": found.strength}
    cells = [pd.cut(made[column], axis.edges.tolist(), right=False) for column, axis in axes.items()]
    shares = made.groupby(cells, observed=False)["called"].mean().unstack().to_numpy()
    inside = found.n_windows >= FEWEST_WINDOWS
    inside[-1], inside[:, -1] = False, False  # the last edge belongs to the last bin
    assert inside.any()
    assert found.maps[0].label == best.label
    assert found.maps[0].power[inside] == pytest.approx(shares[inside])
    assert np.isnan(found.maps[0].power[found.n_windows < FEWEST_WINDOWS]).all()
    assert found.n_windows.sum() == N


def test_windows_of_another_number_are_refused_by_name(
    record: RunRecord, table: SuiteTable, folder: Path
) -> None:
    from dataclasses import replace

    other = replace(record, read_windows=lambda: windows(N - 1))
    with pytest.raises(DataError, match="windows of hard: expected 120 of class sweep, found 119"):
        powers(table, [other])


def test_what_methods_live_on_is_read_from_the_audit(record: RunRecord, table: SuiteTable) -> None:
    (found,) = signals(table, [record])
    assert (found.task, found.label, found.lives_on) == (
        "hard",
        table.tasks[0].best.label,
        "more than the SFS",
    )
    assert list(found.left) == ["untouched", *(rung.name for rung in RUNGS)]
    assert found.left["linkage"].value == pytest.approx(0.75)
    assert found.left["linkage"].low == pytest.approx(0.75 - 0.0196, abs=1e-4)


def test_both_forms_show_why_and_are_silent_where_no_run_tells(record: RunRecord, table: SuiteTable) -> None:
    behind = why(table, [record])
    for form in (text_of(record, table, why=behind), page_of(record, table, why=behind)):
        assert "Where it is found" in form
        assert "more than the SFS" in form
    for form in (text_of(record, table), page_of(record, table, why=Why())):
        assert "Where it is found" not in form
        assert "more than the SFS" not in form


def test_an_audit_that_told_no_areas_is_written_as_before(folder: Path) -> None:
    (audit,) = json.loads((folder / "audit.json").read_text())["audits"]
    assert "areas" in audit["findings"][0]
    assert "areas" not in Audit("x", (reading_finding("hard", [], 3.0, ()),)).to_table()["findings"][0]


def test_windows_of_one_founder_are_scored_apart(
    record: RunRecord, table: SuiteTable, folder: Path, tmp_path: Path
) -> None:
    assert founders(table, [record]) == (), "the run does not tell founders"
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (found,) = founders(table, [with_founders(copy, 30)])
    assert (found.task, found.n_of_one, found.n_of_several) == ("hard", 30, N - 30)
    assert [method.label for method in found.methods] == [row.label for row in table.tasks[0].rows]
    method = table.tasks[0].best.standing.method
    said = record.predictions[record.predictions["method"] == method]
    called = []
    for _, of in said.groupby("repetition"):
        threshold = np.sort(of[of["split"] == "threshold"]["p_sweep"])[::-1][19]  # the 20th of 2,000
        swept = of[(of["split"] == "test") & (of["label"] == "sweep")].sort_values("window")
        called.append(swept["p_sweep"].to_numpy() >= threshold)
    power = np.mean(called, axis=0)
    assert found.methods[0].of_one.value == pytest.approx(power[-30:].mean())
    assert found.methods[0].of_several.value == pytest.approx(power[:-30].mean())
    assert founders(table, [with_founders(copy, FEWEST_WINDOWS - 1)]) == (), "too few windows of one founder"


def test_founders_are_on_the_page_and_in_the_text(table: SuiteTable, folder: Path, tmp_path: Path) -> None:
    told = with_founders(Path(shutil.copytree(folder, tmp_path / "copy")), 30)
    behind = why(table, [told])
    assert "| power at 1 % | one founder (30 windows) | several (90) |" in text_of(told, table, why=behind)
    assert "One founder or several" in page_of(told, table, why=behind)
    assert "One founder or several" not in page_of(told, table)
