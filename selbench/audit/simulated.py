"""Tasks as audited data: windows that are simulated for the audit, or read from a run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

from selbench.audit.audited import AuditedData, Batch, ReadProblem, Source, in_batches
from selbench.errors import DataError, SelbenchError
from selbench.experiment import (
    SPLITS,
    ClassSource,
    Experiment,
    KeptWindows,
    Portion,
    Task,
    read_experiment,
)
from selbench.foreign.json import read_json
from selbench.plugin import Registry, Simulator
from selbench.runner.plan import Plan
from selbench.runner.run import RunOutcome, with_earlier
from selbench.runner.store import Store
from selbench.windows import Windows

Digests = Mapping[tuple[str, str, str], str]

_CHANGED = (
    "the store no longer has its windows, and simulated again they are others: code or programs have changed"
)


def audited_task(experiment: Experiment, task: Task) -> AuditedData:
    """Return a task of an experiment; its windows are simulated as a run would."""
    return _audited_data(
        experiment,
        task,
        lambda portion: portion.source.complete(portion, experiment_seed=experiment.seed),
    )


def audited_tasks_of_run(outcome: RunOutcome, digests: Digests | None = None) -> dict[str, AuditedData]:
    """Return the tasks of a run, each with the windows that it trained and tested on.

    Tasks that were not run yet are left out, as far as the store tells. Windows
    whose blocks are no longer in the store are simulated again.

    Parameters
    ----------
    digests : mapping of (task, split, label) to str, optional
        What the run's windows were; those that are others now are a problem.
    """
    experiment = outcome.plan.experiment
    planned = [training.planned for training in outcome.trainings] or outcome.plan.trainings
    used = {task.name for at in planned for task in (at.training.task.whole, *at.training.test_tasks)}

    whole = [task for task in experiment.tasks.values() if task.part_of is None and task.name in used]
    return {task.name: _audited_data(experiment, task, outcome.kept, digests or {}) for task in whole}


def recorded_digests(folder: Path) -> Digests:
    """Read from run.json what the windows of a run were."""
    try:
        record = read_json(folder / "run.json")
        return {
            (task, count["split"], count["class"]): count["digest"]
            for task, about in record["tasks"].items()
            for count in about["counts"]
            if "digest" in count
        }
    except (KeyError, TypeError, AttributeError) as problem:
        raise DataError(f"{folder / 'run.json'}: damaged: {problem!r}; run the experiment again") from problem


def open_run(folder: Path, registry: Registry, *, store: Path | None = None) -> RunOutcome:
    """Return what became of a run, as far as its folder and its store still tell.

    Raises
    ------
    DataError
        If the folder is not that of a run.
    """
    if not (folder / "run.json").is_file():
        raise DataError(f"{folder}: expected a run folder, found no run.json")
    experiment = read_experiment(folder / "experiment.toml", registry)
    plan = Plan(experiment, Store(store or folder / "store"))
    return with_earlier(RunOutcome(plan, ()))


def _audited_data(
    experiment: Experiment, task: Task, load: Callable[[Portion], KeptWindows], digests: Digests | None = None
) -> AuditedData:
    wanted = [
        portion for split in SPLITS for portion in experiment.portions(task, split=split) if portion.n_windows
    ]
    return AuditedData(
        name=task.name if task.name == experiment.name else f"{experiment.name}:{task.name}",
        classes=task.classes,
        batches=lambda: chain.from_iterable(_batches(portion, load, digests or {}) for portion in wanted),
        n_windows=sum(portion.n_windows for portion in wanted),
        sources={label: _source(source) for label, source in task.sources.items()},
        seeds={
            (portion.split, portion.label): portion.seed(experiment.seed)
            for portion in wanted
            if portion.source.makes_more
        },
    )


def _batches(
    portion: Portion, load: Callable[[Portion], KeptWindows], digests: Digests
) -> Iterator[Batch | ReadProblem]:
    """Yield a portion in batches; its first one carries the counts of all."""
    place = f"{portion.split}/{portion.label}"
    try:
        kept = load(portion)
    except SelbenchError as problem:
        yield ReadProblem(place, str(problem), "could not be made")
        return
    recorded = digests.get((portion.task.name, portion.split, portion.label))
    if recorded not in (None, _digest(kept.windows)):
        yield ReadProblem(place, _CHANGED, "not those of the run", lost=False)
    attempted, empty = kept.attempted, kept.empty
    for batch in in_batches(kept.windows, portion.split, portion.label):
        yield replace(batch, attempted=attempted, empty=empty)
        attempted = empty = 0


def _digest(windows: Windows) -> str:
    return hashlib.sha256(b"".join(windows.digests())).hexdigest()


def _source(source: ClassSource) -> Source:
    programs = "; ".join(program for simulator in source.simulators for program in _programs(simulator))
    return Source(source.spelling, programs, source.scenario_table)


def _programs(simulator: Simulator) -> tuple[str, ...]:
    """Return what makes the windows behind a simulator: programs as they are named, or itself."""
    if simulator.programs:
        return simulator.programs
    return (simulator.provenance().get("program") or simulator.name,)
