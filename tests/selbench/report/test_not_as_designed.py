"""What windows a method was made for: declared, recorded, read back, and marked in reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from selbench import DesignedFor, PluginError, Registry
from selbench.errors import DataError
from selbench.experiment.experiment import Method
from selbench.report import markdown, terminal
from selbench.report.html import render
from selbench.report.leaderboard import leaderboards
from selbench.run_folder import DesignRecord, MethodRecord, RunRecord
from selbench.runner.record import design_record

DIPLOSHIC = {"sequence_lengths": [55_000, 1_100_000], "source": "Kern and Schrider 2018, G3"}


@pytest.fixture
def run(fake_run: Callable[..., Any], tmp_path: Path) -> Path:
    made = fake_run(shifts={"a+cnn": 2.0, "b+net": 1.5}, n_test=10, n_threshold=20, repetitions=1,
                    n_resamples=5, unfinished=False)  # fmt: skip
    return Path(made.write(tmp_path / "run"))


def declare(folder: Path, design: Any) -> Path:
    info = json.loads((folder / "run.json").read_text())
    info["methods"]["b+net"]["designed_for"] = design
    (folder / "run.json").write_text(json.dumps(info))
    return folder


def texts(record: RunRecord) -> tuple[str, str, str]:
    return terminal.render(record, 200), markdown.render(record), render(record)


def test_windows_of_another_length_are_marked_beside_the_method(run: Path) -> None:
    record = RunRecord.read(declare(run, DIPLOSHIC))
    (board,) = leaderboards(record)
    marks = {standing.method: standing.not_as_designed for standing in board.standings}
    length = record.tasks["study"].spec["sequence_length"]
    assert length == 1000
    said = "not as designed: 1 kb, made for 55 kb or 1.1 Mb"
    assert marks == {"a+cnn": "", "b+net": said}
    for text in texts(record):
        assert said in text
    assert "made for 55 kb or 1.1 Mb (Kern and Schrider 2018, G3)" in render(record)


@pytest.mark.parametrize("design", [None, {"n_sites": 36}, {"sequence_lengths": [1000, 10_000]}])
def test_windows_as_designed_or_of_a_method_that_says_no_length_are_not(run: Path, design: Any) -> None:
    record = RunRecord.read(declare(run, design))
    assert not any("not as designed" in text for text in texts(record))


def test_older_runs_know_nothing_of_designs(run: Path) -> None:
    record = RunRecord.read(run)
    assert all(method.designed_for is None for method in record.methods.values())


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ({"sequence_lengths": [0]}, "sequence_lengths: expected numbers of at least 1, found 0"),
        ({"n_sites": -3}, "n_sites: expected numbers of at least 1, found -3"),
        ({"sequence_lengths": "long"}, "sequence_lengths"),
        ([], "designed_for: expected a table"),
    ],
)
def test_strange_designs_are_refused_by_key(run: Path, design: Any, message: str) -> None:
    with pytest.raises(DataError, match=message) as refusal:
        RunRecord.read(declare(run, design))
    assert "\n" not in str(refusal.value)


def test_a_record_is_read_back_as_it_was_written() -> None:
    design = DesignRecord((1000,), 36, "Author 2020, Journal")
    record = MethodRecord("a", "b", is_baseline=False, designed_for=design)
    assert MethodRecord.from_table(json.loads(json.dumps(record.to_table())), where="") == record


@pytest.mark.parametrize("numbers", [{"sequence_lengths": (0,)}, {"n_sites": 0}])
def test_a_design_of_no_windows_is_refused(numbers: Any) -> None:
    with pytest.raises(PluginError, match="at least 1, found 0"):
        DesignedFor(**numbers)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("fadja-cnn", "made for 1 kb or 10 kb (Nguembang Fadja et al. 2021, "),
        ("diploshic-cnn", "made for 55 kb or 1.1 Mb (Kern and Schrider 2018, "),
        ("fast-nn", "made for 100 kb, 128 sites (van den Belt et al. 2024, "),
        ("faster-nn", "made for 100 kb, 512 sites (van den Belt et al. 2024, "),
        ("flagel-cnn", "made for 1.1 Mb, 5,000 sites (Flagel et al. 2019, "),
        ("pg-gan-discriminator", "made for 50 kb, 36 sites (Wang et al. 2021, "),
        ("sweepnet-cnn", "made for 128 sites (Zhao et al. 2023, "),
        ("flexsweep[grid=scaled]+flexsweep-cnn", "made for 1.2 Mb (Lauterbur et al. 2023, "),
        ("logistic", ""),
        ("tajimas-d", ""),
        ("scan-raisd", ""),
    ],
)
def test_published_methods_say_what_they_were_made_for(method: str, expected: str) -> None:
    record = design_record(Method.parse(method, Registry.installed()))
    assert (record.words if record else "").startswith(expected)
    assert bool(record) == bool(expected)
