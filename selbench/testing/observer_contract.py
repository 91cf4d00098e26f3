"""What every observer keeps."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any, ClassVar

import pytest

from selbench.bench import Run, run
from selbench.plugin import Observer, RunBegan, RunEnded, TrainingEnded
from selbench.run_folder.failures import kept_failures
from selbench.testing.component_contract import ComponentContract

_SMALL = """
name = "small"
seed = 1
repetitions = 2
baselines = false
methods = ["segregating-sites", "full-length+segregating-sites"]

[tasks.study]
null = "neutral"
positive = "sweep"
sample = { n_haplotypes = 10 }
locus = { sequence_length = 1000, mutation_rate = 1e-8 }
population = { size = 80_000 }
windows = { train = 30, validation = 10, test = 20 }
classes.neutral = { simulator = "ms" }
classes.sweep = { simulator = "mssel", selection = { s = 0.01, position = 500, fixation_time = 0 } }
"""
"""Trains one method in a moment; the other declines."""


class ObserverContract(ComponentContract):
    """What every observer keeps. Tests run in an empty folder of their own.

    Attributes
    ----------
    component : Observer
    """

    component: ClassVar[Any]

    @pytest.fixture(autouse=True)
    def in_an_empty_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def left(self, folder: Path) -> object:
        """Return what the observer has left; override where that is not in files beside it."""
        return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]

    def watched(self, folder: Path) -> Run:
        """Run a small experiment that the observer is told of."""
        (folder / "small.toml").write_text(_SMALL)
        return run(folder / "small.toml", out=folder / "run", workers=0, observers=[self.component])

    def began(self, folder: Path) -> RunBegan:
        return RunBegan("small", folder, {"name": "small", "seed": 1, "methods": ["a+b"], "tasks": {}}, 3)

    def test_it_is_told_of_a_run_to_its_end(self, tmp_path: Path) -> None:
        ended = self.watched(tmp_path)
        failures = [path.read_text() for path in kept_failures(ended.path)]
        assert not failures, failures[0]

    def test_it_takes_whatever_may_become_of_a_run(self, tmp_path: Path) -> None:
        component: Observer = self.component
        failed = TrainingEnded("study", "a+b", "a+b", 0, "failed", reason="ValueError: no")
        skipped = TrainingEnded("study", "c+d", "c+d", 0, "skipped", reason="needs phase")
        done = TrainingEnded(
            "study",
            "e[n=2]+f",
            "f",
            1,
            "done",
            seconds={"fit": 0.5},
            n_parameters=3,
            history={"loss": (0.7, 0.2)},
        )
        for ended in (RunEnded(tmp_path, "stopped"), RunEnded(tmp_path, "failed", "no training finished")):
            tell = component.watch(self.began(tmp_path))
            for event in (failed, skipped, done, ended):
                tell(event)
        component.watch(self.began(tmp_path))(RunEnded(tmp_path, "stopped"))

    def test_two_runs_may_be_watched_at_once(self, tmp_path: Path) -> None:
        tell = [self.component.watch(self.began(tmp_path / name)) for name in ("a", "b")]
        for repetition in range(2):
            for each in tell:
                each(TrainingEnded("study", "a+b", "b", repetition, "done", seconds={"fit": 1.0}))
        for each in tell:
            each(RunEnded(tmp_path, "stopped"))

    def test_what_it_leaves_tells_one_run_from_another(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        left = []
        for status, method in (("done", "a+b"), ("failed", "c+d")):
            own = tmp_path / status
            own.mkdir()
            monkeypatch.chdir(own)
            tell = self.component.watch(self.began(tmp_path))
            tell(TrainingEnded("study", method, method, 0, status))  # type: ignore[arg-type]
            tell(RunEnded(tmp_path, "stopped"))
            left.append(self.left(own))
        if not any(left):
            pytest.skip("it leaves nothing beside it: override `left` to say what it has left")
        assert left[0] != left[1], "it leaves the same, whatever happens"

    def test_it_changes_nothing_and_prints_nothing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        began = self.began(tmp_path)
        before = deepcopy(began)
        self.component.watch(began)(RunEnded(tmp_path, "stopped"))
        assert began == before
        assert capsys.readouterr().out == "", "standard output is for data: write elsewhere"
