"""What a run says about the time left."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from selbench.bench import display
from selbench.bench.display import RunDisplay
from selbench.runner.events import JobAdvanced, JobEnded, JobStarted, StageBegan

JOBS = (("network 0", "network"), ("network 1", "network"), ("forest 0", "forest"), ("forest 1", "forest"))


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(display.time, "monotonic", clock)
    return clock


@pytest.fixture
def told(clock: Clock) -> tuple[RunDisplay, io.StringIO]:
    text = io.StringIO()
    shown = RunDisplay(Console(file=text, width=200), workers=2)
    shown(StageBegan("train", JOBS, 0))
    shown(JobStarted("network 0"))
    return shown, text


def test_a_kind_of_job_that_nobody_has_timed_is_not_guessed(
    clock: Clock, told: tuple[RunDisplay, io.StringIO]
) -> None:
    shown, text = told
    clock.now += 100
    shown(JobAdvanced("network 0", 0.2, "epoch 1"))
    # 500 s each: 400 s of the first and 500 s of the second, on two workers: not under 500 s
    assert "about 8 min 20 s left, plus 1 of 2 kinds of job not timed yet" in text.getvalue()


def test_with_every_kind_timed_the_time_left_is_an_estimate(
    clock: Clock, told: tuple[RunDisplay, io.StringIO]
) -> None:
    shown, text = told
    shown(JobStarted("forest 0"))
    clock.now += 10
    shown(JobEnded("forest 0", 10.0))
    clock.now += 90
    shown(JobAdvanced("network 0", 0.5, "epoch 1"))
    # 100 s of one network, 200 s of the other and 10 s of a forest, on two workers: not under 200 s
    assert "about 3 min 20 s left" in text.getvalue().splitlines()[-1]
    assert "without" not in text.getvalue().splitlines()[-1]


def test_before_anything_is_timed_nothing_is_promised(
    clock: Clock, told: tuple[RunDisplay, io.StringIO]
) -> None:
    shown, text = told
    clock.now += 20
    shown(JobAdvanced("network 0", 0.05, "epoch 1"))
    assert "estimating the time left" in text.getvalue()


def test_a_failure_that_trainings_share_is_told_once(told: tuple[RunDisplay, io.StringIO]) -> None:
    shown, text = told
    for name in ("network 0", "network 1"):
        shown(JobEnded(name, 1.0, error="no values: take a smaller window_sites"))
    assert text.getvalue().count("window_sites") == 1
    assert "network 1: as network 0" in text.getvalue()
