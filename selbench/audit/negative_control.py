"""Negative control: neutral windows of the neutral path against neutral windows of the selected path.

Both are neutral, so whatever tells them apart is the program or path that made
them. Every method of an experiment is trained afresh on that question; one that
answers it has had the same help on the real task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from selbench.audit.areas import Estimate, area, class_placements, family_quantile
from selbench.errors import ExperimentError
from selbench.evaluation.prediction_table import by_task
from selbench.evaluation.predictions import ClassRoles
from selbench.experiment import ClassSource, Experiment, Task
from selbench.run_folder import Finding, Verdict
from selbench.runner.events import Listener, ignore
from selbench.runner.executors import Executor
from selbench.runner.run import RunOutcome, TrainingOutcome, run_experiment
from selbench.runner.store import Store
from selbench.runner.tables import predictions_table

SUFFIX = "-placebo"
"""What the names of a control's task and classes end with; random streams hang on them."""

LEAST_TEST_WINDOWS = 2000
"""Test windows per class at least: a reader of the generator should not be missed for want of them."""


@dataclass(frozen=True)
class NegativeControl:
    """The negative control of a task.

    Parameters
    ----------
    audited : Task
    control : Task or None
        Same null class, sizes and policy; in place of every selected class its
        negative control. None where no class has one.
    lacking : mapping of str to str
        Why a class has none, by class.
    """

    audited: Task
    control: Task | None
    lacking: Mapping[str, str]


def negative_control_of(task: Task) -> NegativeControl:
    """Derive the negative control of a task.

    It has a name of its own, and random streams hang on the name: no window of
    the task is in it.
    """
    null = task.sources[task.null]
    if not null.makes_more:
        why = f"class {task.null!r} is read from a file, so no more of its windows can be made"
        return NegativeControl(task, None, {task.null: why})
    sources: dict[str, ClassSource] = {task.null: null}
    lacking: dict[str, str] = {}
    for label in task.classes[1:]:
        control = task.sources[label].negative_control()
        if isinstance(control, str):
            lacking[label] = control
        else:
            sources[f"{label}{SUFFIX}"] = control
    if len(sources) == 1:
        return NegativeControl(task, None, lacking)
    looked_for = f"{task.positive}{SUFFIX}"
    control_task = Task(
        name=f"{task.name}{SUFFIX}",
        sources=sources,
        positive=looked_for if looked_for in sources else list(sources)[1],
        spec=task.spec,
        windows=replace(task.windows, test=max(task.windows.test, LEAST_TEST_WINDOWS), threshold=0),
        empty_windows=task.empty_windows,
    )
    return NegativeControl(task, control_task, lacking)


CHANCE = 0.5
_POWER = 0.8
_SHOWN_METHODS = 3


@dataclass(frozen=True)
class Answer:
    """How well one method told a class of the control from the null class."""

    method: str
    label: str
    area: Estimate


def negative_control_findings(
    experiment: Experiment,
    *,
    store: Store,
    executor: Executor,
    observe: Listener = ignore,
    tasks: Sequence[str] = (),
) -> list[Finding]:
    """Train and test every method of an experiment on the negative control of each of its tasks.

    Parameters
    ----------
    store : Store
        What is there already is not done again.
    tasks : sequence of str
        Training tasks to control; by default all but those on a part of another's windows.

    Returns
    -------
    findings : list of Finding
        One per task. Red where an interval leaves out one half: they hold it in
        95 of 100 clean experiments, all methods, classes and tasks together.

    Raises
    ------
    ExperimentError
        If a task is not trained on.
    """
    trained_on = {
        training.task.name: training.task for training in experiment.selected(tasks=tasks).trainings()
    }
    audited = {name: task for name, task in trained_on.items() if tasks or task.part_of is None}
    derived = [negative_control_of(task) for task in audited.values()]
    controls = {one.control.name: one.control for one in derived if one.control}
    _check_names_are_free(controls, experiment)
    answers: dict[str, list[Answer]] = {}
    trainings: tuple[TrainingOutcome, ...] = ()
    if controls:
        control = replace(experiment, tasks=controls, evaluate=())
        outcome = run_experiment(control, store, executor, observe=observe)
        answers, trainings = _answers(outcome), outcome.trainings
    quantile = family_quantile(sum(map(len, answers.values())))
    return [
        _finding(one, experiment, answers.get(one.control.name, []), trainings, quantile)
        if one.control
        else _cannot(one)
        for one in derived
    ]


def _check_names_are_free(controls: Mapping[str, Task], experiment: Experiment) -> None:
    for name in controls:
        if name in experiment.tasks:
            raise ExperimentError(
                f"task {name!r}: expected another name, this is what the negative control of "
                f"{name.removesuffix(SUFFIX)!r} is called"
            )


def _answers(outcome: RunOutcome) -> dict[str, list[Answer]]:
    """Return every method's area on every class of the control, by task."""
    if not any(training.status == "done" for training in outcome.trainings):
        return {}
    roles = {
        task.name: ClassRoles(task.classes, task.null, task.positive)
        for task in outcome.plan.experiment.tasks.values()
    }
    names = outcome.plan.experiment.labels
    return {
        task.test_task: [
            Answer(names[method.method], label, area(class_placements(method, task.labels, code)))
            for method in task.methods
            for code, label in enumerate(task.roles.classes)
            if code > 0
        ]
        for task in by_task(predictions_table(outcome), roles)
    }


