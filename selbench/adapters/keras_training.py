"""The training loop: batches encoded on demand, every choice drawn from the seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from selbench.adapters.keras_predictor import KerasPredictor
from selbench.errors import DataError
from selbench.plugin import Progress
from selbench.streams import generator
from selbench.windows import Examples


class LossNotFinite(DataError):
    """Training diverged: the learning rate is too high, or the features are too large."""


@dataclass(frozen=True)
class Schedule:
    """How long to train, and which epoch to keep; the fields are options of `KerasModel`."""

    epochs: int
    batch_size: int
    patience: int | None
    start_epoch: int
    keep: Literal["last", "best"]


def train_network(
    predictor: KerasPredictor,
    train: Examples,
    targets: NDArray[np.float32],
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
    best, best_epoch, best_weights = (-1.0, 0.0), 0, None
    for epoch in range(1, schedule.epochs + 1):
        scores = _one_epoch(predictor, train, targets, schedule, epoch, seed, progress)
        if len(validation):
            scores["val_loss"], scores["val_accuracy"] = validate(predictor, validation)
        for name, value in scores.items():
            history.setdefault(name, []).append(value)
        if not len(validation) or epoch < schedule.start_epoch:
            continue
        score = (scores["val_accuracy"], -scores["val_loss"])
        if score[0] > best[0]:
            best_epoch = epoch
        if score > best:
            best = score
            best_weights = network.get_weights() if schedule.keep == "best" else None
        if schedule.patience is not None and epoch - best_epoch >= schedule.patience:
            break
    if best_weights is not None:
        network.set_weights(best_weights)
    return replace(predictor, record=replace(predictor.record, history=history))


def validate(predictor: KerasPredictor, examples: Examples) -> tuple[float, float]:
    """Return the mean cross-entropy and the accuracy over labelled examples."""
    probabilities = np.concatenate([predictor.predict_proba(batch) for batch in examples.batches()])
    of_label = probabilities[np.arange(len(examples)), examples.labels]
    accuracy = (probabilities.argmax(axis=1) == examples.labels).mean()
    return float(-np.log(np.maximum(of_label, 1e-7)).mean()), float(accuracy)


def _one_epoch(
    predictor: KerasPredictor,
    train: Examples,
    targets: NDArray[np.float32],
    schedule: Schedule,
    epoch: int,
    seed: int,
    progress: Progress,
) -> dict[str, float]:
    """Pass once over the training windows in random order; return the mean loss and accuracy."""
    order = generator(seed, "shuffle", epoch).permutation(len(train))
    network, first, varies = predictor.network, None, epoch > 1
    if network.output_shape[-1] == 1:
        targets = targets[:, 1:]
    seen, sums = 0, {"loss": 0.0, "accuracy": 0.0}
    for start in range(0, len(train), schedule.batch_size):
        rows = order[start : start + schedule.batch_size]
        features = train.batch(rows)
        if not varies:
            first = features[0] if first is None else first
            varies = bool((features != first).any())
        network.reset_metrics()  # Keras versions differ in whether a batch starts afresh
        scores = network.train_on_batch(predictor.record.scaled(features), targets[rows], return_dict=True)
        if not np.isfinite(scores["loss"]):
            raise LossNotFinite(
                f"the loss became {scores['loss']} in epoch {epoch}; "
                "lower learning_rate or raise input_divisor"
            )
        seen += len(rows)
        sums = {name: total + len(rows) * float(scores[name]) for name, total in sums.items()}
        done = (epoch - 1 + seen / len(train)) / schedule.epochs
        progress(done, f"epoch {epoch}/{schedule.epochs}, loss {sums['loss'] / seen:.3f}")
    if not varies:
        raise DataError(f"all {len(train)} training windows have the same features; choose another encoder")
    return {name: total / seen for name, total in sums.items()}
