"""SweepNet's network (Zhao et al. 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from selbench import FeatureSpec
from selbench.adapters.keras import KerasModel, haplotype_input, not_haplotypes, softmax_output
from selbench_sweepnet.citations import SWEEPNET


@dataclass(frozen=True)
class SweepnetCnn(KerasModel):
    """SweepNet's network: small kernels, pooling that keeps its size, and channels that weigh each other.

    Three times Conv2D 32 @ 2×2 (valid, ReLU) and max pooling 2×2 in strides of 1; squeeze
    and excitation (mean over the image, 1×1 convolutions of 2 and 32, a product); a dense
    layer of 32 (ReLU) at each pixel; their mean; a softmax. 9,700 weights for any image.
    Training as the original's: Adam, batches of one window, 10 epochs, the one with the
    highest validation accuracy kept.
    """

    name: ClassVar[str] = "sweepnet-cnn"
    citations = (SWEEPNET,)
    default_encoder: ClassVar[str] = "sweepnet"

    epochs: int = 10
    batch_size: int = 1
    optimizer: Literal["sgd", "adam", "rmsprop"] = "adam"
    input_divisor: float = 255.0
    keep: Literal["last", "best"] = "best"

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not haplotypes by sites, at least 7 of each."""
        reason = super().unsupported(features) or not_haplotypes(features)
        if reason is None and min(features.shape[:2]) < 7:
            reason = f"needs at least 7 haplotypes and 7 sites, found {features.shape[:2]}"
        return reason

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Model, layers

        inputs, hidden = haplotype_input(features)
        for _ in range(3):
            hidden = layers.Conv2D(32, 2, activation="relu")(hidden)
            hidden = layers.MaxPooling2D(2, strides=1)(hidden)
        weights = layers.GlobalAveragePooling2D(keepdims=True)(hidden)
        weights = layers.Conv2D(2, 1, activation="relu")(weights)
        weights = layers.Conv2D(32, 1, activation="sigmoid")(weights)
        hidden = layers.Dense(32, activation="relu")(layers.Multiply()([hidden, weights]))
        return Model(inputs, softmax_output(layers.GlobalAveragePooling2D()(hidden), n_classes))
