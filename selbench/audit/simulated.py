"""Tasks as audited data: windows that are simulated for the audit, or read from a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from selbench.audit.audited import AuditedData, Batch, ReadProblem, Source, in_batches
from selbench.errors import SelbenchError
from selbench.experiment import SPLITS, ClassSource, Experiment, KeptWindows, Portion, Split, Task
from selbench.plugin import Simulator
from selbench.runner.plan import TESTED
from selbench.runner.portion_files import digest_of_windows
from selbench.runner.run import RunOutcome

Digests = Callable[[str, str, str, int | None], str]


def nothing_said(task: str, split: str, label: str, repetition: int | None) -> str:
    """Say nothing of what windows were."""
    return ""


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


def audited_tasks_of_run(
    outcome: RunOutcome, digests: Digests = nothing_said, recorded: Collection[str] = ()
) -> dict[str, AuditedData]:
    """Return the tasks of a run, each with the windows that it trained and tested on.

    Tasks that were not run yet are left out, as far as the store or the record tells; of a task that methods
    are only tested on, training windows are never made, and not audited. Windows whose blocks are no longer
    in the store are simulated again.

    Parameters
    ----------
    digests : callable, optional
        What the run says that its windows of a (task, split, label) were, "" where it says nothing; those
        that are others now are a problem.
    recorded : collection of str, optional
        Tasks that the run's record has trainings of, for a store that tells of none.
    """
    experiment = outcome.plan.experiment
    planned = [training.planned for training in outcome.trainings] or [
        planned
        for planned in outcome.plan.trainings
        if not recorded or planned.training.task.name in recorded
    ]
    trained = {at.training.task.whole.name for at in planned}
    used = trained | {task.name for at in planned for task in at.training.test_tasks}

    whole = [task for task in experiment.tasks.values() if task.part_of is None and task.name in used]
    return {
        task.name: _audited_data(
            experiment, task, outcome.kept, digests, SPLITS if task.name in trained else TESTED
        )
        for task in whole
    }


def _audited_data(
    experiment: Experiment,
    task: Task,
    load: Callable[[Portion], KeptWindows],
    digests: Digests = nothing_said,
    splits: Sequence[Split] = SPLITS,
) -> AuditedData:
    wanted = [
        portion
        for split in splits
        for portion in experiment.every_portion(task, split=split)
        if portion.n_windows
    ]
    if any(method.model.uses_target for method in experiment.methods):
        named = [other.target for other in experiment.tasks.values() if other.target]
        wanted += [p for target in named if target.task.name == task.name for p in target.portions()]
    return AuditedData(
        name=task.name if task.name == experiment.name else f"{experiment.name}:{task.name}",
        classes=task.classes,
        batches=lambda: chain.from_iterable(_batches(portion, load, digests) for portion in wanted),
        n_windows=sum(portion.n_windows for portion in wanted),
        sources={label: _source(source) for label, source in task.sources.items()},
        seeds={
            (_place(portion), portion.label): portion.seed(experiment.seed)
            for portion in wanted
            if portion.source.makes_more
        },
        differ_by=task.differ_by,
    )


def _batches(
    portion: Portion, load: Callable[[Portion], KeptWindows], digests: Digests
) -> Iterator[Batch | ReadProblem]:
    """Yield a portion in batches; its first one carries the counts of all."""
    place = f"{_place(portion)}/{portion.label}"
    try:
        kept = load(portion)
    except SelbenchError as problem:
        yield ReadProblem(place, str(problem), "could not be made")
        return
    recorded = digests(portion.task.name, portion.split, portion.label, portion.repetition)
    if recorded not in ("", digest_of_windows(kept.windows)):
        yield ReadProblem(place, _CHANGED, "not those of the run", lost=False)
    attempted, empty = kept.attempted, kept.empty
    for batch in in_batches(kept.windows, portion.split, portion.label):
        yield replace(batch, attempted=attempted, empty=empty)
        attempted = empty = 0


def _place(portion: Portion) -> str:
    """Return the split, and the repetition where each has windows of its own."""
    return (
        portion.split if portion.repetition is None else f"{portion.split} (repetition {portion.repetition})"
    )


def _source(source: ClassSource) -> Source:
    programs = "; ".join(program for simulator in source.simulators for program in _programs(simulator))
    return Source(source.spelling, programs, source.scenario_table)


def _programs(simulator: Simulator) -> tuple[str, ...]:
    """Return what makes the windows behind a simulator: programs as they are named, or itself."""
    if simulator.programs:
        return simulator.programs
    return (simulator.provenance().get("program") or simulator.name,)
