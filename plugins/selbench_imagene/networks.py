"""ImaGene's networks (Torada et al. 2019)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import ExperimentError, FeatureSpec
from selbench.adapters.keras import KerasModel, class_output, image_input, not_an_image
from selbench_imagene.citations import IMAGENE

_SMALLEST_SIDE = 22
"""Three times a 3×3 convolution and a halving leave one pixel of it."""


@dataclass(frozen=True)
class ImaGeneCnn(KerasModel):
    """ImaGene's networks of three convolutions: for two classes, for several, or for ordered ones.

    Three times Conv2D @ 3×3 (valid, ReLU, L1 and L2 penalties) and max pooling 2.
    Two classes: 32-32-32 filters, Dense 64, one sigmoid unit. More: 32-64-64
    filters and a softmax. Ordered ones: 32-64-128 filters and a softmax. Batches
    of 32, images scaled to 0..1, rmsprop (the paper took ``optimizer=adam`` for
    more than two classes). ImaGene simulated anew for every step and saw each
    window once: that is one epoch on a large task. One pass is unstable, so
    compare several repetitions.

    Parameters
    ----------
    label_sd : float or None
        None: the classes have no order. A number: they have, that of the experiment
        (null first), as the paper's classes of selection coefficients. The target
        of a window is then a normal density around its class with this standard
        deviation, counted in classes; 0 is the class alone. Of two classes an order
        says nothing, and the target is the class alone.
    penalty : float
        Of L1 and of L2, on the kernels of the convolutions.
    """

    name: ClassVar[str] = "imagene-cnn"
    citations = (IMAGENE,)
    default_encoder: ClassVar[str] = "imagene"

    epochs: int = 1
    batch_size: int = 32
    optimizer: Literal["sgd", "adam", "rmsprop"] = "rmsprop"
    input_divisor: float = 255.0
    label_sd: float | None = None
    penalty: float = 0.005

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, value in {"penalty": self.penalty, "label_sd": self.label_sd or 0.0}.items():
            if not 0 <= value < math.inf:
                raise ExperimentError(f"{name}: expected a number of at least 0, found {value}")

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not an image of at least 22 × 22 pixels."""
        return super().unsupported(features) or not_an_image(features, _SMALLEST_SIDE)

    def targets(self, labels: NDArray[np.int64], n_classes: int) -> NDArray[np.float32]:
        """Return one-hot targets, or densities around the class, float32 (n_windows, n_classes)."""
        if not self.label_sd or n_classes == 2:
            return super().targets(labels, n_classes)
        distance = (np.arange(n_classes) - labels[:, None]) / self.label_sd
        density = np.exp(-0.5 * distance**2)
        targets: NDArray[np.float32] = (density / density.sum(axis=1, keepdims=True)).astype(np.float32)
        return targets

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network for this number of classes."""
        from keras import Model, layers, regularizers

        inputs, hidden = image_input(features)
        for filters in self._filters(n_classes):
            hidden = layers.Conv2D(
                filters,
                3,
                activation="relu",
                kernel_regularizer=regularizers.L1L2(self.penalty, self.penalty),
            )(hidden)
            hidden = layers.MaxPooling2D(2)(hidden)
        hidden = layers.Flatten()(hidden)
        if n_classes == 2:
            hidden = layers.Dense(64, activation="relu")(hidden)
        return Model(inputs, class_output(hidden, n_classes))

    def _filters(self, n_classes: int) -> tuple[int, int, int]:
        if n_classes == 2:
            return (32, 32, 32)
        return (32, 64, 64) if self.label_sd is None else (32, 64, 128)
