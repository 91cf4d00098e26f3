"""FAST-NN and FASTER-NN (van den Belt et al. 2024, 2025)."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, ClassVar, Literal

from selbench import FeatureSpec
from selbench.adapters.keras import KerasModel, haplotype_input, not_haplotypes, softmax_output
from selbench_fasternn.citations import FAST_NN, FASTER_NN


@dataclass(frozen=True)
class FastNn(KerasModel):
    """FAST-NN: three short convolutions along the sites, then every place has its say.

    Three times Conv1D 80 @ 2 (valid), max pooling 2, ReLU; at each place a dense layer
    of 32 (ReLU); their mean over places; a softmax. 28,818 weights on distances and
    frequencies, 28,658 on frequencies alone. Training as the original's: Adam with
    0.0005, batches of 8, 20 epochs, the one with the highest validation accuracy kept.
    Weights start as in PyTorch. Of haplotypes by sites it sees the mean over haplotypes.
    """

    name: ClassVar[str] = "fast-nn"
    citations = (FAST_NN,)
    default_encoder: ClassVar[str] = "frequency-track"

    epochs: int = 20
    batch_size: int = 8
    optimizer: Literal["sgd", "adam", "rmsprop"] = "adam"
    learning_rate: float | tuple[float, ...] = 0.0005
    keep: Literal["last", "best"] = "best"

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not a track of at least 15 sites."""
        return super().unsupported(features) or _no_track(features, 15)

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Model, layers

        inputs, hidden = _track_input(features)
        for _ in range(3):
            hidden = _convolution(hidden, 80, 2)
            hidden = layers.ReLU()(layers.MaxPooling1D(2)(hidden))
        hidden = layers.Dense(32, activation="relu", **_as_pytorch(80))(hidden)
        hidden = layers.GlobalAveragePooling1D()(hidden)
        return Model(inputs, softmax_output(hidden, n_classes, **_as_pytorch(32)))


@dataclass(frozen=True)
class FasterNn(KerasModel):
    """FASTER-NN: six convolutions along the sites, the last three in strides, and one dense layer.

    Three times Conv1D 32 @ 3 (valid), max pooling 2, ReLU; three times Conv1D 32 @ 6 in
    strides of 2 (valid), ReLU; a softmax. 25,218 weights on 512 sites; below 302 there
    is nothing left. Training as `FastNn`.
    """

    name: ClassVar[str] = "faster-nn"
    citations = (FASTER_NN,)
    default_encoder: ClassVar[str] = "frequency-track[n_sites=512]"

    epochs: int = 20
    batch_size: int = 8
    optimizer: Literal["sgd", "adam", "rmsprop"] = "adam"
    learning_rate: float | tuple[float, ...] = 0.0005
    keep: Literal["last", "best"] = "best"

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline what is not a track of at least 302 sites."""
        return super().unsupported(features) or _no_track(features, 302)

    def network(self, features: FeatureSpec, n_classes: int) -> Any:
        """Build the network."""
        from keras import Model, layers

        inputs, hidden = _track_input(features)
        for _ in range(3):
            hidden = layers.ReLU()(layers.MaxPooling1D(2)(_convolution(hidden, 32, 3)))
        for _ in range(3):
            hidden = layers.ReLU()(_convolution(hidden, 32, 6, strides=2))
        hidden = layers.Flatten()(hidden)
        return Model(inputs, softmax_output(hidden, n_classes, **_as_pytorch(hidden.shape[-1])))


def _track_input(features: FeatureSpec) -> tuple[Any, Any]:
    """Return the input layer and the track, (sites, channels): of haplotypes their mean."""
    from keras import Input, layers

    if features.axes == ("site", "channel"):
        inputs = Input(features.shape)
        return inputs, inputs
    inputs, haplotypes = haplotype_input(features)
    n_haplotypes, n_sites, n_channels = haplotypes.shape[1:]
    mean = layers.AveragePooling2D((n_haplotypes, 1))(haplotypes)
    return inputs, layers.Reshape((n_sites, n_channels))(mean)


def _convolution(hidden: Any, filters: int, size: int, strides: int = 1) -> Any:
    from keras import layers

    starts = _as_pytorch(size * hidden.shape[-1])
    return layers.Conv1D(filters, size, strides=strides, **starts)(hidden)


def _as_pytorch(n_inputs: int) -> dict[str, Any]:
    """Return initialisers that draw weights and biases uniformly from ±1/√n_inputs, PyTorch's default."""
    from keras.initializers import RandomUniform

    bound = 1 / sqrt(n_inputs)
    return {
        "kernel_initializer": RandomUniform(-bound, bound),
        "bias_initializer": RandomUniform(-bound, bound),
    }


def _no_track(features: FeatureSpec, fewest: int) -> str | None:
    """Say why features are neither a track of sites nor haplotypes by that many sites, or None."""
    if features.axes == ("site", "channel"):
        n_sites = features.shape[0]
    elif not_haplotypes(features):
        return (
            "needs a track of sites with channels, or haplotypes by sites, "
            f"found {' × '.join(features.axes)} {features.shape}"
        )
    else:
        n_sites = features.shape[1 - features.axes.index("haplotype")]
    return None if n_sites >= fewest else f"needs at least {fewest} sites, found {n_sites}"
