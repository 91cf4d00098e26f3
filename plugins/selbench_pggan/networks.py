"""pg-gan's discriminator (Wang et al. 2021), trained on labelled windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from selbench import FeatureSpec
from selbench.adapters.keras import KerasModel, class_output, haplotype_input, not_haplotypes
from selbench_pggan.citations import DISCRIMINATORS, PG_GAN


@dataclass(frozen=True)
class PgGanDiscriminator(KerasModel):
    """pg-gan's discriminator, supervised: haplotypes share their convolutions and are summed.

    Conv2D 32 @ 1×5 (valid, ReLU), max pooling 1×2, Conv2D 64 @ 1×5, max pooling 1×2; the
    sum over haplotypes; two dense layers of 128 (ReLU, dropout 0.5); one logit. 76,577
    weights for any number of haplotypes; but a sum grows with that number, so keep it
    the same. The original learns it against a generator of demographies and takes for
    selected what does not look simulated; here it learns labelled windows, in batches of
    50 by Adam as there. How many epochs is this bench's choice.
    """

    name: ClassVar[str] = "pg-gan-discriminator"
    citations = (PG_GAN, DISCRIMINATORS)
    default_encoder: ClassVar[str] = "pg-gan"

    epochs: int = 10
    batch_size: int = 50
    optimizer: Literal["sgd", "adam", "rmsprop"] = "adam"

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not haplotypes by at least 16 sites."""
        reason = super().unsupported(features) or not_haplotypes(features)
        if reason is None and (found := features.shape[1 - features.axes.index("haplotype")]) < 16:
            reason = f"needs at least 16 sites or positions, found {found}"
        return reason

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Model, layers, ops

        inputs, hidden = haplotype_input(features)
        for filters in (32, 64):
            hidden = layers.Conv2D(filters, (1, 5), activation="relu")(hidden)
            hidden = layers.MaxPooling2D((1, 2))(hidden)
        hidden = layers.Flatten()(ops.sum(hidden, axis=1))
        for _ in range(2):
            hidden = layers.Dropout(0.5)(layers.Dense(128, activation="relu")(hidden))
        return Model(inputs, class_output(hidden, n_classes))
