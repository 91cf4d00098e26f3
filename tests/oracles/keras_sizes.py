"""Whether Keras itself finds that features are too small for a network."""

from collections.abc import Callable
from typing import Any


def is_too_small(build: Callable[[], Any]) -> bool:
    """Whether Keras refuses to build the network, or, in older versions, builds it with an empty layer."""
    try:
        network = build()
    except (ValueError, ZeroDivisionError):
        return True
    return any(0 in layer.output.shape for layer in network.layers)
