"""How far a run is, read from its folder and store without doing anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from selbench.plugin import Registry
from selbench.run_folder import TrainingRecord, read_info
from selbench.run_folder.layout import is_finished_run
from selbench.runner.opening import planned_run
from selbench.runner.plan import Plan, PlannedTraining
from selbench.runner.retraining import place_of
from selbench.runner.session import Session, sessions_at_work


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
    """

    folder: Path
    plan: Plan
    trainings: tuple[TrainingStatus, ...]
    sessions: list[Session]

    def count(self, state: str) -> int:
        """Return how many trainings are in a state."""
        return sum(training.state == state for training in self.trainings)

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return not any(map(self.count, ("to do", "failed", "not known")))


def run_status(folder: Path, registry: Registry, store: Path | None = None) -> RunStatus:
    """Return how far the run in a folder is.

    Raises
    ------
    DataError
        If the folder holds no run.
    """
    plan = planned_run(folder, registry, store)
    ended = _ended(folder)
    trainings = tuple(
        _training_status(plan, planned, ended.get(place_of(planned))) for planned in plan.trainings
    )
    return RunStatus(folder, plan, trainings, sessions_at_work(folder))


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
