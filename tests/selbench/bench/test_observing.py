"""Observers are told what happens, change nothing, and cannot stop a run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest

import selbench
from selbench import (
    Observer,
    PluginError,
    Registry,
    RunBegan,
    RunEnded,
    RunListener,
    SelbenchError,
    TrainingEnded,
)
from selbench.bench.observing import Audience
from selbench.experiment import Experiment, parse_experiment

PACKAGES = Path(__file__).parents[2] / "packages"
TOLD: list[Any] = []


@dataclass(frozen=True)
class Noting(Observer):
    """Keep every event."""

    name: ClassVar[str] = "noting"
    prefix: str = ""

    def watch(self, began: RunBegan) -> RunListener:
        sys.stdout.write("a tracker that prints")
        TOLD.append(began)
        return TOLD.append


@dataclass(frozen=True)
class Failing(Observer):
    """Fail, when it is told to."""

    name: ClassVar[str] = "failing"
    at_once: bool = False
    leaves: bool = False

    def watch(self, began: RunBegan) -> RunListener:
        if self.at_once:
            raise ConnectionError("no tracker answers")
        return self.tell

    def tell(self, event: object) -> None:
        TOLD.append(event)
        if self.leaves:
            sys.exit(3)
        raise KeyError("x")


@dataclass(frozen=True)
class Forgetful(Observer):
    """Return nothing."""

    name: ClassVar[str] = "forgetful"

    def watch(self, began: RunBegan) -> RunListener:
        return None  # type: ignore[return-value]


@pytest.fixture
def experiment(monkeypatch: pytest.MonkeyPatch) -> Experiment:
    monkeypatch.syspath_prepend(str(PACKAGES))
    import toy_selection

    TOLD.clear()
    table = {
        "seed": 7,
        "repetitions": 1,
        "baselines": False,
        "methods": ["few-sites", "few-sites[fails=true]"],
        "tasks": {
            "small": {
                "null": "neutral",
                "positive": "sweep",
                "sample": {"n_haplotypes": 10},
                "locus": {"sequence_length": 500, "mutation_rate": 1e-8},
                "population": {"size": 1000},
                "windows": {"train": 30, "validation": 10, "test": 20},
                "classes": {
                    "neutral": {"simulator": "toy"},
                    "sweep": {"simulator": "toy", "selection": {"s": 0.1, "carriers": "all"}},
                },
            }
        },
    }
    return parse_experiment(table, Registry.of(toy_selection), where="toy.toml", default_name="toy")


def run(experiment: Experiment, out: Path, *observers: Observer | str) -> Any:
    import toy_selection

    registry = Registry.of(toy_selection, Shipping())
    return selbench.run(experiment, out=out, workers=0, observers=observers, registry=registry)


class Shipping:
    """A plugin with an observer."""

    @selbench.hookimpl
    def register_observers(self) -> Sequence[type[Observer]]:
        return [Noting, Failing]


def test_they_are_told_in_order_and_change_nothing(
    experiment: Experiment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = run(experiment, tmp_path / "watched", "noting[prefix=a]")
    assert capsys.readouterr().out == ""
    began, done, failed, ended = TOLD
    assert (began.experiment, began.n_trainings) == ("toy", 2)
    assert (done.status, done.method, done.repetition) == ("done", "site-count+few-sites", 0)
    assert set(done.seconds) == {"encode", "fit"}
    assert (failed.status, failed.seconds) == ("failed", {})
    assert "ArithmeticError: told to fail" in failed.reason
    assert ended == RunEnded(tmp_path / "watched", "finished")
    alone = run(experiment, tmp_path / "alone")
    pd.testing.assert_frame_equal(watched.predictions, alone.predictions)
    names = sorted(path.name for path in (tmp_path / "watched" / "store").rglob("*") if path.is_dir())
    assert names == sorted(path.name for path in (tmp_path / "alone" / "store").rglob("*") if path.is_dir())


@pytest.mark.parametrize(
    ("observer", "said", "n_told"),
    [
        (Failing(), "observer failing: KeyError: 'x' (", 1),
        (Failing(leaves=True), "observer failing[leaves=true]: it would end Python: sys.exit(3) (", 1),
        (Failing(at_once=True), "observer failing[at_once=true]: ConnectionError: no tracker answers (", 0),
        (Forgetful(), "observer forgetful: watch returned NoneType, expected a function", 0),
    ],
)
def test_one_that_fails_is_said_in_a_line_and_kept(
    tmp_path: Path, observer: Observer, said: str, n_told: int
) -> None:
    TOLD.clear()
    lines: list[str] = []
    audience = Audience(tmp_path, lines.append)
    audience.begin([observer, Noting()], RunBegan("toy", tmp_path, {}, 2))
    audience.tell(TrainingEnded("small", "a+b", "b", 0, "done"))
    audience.tell(RunEnded(tmp_path, "finished"))
    assert len(TOLD) == n_told + 3, "it is told no more, the others are"
    (line,) = lines
    assert line.startswith(said)
    if not isinstance(observer, Forgetful):
        assert "test_observing.py:" in line
    file = Path(line.rpartition("traceback: ")[2])
    assert "Traceback" in file.read_text()


def test_a_run_that_ends_in_an_error_is_told_of(experiment: Experiment, tmp_path: Path) -> None:
    import toy_selection

    table = {**experiment.table, "methods": ["few-sites[fails=true]"]}
    failing = parse_experiment(table, Registry.of(toy_selection), where="toy.toml", default_name="toy")
    with pytest.raises(SelbenchError, match=r"no training finished.*whole tracebacks: .*failures"):
        run(failing, tmp_path / "run", "noting")
    assert TOLD[-1].status == "failed"
    (file,) = (tmp_path / "run" / "failures").iterdir()
    assert 'raise ArithmeticError("told to fail")' in file.read_text()


def test_unknown_observers_are_refused_before_anything_runs(experiment: Experiment, tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"unknown observer 'notin' \(did you mean 'noting'\?\)"):
        run(experiment, tmp_path / "run", "notin")
    with pytest.raises(PluginError, match="expected names or observers, found 7"):
        run(experiment, tmp_path / "run", 7)  # type: ignore[arg-type]
    assert not (tmp_path / "run").exists()
