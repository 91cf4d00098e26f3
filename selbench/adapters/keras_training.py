"""The training loop: batches encoded on demand, every choice drawn from the seed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from selbench.adapters.keras_predictor import KerasPredictor
from selbench.errors import DataError
from selbench.plugin import Progress
from selbench.streams import generator
from selbench.windows import Examples, FeatureSpec


class LossNotFinite(DataError):
    """Training diverged: the learning rate is too high, or the features are too large."""


@dataclass(frozen=True)
class Schedule:
    """How long to train, and which epoch to keep; the fields are options of `KerasModel`."""

    epochs: int
    batch_size: int
    patience: int | None
    min_delta: float
    start_epoch: int
    keep: Literal["last", "best"]


Step = Callable[[NDArray[np.float32], NDArray[np.float32], int, np.random.Generator], Mapping[str, float]]
"""Scaled features, their targets, the epoch and a generator → loss, accuracy and what else is measured."""


@dataclass(frozen=True, eq=False)
class PlainStep:
    """A step of a compiled network on labelled windows alone."""

    trained: Any

    def __call__(
        self,
        features: NDArray[np.float32],
        targets: NDArray[np.float32],
        epoch: int,
        rng: np.random.Generator,
    ) -> Mapping[str, float]:
        """Take the step; return its loss and accuracy."""
        self.trained.reset_metrics()  # Keras versions differ in whether a batch starts afresh
        scores = self.trained.train_on_batch(features, targets, return_dict=True)
        return {"loss": float(scores["loss"]), "accuracy": float(scores["accuracy"])}

    def remarks(self, history: Mapping[str, tuple[float, ...]]) -> tuple[str, ...]:
        """Say what a reader should know of the training: nothing."""
        return ()


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a network is taught: training windows, what to say of them, and how a step sees them.

    Parameters
    ----------
    train : Examples
    targets : float32 (n_windows, n_classes)
    augmented : callable
        A batch of features, their spec and a generator → the batch as a step sees it.
    step : Step
        What a step does.
    """

    train: Examples
    targets: NDArray[np.float32]
    augmented: Callable[[NDArray[Any], FeatureSpec, np.random.Generator], NDArray[Any]]
    step: Step


def train_network(
    predictor: KerasPredictor,
    lesson: Lesson,
    validation: Examples,
    schedule: Schedule,
    seed: int,
    progress: Progress,
) -> KerasPredictor:
    """Train a predictor's compiled network and return it with its history.

    Raises
    ------
    DataError
        If features are constant or not finite.
    LossNotFinite
        If the loss is not finite.
    """
    network = predictor.network
    history: dict[str, list[float]] = {}
    best, best_weights = (-1.0, 0.0), None
    awaited, waiting_since = -1.0, 0
    for epoch in range(1, schedule.epochs + 1):
        scores = _one_epoch(predictor, lesson, schedule, epoch, seed, progress)
        if len(validation):
            scores["val_loss"], scores["val_accuracy"] = validate(predictor, validation)
        for name, value in scores.items():
            history.setdefault(name, []).append(value)
        if not len(validation) or epoch < schedule.start_epoch:
            continue
        score = (scores["val_accuracy"], -scores["val_loss"])
        if score[0] - schedule.min_delta > awaited:
            awaited, waiting_since = score[0], epoch
        if score > best:
            best = score
            best_weights = network.get_weights() if schedule.keep == "best" else None
        if schedule.patience is not None and epoch - waiting_since >= schedule.patience:
            break
    if best_weights is not None:
        network.set_weights(best_weights)
    return replace(predictor, record=replace(predictor.record, history=history))


def mean_and_deviation(examples: Examples) -> tuple[float, float]:
    """Return the mean and the standard deviation of all values of all windows, the latter plus 1e-6.

    The smallest deviation is Keras' own, of its featurewise standardisation.
    """
    n_values, total, squares = 0, 0.0, 0.0
    for batch in examples.batches():
        values = batch.astype(np.float64)
        n_values += values.size
        total += float(values.sum())
        squares += float((values**2).sum())
    mean = total / max(1, n_values)
    return mean, float(np.sqrt(max(0.0, squares / max(1, n_values) - mean**2))) + 1e-6


ALONG = ("position", "site", "sub-window")
"""Axes that lie along the sequence."""


def flipped(
    batch: NDArray[Any], features: FeatureSpec, rng: np.random.Generator, along: Collection[str] = ALONG
) -> NDArray[Any]:
    """Return a batch in which each window is mirrored, or not, by the toss of a coin.

    Parameters
    ----------
    along : collection of str
        Axes, by name, along which a window may be mirrored; of several the first that it has.
        By default those along the sequence. Where it has none, nothing is mirrored.
    """
    axes = [axis for axis, name in enumerate(features.axes, start=1) if name in along]
    mirrored = rng.random(len(batch)) < 0.5
    if not axes:
        return batch
    batch = batch.copy()
    batch[mirrored] = np.flip(batch[mirrored], axis=axes[0])
    return batch


def validate(predictor: KerasPredictor, examples: Examples) -> tuple[float, float]:
    """Return the mean cross-entropy and the accuracy over labelled examples."""
    probabilities = np.concatenate([predictor.predict_proba(batch) for batch in examples.batches()])
    of_label = probabilities[np.arange(len(examples)), examples.labels]
    accuracy = (probabilities.argmax(axis=1) == examples.labels).mean()
    return float(-np.log(np.maximum(of_label, 1e-7)).mean()), float(accuracy)


def _one_epoch(
    predictor: KerasPredictor,
    lesson: Lesson,
    schedule: Schedule,
    epoch: int,
    seed: int,
    progress: Progress,
) -> dict[str, float]:
    """Pass once over the training windows in random order; return the mean loss and accuracy."""
    train, targets = lesson.train, lesson.targets
    order = generator(seed, "shuffle", epoch).permutation(len(train))
    disturbing, drawing = generator(seed, "augment", epoch), generator(seed, "adapt", epoch)
    first, varies = None, epoch > 1
    if predictor.network.output_shape[-1] == 1:
        targets = targets[:, 1:]
    seen, sums = 0, dict[str, float]()
    for start in range(0, len(train), schedule.batch_size):
        rows = order[start : start + schedule.batch_size]
        features = train.batch(rows)
        if not varies:
            first = features[0] if first is None else first
            varies = bool((features != first).any())
        seen_features = predictor.record.scaled(lesson.augmented(features, train.spec, disturbing))
        scores = lesson.step(seen_features, targets[rows], epoch, drawing)
        if not np.isfinite(scores["loss"]):
            raise LossNotFinite(
                f"the loss became {scores['loss']} in epoch {epoch}; "
                "lower learning_rate or raise input_divisor"
            )
        seen += len(rows)
        sums = {name: sums.get(name, 0.0) + len(rows) * score for name, score in scores.items()}
        done = (epoch - 1 + seen / len(train)) / schedule.epochs
        progress(done, f"epoch {epoch}/{schedule.epochs}, loss {sums['loss'] / seen:.3f}")
    if not varies:
        raise DataError(f"all {len(train)} training windows have the same features; choose another encoder")
    return {name: total / seen for name, total in sums.items()}
