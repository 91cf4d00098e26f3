"""BaSe's network (Isildak, Stella and Fumagalli 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import FeatureSpec
from selbench.adapters.keras import KerasModel, class_output, flipped, not_an_image
from selbench_base.citations import BASE


@dataclass(frozen=True)
class BaseCnn(KerasModel):
    """BaSe's network: three normalised convolutions, half of the values dropped twice, one dense layer.

    Three times Conv2D 32 @ 3×3 (same), batch normalisation and ReLU; max pooling 2 after
    the first two, dropout 0.5 after the last two; a dense layer of 128 (ReLU); one sigmoid
    unit; L2 penalties of 0.005 on the kernels. 4,213,761 weights on 128×128. Training as
    the original's: Adam with 0.00005, batches of 32, 10 epochs, windows mirrored at random.

    Parameters
    ----------
    flip : bool
        Whether half of the training windows, drawn anew in each step, are mirrored along the sites.
    """

    name: ClassVar[str] = "base-cnn"
    citations = (BASE,)
    default_encoder: ClassVar[str] = "base"

    epochs: int = 10
    batch_size: int = 32
    optimizer: Literal["sgd", "adam", "rmsprop"] = "adam"
    learning_rate: float | tuple[float, ...] = 0.00005
    input_divisor: float = 255.0
    flip: bool = True

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not an image of at least 4 × 4 pixels."""
        return super().unsupported(features) or not_an_image(features, 4)

    def augmented(self, batch: NDArray[Any], features: FeatureSpec, rng: np.random.Generator) -> NDArray[Any]:
        """Mirror half of the windows."""
        return flipped(batch, features, rng) if self.flip else batch

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Input, Model, layers, regularizers

        inputs = Input(features.shape)
        hidden = layers.Reshape((*features.shape, 1))(inputs)
        for block in range(3):
            hidden = layers.Conv2D(32, 3, padding="same", kernel_regularizer=regularizers.L2(0.005))(hidden)
            hidden = layers.ReLU()(layers.BatchNormalization()(hidden))
            if block < 2:
                hidden = layers.MaxPooling2D(2)(hidden)
            if block > 0:
                hidden = layers.Dropout(0.5)(hidden)
        hidden = layers.Flatten()(hidden)
        hidden = layers.Dense(128, activation="relu", kernel_regularizer=regularizers.L2(0.005))(hidden)
        return Model(inputs, class_output(hidden, n_classes))