def _finding(
    derived: NegativeControl,
    experiment: Experiment,
    answers: list[Answer],
    trainings: tuple[TrainingOutcome, ...],
    quantile: float,
) -> Finding:
    control = derived.control
    assert control is not None
    readers = [answer for answer in answers if answer.area.differs_from(CHANCE, quantile)]
    failed = [
        f"{training.planned.training.shown_method}: {training.reason}"
        for training in trainings
        if training.planned.training.task.name == control.name and training.status == "failed"
    ]
    gaps = [f"not trained: {line}" for line in dict.fromkeys(failed)] + _gaps(derived)
    verdict: Verdict = "red" if readers else "amber" if gaps else "green"
    by_distance = sorted(answers, key=lambda answer: -abs(answer.area.value - CHANCE))
    evidence = [*_setting(control, experiment, quantile), *(_line(a, control, quantile) for a in by_distance)]
    return Finding(
        check=_check(derived),
        verdict=verdict,
        headline=_headline(answers, readers, control, quantile),
        evidence=(*evidence, *gaps),
        meaning=_MEANING[verdict],
        advice=_ADVICE[verdict],
    )


def _check(derived: NegativeControl) -> str:
    return f"Negative control of task {derived.audited.name}"


def _headline(answers: list[Answer], readers: list[Answer], control: Task, quantile: float) -> str:
    n_methods = len({answer.method for answer in answers})
    if not answers:
        return "No method could be trained on the negative control."
    if not readers:
        return (
            f"None of {n_methods} methods tells neutral windows of the selected path from those of the "
            f"neutral path: every interval of the AUC holds {CHANCE}."
        )
    named = dict.fromkeys(answer.method for answer in readers)
    worst = max(readers, key=lambda answer: abs(answer.area.value - CHANCE))
    return (
        f"{len(named)} of {n_methods} methods read the generator ({_some(list(named))}): both classes are "
        f"neutral, yet {_line(worst, control, quantile)}."
    )


def _some(names: list[str]) -> str:
    rest = len(names) - _SHOWN_METHODS
    return ", ".join(names[:_SHOWN_METHODS]) + (f" and {rest} more" if rest > 0 else "")


def _setting(control: Task, experiment: Experiment, quantile: float) -> list[str]:
    made_by = {label: source.spelling for label, source in control.sources.items()}
    counts = control.windows
    seen = detectable_deviation(counts.test, quantile)
    return [
        "; ".join(f"{label}: by {simulator}" for label, simulator in made_by.items()),
        f"{counts.train:,} training and {counts.test:,} test windows per class, "
        f"repetitions averaged: {experiment.repetitions}",
        f"intervals of {quantile:.2f} standard errors: a clean experiment passes whole with 95 % "
        f"(Bonferroni); an AUC {seen:.3f} from one half would be seen with {100 * _POWER:.0f} %",
    ]


def detectable_deviation(n_windows: int, quantile: float) -> float:
    """Return how far from one half an AUC must be to be seen with 80 %.

    With the error that the area has where nothing is to be seen (Mann &
    Whitney, 1947): √((2n + 1) / 12n²) for n windows of each class.
    """
    from scipy.special import ndtri

    error = np.sqrt((2 * n_windows + 1) / 12) / n_windows
    return float((quantile + ndtri(_POWER)) * error)


def _line(answer: Answer, control: Task, quantile: float) -> str:
    low, high = answer.area.interval(quantile)
    which = f" on {answer.label}" if len(control.classes) > 2 else ""
    return f"{answer.method}{which}: AUC {answer.area.value:.3f} [{low:.3f}, {high:.3f}]"


def _gaps(derived: NegativeControl) -> list[str]:
    return [f"no negative control for class {label!r}: {why}" for label, why in derived.lacking.items()]


def _cannot(derived: NegativeControl) -> Finding:
    return Finding(
        check=_check(derived),
        verdict="amber",
        headline="Cannot be done: no class of the task has one.",
        evidence=tuple(_gaps(derived)),
        meaning=_MEANING["amber"],
        advice=_ADVICE["amber"],
    )


_MEANING: Mapping[Verdict, str] = {
    "green": "",
    "amber": "That a method reads what made the windows, and not selection, is not ruled out here.",
    "red": (
        "The classes differ by more than selection. A method can tell them apart by the program or path "
        "that made them, and part of its score on the task may be that."
    ),
}
_ADVICE: Mapping[Verdict, str] = {
    "green": "",
    "amber": (
        "Simulate all classes by simulators that have a negative control (mssel, msms and discoal do), or "
        "keep neutral windows of the selected path as a class of their own."
    ),
    "red": (
        "Make both classes by one path: give the null class the simulator of the selected one with the "
        "allele absent, the same options and the same printed precision. Then train and audit again."
    ),
}
