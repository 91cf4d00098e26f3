"""Flex-sweep's network (Lauterbur et al. 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from selbench import FeatureSpec
from selbench.adapters.keras import KerasModel, branched_convolutions, not_an_image, softmax_output
from selbench_scanners.citations import FLEXSWEEP


@dataclass(frozen=True)
class FlexsweepCnn(KerasModel):
    """Flex-sweep's network: three branches of convolutions over statistics × centres and sizes.

    Each branch is three convolutions of 64, 128 and 256 filters (3×3; 2×2 dilated 1×3; 2×2 dilated 1×5;
    ``same``, ReLU), max pooling and dropout 0.15; joined, dense layers of 512 and 128 with dropout 0.2, and a
    softmax. Adam at 0.001 in batches of 32, stopped after 5 epochs without improvement, the best epoch kept;
    the original's Adam has amsgrad, and its rate falls and restarts.
    """

    name: ClassVar[str] = "flexsweep-cnn"
    citations = (FLEXSWEEP,)
    default_encoder: ClassVar[str] = "flexsweep"

    epochs: int = 100
    batch_size: int = 32
    optimizer: Literal["sgd", "adam", "rmsprop"] = "adam"
    patience: int | None = 5
    keep: Literal["last", "best"] = "best"

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not an image of at least 3 × 3 values."""
        return super().unsupported(features) or not_an_image(features, 3, "values")

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Model, layers

        inputs, hidden = branched_convolutions(features, filters=(64, 128, 256), dilations=(3, 5))
        for units in (512, 128):
            hidden = layers.Dropout(0.2)(layers.Dense(units, activation="relu")(hidden))
        return Model(inputs, softmax_output(hidden, n_classes))
