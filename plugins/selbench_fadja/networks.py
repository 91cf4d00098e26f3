"""The seed study's networks on the image of a whole window (Nguembang Fadja et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from selbench import FeatureSpec
from selbench.adapters.keras import KerasModel, class_output, image_input, not_an_image
from selbench_fadja.citations import STUDY


@dataclass(frozen=True)
class FadjaInitial(KerasModel):
    """The study's initial network, as its published code has it: 2 convolutions, 40.6 million weights.

    Conv2D 4 @ 10×10 stride 2 (valid), max pooling 2, Conv2D 64 @ 5×5 (same), max
    pooling 2, dropout 0.4, Dense 1024, output; ReLU throughout. 40,641,237
    weights at 1000×48. Training as in the study: SGD with learning rate 0.001 and
    momentum 0.9, batches of 50, 10 epochs, pixels 0 to 255, weights of the last
    epoch. For its 10-kb windows: ``optimizer=adam, epochs=50, patience=3``.
    """

    name: ClassVar[str] = "fadja-initial"
    citations = (STUDY,)
    default_encoder: ClassVar[str] = "full-length"

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not an image of at least 16 × 16 pixels."""
        return super().unsupported(features) or not_an_image(features, 16)

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Model, layers

        inputs, hidden = image_input(features)
        hidden = layers.Conv2D(4, 10, strides=2, activation="relu")(hidden)
        hidden = layers.MaxPooling2D(2)(hidden)
        hidden = layers.Conv2D(64, 5, padding="same", activation="relu")(hidden)
        hidden = layers.MaxPooling2D(2)(hidden)
        hidden = layers.Dropout(0.4)(hidden)
        hidden = layers.Dense(1024, activation="relu")(layers.Flatten()(hidden))
        return Model(inputs, class_output(hidden, n_classes))


@dataclass(frozen=True)
class FadjaCnn(KerasModel):
    """The network that the study's text describes, a reconstruction: 3 convolutions, 1.3 million weights.

    Three blocks of Conv2D 32, 64, 128 @ 10×10 stride 2, max pooling 2 and dropout
    0.4, then Dense 128 and the output; ReLU throughout. A reconstruction, for the
    text leaves the padding open and only ``same`` fits its layers into the image.
    1,273,441 weights at 1000×48. Training as `FadjaInitial`.
    """

    name: ClassVar[str] = "fadja-cnn"
    citations = (STUDY,)
    default_encoder: ClassVar[str] = "full-length"

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not an image of at least 43 × 43 pixels."""
        return super().unsupported(features) or not_an_image(features, 43)

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Model, layers

        inputs, hidden = image_input(features)
        for filters in (32, 64, 128):
            hidden = layers.Conv2D(filters, 10, strides=2, padding="same", activation="relu")(hidden)
            hidden = layers.MaxPooling2D(2)(hidden)
            hidden = layers.Dropout(0.4)(hidden)
        hidden = layers.Dense(128, activation="relu")(layers.Flatten()(hidden))
        return Model(inputs, class_output(hidden, n_classes))
