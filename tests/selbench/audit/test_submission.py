"""What of a run may stand in a suite's table: every refusal has a name, and nothing of it is executed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from selbench import Registry
from selbench.audit.submission import Submission, check_submission
from selbench.bench import open_experiment, run
from selbench.bench.suites import digests_of_tests, submission_of, submissions_of, suite_leaderboard
from selbench.errors import DataError, PluginError
from selbench.experiment import Experiment
from selbench.run_folder import Audit, Finding, RunRecord

SUITE = """\
suite = "toys-1"
name = "toys-1"
seed = 7
repetitions = 2
baselines = false
methods = ["few-sites", "few-sites[seconds=0.01]"]

[tasks.small]
null = "neutral"
positive = "sweep"
sample = { n_haplotypes = 10 }
locus = { sequence_length = 500, mutation_rate = 1e-8 }
population = { size = 1000 }
windows = { train = 20, validation = 5, test = 20, threshold = 10 }
classes.neutral = { simulator = "toy" }
classes.sweep = { simulator = "toy", selection = { s = 0.1, carriers = "all" } }

[tasks.other]
like = "small"
"""


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Return a registry of the toy plugin."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "packages")
        import toy_selection

        return Registry.of(toy_selection)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Experiment:
    """Return a suite of two tasks, its digests those of the windows that are made here."""
    file = tmp_path_factory.mktemp("suite") / "toys-1.toml"
    file.write_text(SUITE)
    text = SUITE
    for task, digest in digests_of_tests(str(file), registry=registry):
        text = text.replace(f"[tasks.{task.name}]\n", f'[tasks.{task.name}]\ntest_digest = "{digest}"\n')
    file.write_text(text)
    return open_experiment(file, registry=registry)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory, suite: Experiment, registry: Registry) -> RunRecord:
    """Return a run of one task of the suite, as a stranger sends it."""
    folder = tmp_path_factory.mktemp("runs") / "toys-1"
    run(suite, out=folder, workers=0, tasks=["small"], registry=registry)
    return RunRecord.read(folder)


def refusals(found: Submission) -> str:
    return "\n".join((*found.refusals, *(said for entry in found.entries for said in entry.refusals)))


def test_a_run_of_one_task_counts_for_that_task(
    record: RunRecord, suite: Experiment, registry: Registry
) -> None:
    found = check_submission(record, suite, registry)
    assert [(e.train_task, e.test_task, e.n_trainings) for e in found.standing] == [("small", "small", 2)] * 2
    assert not refusals(found)


def _info(**changes: Any) -> Callable[[RunRecord], RunRecord]:
    return lambda record: replace(record, info=replace(record.info, **changes))


def _task(**changes: Any) -> Callable[[RunRecord], RunRecord]:
    def changed(record: RunRecord) -> RunRecord:
        task = replace(record.tasks["small"], **changes)
        return replace(record, info=replace(record.info, tasks={**record.tasks, "small": task}))

    return changed


def _windows(split: str, count: int) -> Callable[[RunRecord], RunRecord]:
    return lambda record: _task(windows={**record.tasks["small"].windows, split: count})(record)


def _other_windows(record: RunRecord) -> RunRecord:
    counts = tuple(
        replace(each, digest="f" * 64) if each.split == "threshold" else each
        for each in record.tasks["small"].counts
    )
    return _task(counts=counts)(record)


def _without_digests(record: RunRecord) -> RunRecord:
    return _task(counts=tuple(replace(each, digest="") for each in record.tasks["small"].counts))(record)


def _red(record: RunRecord) -> RunRecord:
    finding = Finding("Identical windows across splits", "red", "3 windows are in both")
    return replace(record, audits=(Audit("toys-1:small", (finding,)),))


def _stronger(record: RunRecord) -> RunRecord:
    scenarios: dict[str, Any] = json.loads(json.dumps(dict(record.tasks["small"].scenarios)))
    scenarios["sweep"]["locus"]["sequence_length"] = 600
    return _task(scenarios=scenarios)(record)


def _stranger(record: RunRecord) -> RunRecord:
    def unknown(of: Mapping[str, Any]) -> dict[str, Any]:
        return {name: replace(method, model="mine[layers=3]") for name, method in of.items()}

    install = ("pip install mine==1.2",)
    return replace(record, info=replace(record.info, methods=unknown(record.methods), install=install))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (_info(suite="toys-2"), "it is a run of toys-2, another version; the table is of toys-1"),
        (_info(suite="plants-1"), "it is a run of plants-1, another suite"),
        (_info(suite=""), "it is no run of a suite"),
        (_info(suite="", reduced_from="toys-1"), "it is the reduced form of toys-1"),
        (_info(seed=8), "its seed is 8, and that of the suite 7"),
        (_info(packages={}), "versions are not recorded: run.json holds no packages"),
        (_windows("train", 4000), "task small: windows.train: 4000, and in the suite 20"),
        (_stronger, "task small: scenarios.sweep.locus.sequence_length: 600, and in the suite 500"),
        (_other_windows, "task small: its test windows have the digest"),
        (_without_digests, "task small: the digest of its test windows is not recorded"),
        (_red, "task small: the audit is red: Identical windows across splits: 3 windows are in both"),
        (lambda record: replace(record, audits=()), "task small: its windows were not audited"),
        (_stranger, "method mine is not known here; install what it comes with: pip install mine==1.2"),
    ],
)
def test_what_may_not_stand_is_refused_by_name(
    record: RunRecord,
    suite: Experiment,
    registry: Registry,
    changed: Callable[[RunRecord], RunRecord],
    said: str,
) -> None:
    found = check_submission(changed(record), suite, registry)
    assert said in refusals(found)
    assert not found.standing


def test_a_method_with_fewer_trainings_is_refused_and_the_others_stand(
    record: RunRecord, suite: Experiment, registry: Registry
) -> None:
    whole: pd.DataFrame = record.results
    first = next(iter(record.methods))
    part = whole[(whole["method"] != first) | (whole["repetition"] == 0)]
    found = check_submission(replace(record, results=part), suite, registry)
    assert {entry.method: entry.refusals for entry in found.entries}[first] == ("1 of 2 trainings",)
    assert [entry.method for entry in found.standing] == [m for m in record.methods if m != first]


def test_every_run_of_a_folder_is_checked_and_another_run_is_named_as_such(
    record: RunRecord, suite: Experiment, registry: Registry, tmp_path: Path
) -> None:
    ((folder, found),) = submissions_of(record.folder.parent, suite, registry=registry)
    assert folder == record.folder
    assert len(found.standing) == 2
    (tmp_path / "run.json").write_text(
        json.dumps(json.loads((record.folder / "run.json").read_text()) | {"suite": ""})
    )
    with pytest.raises(DataError, match="names none"):
        submission_of(tmp_path, registry=registry)


def test_a_run_of_no_suite_in_a_folder_is_refused_beside_the_others(
    record: RunRecord, suite: Experiment, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selbench.bench.suites.open_experiment", lambda *_, **__: suite)
    for name, of in (("a-run-of-mine", ""), ("toys", "toys-1")):
        shutil.copytree(record.folder, tmp_path / name)
        run = tmp_path / name / "run.json"
        run.write_text(json.dumps(json.loads(run.read_text()) | {"suite": of}))
    checked = {folder.name: found for folder, found in submissions_of(tmp_path, registry=registry)}
    assert "no run of a suite" in checked["a-run-of-mine"].refusals[0]
    assert len(checked["toys"].standing) == 2


def test_a_damaged_run_in_a_folder_is_refused_and_the_others_stand(
    record: RunRecord, suite: Experiment, registry: Registry, tmp_path: Path
) -> None:
    for name in ("a-damaged-one", "toys"):
        shutil.copytree(record.folder, tmp_path / name)
    damaged = tmp_path / "a-damaged-one" / "predictions.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-100])
    checked = {folder.name: found for folder, found in submissions_of(tmp_path, suite, registry=registry)}
    assert "predictions.parquet" in checked["a-damaged-one"].refusals[0]
    assert len(checked["toys"].standing) == 2
    with pytest.raises(DataError, match=r"predictions\.parquet"):
        list(submissions_of(tmp_path / "a-damaged-one", suite, registry=registry))


def test_a_run_of_a_suite_that_is_not_installed_stops_no_other(
    record: RunRecord, suite: Experiment, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(name: str, **_: object) -> Experiment:
        if name != suite.suite:
            raise PluginError(f"{name} is not installed")
        return suite

    monkeypatch.setattr("selbench.bench.suites.open_experiment", opened)
    for name, of in (("theirs", "others-3"), ("toys", "toys-1")):
        shutil.copytree(record.folder, tmp_path / name)
        run = tmp_path / name / "run.json"
        run.write_text(json.dumps(json.loads(run.read_text()) | {"suite": of}))
    checked = {folder.name: found for folder, found in submissions_of(tmp_path, registry=registry)}
    assert checked["theirs"].refusals == ("others-3 is not installed",)
    assert len(checked["toys"].standing) == 2


def test_the_leaderboard_is_made_without_a_damaged_run(
    record: RunRecord, suite: Experiment, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selbench.bench.suites.open_experiment", lambda *_, **__: suite)
    for name in ("a-damaged-one", "toys"):
        shutil.copytree(record.folder, tmp_path / name)
    (tmp_path / "a-damaged-one" / "results.parquet").write_bytes(b"PAR1")
    board = suite_leaderboard([tmp_path], "toys-1", registry=registry)
    assert [task.name for task in board.table.tasks] == ["small"]
    assert "a-damaged-one" in board.refused[0]
    shutil.rmtree(tmp_path / "toys")
    with pytest.raises(DataError, match="a-damaged-one"):
        suite_leaderboard([tmp_path], "toys-1", registry=registry)


def test_a_run_of_no_suite_is_refused_for_that_alone(
    record: RunRecord, suite: Experiment, registry: Registry
) -> None:
    other = replace(record, info=replace(record.info, suite="", seed=8))
    (said,) = check_submission(other, suite, registry).refusals
    assert "no run of a suite" in said
