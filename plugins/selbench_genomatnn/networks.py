"""genomatnn's network (Gower et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from selbench import FeatureSpec
from selbench.adapters.keras import KerasModel, class_output, not_an_image
from selbench_genomatnn.citations import GENOMATNN


@dataclass(frozen=True)
class GenomatnnCnn(KerasModel):
    """genomatnn's network: seven normalised convolutions in strides, and hardly any weights.

    Seven times batch normalisation, Conv2D 16 @ 4×4 in strides of 2 (same, no bias, weights
    from N(0, 1/16²)) and a leaky ReLU of 0.3; batch normalisation; one sigmoid unit. 25,381
    weights on 256 bins of 33 to 128 haplotypes. Training as the original's: Adam, batches of 64, three
    epochs. The original tells adaptive introgression from neutral windows and sweeps.
    """

    name: ClassVar[str] = "genomatnn-cnn"
    citations = (GENOMATNN,)
    default_encoder: ClassVar[str] = "genomatnn"

    epochs: int = 3
    batch_size: int = 64
    optimizer: Literal["sgd", "adam", "rmsprop"] = "adam"

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not an image."""
        return super().unsupported(features) or not_an_image(features)

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Input, Model, layers
        from keras.initializers import RandomNormal

        inputs = Input(features.shape)
        hidden = layers.Reshape((*features.shape, 1))(inputs)
        for _ in range(7):
            hidden = layers.BatchNormalization()(hidden)
            hidden = layers.Conv2D(
                16, 4, strides=2, padding="same", use_bias=False, kernel_initializer=RandomNormal(0.0, 1 / 16)
            )(hidden)
            hidden = layers.LeakyReLU(negative_slope=0.3)(hidden)
        hidden = layers.BatchNormalization()(layers.Flatten()(hidden))
        return Model(inputs, class_output(hidden, n_classes))
