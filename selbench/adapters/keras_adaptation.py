"""Domain adaptation: features that tell classes apart, and not where a window comes from.

A second, small network is to tell training windows from unlabelled windows of a target
by what the first has made of them, just before its last layer. Its gradient is turned
over on the way back (Ganin et al. 2016), so that the first learns to leave it nothing to
go by. What a sweep does in simulations then has a better chance to be seen in windows
that differ from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.adapters.keras_predictor import KerasPredictor
from selbench.errors import DataError
from selbench.windows import Examples

_LABEL, _DOMAIN = "label", "domain"
_HALF_WAY = (128, 32)
_DROPOUT = 0.2


@dataclass(frozen=True)
class Adaptation:
    """How hard a network tries not to tell where windows come from.

    Parameters
    ----------
    weight : float
        Of the second network's loss beside that of the classes.
    ramp_epochs : int
        Its turned gradient counts nothing in the first epoch and in full after so many,
        rising linearly.
    """

    weight: float
    ramp_epochs: int

    def strength(self, epoch: int) -> float:
        """Return by how much the gradient counts in an epoch, counted from 1."""
        return min(1.0, (epoch - 1) / self.ramp_epochs)


class AdaptiveStep:
    """A training step on labelled windows, as many unlabelled ones beside them, and both losses.

    Beside the B labelled windows of a step stand B/2 training windows and B/2 of the
    target, drawn at random; the loss of the classes sees the first alone, that of the
    domains the others.

    Parameters
    ----------
    untrained : KerasPredictor
        Its network, not compiled, is the one that is trained; its record scales features.
    train : Examples
        With `target`, the unlabelled windows.
    """

    def __init__(
        self,
        untrained: KerasPredictor,
        train: Examples,
        adaptation: Adaptation,
        optimizer: Any,
        loss: str,
        jit_compile: bool | str,
    ) -> None:
        if train.target is None:
            raise DataError("adaptation needs unlabelled windows of a target, found none")
        self._adaptation, self._record = adaptation, untrained.record
        self._train, self._target = train, train.target
        self._both, self._strength = _with_second_output(untrained.network)
        self._both.compile(
            optimizer=optimizer,
            loss={_LABEL: loss, _DOMAIN: "binary_crossentropy"},
            loss_weights={_LABEL: 1.0, _DOMAIN: adaptation.weight},
            weighted_metrics={_LABEL: ["accuracy"], _DOMAIN: ["accuracy"]},
            jit_compile=jit_compile,
        )

    @property
    def trained(self) -> Any:
        """The network that holds all variables, to be emptied after training."""
        return self._both

    def __call__(
        self,
        features: NDArray[np.float32],
        targets: NDArray[np.float32],
        epoch: int,
        rng: np.random.Generator,
    ) -> Mapping[str, float]:
        """Take a step; return loss and accuracy of the classes and of the domains."""
        self._strength.assign(self._adaptation.strength(epoch))
        n, half = len(features), max(1, len(features) // 2)
        source = self._train.batch(rng.integers(0, len(self._train), half))
        target = self._target.batch(rng.integers(0, len(self._target), half))
        batch = np.concatenate([features, self._record.scaled(source), self._record.scaled(target)])
        labels = np.concatenate([targets, np.zeros((2 * half, targets.shape[1]), np.float32)])
        domains = np.repeat(np.array([0, 0, 1], np.float32), [n, half, half])[:, None]
        labelled = np.repeat(np.array([1, 0], np.float32), [n, 2 * half])
        share = np.float32(len(batch)) / np.array(
            [n, 2 * half], np.float32
        )  # losses are means over the whole batch
        self._both.reset_metrics()
        scores = self._both.train_on_batch(
            batch,
            {_LABEL: labels, _DOMAIN: domains},
            sample_weight={_LABEL: share[0] * labelled, _DOMAIN: share[1] * (1 - labelled)},
            return_dict=True,
        )
        return {
            "loss": float(scores["loss"]),
            "accuracy": float(scores["label_accuracy"]),
            "domain_loss": float(scores["domain_loss"]),
            "domain_accuracy": float(scores["domain_accuracy"]),
        }

    def remarks(self, history: Mapping[str, tuple[float, ...]]) -> tuple[str, ...]:
        """Say what the training was adapted to, and how well domains were told apart at its end."""
        return (
            f"adapted to {len(self._target)} unlabelled windows of the target; in the last epoch "
            f"{100 * history['domain_accuracy'][-1]:.0f} % of windows were told from training windows "
            "(50 %: not at all)",
        )


def _with_second_output(network: Any) -> tuple[Any, Any]:
    """Return the network with a second output for the domain, and the strength of the turned gradient."""
    import keras
    from keras import layers

    class TurnedGradient(layers.Layer):  # type: ignore[misc]
        """Passes values on as they are, and gradients times −strength."""

        def build(self, shape: Any) -> None:
            self.strength = self.add_weight(shape=(), initializer="zeros", trainable=False, name="strength")

        def call(self, values: Any) -> Any:
            return keras.ops.stop_gradient((1 + self.strength) * values) - self.strength * values

    turned = TurnedGradient()
    hidden = layers.Flatten()(turned(network.layers[-1].input))
    hidden = layers.Dropout(_DROPOUT)(layers.Dense(_HALF_WAY[0], activation="relu")(hidden))
    hidden = layers.Dense(_HALF_WAY[1], activation="relu")(hidden)
    domain = layers.Dense(1, activation="sigmoid", dtype="float32", name=_DOMAIN)(hidden)
    # Keras up to 3.10 knows outputs by their layers' names, later ones by the keys
    label = layers.Identity(name=_LABEL)(network.output)
    both = keras.Model(network.inputs, {_LABEL: label, _DOMAIN: domain})
    return both, turned.strength
