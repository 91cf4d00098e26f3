"""How far a run is, read from its folder and store without doing anything."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from selbench.plugin import Registry
from selbench.run_folder import TrainingRecord, read_info
from selbench.run_folder.layout import EXPERIMENT, is_finished_run
from selbench.runner.opening import planned_run
from selbench.runner.plan import Plan, PlannedTraining
from selbench.runner.retraining import place_of
from selbench.runner.session import Session, sessions_at_work

_STATES = ("done", "to do", "skipped", "failed", "not known")


@dataclass(frozen=True)
class TrainingStatus:
    """A training and what became of it.

    Parameters
    ----------
    state : {"done", "to do", "skipped", "failed", "not known"}
        ``done`` is what the run's tables hold, or its store as its next session will find it; ``failed``
        in the last session that ended, and running again retries it. What only a program could tell is
        not known.
    """

    planned: PlannedTraining
    state: str
    reason: str = ""


@dataclass(frozen=True)
class RunStatus:
    """How far a run is.

    Parameters
    ----------
    sessions : list of Session
        The processes that are at work on it now.
    has_ended : bool
        Whether a session of it ever ended, so that it is known what was asked for.
    """

    folder: Path
    plan: Plan
    trainings: tuple[TrainingStatus, ...]
    sessions: list[Session]
    has_ended: bool = True

    def count(self, state: str) -> int:
        """Return how many trainings are in a state."""
        return sum(training.state == state for training in self.trainings)

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return not any(map(self.count, ("to do", "failed", "not known")))

    @property
    def states(self) -> tuple[str, ...]:
        """The states to be told of; "not known" where there is such a training."""
        return _STATES if self.count("not known") else _STATES[:-1]

    @property
    def by_method(self) -> dict[tuple[str, str], Counter[str]]:
        """How many repetitions are in each state, by task and method."""
        rows: dict[tuple[str, str], Counter[str]] = {}
        for training in self.trainings:
            name = training.planned.training.task.name, training.planned.training.shown_method
            rows.setdefault(name, Counter())[training.state] += 1
        return rows

    @property
    def verdict(self) -> str:
        """How far it is and what to do next, in a sentence."""
        counted = f"{self.count('done')} of {len(self.trainings)} trainings done"
        if n_others := len(self.plan.trainings) - len(self.trainings):
            counted += f", and {n_others} others of its file were not asked for"
        if self.is_finished:
            return f"{counted}; finished: selbench report {self.folder}"
        if self.sessions:
            return f"{counted}; still running"
        how = "go on with" if self.has_ended else "go on with the command that began it, or do all with"
        return f"{counted}; {how}: {shlex.join(self._command)}"

    @property
    def _command(self) -> list[str]:
        """What does the trainings that were asked for, and no others."""
        command = ["selbench", "run", str(self.folder / EXPERIMENT), "--out", str(self.folder)]
        asked = [each.planned.training for each in self.trainings]
        others = [each.training for each in self.plan.trainings]
        tasks = dict.fromkeys(each.task.name for each in asked if each.task.part_of is None)
        tasks = tasks or dict.fromkeys(each.task.name for each in asked)
        methods = dict.fromkeys(each.method.name for each in asked)
        if len(asked) < len(others):
            command += [word for name in tasks for word in ("--tasks", name)]
            command += [word for name in methods for word in ("--methods", name)]
        return command


def run_status(folder: Path, registry: Registry, store: Path | None = None) -> RunStatus:
    """Return how far the run in a folder is.

    Raises
    ------
    DataError
        If the folder holds no run.
    """
    plan = planned_run(folder, registry, store)
    ended, sessions = _ended(folder), sessions_at_work(folder)
    asked = {place_of(planned)[:2] for planned in plan.trainings}
    if ended and not sessions:  # else who is at work may have been asked for more
        asked &= {(task, method) for task, method, _ in ended}
    trainings = tuple(
        _training_status(plan, planned, ended.get(place_of(planned)))
        for planned in plan.trainings
        if place_of(planned)[:2] in asked
    )
    return RunStatus(folder, plan, trainings, sessions, bool(ended))


def _training_status(plan: Plan, planned: PlannedTraining, ended: TrainingRecord | None) -> TrainingStatus:
    state = plan.state(planned)
    if state == "skipped":
        return TrainingStatus(planned, state, planned.skip)
    if state == "done" or ended is None:
        return TrainingStatus(planned, state)
    if ended.status == "failed":
        return TrainingStatus(planned, "failed", ended.reason)
    return TrainingStatus(planned, "done" if ended.status == "done" else state)


def _ended(folder: Path) -> dict[tuple[str, str, int], TrainingRecord]:
    """Return what became of trainings in the sessions that ended, where one did."""
    if not is_finished_run(folder):
        return {}
    return {
        (record.train_task, record.method, record.repetition): record
        for record in read_info(folder).trainings
    }
