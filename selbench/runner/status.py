"""How far a run is, read from its folder and store without doing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from selbench.plugin import Registry
from selbench.run_folder import read_info
from selbench.run_folder.layout import is_finished_run
from selbench.runner.opening import planned_run
from selbench.runner.plan import Plan, PlannedTraining
from selbench.runner.session import Session, sessions_at_work


@dataclass(frozen=True)
class TrainingStatus:
    """A training and what became of it.

    Parameters
    ----------
    state : {"done", "to do", "skipped", "failed"}
        ``failed`` in the last session that ended; running again retries it.
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
        return not self.count("to do") and not self.count("failed")


def run_status(folder: Path, registry: Registry, store: Path | None = None) -> RunStatus:
    """Return how far the run in a folder is.

    Raises
    ------
    DataError
        If the folder holds no run.
    """
    plan = planned_run(folder, registry, store)
    failures = _failures(folder)
    trainings = tuple(_training_status(plan, planned, failures) for planned in plan.trainings)
    return RunStatus(folder, plan, trainings, sessions_at_work(folder))


def _training_status(
    plan: Plan, planned: PlannedTraining, failures: Mapping[tuple[str, str, int], str]
) -> TrainingStatus:
    training = planned.training
    if planned.skip:
        return TrainingStatus(planned, "skipped", planned.skip)
    if plan.is_done(planned):
        return TrainingStatus(planned, "done")
    reason = failures.get((training.task.name, training.method.name, training.repetition))
    return TrainingStatus(planned, "to do") if reason is None else TrainingStatus(planned, "failed", reason)


def _failures(folder: Path) -> dict[tuple[str, str, int], str]:
    """Return the errors of the last session that ended, where one did."""
    if not is_finished_run(folder):
        return {}
    return {
        (training.train_task, training.method, training.repetition): training.reason
        for training in read_info(folder).trainings
        if training.status == "failed"
    }
