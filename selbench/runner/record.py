"""run.json as a run fills it: everything about the run that is not a table."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from selbench.experiment import SPLITS, Experiment, Method, Portion, SimulatedClass, Task
from selbench.plugin import Component, Owner, Registry, install_lines, installed_versions, spelling, summary
from selbench.run_folder import (
    DesignRecord,
    GenomeRecord,
    ImageRecord,
    MethodName,
    MethodRecord,
    MetricRecord,
    RunInfo,
    SourceRecord,
    TaskRecord,
    TrainingRecord,
    WindowCount,
    name_methods,
    predictor_name,
)
from selbench.run_folder.layout import PREDICTORS
from selbench.run_folder.records import FORMAT
from selbench.runner.citations import citations
from selbench.runner.portion_files import digest_of_windows
from selbench.runner.run import RunOutcome, TrainingOutcome
from selbench.runner.tables import prediction_arrays
from selbench.tables import to_table


def _modules_of(experiment: Experiment) -> tuple[str, ...]:
    """Return the importable packages of every component that takes part."""
    components: list[Component] = [
        part for method in experiment.methods for part in (method.encoder, method.model)
    ]
    components += [
        source.simulator
        for task in experiment.tasks.values()
        for source in task.sources.values()
        if isinstance(source, SimulatedClass)
    ]
    return tuple(dict.fromkeys(type(part).__module__.partition(".")[0] for part in components))


def names_in(experiment: Experiment) -> dict[str, MethodName]:
    """Return the names of every method of an experiment, by id."""
    return name_methods(experiment.labels)


def run_info(
    outcome: RunOutcome,
    registry: Registry,
    *,
    started: datetime,
    command: Sequence[str],
    trainings: Sequence[TrainingRecord],
    images: Sequence[ImageRecord],
) -> RunInfo:
    """Return what run.json holds."""
    experiment = outcome.plan.experiment
    names = names_in(experiment)
    return RunInfo(
        format=FORMAT,
        selbench=version("selbench"),
        experiment=experiment.name,
        description=experiment.description,
        seed=experiment.seed,
        repetitions=experiment.repetitions,
        threads=experiment.threads,
        started=started.isoformat(timespec="seconds"),
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=outcome.seconds,
        command=tuple(command),
        platform={
            "system": platform.platform(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "keras_backend": os.environ.get("KERAS_BACKEND", "tensorflow"),
        },
        packages=installed_versions(),
        install=install_lines(_modules_of(experiment)),
        tasks={task.name: _task_record(outcome, task) for task in experiment.tasks.values()},
        methods={
            method.name: _method_record(method, names[method.name], registry) for method in experiment.methods
        },
        trainings=tuple(trainings),
        simulate_seconds={task.name: _simulate_seconds(outcome, task) for task in experiment.tasks.values()},
        citations=tuple(citations(experiment)),
        images=tuple(images),
        metrics={each.name: MetricRecord.of(each) for each in experiment.metrics},
        suite=experiment.suite,
        reduced_from=experiment.reduced_from,
    )


def training_records(outcome: RunOutcome) -> list[TrainingRecord]:
    """Return what became of every training: its cost, where its predictor lies."""
    names = names_in(outcome.plan.experiment)
    return [_training_record(outcome, training, names) for training in outcome.trainings]


def _training_record(
    outcome: RunOutcome, training: TrainingOutcome, names: Mapping[str, MethodName]
) -> TrainingRecord:
    planned, plan = training.planned, outcome.plan
    task, method, repetition = (
        planned.training.task,
        planned.training.method.name,
        planned.training.repetition,
    )
    made: dict[str, Any] = {}
    if training.status == "done":
        cost = plan.store.read_json("predictors", planned.predictor_key, "cost.json")
        own = [(test, split) for test, split in planned.tests if test.name == task.name]
        seconds = [prediction_arrays(outcome, training, test, split)["seconds"] for test, split in own]
        made = {
            **cost,
            "seconds": {**cost["seconds"], "predict": float(sum(seconds))},
            "predictor_key": planned.predictor_key,
        }
        if plan.is_fitted(planned):
            made["predictor"] = f"{PREDICTORS}/{predictor_name(task.name, method, repetition)}"
    return TrainingRecord.from_table(
        {
            "train_task": task.name,
            "method": method,
            "method_label": names[method].label,
            "method_folder": names[method].folder,
            "repetition": repetition,
            "status": training.status,
            "reason": training.reason,
            "traceback": training.traceback,
            **made,
        },
        where=planned.training.name,
    )


def _task_record(outcome: RunOutcome, task: Task) -> TaskRecord:
    return TaskRecord(
        classes=tuple(task.classes),
        null=task.null,
        positive=task.positive,
        part_of=task.part_of.name if task.part_of else "",
        shared_training=shares_training(outcome.plan.experiment, task),
        windows=to_table(task.windows),
        empty_windows=task.empty_windows,
        spec=to_table(task.spec),
        counts=tuple(
            count
            for split in SPLITS
            for portion in outcome.plan.experiment.every_portion(task, split=split)
            if (count := _window_count(outcome, portion))
        ),
        simulators={
            label: SourceRecord(source.spelling, outcome.plan.provenance(source))
            for label, source in task.sources.items()
        },
        scenarios={
            label: source.scenario_table
            | ({"observation": seen} if (seen := source.observation_table) else {})
            for label, source in task.sources.items()
            if source.scenario_table
        },
        genome=None if task.genome_labels is None else GenomeRecord(**asdict(task.genome_labels)),
    )


def shares_training(experiment: Experiment, task: Task) -> bool:
    """Whether all trainings have the same windows of any class: those vary by seed alone."""
    from_file = not all(source.makes_more for source in task.sources.values())
    return from_file or not experiment.resample_training


def _window_count(outcome: RunOutcome, portion: Portion) -> WindowCount | None:
    if portion.count == 0:
        return None
    files = outcome.files_of(portion)
    if not files.blocks and portion.source.makes_more and portion.n_windows:
        return None
    kept = files.kept()
    return WindowCount(
        label=portion.label,
        split=portion.split,
        kept=len(kept.windows),
        attempted=kept.attempted,
        empty=kept.empty,
        digest=digest_of_windows(kept.windows),
        repetition=portion.repetition,
    )


def _method_record(method: Method, name: MethodName, registry: Registry) -> MethodRecord:
    return MethodRecord(
        encoder=spelling(method.encoder),
        model=spelling(method.model),
        default_encoder=method.model.default_encoder,
        is_baseline=method.model.is_baseline,
        summary=summary(type(method.model)),
        plugin=_plugin(registry.models.entry(method.model.name).owner),
        method_label=name.label,
        method_folder=name.folder,
        designed_for=design_record(method),
    )


def design_record(method: Method) -> DesignRecord | None:
    """Return what windows a method was made for, and who says so; None where neither part says."""
    part = method.designer
    if part is None or part.designed_for is None:
        return None
    source = part.citations[0].brief if part.citations else ""
    return DesignRecord(part.designed_for.sequence_lengths, part.designed_for.n_sites, source)


def _plugin(owner: Owner) -> str:
    return f"{owner.plugin} {owner.version}".strip()


def _simulate_seconds(outcome: RunOutcome, task: Task) -> float:
    """Return the seconds spent on the blocks of a task, whenever that was."""
    total = 0.0
    for portion in outcome.plan.portions():
        if portion.task.name == task.name:
            for file in outcome.files_of(portion).blocks:
                cost = outcome.plan.store.read_json("windows", file.parent.name, "cost.json")
                total += float(cost["seconds"])
    return total
