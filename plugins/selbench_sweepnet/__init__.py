"""SweepNet: an image whose rows and columns are both reordered, and a network that weighs its channels."""

from __future__ import annotations

from collections.abc import Iterable

from selbench import Encoder, Model, hookimpl


@hookimpl
def register_encoders() -> Iterable[type[Encoder]]:
    """Return SweepNet's image."""
    from selbench_sweepnet.images import SweepnetImage

    return [SweepnetImage]


@hookimpl
def register_models() -> Iterable[type[Model]]:
    """Return SweepNet's network."""
    from selbench_sweepnet.networks import SweepnetCnn

    return [SweepnetCnn]
