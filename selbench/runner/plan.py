"""The plan of a run: every portion and training, the keys of their artefacts, and what is there already."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from selbench.errors import SelbenchError
from selbench.experiment import ClassSource, Experiment, Portion, Split, Task, Training, portions
from selbench.plugin import Component, spelling
from selbench.runner.fingerprint import code_of_trainings
from selbench.runner.identities import Identities, NotKnown
from selbench.runner.store import Store, key_of
from selbench.streams import stream_seed
from selbench.trained.description import METHOD_FILE

MOST_BYTES_OF_A_WINDOW = 2**30
"""A training declines where the features of a single window take more."""

VALIDATION: Split = "validation"
TESTED: tuple[Split, ...] = ("test", "threshold")

State = Literal["done", "to do", "skipped", "not known"]


@dataclass(frozen=True)
class Plan:
    """An experiment and the store that its artefacts go to. One serves a whole run.

    Parameters
    ----------
    identities : Identities
        What the components are; by default as they are installed here.
    """

    experiment: Experiment
    store: Store
    identities: Identities = field(default_factory=Identities)
    _portions: dict[tuple[Any, ...], tuple[dict[str, Any], str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def trainings(self) -> list[PlannedTraining]:
        """Every training, in order."""
        return [self._planned(training) for training in self.experiment.trainings()]

    @property
    def components(self) -> Iterator[Component]:
        """Everything that takes part."""
        for task in self.experiment.tasks.values():
            yield from task.simulators
            yield from task.readers
        for method in self.experiment.methods:
            yield from (method.encoder, method.model)

    def portions(self, trainings: Iterable[PlannedTraining] | None = None) -> list[Portion]:
        """Return every portion that these trainings read, or all of them, each once.

        Those whose windows are not known without starting a program are left out.
        """
        unique: dict[str, Portion] = {}
        for planned in self.trainings if trainings is None else trainings:
            for portion in () if planned.skip else planned.portions():
                if portion.n_windows:
                    with contextlib.suppress(NotKnown):
                        unique.setdefault(self.portion_key(portion), portion)
        return list(unique.values())

    def portion_made_by(self, portion: Portion) -> dict[str, Any]:
        """Return what makes the windows of a portion."""
        return self._portion(portion)[0]

    def portion_key(self, portion: Portion) -> str:
        """Return the key of a portion: equal windows, equal keys."""
        return self._portion(portion)[1]

    def block_made_by(self, portion: Portion, block: int) -> dict[str, Any]:
        """Return what makes one block of a portion."""
        asked = portion.source.block_range(portion, block)
        return {**self._source_made_by(portion), "windows": [asked.start, asked.stop]}

    def block_key(self, portion: Portion, block: int) -> str:
        """Return the key of one block of a portion."""
        return key_of(self.block_made_by(portion, block))

    def is_fitted(self, planned: PlannedTraining) -> bool:
        """Whether the training's trained method is in the store, to be asked; some come back from no file."""
        folder = self.store.path("predictors", planned.predictor_key)
        return self.store.has("predictors", planned.predictor_key) and (folder / METHOD_FILE).is_file()

    def missing_tests(self, planned: PlannedTraining) -> list[tuple[Task, Split]]:
        """Return the test sets, and validation windows, that have no predictions yet."""
        return [(task, split) for task, split in planned.asked if not self.has_answer(planned, task, split)]

    def has_answer(self, planned: PlannedTraining, task: Task, split: Split) -> bool:
        """Whether the store holds what the trained method said of some windows."""
        return self.store.has("predictions", key_of(planned.predictions_made_by(self, task, split)))

    def is_done(self, planned: PlannedTraining) -> bool:
        """Whether nothing of the training is missing that its place in the tables needs.

        Earlier versions asked nobody about validation windows.
        """
        tested = all(self.has_answer(planned, task, split) for task, split in planned.tests)
        return self.store.has("predictors", planned.predictor_key) and tested

    def state(self, planned: PlannedTraining) -> State:
        """Return how far a training is, by the store alone."""
        if planned.skip:
            return "skipped"
        try:
            return "done" if self.is_done(planned) else "to do"
        except NotKnown:
            return "not known"

    def provenance(self, source: ClassSource) -> dict[str, str]:
        """Return what made the windows of a class beyond name and options: program or file, checksum."""
        programs = {
            name: value
            for simulator in source.simulators
            for name, value in self.identities.of(simulator).get("provenance", {}).items()
        }
        return {**programs, **source.files}

    def _planned(self, training: Training) -> PlannedTraining:
        experiment, task = self.experiment, training.task
        target = task.target if training.method.model.uses_target else None
        return PlannedTraining(
            training=training,
            plan=self,
            seed=stream_seed(experiment.seed, "fit", task.name, training.repetition),
            train=tuple(experiment.portions(task, split="train", repetition=training.repetition)),
            validation=tuple(experiment.portions(task, split="validation", repetition=training.repetition)),
            tests=tuple((test, split) for test in training.test_tasks for split in TESTED if test.has(split)),
            target=tuple(target.portions()) if target else (),
            skip=_why_skipped(training),
        )

    def _portion(self, portion: Portion) -> tuple[dict[str, Any], str]:
        place = (portion.task.name, portion.label, portion.split, portion.repetition, portion.count)
        if place not in self._portions:
            made_by = {
                **self._source_made_by(portion),
                "label": portion.label,
                "n_windows": portion.n_windows,
                "empty_windows": portion.task.empty_windows,
            }
            self._portions[place] = made_by, key_of(made_by)
        return self._portions[place]

    def _source_made_by(self, portion: Portion) -> dict[str, Any]:
        return portion.source.identity(
            portion, experiment_seed=self.experiment.seed, identify=self.identities.of
        )


