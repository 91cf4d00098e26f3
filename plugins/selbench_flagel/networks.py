"""The alignment network of Flagel et al. (2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from selbench import FeatureSpec
from selbench.adapters.keras import KerasModel, haplotype_input, not_haplotypes, softmax_output
from selbench_flagel.citations import FLAGEL

_AXES = ("site", "haplotype and position")
_FEWEST_SITES = 32
"""Five convolutions of two sites and four halvings leave one of it."""


@dataclass(frozen=True)
class FlagelCnn(KerasModel):
    """Flagel et al.'s network: convolutions along the sites, haplotypes as channels, positions beside them.

    Conv1D 256 @ 2 (valid, ReLU) twice, max pooling 2, dropout 0.2; then three times Conv1D
    256 @ 2, pooling 2 (maximum, mean, mean) and dropout 0.2. Positions go through a dense
    layer of 64 (ReLU, dropout 0.1). Joined, a dense layer of 256 (ReLU, dropout 0.25) and
    a softmax; L2 penalties of 0.0001 on all but the last. 21,351,749 weights on 5,000 sites
    of 208 haplotypes with five classes. Training as the original's: Adam, batches of 64,
    three passes. On haplotypes without positions it has the one branch. It sees the order
    of haplotypes. Heavy: some 1.8 · 10⁹ multiplications for a window of 5,000 sites.
    """

    name: ClassVar[str] = "flagel-cnn"
    citations = (FLAGEL,)
    default_encoder: ClassVar[str] = "flagel"

    epochs: int = 3
    batch_size: int = 64
    optimizer: Literal["sgd", "adam", "rmsprop"] = "adam"

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is neither such an alignment nor haplotypes by sites, and too few sites."""
        reason = super().unsupported(features)
        if reason is None and features.axes != _AXES:
            reason = not_haplotypes(features)
        if reason is None and (found := _n_sites(features)) < _FEWEST_SITES:
            reason = f"needs at least {_FEWEST_SITES} sites or positions, found {found}"
        return reason

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Model, layers, regularizers
        from keras.initializers import RandomNormal

        penalised = {"kernel_regularizer": regularizers.L2(1e-4), "activation": "relu"}
        inputs, alignment, positions = _inputs(features)
        hidden = layers.Conv1D(256, 2, **penalised)(alignment)
        for pooling in (
            layers.MaxPooling1D,
            layers.MaxPooling1D,
            layers.AveragePooling1D,
            layers.AveragePooling1D,
        ):
            hidden = pooling(2)(layers.Conv1D(256, 2, **penalised)(hidden))
            hidden = layers.Dropout(0.2)(hidden)
        hidden = layers.Flatten()(hidden)
        if positions is not None:
            beside = layers.Dropout(0.1)(layers.Dense(64, **penalised)(positions))
            hidden = layers.Concatenate()([hidden, beside])
        hidden = layers.Dense(256, kernel_initializer=RandomNormal(), **penalised)(hidden)
        return Model(inputs, softmax_output(layers.Dropout(0.25)(hidden), n_classes))


def _inputs(features: FeatureSpec) -> tuple[Any, Any, Any]:
    """Return the input layer, the alignment (sites, haplotypes) and the positions (sites,), or None."""
    from keras import Input, layers

    if features.axes == _AXES:
        inputs = Input(features.shape)
        return inputs, inputs[:, :, :-1], layers.Flatten()(inputs[:, :, -1:])
    inputs, haplotypes = haplotype_input(features)
    n_haplotypes, n_sites, n_channels = haplotypes.shape[1:]
    turned = layers.Permute((2, 1, 3))(haplotypes)
    return inputs, layers.Reshape((n_sites, n_haplotypes * n_channels))(turned), None


def _n_sites(features: FeatureSpec) -> int:
    if features.axes == _AXES:
        return features.shape[0]
    return features.shape[1 - features.axes.index("haplotype")]
