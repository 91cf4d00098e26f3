"""Coverage stands beside the scores where a method declined windows, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from selbench.evaluation import ClassRoles, evaluate
from selbench.report import markdown, terminal
from selbench.report.html import render
from selbench.report.leaderboard import leaderboards
from selbench.run_folder import RunRecord

ROLES = {"study": ClassRoles(("neutral", "sweep"), "neutral", "sweep")}


@pytest.fixture
def run(fake_run: Callable[..., Any], tmp_path: Path) -> Path:
    made = fake_run(shifts={"a+cnn": 2.0, "b+net": 1.5}, n_test=20, n_threshold=400, repetitions=1,
                    n_resamples=5, unfinished=False)  # fmt: skip
    return Path(made.write(tmp_path / "run"))


def texts(folder: Path) -> tuple[str, str, str]:
    record = RunRecord.read(folder)
    return terminal.render(record, 200), markdown.render(record), render(record)


def test_a_run_in_which_nothing_was_declined_shows_no_coverage(run: Path) -> None:
    (board,) = leaderboards(RunRecord.read(run))
    assert [standing.coverage for standing in board.standings] == [1, 1]
    assert not any("Coverage" in text for text in texts(run))


def test_a_run_of_an_earlier_version_is_taken_to_have_answered_everything(run: Path) -> None:
    results = pd.read_parquet(run / "results.parquet")
    results[results["metric"] != "coverage"].to_parquet(run / "results.parquet")
    (board,) = leaderboards(RunRecord.read(run))
    assert [standing.coverage for standing in board.standings] == [1, 1]
    assert not any("Coverage" in text for text in texts(run))


def test_declined_windows_are_counted_beside_the_scores(run: Path) -> None:
    said = pd.read_parquet(run / "predictions.parquet")
    declined = (said["method"] == "b+net") & (said["window"] % 20 < 5)
    said = said.assign(**{name: said[name].mask(declined) for name in ("p_neutral", "p_sweep")})
    said.to_parquet(run / "predictions.parquet", index=False)
    evaluate(said, ROLES, n_resamples=5, seed=5).to_parquet(run / "results.parquet", index=False)
    (board,) = leaderboards(RunRecord.read(run))
    assert {standing.method: standing.coverage for standing in board.standings} == {
        "a+cnn": 1,
        "b+net": 0.75,
    }
    for text in texts(run):
        assert "coverage" in text
        assert "0.750" in text
        assert "Coverage: the share of test windows that a method answered" in " ".join(text.split())


def test_a_class_of_which_a_method_answered_nothing_is_named(run: Path) -> None:
    said = pd.read_parquet(run / "predictions.parquet")
    declined = (said["method"] == "b+net") & (said["label"] == "sweep") & (said["split"] == "test")
    said = said.assign(**{name: said[name].mask(declined) for name in ("p_neutral", "p_sweep")})
    said.to_parquet(run / "predictions.parquet", index=False)
    evaluate(said, ROLES, n_resamples=5, seed=5).to_parquet(run / "results.parquet", index=False)
    for text in (terminal.render(RunRecord.read(run), 300), render(RunRecord.read(run))):
        assert "net answered no window of sweep" in text
