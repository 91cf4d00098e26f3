"""Any Keras network as a model: write the network, get training, saving and loading.

::

    @dataclass(frozen=True)
    class SmallNet(KerasModel):
        \"\"\"One convolution and an average.\"\"\"

        name: ClassVar[str] = "small-net"
        default_encoder: ClassVar[str] = "full-length"

        def network(self, features, n_classes):
            from keras import Model, layers

            inputs, image = image_input(features)
            hidden = layers.Conv2D(8, 5, activation="relu")(image)
            hidden = layers.GlobalAveragePooling2D()(hidden)
            return Model(inputs, class_output(hidden, n_classes))

The architecture is never stored: it is rebuilt from the model's options and the
shape of its features, and only arrays of weights are read from a file.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from selbench.adapters.keras_adaptation import Adaptation, AdaptiveStep
from selbench.adapters.keras_backend import (
    import_keras,
    reduced_precision_unsupported,
    release_training_memory,
)
from selbench.adapters.keras_device import CPU, alone_on, visible_gpus
from selbench.adapters.keras_layers import (
    branched_convolutions,
    class_output,
    haplotype_input,
    image_input,
    not_an_image,
    not_haplotypes,
    softmax_output,
)
from selbench.adapters.keras_predictor import KerasPredictor, NetworkRecord, read_network
from selbench.adapters.keras_training import (
    Lesson,
    LossNotFinite,
    PlainStep,
    Schedule,
    flipped,
    mean_and_deviation,
    train_network,
    validate,
)
from selbench.errors import DataError, ExperimentError, PluginError, UnsupportedError
from selbench.plugin import Model, Predictor, Progress, expect_above_zero
from selbench.streams import stream_seed
from selbench.windows import Examples, FeatureSpec

__all__ = [
    "KerasModel",
    "branched_convolutions",
    "class_output",
    "flipped",
    "haplotype_input",
    "image_input",
    "not_an_image",
    "not_haplotypes",
    "softmax_output",
]


_SAME_MACHINE, _OTHER_MACHINE = 1e-4, 1e-2
"""How far the answers of a network built again may lie from those of the trained one."""


@dataclass(frozen=True)
class KerasModel(Model):
    """Base of Keras networks: subclass it and write `network`.

    Parameters
    ----------
    epochs : int
        Passes over the training windows.
    batch_size : int
        Windows per step.
    optimizer : {"sgd", "adam", "rmsprop"}
    learning_rate : float or tuple of float
        Several: one fit each, and the one with the lowest validation loss is kept; one
        whose loss does not stay finite loses.
    momentum : float
        Of ``sgd``.
    input_divisor : float
        Features are divided by it: 1 feeds images as pixels 0 to 255, 255 as 0 to 1.
    patience : int or None
        Stop after so many epochs without a higher validation accuracy; None: never.
    start_epoch : int
        Earlier epochs neither count as waiting nor as best.
    keep : {"last", "best"}
        The weights of the last epoch, or of the one with the highest validation
        accuracy (among equals the lowest validation loss).
    precision : {"float32", "bfloat16"}
        Of training. ``bfloat16`` computes faster on hardware made for it, and declines
        elsewhere. What is trained is asked in float32, on any hardware.
    threads : int
        Threads of one fit. Part of the result's identity: sums depend on it.
    """

    epochs: int = 10
    batch_size: int = 50
    optimizer: Literal["sgd", "adam", "rmsprop"] = "sgd"
    learning_rate: float | tuple[float, ...] = 0.001
    momentum: float = 0.9
    input_divisor: float = 1.0
    patience: int | None = None
    min_delta: float = 0.0
    start_epoch: int = 1
    keep: Literal["last", "best"] = "last"
    restarts: int = 1
    standardise: bool = False
    adaptation: float = 0.0
    adaptation_epochs: int = 30
    precision: Literal["float32", "bfloat16"] = "float32"
    threads: int = 1

    def __post_init__(self) -> None:
        for name in (
            "epochs",
            "batch_size",
            "start_epoch",
            "threads",
            "patience",
            "restarts",
            "adaptation_epochs",
        ):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ExperimentError(f"{name}: expected at least 1, found {value}")
        if not self._learning_rates:
            raise ExperimentError("learning_rate: expected at least one")
        for rate in self._learning_rates:
            expect_above_zero(learning_rate=rate)
        expect_above_zero(input_divisor=self.input_divisor)
        if not 0 <= self.momentum < 1:
            raise ExperimentError(f"momentum: expected a number from 0 to below 1, found {self.momentum}")
        if not 0 <= self.adaptation < math.inf:
            raise ExperimentError(f"adaptation: expected a number of at least 0, found {self.adaptation}")
        if not 0 <= self.min_delta < 1:
            raise ExperimentError(f"min_delta: expected a number from 0 to below 1, found {self.min_delta}")
        if self.start_epoch > self.epochs:
            raise ExperimentError(
                f"start_epoch: expected one of {self.epochs} epochs, found {self.start_epoch}"
            )

    @abstractmethod
    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network, uncompiled: `keras.Model` from one window's features to class probabilities.

        Its output is `class_output`'s: one sigmoid unit for two classes, the
        probability of class 1, or a softmax over all. Import Keras inside.
        """

    @property
    def uses_target(self) -> bool:
        """Whether it learns from unlabelled windows of a target."""
        return self.adaptation > 0

    def targets(self, labels: NDArray[np.int64], n_classes: int) -> NDArray[np.float32]:
        """Return what the network is asked to say: one-hot, float32 (n_windows, n_classes)."""
        return np.eye(n_classes, dtype=np.float32)[labels]

    def augmented(self, batch: NDArray[Any], features: FeatureSpec, rng: np.random.Generator) -> NDArray[Any]:
        """Return a batch of training windows as a step sees it; here as it is.

        Override it to flip or disturb windows (`selbench.adapters.keras.flipped`); draw from `rng`
        alone, so that a seed repeats itself.
        """
        return batch

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline reduced precision where it does not pay; subclasses add what their network cannot take."""
        return reduced_precision_unsupported() if self.precision == "bfloat16" else None

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Progress) -> Predictor:
        """Fit the network; the same examples, seed and threads give the same weights.

        Raises
        ------
        UnsupportedError
            If `unsupported` gives a reason.
        DataError
            If training windows are of fewer than two classes, features are constant or
            not finite, the loss is not finite, or validation is needed and there is none.
        """
        reason = self.unsupported(train.spec)
        if reason:
            raise UnsupportedError(f"{self.name}: {reason}")
        self._check_windows(train, validation)
        if len(self._learning_rates) == 1:
            return self._fit_restarts(self._learning_rates[0], train, validation, seed, progress)
        return self._fit_rates(train, validation, seed, progress)

    def _fit_rates(
        self, train: Examples, validation: Examples, seed: int, progress: Progress
    ) -> KerasPredictor:
        """Fit with every learning rate and keep the one with the lowest validation loss."""
        losses: dict[float, float] = {}
        best: KerasPredictor | None = None
        for i, rate in enumerate(self._learning_rates):
            part = _part_of(progress, i, len(self._learning_rates))
            try:
                fitted = self._fit_restarts(rate, train, validation, seed, part)
            except LossNotFinite:
                losses[rate] = math.inf
                continue
            losses[rate] = validate(fitted, validation)[0]
            if losses[rate] == min(losses.values()):
                best = fitted
        if best is None:
            raise LossNotFinite(f"{self.name}: the loss stays finite with none of its learning rates")
        tried = ", ".join(f"{loss:.4f} with {rate:g}" for rate, loss in losses.items())
        chosen = min(losses, key=lambda rate: losses[rate])
        remark = f"learning rate {chosen:g} chosen by validation loss: {tried}"
        return replace(best, remarks=(remark, *best.remarks))

    def _fit_restarts(
        self, learning_rate: float, train: Examples, validation: Examples, seed: int, progress: Progress
    ) -> KerasPredictor:
        """Fit from several initial weights and keep the fit with the highest validation accuracy."""
        if self.restarts == 1:
            return self._fit_once(learning_rate, train, validation, seed, progress)
        best: KerasPredictor | None = None
        best_score, accuracies = (-1.0, 0.0), []
        for restart in range(self.restarts):
            part = _part_of(progress, restart, self.restarts)
            seed_here = stream_seed(seed, "restart", restart) if restart else seed
            try:
                fitted = self._fit_once(learning_rate, train, validation, seed_here, part)
            except LossNotFinite:
                continue
            loss, accuracy = validate(fitted, validation)
            accuracies.append(accuracy)
            if best is None or (accuracy, -loss) > best_score:
                best, best_score = fitted, (accuracy, -loss)
        if best is None:
            raise LossNotFinite(f"{self.name}: the loss stays finite in none of {self.restarts} fits")
        remark = (
            f"best of {self.restarts} fits by validation accuracy, which ranged from "
            f"{min(accuracies):.3f} to {max(accuracies):.3f}"
        )
        return replace(best, remarks=(remark,))

    def load(self, directory: Path) -> KerasPredictor:
        """Rebuild the network from options and feature shape, and read its weights.

        Raises
        ------
        DataError
            If a file is missing, damaged, or holds the weights of another network.
        """
        stored, weights = read_network(directory)
        if not self.standardise and (stored.input_offset, stored.input_divisor) != (0, self.input_divisor):
            raise DataError(
                f"{directory}: {self.name} divides features by {self.input_divisor:g}, found a network "
                f"trained on features less {stored.input_offset:g} divided by {stored.input_divisor:g}"
            )
        network = self._build(stored.features, stored.n_classes)
        expected = [tuple(weight.shape) for weight in network.weights]
        found = [weight.shape for weight in weights]
        if expected != found:
            raise DataError(
                f"{directory}: {self.name} with these options has {len(expected)} weights, the first "
                f"{expected[:1]}; found {len(found)}, the first {found[:1]}"
            )
        network.set_weights(weights)
        loaded = KerasPredictor(network, stored)
        if not loaded.answers_as(stored.answers, _OTHER_MACHINE):
            raise DataError(
                f"{directory}: the network of {self.name} that was built again does not predict as the "
                "trained one; what is random in it must be weights"
            )
        return loaded

    def _check_windows(self, train: Examples, validation: Examples) -> None:
        present = [train.classes[code] for code in np.unique(train.labels)]
        if len(present) < 2:
            raise DataError(
                f"{self.name}: expected training windows of at least two classes, "
                f"found {' '.join(present) or 'none'}"
            )
        if self.uses_target and not (train.target and len(train.target)):
            raise DataError(f"{self.name}: adaptation needs unlabelled windows of a target, found none")
        several = self.restarts > 1 or len(self._learning_rates) > 1
        if (several or self.patience is not None or self.keep == "best") and not len(validation):
            raise DataError(
                f"{self.name}: patience, keep=best, restarts and several learning rates need validation "
                "windows, found none"
            )

    @property
    def _learning_rates(self) -> tuple[float, ...]:
        rates = self.learning_rate
        return rates if isinstance(rates, tuple) else (rates,)

    def _fit_once(
        self, learning_rate: float, train: Examples, validation: Examples, seed: int, progress: Progress
    ) -> KerasPredictor:
        keras = import_keras(self.threads)
        if gpus := visible_gpus():
            progress(0.0, "waiting for a GPU that is free")
        with alone_on(gpus) as device, keras.device(device.name) if device != CPU else nullcontext():
            progress(0.0, f"building the network on {device}")
            keras.utils.set_random_seed(stream_seed(seed, "network") % 2**32)
            network = self._build(train.spec, len(train.classes), self.precision)
            offset, divisor = mean_and_deviation(train) if self.standardise else (0.0, self.input_divisor)
            record = NetworkRecord(train.spec, len(train.classes), divisor, offset)
            untrained = KerasPredictor(network, record, device=str(device))
            step = self._step(keras, untrained, train, learning_rate)
            lesson = Lesson(train, self.targets(train.labels, len(train.classes)), self.augmented, step)
            trained = train_network(untrained, lesson, validation, self._schedule, seed, progress)
            rebuilt = self._without_optimizer(trained, step.trained)
        return replace(rebuilt, remarks=(*rebuilt.remarks, *step.remarks(rebuilt.history)))

    def _step(
        self, keras: Any, untrained: KerasPredictor, train: Examples, learning_rate: float
    ) -> PlainStep | AdaptiveStep:
        """Compile the network, alone or with the second one of domain adaptation."""
        network, optimizer = untrained.network, self._optimizer(keras, learning_rate)
        loss = "binary_crossentropy" if network.output_shape[-1] == 1 else "categorical_crossentropy"
        # XLA on a CPU is several times slower than oneDNN
        jit_compile = False if keras.backend.backend() == "tensorflow" else "auto"
        if self.adaptation:
            adaptation = Adaptation(self.adaptation, self.adaptation_epochs)
            return AdaptiveStep(untrained, train, adaptation, optimizer, loss, jit_compile)
        network.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"], jit_compile=jit_compile)
        if keras.backend.backend() == "tensorflow":
            _make_variables(keras, network)
        return PlainStep(network)

    @property
    def _schedule(self) -> Schedule:
        return Schedule(
            self.epochs, self.batch_size, self.patience, self.min_delta, self.start_epoch, self.keep
        )

    def _without_optimizer(self, trained: KerasPredictor, compiled: Any) -> KerasPredictor:
        """Move the weights to a network that was never compiled, and free what training held.

        A network whose state lies outside its weights would answer differently: it stays as it was
        trained, and what it is saved as is refused when it is loaded.
        """
        network = self._build(trained.record.features, trained.record.n_classes)
        network.set_weights(trained.network.get_weights())
        rebuilt = replace(trained, network=network)
        if self.precision == "bfloat16":  # trained in other numbers than it answers in
            rebuilt = replace(rebuilt, record=replace(trained.record, answers=rebuilt.answers()))
        else:
            answers = trained.answers()
            trained = replace(trained, record=replace(trained.record, answers=answers))
            if not rebuilt.answers_as(answers, _SAME_MACHINE):
                return trained
            rebuilt = replace(rebuilt, record=trained.record)
        release_training_memory(compiled)
        return rebuilt

    def _optimizer(self, keras: Any, learning_rate: float) -> Any:
        if self.optimizer == "sgd":
            return keras.optimizers.SGD(learning_rate, momentum=self.momentum)
        return {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}[self.optimizer](
            learning_rate
        )

    def _build(self, features: FeatureSpec, n_classes: int, precision: str = "float32") -> Any:
        keras = import_keras(self.threads)
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
        try:
            network = self.network(features, n_classes)
        except ValueError as problem:  # Keras' own word for layers that do not fit
            raise UnsupportedError(
                f"{self.name}: cannot be built on features {' × '.join(features.axes)} {features.shape}: "
                f"{str(problem).splitlines()[0]}"
            ) from problem
        finally:
            keras.config.set_dtype_policy(policy)
        outputs = network.output_shape[1:]
        if outputs != (n_classes,) and not (n_classes == 2 and outputs == (1,)):
            raise PluginError(f"{self.name}: expected a network with {n_classes} outputs, found {outputs}")
        return network


def _make_variables(keras: Any, network: Any) -> None:
    """Make the variables of the optimizer and of the metrics.

    TensorFlow traces a step twice that makes some: seconds, of each training of a deep network.
    """
    network.optimizer.build(network.trainable_variables)
    nothing = keras.ops.zeros((1, network.output_shape[-1]))
    network.compute_metrics(None, nothing, nothing)


def _part_of(progress: Progress, part: int, parts: int) -> Progress:
    return lambda fraction, message: progress((part + fraction) / parts, message)
