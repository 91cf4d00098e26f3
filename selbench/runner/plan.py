"""The plan of a run: every portion and training, the keys of their artefacts, and what is there already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from selbench.experiment import BLOCK, Experiment, Portion, Split, Task, Training, portions
from selbench.plugin import Component, options_of, spelling
from selbench.runner.fingerprint import fingerprint
from selbench.runner.store import Store, key_of
from selbench.streams import stream_seed
from selbench.tables import to_table

MOST_BYTES_OF_A_WINDOW = 2**30
"""A training declines where the features of a single window take more."""


@dataclass(frozen=True)
class PlannedTraining:
    """A training with the keys of its artefacts.

    Parameters
    ----------
    seed : int
        Of the model.
    skip : str
        Why the training declines, or "".
    """

    training: Training
    seed: int
    train: tuple[Portion, ...]
    validation: tuple[Portion, ...]
    tests: tuple[tuple[Task, Split], ...]
    predictor_made_by: Mapping[str, Any]
    skip: str = ""

    @cached_property
    def predictor_key(self) -> str:
        """Key of the trained method."""
        return key_of(self.predictor_made_by)

    def predictions_made_by(self, plan: Plan, task: Task, split: Split) -> dict[str, Any]:
        """Return what makes the predictions for one split of a test task."""
        return {
            "kind": "predictions",
            "predictor": self.predictor_key,
            "windows": [plan.portion_made_by(portion) for portion in portions(task, split=split)],
        }

    def portions(self) -> list[Portion]:
        """Return every portion that the training reads."""
        tests = [portion for task, split in self.tests for portion in portions(task, split=split)]
        return [*self.train, *self.validation, *tests]


@dataclass(frozen=True)
class Plan:
    """An experiment and the store that its artefacts go to."""

    experiment: Experiment
    store: Store

    @cached_property
    def trainings(self) -> list[PlannedTraining]:
        """Every training, in order."""
        return [self._planned(training) for training in self.experiment.trainings()]

    def portions(self) -> list[Portion]:
        """Return every portion that the trainings read, each once."""
        unique = {
            key_of(self.portion_made_by(portion)): portion
            for training in self.trainings
            if not training.skip
            for portion in training.portions()
            if portion.n_windows
        }
        return list(unique.values())

    def portion_made_by(self, portion: Portion) -> dict[str, Any]:
        """Return what makes the windows of a portion."""
        return {
            **self._source_made_by(portion),
            "label": portion.label,
            "n_windows": portion.n_windows,
            "empty_windows": portion.task.empty_windows,
        }

    def block_made_by(self, portion: Portion, block: int) -> dict[str, Any]:
        """Return what makes one block of a portion."""
        stop = (block + 1) * BLOCK
        assert portion.source.simulator is not None
        if portion.source.simulator.independent_windows and portion.task.empty_windows == "keep":
            stop = min(stop, portion.n_windows)
        return {**self._source_made_by(portion), "windows": [block * BLOCK, stop]}

    def block_key(self, portion: Portion, block: int) -> str:
        """Return the key of one block of a portion."""
        return key_of(self.block_made_by(portion, block))

    def is_fitted(self, planned: PlannedTraining) -> bool:
        """Whether the training's trained method is in the store."""
        return self.store.has("predictors", planned.predictor_key)

    def missing_tests(self, planned: PlannedTraining) -> list[tuple[Task, Split]]:
        """Return the test sets that have no predictions yet."""
        return [
            (task, split)
            for task, split in planned.tests
            if not self.store.has("predictions", key_of(planned.predictions_made_by(self, task, split)))
        ]

    def is_done(self, planned: PlannedTraining) -> bool:
        """Whether nothing of the training is missing."""
        return self.is_fitted(planned) and not self.missing_tests(planned)

    def _planned(self, training: Training) -> PlannedTraining:
        experiment = self.experiment
        repetition = training.repetition if experiment.resample_training else None
        train = tuple(portions(training.task, split="train", repetition=repetition))
        validation = tuple(portions(training.task, split="validation"))
        seed = stream_seed(experiment.seed, "fit", training.task.name, training.repetition)
        return PlannedTraining(
            training=training,
            seed=seed,
            train=train,
            validation=validation,
            tests=tuple(
                (task, split)
                for task in training.test_tasks
                for split in ("test", "threshold")
                if task.windows.of(split)
            ),
            predictor_made_by={
                "kind": "predictor",
                "encoder": describe(training.method.encoder),
                "model": describe(training.method.model),
                "seed": seed,
                "threads": experiment.threads,
                "positive": training.task.positive,
                "train": [self.portion_made_by(portion) for portion in train],
                "validation": [self.portion_made_by(portion) for portion in validation],
            },
            skip=_why_skipped(training),
        )

    def _source_made_by(self, portion: Portion) -> dict[str, Any]:
        source = portion.source
        if source.dataset is not None:
            return {
                "kind": "windows",
                "dataset": _file_digest(source.dataset),
                "split": portion.split,
                "cut": to_table(portion.task.whole.windows),
            }
        assert source.simulator is not None
        return {
            "kind": "windows",
            "simulator": {**describe(source.simulator), "provenance": dict(source.simulator.provenance())},
            "scenario": to_table(source.scenario),
            "seed": portion.seed(self.experiment.seed),
        }


def describe(component: Component) -> dict[str, Any]:
    """Return the identity of a component: name, options and code."""
    return {
        "name": component.name,
        "options": options_of(component),
        "code": dict(fingerprint(component)),
    }


def _why_skipped(training: Training) -> str:
    encoder, model = training.method.encoder, training.method.model
    polarisation = _polarisation(training.task)
    reason = encoder.unsupported(training.task.spec, polarisation)
    if reason:
        return f"{spelling(encoder)}: {reason}"
    features = encoder.feature_spec(training.task.spec)
    if features.n_bytes > MOST_BYTES_OF_A_WINDOW:
        return (
            f"{spelling(encoder)}: the features of one window, {' × '.join(map(str, features.shape))}, take "
            f"{features.n_bytes / 2**30:,.1f} GiB, and more than {MOST_BYTES_OF_A_WINDOW >> 30} are not tried"
        )
    reason = model.unsupported(features)
    return f"{spelling(model)}: {reason}" if reason else ""


def _polarisation(task: Task) -> Any:
    for source in task.sources.values():
        if source.dataset is not None:
            from selbench.formats.dataset import dataset_metadata

            return dataset_metadata(source.dataset).polarisation
    return "ancestral"


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
