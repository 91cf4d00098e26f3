"""diploS/HIC's network (Kern and Schrider 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import FeatureSpec
from selbench.adapters.keras import KerasModel, branched_convolutions, flipped, not_an_image, softmax_output
from selbench_diploshic.citations import DIPLOSHIC


@dataclass(frozen=True)
class DiploshicCnn(KerasModel):
    """diploS/HIC's network: three branches of convolutions, two of them dilated along the window.

    Each branch is two convolutions of 128 and 64 filters (3×3; 2×2 dilated 1×3; 2×2
    dilated 1×4; ``same``, ReLU), max pooling and dropout 0.15; joined, dense layers of
    512 (dropout 0.2) and 128 (dropout 0.1) and a softmax. 2,699,205 weights for five
    classes on 12×11, 3,157,957 on 15×11. Training as the original's: Adam, batches of
    32, at most 100 epochs, windows mirrored at random, stopped after 5 epochs without
    0.001 more validation accuracy, the best epoch kept. Features are standardised by
    one mean and one deviation, here those of the training windows alone (the original
    takes each file's own, also for prediction).

    Parameters
    ----------
    flip : bool
        Whether half of the training windows, drawn anew in each step, are mirrored along the window.
    """

    name: ClassVar[str] = "diploshic-cnn"
    citations = (DIPLOSHIC,)
    default_encoder: ClassVar[str] = "diploshic"

    epochs: int = 100
    batch_size: int = 32
    optimizer: Literal["sgd", "adam", "rmsprop"] = "adam"
    patience: int | None = 5
    min_delta: float = 0.001
    keep: Literal["last", "best"] = "best"
    standardise: bool = True
    flip: bool = True

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not an image of at least 2 × 2 values."""
        return super().unsupported(features) or not_an_image(features, 2, "values")

    def augmented(self, batch: NDArray[Any], features: FeatureSpec, rng: np.random.Generator) -> NDArray[Any]:
        """Mirror half of the windows."""
        return flipped(batch, features, rng) if self.flip else batch

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Model, layers

        inputs, hidden = branched_convolutions(features, filters=(128, 64), dilations=(3, 4))
        for units, rate in ((512, 0.2), (128, 0.1)):
            hidden = layers.Dropout(rate)(layers.Dense(units, activation="relu")(hidden))
        return Model(inputs, softmax_output(hidden, n_classes))
