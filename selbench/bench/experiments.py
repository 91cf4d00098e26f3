"""Experiments by file, by the name of a shipped one, or as they are; and what a run of one would do."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from selbench.errors import DataError, ExperimentError, SelbenchError
from selbench.experiment import (
    Experiment,
    Method,
    Task,
    expect_leave,
    programs_without_leave,
    read_experiment,
)
from selbench.plugin import Registry
from selbench.run_folder import check_file_names, file_name
from selbench.run_folder.layout import EXPERIMENT, STORE, is_run
from selbench.runner.folder import earlier_table
from selbench.runner.identities import Identities, read_components
from selbench.runner.plan import Plan, PlannedTraining
from selbench.runner.retraining import Retraining, retraining
from selbench.runner.store import Store
from selbench.tables import nearest

RUNS = Path("runs")
"""Where run folders lie unless said otherwise."""


@dataclass(frozen=True)
class PlannedRun:
    """A run that is about to begin; nothing is done yet.

    Parameters
    ----------
    plan : Plan
        Of the experiment with all of its methods and tasks: finished work joins the tables.
    chosen : Experiment
        What was asked for.
    programs : tuple of str
        Commands that it would start, and that nobody gave leave to.
    several : mapping of str to tuple of str
        Names that were asked for and stand for more than one method, and the labels of those.
    """

    plan: Plan
    chosen: Experiment
    folder: Path
    registry: Registry
    programs: tuple[str, ...] = ()
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def expect_leave(self) -> None:
        """Raise ExperimentError where the run would start programs without leave."""
        expect_leave(self.plan.experiment, self.programs)

    @property
    def retraining(self) -> Retraining | None:
        """What of the run is finished and must be done anew; None where nothing must."""
        return retraining(self.plan, self.folder, read_components(self.folder))

    @property
    def trainings(self) -> list[PlannedTraining]:
        """The trainings that were asked for."""
        names = self.names
        return [planned for planned in self.plan.trainings if planned.training.name in names]

    @property
    def names(self) -> set[str]:
        """What they are called."""
        return {training.name for training in self.chosen.trainings()}


def open_experiment(
    experiment: str | Path | Experiment,
    *,
    registry: Registry | None = None,
    reduced: bool = False,
    repetitions: int | None = None,
    overrides: Sequence[str] = (),
    as_suite: bool = True,
) -> Experiment:
    """Read an experiment.

    Parameters
    ----------
    experiment : str, Path or Experiment
        A TOML file, the name of a shipped experiment, a run folder, or one that was read before.
    reduced : bool
        Its reduced form: minutes instead of hours.
    repetitions : int, optional
        Trainings per method, other than the file says.
    overrides : sequence of str
        ``KEY=VALUE`` with dotted keys: ``tasks.paper.windows.train=100``.
    as_suite : bool
        Take a suite as one, with a digest for every task; else it is read as an experiment like any other.

    Raises
    ------
    ExperimentError
        With the file, the key, what was expected and the nearest valid name.
    """
    registry = registry or Registry.installed()
    if isinstance(experiment, Experiment):
        if reduced or overrides:
            raise ExperimentError("reduced and overrides change a file: give its path or name")
        read = experiment
        if repetitions is not None:
            table = {**read.table, "repetitions": repetitions}
            read = replace(read, repetitions=repetitions, table=table)
    else:
        file = experiment_file(experiment, registry)
        read = read_experiment(
            file, registry, overrides=overrides, reduced=reduced, repetitions=repetitions, as_suite=as_suite
        )
    check_file_names(read.tasks, (method.name for method in read.methods))
    return read


def experiment_file(experiment: str | Path, registry: Registry) -> Path:
    """Return the file of an experiment: a path, that of a run folder, or the name of a shipped one."""
    path = Path(experiment)
    if is_run(path):
        return path / EXPERIMENT
    if path.suffix == ".toml" or path.is_file():
        return path
    if path.name != str(experiment):
        raise DataError(f"{path}: expected an experiment or a run folder, found no such file")
    return registry.experiment(str(experiment))


def task_of(text: str, **options: object) -> tuple[Experiment, Task | None]:
    """Read ``EXPERIMENT`` or ``EXPERIMENT:TASK``; the task is None where none is named.

    Raises
    ------
    ExperimentError
        If the experiment has no such task.
    """
    name, colon, wanted = text.rpartition(":") if ":" in text else (text, "", "")
    experiment = open_experiment(name, **options)  # type: ignore[arg-type]
    if not colon:
        return experiment, None
    if wanted not in experiment.tasks:
        hint = nearest(wanted, experiment.tasks)
        raise ExperimentError(f"unknown task {wanted!r}{hint}; {name} has {', '.join(experiment.tasks)}")
    return experiment, experiment.tasks[wanted]


def plan_run(
    experiment: str | Path | Experiment,
    *,
    out: str | Path | None = None,
    store: str | Path | None = None,
    methods: Sequence[str] = (),
    tasks: Sequence[str] = (),
    repetitions: int | None = None,
    reduced: bool = False,
    overrides: Sequence[str] = (),
    allow_programs: bool = False,
    registry: Registry | None = None,
) -> PlannedRun:
    """Say what a run would do; see `run` for the parameters. No program is started without leave.

    Raises
    ------
    ExperimentError
        If the experiment cannot be read, or two names would share a folder.
    DataError
        If the run folder holds something else.
    """
    registry = registry or Registry.installed()
    whole = open_experiment(
        experiment, registry=registry, reduced=reduced, repetitions=repetitions, overrides=overrides
    )
    folder = Path(out) if out is not None else RUNS / folder_of(whole.name)
    if repetitions is None:
        whole = _as_many_repetitions(whole, folder)
    kept = Store(Path(store) if store is not None else folder / STORE)
    whole = whole.with_installed(_added_before(folder), registry)
    by_folder = {file_name(method.name): method.name for method in whole.methods}
    wanted = [by_folder.get(name) or _spelled(name, whole, registry) for name in methods]
    whole = whole.with_installed(wanted, registry)
    check_file_names(whole.tasks, (method.name for method in whole.methods))
    chosen = whole.selected(methods=wanted, tasks=tuple(tasks))
    programs = programs_without_leave(
        whole, allow_programs=allow_programs, overrides=overrides, registry=registry
    )
    identities = Identities(read_components(folder), starts_programs=not programs)
    several = {name: labels for name in wanted if len(labels := whole.named(name)) > 1}
    return PlannedRun(Plan(whole, kept, identities), chosen, folder, registry, programs, several)


def _spelled(name: str, experiment: Experiment, registry: Registry) -> str:
    """Return a method as tables spell it, where somebody writes options that are the defaults anyway.

    In a suite a name without options is that of the installed method as it comes, whatever else with its
    model takes part; in other experiments it stands for all that the file has with this model.
    """
    if "[" not in name and not experiment.is_open:
        return name
    try:
        return Method.parse(name, registry).name
    except SelbenchError:  # a name of tables alone: the experiment says whether it has it
        return name


def folder_of(name: str) -> str:
    """Return the name of the folder that an experiment's run lies in by default."""
    return file_name(name)


def _as_many_repetitions(experiment: Experiment, folder: Path) -> Experiment:
    """Keep the repetitions that a run was extended to before."""
    earlier = earlier_table(folder).get("repetitions", 1)
    if not isinstance(earlier, int) or earlier <= experiment.repetitions:
        return experiment
    return replace(experiment, repetitions=earlier, table={**experiment.table, "repetitions": earlier})


def _added_before(folder: Path) -> list[str]:
    """Return the methods that a suite's run in this folder took beside those of its file."""
    earlier = earlier_table(folder).get("methods", [])
    return [name for name in earlier if isinstance(name, str)] if isinstance(earlier, list) else []


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
