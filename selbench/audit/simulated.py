"""Tasks as subjects: windows that are simulated for the audit, or read from a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from selbench.audit.subject import Batch, Source, Subject, in_batches
from selbench.errors import DataError
from selbench.experiment import Experiment, read_experiment
from selbench.options import spelling
from selbench.registry import Registry
from selbench.runner.blocks import windows_from_bytes
from selbench.runner.plan import Plan
from selbench.runner.run import RunOutcome, with_earlier
from selbench.runner.store import Store
from selbench.schema import to_table
from selbench.task import SPLITS, ClassSource, Kept, Portion, Task, complete_portion, keep, portions
from selbench.task_dataset import kept_portion


def task_subject(experiment: Experiment, task: Task) -> Subject:
    """Return a task of an experiment; its windows are simulated as a run would."""
    return _subject(
        experiment, task, lambda portion: complete_portion(portion, experiment_seed=experiment.seed)
    )


def run_subjects(outcome: RunOutcome) -> dict[str, Subject]:
    """Return the tasks of a run, each with the windows that it trained and tested on.

    Windows whose blocks are no longer in the store are simulated again.
    """
    experiment = outcome.plan.experiment
    used = {portion.task.name for portion in outcome.plan.portions()}

    def load(portion: Portion) -> Kept:
        return _stored(outcome, portion) or complete_portion(portion, experiment_seed=experiment.seed)

    return {name: _subject(experiment, task, load) for name, task in experiment.tasks.items() if name in used}


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
    return with_earlier(RunOutcome(plan, ()), plan)


def _stored(outcome: RunOutcome, portion: Portion) -> Kept | None:
    if portion.source.dataset is not None:
        return kept_portion(portion)
    files = outcome.files_of(portion)
    if not files.blocks:
        return None
    kept = keep(portion, map(windows_from_bytes, files.blocks))
    if kept is None:
        raise DataError(
            f"{files.blocks[0].parent}: expected enough windows of {portion.label}, found too few"
        )
    return kept


def _subject(experiment: Experiment, task: Task, load: Callable[[Portion], Kept]) -> Subject:
    repetition = 0 if experiment.resample_training else None
    wanted = [
        portion
        for split in SPLITS
        for portion in portions(task, split=split, repetition=repetition if split == "train" else None)
        if portion.n_windows
    ]

    def batches() -> Iterator[Batch]:
        for portion in wanted:
            kept = load(portion)
            for i, batch in enumerate(in_batches(kept.windows, portion.split, portion.label)):
                first = i == 0
                yield replace(
                    batch,
                    attempted=kept.attempted if first else 0,
                    empty=kept.empty if first else 0,
                )

    return Subject(
        name=task.name if task.name == experiment.name else f"{experiment.name}:{task.name}",
        classes=task.classes,
        batches=batches,
        n_windows=sum(portion.n_windows for portion in wanted),
        sources={label: _source(source) for label, source in task.sources.items()},
        seeds={
            (portion.split, portion.label): portion.seed(experiment.seed)
            for portion in wanted
            if portion.source.simulator is not None
        },
    )


def _source(source: ClassSource) -> Source:
    if source.simulator is None:
        return Source(simulator=f"dataset {source.dataset.name}" if source.dataset else "")
    provenance = source.simulator.provenance()
    program = provenance.get("program") or source.simulator.name
    return Source(spelling(source.simulator), program, to_table(source.scenario) if source.scenario else {})
