"""The layers of networks in plain numpy, written from their definitions: an oracle for those of Keras.

Images are (windows, height, width, channels), sequences (windows, length, channels), as in Keras.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Weights:
    """Hands out the weights of a network one after the other."""

    def __init__(self, weights: Iterable[Array]) -> None:
        self._left: Iterator[Array] = iter(weights)

    def take(self, n: int = 1) -> list[Array]:
        return [np.asarray(next(self._left), dtype=np.float64) for _ in range(n)]

    def all_used(self) -> bool:
        return next(self._left, None) is None


def convolve(x: Array, kernel: Array, bias: Array | float = 0.0, *, stride=1, dilation=(1, 1), same=False):
    """Convolve images with a kernel (height, width, channels, filters)."""
    height, width = ((k - 1) * d + 1 for k, d in zip(kernel.shape[:2], dilation, strict=True))
    if same:
        x = _padded(x, (height, width), stride, 0.0)
    rows, columns = (x.shape[1] - height) // stride + 1, (x.shape[2] - width) // stride + 1
    out = np.zeros((len(x), rows, columns, kernel.shape[3]))
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            top, left = i * dilation[0], j * dilation[1]
            part = x[:, top : top + rows * stride : stride, left : left + columns * stride : stride]
            out += part @ kernel[i, j]
    return out + bias


def convolve_1d(x: Array, kernel: Array, bias: Array | float = 0.0, *, stride=1):
    """Convolve sequences with a kernel (length, channels, filters), without padding."""
    n = (x.shape[1] - len(kernel)) // stride + 1
    parts = [x[:, i : i + n * stride : stride] @ kernel[i] for i in range(len(kernel))]
    return np.sum(parts, axis=0) + bias


def pool(x: Array, size: tuple[int, int], *, stride: tuple[int, int] | None = None, same=False, how=np.max):
    """Pool images over rectangles; what overhangs is left out, or padded."""
    stride = stride or size
    if same:
        x = _padded(x, size, stride[0], -np.inf)
    rows, columns = ((n - k) // s + 1 for n, k, s in zip(x.shape[1:3], size, stride, strict=True))
    out = np.empty((len(x), rows, columns, x.shape[3]))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = how(x[:, top : top + size[0], left : left + size[1]], axis=(1, 2))
    return out


def pool_1d(x: Array, size: int, how=np.max):
    """Pool sequences over neighbours."""
    n = x.shape[1] // size
    return how(x[:, : n * size].reshape(len(x), n, size, -1), axis=2)


def flatten(x: Array) -> Array:
    return x.reshape(len(x), -1)


def dense(x: Array, kernel: Array, bias: Array | float = 0.0) -> Array:
    return x @ kernel + bias


def normalise(x: Array, gamma: Array, beta: Array, mean: Array, variance: Array) -> Array:
    """Batch normalisation as it is after training."""
    return (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta


def relu(x: Array) -> Array:
    return np.where(x > 0, x, 0.0)


def leaky(x: Array, slope: float) -> Array:
    return np.where(x > 0, x, slope * x)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _padded(x: Array, size: tuple[int, int], stride: int, value: float) -> Array:
    """Pad as "same": the shorter half before, the longer one after."""
    pads = []
    for n, k in zip(x.shape[1:3], size, strict=True):
        total = max(0, (-(-n // stride) - 1) * stride + k - n)
        pads.append((total // 2, total - total // 2))
    return np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=value)


def with_random_weights(network, seed: int = 1, gain: float = 1.6) -> Weights:
    """Give a network random weights that keep the size of what passes through, and return them."""
    rng = np.random.default_rng(seed)
    weights = []
    for weight in network.weights:
        n_inputs = np.prod(weight.shape[:-1]) if len(weight.shape) > 1 else 10
        values = rng.normal(0, gain / np.sqrt(n_inputs), weight.shape)
        weights.append(np.abs(values) + 0.5 if "variance" in weight.path else values)
    network.set_weights(weights)
    return Weights([np.asarray(weight) for weight in network.get_weights()])
