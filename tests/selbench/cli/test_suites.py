"""Suites: what their files promise of test windows is kept, or nothing is trained."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from selbench import Registry
from selbench.audit.submission import Entry, Submission
from selbench.bench import open_experiment
from selbench.cli.submit_check import _sum
from selbench.run_folder import read_info

Selbench = Callable[..., CompletedProcess[str]]

OTHER = "0" * 64


@pytest.fixture
def toy_registry(monkeypatch: pytest.MonkeyPatch, packages: Path) -> Registry:
    """Return a registry of the toy plugin."""
    monkeypatch.syspath_prepend(packages)
    import toy_selection

    return Registry.of(toy_selection)


@pytest.fixture
def suite(tmp_path: Path, selbench: Selbench, toy_file: Path) -> Path:
    """Return the file of a suite of one task, whose digest it gives."""
    text = toy_file.read_text().replace("seconds=0.3", "seconds=0.01").replace("= 2\n", "= 1\n")
    file = tmp_path / "toys-1.toml"
    file.write_text('suite = "toys-1"\n' + text.replace('name = "toy"', 'name = "toys-1"'))
    told = selbench("digest", file)
    assert told.returncode == 0, told.stderr
    found = tomllib.loads(told.stdout)["tasks"]["small"]["test_digest"]
    file.write_text(file.read_text().replace("[tasks.small]\n", f'[tasks.small]\ntest_digest = "{found}"\n'))
    return file


def digest_in(file: Path) -> str:
    return str(tomllib.loads(file.read_text())["tasks"]["small"]["test_digest"])


def test_a_run_of_a_suite_says_so_and_its_windows_have_the_digest(suite: Path, selbench: Selbench) -> None:
    done = selbench("run", suite, "--workers", 0)
    assert done.returncode == 0, done.stderr
    info = json.loads((suite.parent / "runs/toys-1/run.json").read_text())
    assert info["suite"] == "toys-1"
    assert read_info(suite.parent / "runs/toys-1").tasks["small"].test_digest == digest_in(suite)
    assert selbench("digest", suite).returncode == 0
    checked = selbench("submit-check", "runs/toys-1", "--suite", suite)
    assert "2 of 2 may stand in the table of toys-1" in checked.stderr, checked.stdout
    assert checked.returncode == 0
    board = selbench("leaderboard", suite, "runs", "--out", "board")
    assert board.returncode == 0, board.stderr
    text = (suite.parent / "board/README.md").read_text()
    assert "# toys-1" in text
    assert "Installed and not run here" in text
    assert f"Made by `selbench leaderboard {suite} runs --out board`" in text


def test_a_leaderboard_of_nothing_shows_how_it_is_asked_for(selbench: Selbench) -> None:
    told = selbench("leaderboard")
    assert told.returncode == 2
    assert "such as: selbench leaderboard sweeps-1 benchmarks/suite runs/mine" in told.stderr


def test_a_folder_of_runs_is_checked_in_a_few_lines_each(suite: Path, selbench: Selbench) -> None:
    assert selbench("run", suite, "--workers", 0).returncode == 0
    runs = suite.parent / "runs"
    shutil.copytree(runs / "toys-1", runs / "reduced")
    info = json.loads((runs / "reduced/run.json").read_text())
    (runs / "reduced/run.json").write_text(json.dumps({**info, "suite": "", "reduced_from": "toys-1"}))
    shutil.copytree(runs / "toys-1", runs / "unaudited")
    (runs / "unaudited/audit.json").unlink()
    told = selbench("submit-check", "runs", "--suite", suite)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        "reduced: nothing may stand",
        "toys-1: 2 methods × 1 task may stand",
        "unaudited: nothing may stand",
    ]
    reduced, unaudited, total = told.stderr.strip().splitlines()
    assert reduced.startswith("reduced: refused: it is the reduced form of toys-1")
    assert unaudited.startswith("unaudited: refused: task small: its windows were not audited")
    assert total == "2 of 6 tests of a method on a task, of 3 runs, may stand in the table of toys-1"
    everything = selbench("submit-check", "runs", "--suite", suite, "--verbose")
    assert everything.stdout.count("small") == 8, "two runs of two methods, with what each is tested on"
    one = selbench("submit-check", "runs/reduced", "--suite", suite)
    assert one.returncode == 1
    assert len(one.stderr.strip().splitlines()) == 2


def test_runs_of_two_suites_are_summed_up_by_both_names() -> None:
    entry = Entry("m", "m", "small", "small", 1)
    checked = [Submission("toys-1", (), (entry,)), Submission("other-2", ("why",), (entry,))]
    assert (
        _sum(checked)
        == "1 of 2 tests of a method on a task, of 2 runs, may stand in the tables of toys-1, other-2"
    )
    assert (
        _sum(checked[:1]) == "1 of 1 tests of a method on a task, of 1 run, may stand in the table of toys-1"
    )


def test_other_test_windows_are_told_before_anything_is_trained(suite: Path, selbench: Selbench) -> None:
    found = digest_in(suite)
    suite.write_text(suite.read_text().replace(found, OTHER))
    done = selbench("run", suite, "--workers", 0)
    assert done.returncode == 1
    line = done.stderr.strip().splitlines()[-1]
    for part in ("toys-1", "task 'small'", OTHER, found, "install the version of selbench"):
        assert part in line
    assert not list((suite.parent / "runs/toys-1/store").glob("predictors/*"))
    told = selbench("digest", suite)
    assert told.returncode == 1
    assert f"small: the file gives {OTHER}" in told.stderr


def test_threshold_windows_count_and_training_windows_do_not(suite: Path, selbench: Selbench) -> None:
    plain = suite.with_name("plain.toml")
    plain.write_text(suite.read_text().replace('suite = "toys-1"\n', ""))
    assert selbench("digest", plain, "--set", "tasks.small.windows.train=70").returncode == 0
    assert selbench("digest", plain, "--set", "tasks.small.windows.threshold=99").returncode == 1


def test_the_reduced_form_of_a_suite_is_none(suite: Path, toy_registry: Registry) -> None:
    reduced = open_experiment(
        suite, reduced=True, registry=toy_registry, overrides=["tasks.small.windows.test=10"]
    )
    assert (reduced.suite, reduced.reduced_from) == ("", "toys-1")
    assert not reduced.tasks["small"].test_digest


@pytest.mark.parametrize(
    "change", ["tasks.small.windows.train=100", "seed=8", "suite=other-1", "resample_training=true"]
)
def test_what_a_suite_holds_fixed_is_not_changed(suite: Path, selbench: Selbench, change: str) -> None:
    done = selbench("run", suite, "--set", change)
    assert done.returncode == 1
    assert "of the suite toys-1 is fixed" in done.stderr
    assert "--reduced" in done.stderr


def test_an_installed_method_joins_a_suite_and_stays_in_its_run(suite: Path, selbench: Selbench) -> None:
    mine = "few-sites[seconds=0.02]"
    assert selbench("run", suite, "--methods", mine, "--workers", 0).returncode == 0
    folder = suite.parent / "runs/toys-1"
    assert f"site-count+{mine}" in tomllib.loads((folder / "experiment.toml").read_text())["methods"]
    planned = selbench("run", suite, "--dry-run")
    assert planned.stdout.count("small") == 6, "each with its task and what it is tested on"
    assert "2 to do, 1 done" in planned.stderr


@pytest.mark.parametrize("name", ["few-sites", "site-count+few-sites"])
def test_a_bare_name_is_the_installed_default_and_no_other_with_that_model(
    suite: Path, selbench: Selbench, name: str
) -> None:
    other = "few-sites[seconds=0.02]"
    text = suite.read_text()
    methods = re.search(r"^methods = .*$", text, re.MULTILINE)
    assert methods
    suite.write_text(text.replace(methods[0], f'methods = ["{other}"]'))
    planned = selbench("run", suite, "--methods", name, "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert "seconds=0.02" not in planned.stdout
    assert "1 to do" in planned.stderr
    both = selbench("run", suite, "--methods", name, "--methods", other, "--dry-run")
    assert "2 to do" in both.stderr


def test_only_a_suite_takes_methods_that_its_file_does_not_list(suite: Path, selbench: Selbench) -> None:
    plain = suite.with_name("plain.toml")
    plain.write_text(suite.read_text().replace('suite = "toys-1"\n', ""))
    done = selbench("run", plain, "--methods", "few-sites[seconds=0.02]", "--dry-run")
    assert done.returncode == 1
    assert "is not in toys-1" in done.stderr
    done = selbench("run", suite, "--methods", "fewer-sites", "--dry-run")
    assert done.returncode == 1
    assert "'fewer-sites' is not in toys-1, nor installed here" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (r'test_digest = "\w+"\n', "", "tasks.small.test_digest: every task of a suite has one"),
        (r'test_digest = "\w+"', 'test_digest = "abc"', "expected 64 hexadecimal digits"),
        (r'suite = "toys-1"', 'suite = "toys"', "expected NAME-VERSION, such as sweeps-1, found 'toys'"),
    ],
)
def test_a_suite_that_is_not_whole_is_refused(
    suite: Path, selbench: Selbench, old: str, new: str, said: str
) -> None:
    suite.write_text(re.sub(old, new, suite.read_text()))
    done = selbench("run", suite, "--dry-run")
    assert done.returncode == 1
    assert said in done.stderr


def test_too_few_threshold_windows_are_noted_once_for_all_tasks(suite: Path, selbench: Selbench) -> None:
    suite.write_text(
        suite.read_text().replace('suite = "toys-1"\n', "") + '\n[tasks.other]\nlike = "small"\n'
    )
    notes = [line for line in selbench("run", suite, "--dry-run").stderr.splitlines() if "note  " in line]
    assert len(notes) == 1
    assert notes[0].startswith("note  windows.threshold = 100 in 2 tasks: too few for power at 5% false pos")


def test_a_task_like_another_does_not_take_over_its_digest(suite: Path, selbench: Selbench) -> None:
    suite.write_text(suite.read_text() + '\n[tasks.other]\nlike = "small"\n')
    done = selbench("run", suite, "--dry-run")
    assert done.returncode == 1
    assert "none is given for other" in done.stderr
