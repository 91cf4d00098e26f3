"""What a run tells whoever watches it. The command line turns these into a display."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from selbench.plugin import TrainingEnded

Stage = Literal["simulate", "train", "ask"]
JobKind = str
"""What jobs of about equal length share: a method, or "simulate"."""


@dataclass(frozen=True)
class StageBegan:
    """A stage begins, with this many jobs to do and this many done before."""

    stage: Stage
    jobs: tuple[tuple[str, JobKind], ...]
    done_before: int


@dataclass(frozen=True)
class JobStarted:
    """A worker began a job."""

    name: str


@dataclass(frozen=True)
class JobAdvanced:
    """A job is this far, in [0, 1]."""

    name: str
    fraction: float
    message: str


@dataclass(frozen=True)
class JobEnded:
    """A job is done, or failed with `error`; `traceback` says where."""

    name: str
    seconds: float
    error: str = ""
    traceback: str = ""


@dataclass(frozen=True)
class TrainingSkipped:
    """A training declined: its model or encoder cannot take what it is given."""

    name: str
    reason: str


@dataclass(frozen=True)
class ClusterChanged:
    """Something of the cluster to know: a worker refused or lost, or none to be had."""

    message: str


Event = StageBegan | JobStarted | JobAdvanced | JobEnded | TrainingSkipped | TrainingEnded | ClusterChanged
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Watch nothing."""
