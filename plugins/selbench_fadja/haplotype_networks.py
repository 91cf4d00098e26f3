"""One-dimensional networks: convolutions run along the sequence only, never across haplotypes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from selbench import FeatureSpec
from selbench.adapters.keras import KerasModel, class_output, not_an_image
from selbench.plugin import expect_above_zero
from selbench_fadja.citations import EXCHANGEABLE, STUDY


@dataclass(frozen=True)
class Fadja1D(KerasModel):
    """The study's network in one dimension, haplotypes as channels: an order of magnitude cheaper.

    `FadjaCnn` with Conv1D and pooling along the sequence: a variant for
    comparison, not in the paper. It depends on the order of haplotypes. Training
    as `FadjaCnn`.
    """

    name: ClassVar[str] = "fadja-1d"
    citations = (STUDY,)
    default_encoder: ClassVar[str] = "full-length"

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not haplotypes by at least 43 positions or sites."""
        return super().unsupported(features) or _too_short(features, 43)

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Input, Model, layers

        inputs = Input(features.shape)
        hidden = layers.Permute((2, 1))(inputs) if features.axes[0] == "haplotype" else inputs
        for filters in (32, 64, 128):
            hidden = layers.Conv1D(filters, 10, strides=2, padding="same", activation="relu")(hidden)
            hidden = layers.MaxPooling1D(2)(hidden)
            hidden = layers.Dropout(0.4)(hidden)
        hidden = layers.Dense(128, activation="relu")(layers.Flatten()(hidden))
        return Model(inputs, class_output(hidden, n_classes))


@dataclass(frozen=True)
class HaplotypeNet(KerasModel):
    """A small network that does not see the order of haplotypes, after Chan et al. (2018).

    Two convolutions along the sequence are shared by all haplotypes. What they
    find is pooled in two ways, by mean and maximum each: over haplotypes, for what
    varies along the sequence, and along the sequence, for how haplotypes differ.
    Both are summarised and joined by a dense layer. Reordering haplotypes changes
    no probability by more than rounding.
    """

    name: ClassVar[str] = "haplotype-net"
    citations = (EXCHANGEABLE,)
    default_encoder: ClassVar[str] = "sites"

    optimizer: Literal["sgd", "adam", "rmsprop"] = "adam"
    input_divisor: float = 255.0
    filters: int = 32

    def __post_init__(self) -> None:
        super().__post_init__()
        expect_above_zero(filters=self.filters)

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not haplotypes by positions or sites."""
        return super().unsupported(features) or _too_short(features, 1)

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Input, Model, layers

        inputs = Input(features.shape)
        rows = inputs if features.axes[0] == "haplotype" else layers.Permute((2, 1))(inputs)
        n_haplotypes, length = rows.shape[1:]
        hidden = layers.Reshape((n_haplotypes, length, 1))(rows)
        for strides in (1, 2):
            hidden = layers.Conv2D(
                self.filters, (1, 5), strides=(1, strides), padding="same", activation="relu"
            )(hidden)
        views = []
        for axis in (1, 2):
            view = _mean_and_maximum(hidden, axis)
            view = layers.Conv1D(2 * self.filters, 5 if axis == 1 else 1, padding="same", activation="relu")(
                view
            )
            views += [layers.GlobalAveragePooling1D()(view), layers.GlobalMaxPooling1D()(view)]
        joined = layers.Dense(64, activation="relu")(layers.Concatenate()(views))
        return Model(inputs, class_output(joined, n_classes))


def _mean_and_maximum(hidden: Any, axis: int) -> Any:
    """Pool one of the two inner axes away: (haplotypes, length, n) becomes (the other axis, 2 n)."""
    from keras import layers

    size = (hidden.shape[1], 1) if axis == 1 else (1, hidden.shape[2])
    pooled = layers.Concatenate()([layers.AveragePooling2D(size)(hidden), layers.MaxPooling2D(size)(hidden)])
    return layers.Reshape((-1, pooled.shape[-1]))(pooled)


def _too_short(features: FeatureSpec, length: int) -> str | None:
    """Say why features are not haplotypes by at least `length` positions or sites, or None."""
    reason = not_an_image(features)
    if reason is None and "haplotype" not in features.axes:
        reason = f"needs an axis of haplotypes alone, found {' × '.join(features.axes)}"
    if reason is None and features.shape[1 - features.axes.index("haplotype")] < length:
        reason = f"needs at least {length} positions or sites, found {features.shape}"
    return reason
