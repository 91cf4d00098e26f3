"""How far a run is, read from its folder and store without doing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from selbench.errors import DataError
from selbench.experiment import parse_experiment
from selbench.foreign.json import read_json
from selbench.plugin import Registry
from selbench.runner.folder import earlier_table
from selbench.runner.plan import Plan, PlannedTraining
from selbench.runner.session import Session, sessions_at_work
from selbench.runner.store import Store


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


def planned_run(folder: Path, registry: Registry, store: Path | None = None) -> Plan:
    """Return the plan of the run in a folder, as it was last started.

    Raises
    ------
    DataError
        If the folder holds no run.
    """
    table = earlier_table(folder)
    if not table:
        raise DataError(f"{folder}: expected a run folder with experiment.toml, found none")
    experiment = parse_experiment(table, registry, where=str(folder / "experiment.toml"))
    return Plan(experiment, Store(store or folder / "store"))


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
    path = folder / "run.json"
    if not path.is_file():
        return {}
    try:
        trainings = read_json(path)["cells"]
        return {
            (training["train_task"], training["method"], training["repetition"]): training["reason"]
            for training in trainings
            if training["status"] == "failed"
        }
    except (KeyError, TypeError) as problem:
        raise DataError(f"{path}: damaged: {problem}; run the experiment again to rewrite it") from problem