@dataclass(frozen=True)
class PlannedTraining:
    """A training with the keys of its artefacts.

    Parameters
    ----------
    seed : int
        Of the model.
    target : tuple of Portion
        Unlabelled windows, where the model adapts to them.
    skip : str
        Why the training declines, or "".
    """

    training: Training
    plan: Plan = field(repr=False, compare=False)
    seed: int
    train: tuple[Portion, ...]
    validation: tuple[Portion, ...]
    tests: tuple[tuple[Task, Split], ...]
    target: tuple[Portion, ...] = ()
    skip: str = ""

    @property
    def asked(self) -> tuple[tuple[Task, Split], ...]:
        """Everything that the trained method is asked about: tests, and its own validation windows.

        By those a report chooses the best baseline; parts of a training set stand in no comparison.
        """
        task = self.training.task
        is_validated = bool(self.validation) and task.windows.validation > 0 and task.part_of is None
        return (*self.tests, *([(task, VALIDATION)] if is_validated else []))

    def windows_of(self, task: Task, split: Split) -> tuple[Portion, ...]:
        """Return the portions of something that the trained method is asked about."""
        return self.validation if split == VALIDATION else tuple(portions(task, split=split))

    @cached_property
    def predictor_made_by(self) -> Mapping[str, Any]:
        """What makes the trained method."""
        plan, method = self.plan, self.training.method
        return {
            "kind": "predictor",
            "encoder": plan.identities.of(method.encoder),
            "model": plan.identities.of(method.model),
            "seed": self.seed,
            "threads": plan.experiment.threads,
            "positive": self.training.task.positive,
            "train": [plan.portion_made_by(portion) for portion in self.train],
            "validation": [plan.portion_made_by(portion) for portion in self.validation],
            **({"target": [plan.portion_made_by(portion) for portion in self.target]} if self.target else {}),
        }

    @cached_property
    def predictor_key(self) -> str:
        """Key of the trained method."""
        return key_of(self.predictor_made_by)

    @cached_property
    def ranges_made_by(self) -> Mapping[str, Any]:
        """What makes the ranges of its training windows: the same for every method that learns from them."""
        return {
            "kind": "ranges",
            "code": code_of_trainings(),
            "classes": list(self.training.task.classes),
            "train": self.predictor_made_by["train"],
        }

    @cached_property
    def ranges_key(self) -> str:
        """Key of the ranges of its training windows."""
        return key_of(self.ranges_made_by)

    def predictions_made_by(self, plan: Plan, task: Task, split: Split) -> dict[str, Any]:
        """Return what makes the predictions for one split of a test task, or for validation windows."""
        return {
            "kind": "predictions",
            "predictor": self.predictor_key,
            "windows": [plan.portion_made_by(portion) for portion in self.windows_of(task, split)],
        }

    def portions(self) -> list[Portion]:
        """Return every portion that the training reads."""
        tests = [portion for task, split in self.tests for portion in portions(task, split=split)]
        return [*self.train, *self.validation, *self.target, *tests]


def _why_skipped(training: Training) -> str:
    """Say why a training declines, or nothing.

    Where a plugin's code breaks at the question, the training is not skipped: it meets the same fault, and
    fails with its traceback while the others go on.
    """
    try:
        return _why_declined(training)
    except SelbenchError:
        raise
    except (Exception, SystemExit):
        return ""


def _why_declined(training: Training) -> str:
    encoder, model = training.method.encoder, training.method.model
    reason = encoder.unsupported(training.task.spec, training.task.polarisation)
    if reason:
        return f"{spelling(encoder)}: {reason}"
    if encoder.needs_phase and not training.task.phased:
        return f"{spelling(encoder)}: needs phased genotypes, and those of task {training.task.name} are not"
    features = encoder.feature_spec(training.task.spec)
    if features.n_bytes > MOST_BYTES_OF_A_WINDOW:
        return (
            f"{spelling(encoder)}: the features of one window, {' × '.join(map(str, features.shape))}, take "
            f"{features.n_bytes / 2**30:,.1f} GiB, and more than {MOST_BYTES_OF_A_WINDOW >> 30} are not tried"
        )
    if model.uses_target and training.task.target is None:
        return (
            f"{spelling(model)}: adapts to unlabelled windows, and task {training.task.name} names none: "
            'give it target = { task = "…", windows = … }'
        )
    reason = model.unsupported(features)
    return f"{spelling(model)}: {reason}" if reason else ""
