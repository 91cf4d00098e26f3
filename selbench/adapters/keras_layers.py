"""What networks share: how an image enters, and how classes come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from selbench.errors import UnsupportedError
from selbench.windows import FeatureSpec


def image_input(features: FeatureSpec) -> tuple[Any, Any]:
    """Return the input layer of an image and the image, (short side, long side, 1 channel).

    A network on the transposed image is the same function with its kernels
    transposed, and on a processor much faster when the long side is the inner one.

    Raises
    ------
    UnsupportedError
        If the features are not an image.
    """
    import keras

    if reason := not_an_image(features):
        raise UnsupportedError(reason)
    inputs = keras.Input(features.shape)
    height, width = features.shape
    image = keras.layers.Permute((2, 1))(inputs) if height > width else inputs
    return inputs, keras.layers.Reshape((min(height, width), max(height, width), 1))(image)


def haplotype_input(features: FeatureSpec) -> tuple[Any, Any]:
    """Return the input layer of haplotypes and the tensor, (haplotypes, sites or positions, channels).

    For networks that tell haplotypes from sites: theirs is the first axis whatever the encoder put there.

    Raises
    ------
    UnsupportedError
        If no axis is one of haplotypes.
    """
    import keras

    if reason := not_haplotypes(features):
        raise UnsupportedError(reason)
    inputs = keras.Input(features.shape)
    n_channels = features.shape[2] if len(features.shape) == 3 else 1
    haplotypes = keras.layers.Reshape((*features.shape[:2], n_channels))(inputs)
    if features.axes[1] == "haplotype":
        haplotypes = keras.layers.Permute((2, 1, 3))(haplotypes)
    return inputs, haplotypes


def softmax_output(hidden: Any, n_classes: int, **options: Any) -> Any:
    """Return the last layer of networks that have a unit for every class, of two as well; always float32.

    `options` are those of `keras.layers.Dense`, such as how its weights start.
    """
    from keras.layers import Dense

    return Dense(n_classes, activation="softmax", dtype="float32", **options)(hidden)


def class_output(hidden: Any, n_classes: int, **options: Any) -> Any:
    """Return the last layer: one sigmoid unit for two classes, a softmax for more; always float32.

    `options` are those of `keras.layers.Dense`, such as how its weights start.
    """
    from keras.layers import Dense

    if n_classes == 2:
        return Dense(1, activation="sigmoid", dtype="float32", **options)(hidden)
    return softmax_output(hidden, n_classes, **options)


def branched_convolutions(
    features: FeatureSpec, filters: Sequence[int], dilations: Sequence[int]
) -> tuple[Any, Any]:
    """Return the input layer of an image and three branches of convolutions on it, joined and flat.

    For images of statistics by place: the first branch sees close neighbours, the others values that stand
    `dilations` apart along the second axis.

    Parameters
    ----------
    filters : sequence of int
        Of each convolution of a branch, ``same`` and ReLU: 3×3 in the first branch, 2×2 in the dilated ones.
        Max pooling of 3 or 2 and dropout 0.15 end a branch.
    """
    from keras import Input, layers

    inputs = Input(features.shape)
    image = layers.Reshape((*features.shape, 1))(inputs)
    branches = []
    for size, dilation, pooling in ((3, 1, 3), *((2, (1, apart), 2) for apart in dilations)):
        hidden = image
        for n_filters in filters:
            hidden = layers.Conv2D(
                n_filters, size, dilation_rate=dilation, padding="same", activation="relu"
            )(hidden)
        hidden = layers.MaxPooling2D(pooling, padding="same" if pooling == 3 else "valid")(hidden)
        branches.append(layers.Flatten()(layers.Dropout(0.15)(hidden)))
    return inputs, layers.Concatenate()(branches)


def not_an_image(features: FeatureSpec, smallest: int = 1, of: str = "pixels") -> str | None:
    """Say why features are not an image with at least `smallest` pixels, or values, each way; or None."""
    if len(features.shape) != 2:
        return f"needs an image with two axes, found {' × '.join(features.axes)} {features.shape}"
    if min(features.shape) < smallest:
        return f"needs an image of at least {smallest} × {smallest} {of}, found {features.shape}"
    return None


def not_haplotypes(features: FeatureSpec) -> str | None:
    """Say why features are not haplotypes by sites or positions, with or without channels, or None."""
    two = features.axes[:2]
    if len(features.shape) in (2, 3) and "haplotype" in two and {"site", "position"}.intersection(two):
        return None
    return f"needs haplotypes by sites or positions, found {' × '.join(features.axes)} {features.shape}"
