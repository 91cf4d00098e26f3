"""What of a finished run would have to be done anew, and what that would cost by its own record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selbench.errors import DataError
from selbench.run_folder import RunInfo, TrainingRecord, read_info
from selbench.run_folder.layout import is_finished_run
from selbench.runner.identities import NotKnown, record_key
from selbench.runner.plan import Plan, PlannedTraining

MOST_SECONDS = 60.0
"""What is done again without being asked for."""


@dataclass(frozen=True)
class Retraining:
    """Finished trainings that the store no longer has as they would be made now.

    Parameters
    ----------
    names : tuple of str
    seconds : float
        That they, and the windows that they need, took by the record.
    changed : tuple of str
        What is not as it was, as far as the run tells.
    """

    names: tuple[str, ...]
    seconds: float
    changed: tuple[str, ...]

    def __str__(self) -> str:
        count = len(self.names)
        why = f", since {' and '.join(self.changed)} changed" if self.changed else ""
        trainings = "1 finished training" if count == 1 else f"{count:,} finished trainings"
        return f"{trainings} must be done anew{why}: {_duration(self.seconds)} by the record"


def retraining(plan: Plan, folder: Path, recorded: Mapping[str, Mapping[str, Any]]) -> Retraining | None:
    """Return what of a finished run must be done anew to go on with it; None where nothing must.

    Parameters
    ----------
    recorded : mapping of str to mapping
        What the run says of its components.
    """
    if not is_finished_run(folder):
        return None
    info = read_info(folder)
    done = {(r.train_task, r.method, r.repetition): r for r in info.trainings if r.status == "done"}
    lost = [
        (planned, record)
        for planned in plan.trainings
        if (record := done.get(place_of(planned))) and plan.state(planned) == "to do"
    ]
    if not lost:
        return None
    names = tuple(planned.training.name for planned, _ in lost)
    seconds = sum(record.total_seconds for _, record in lost) + _simulation(plan, info, lost)
    return Retraining(names, seconds, tuple(_changed(plan, recorded)))


def expect_cheap(found: Retraining | None, folder: Path, *, retrain: bool) -> None:
    """Raise DataError where much would be done anew and nobody has asked for it."""
    if found is not None and found.seconds > MOST_SECONDS and not retrain:
        raise DataError(
            f"{folder}: {found}; add --retrain to do that (in Python retrain=True). Reports, comparisons and "
            "scans of the run work as it is"
        )


def place_of(planned: PlannedTraining) -> tuple[str, str, int]:
    """Return how run.json tells a training: task, method, repetition."""
    training = planned.training
    return training.task.name, training.method.name, training.repetition


def _simulation(plan: Plan, info: RunInfo, lost: Iterable[tuple[PlannedTraining, TrainingRecord]]) -> float:
    """Return the seconds that windows took which the store no longer has, whole tasks at a time."""
    tasks = {
        portion.task.name
        for planned, _ in lost
        for portion in planned.portions()
        if portion.n_windows
        and portion.source.makes_more
        and not plan.store.has("windows", plan.block_key(portion, 0))
    }
    return sum(info.simulate_seconds.get(task, 0.0) for task in tasks)


def _changed(plan: Plan, recorded: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    """Return what is not as the run recorded it: packages, and programs."""
    changed: dict[str, None] = {}
    for component in plan.components:
        before = recorded.get(record_key(component))
        if before is None:
            continue
        try:
            now = plan.identities.of(component)
        except NotKnown:
            continue
        code = before.get("code")
        known = code if isinstance(code, dict) else {}
        if known.get("core") != now["code"]["core"]:
            changed["selbench"] = None
        if known.get("code") != now["code"]["code"]:
            changed[str(now["code"]["package"])] = None
        if before.get("provenance") != now.get("provenance"):
            changed[f"the program behind {component.name}"] = None
    return changed


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
