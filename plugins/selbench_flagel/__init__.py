"""The alignment network of Flagel, Brandvain and Schrider (2019)."""

from __future__ import annotations

from collections.abc import Iterable

from selbench import Encoder, Model, hookimpl


@hookimpl
def register_encoders() -> Iterable[type[Encoder]]:
    """Return the sorted alignment with its positions."""
    from selbench_flagel.alignments import FlagelAlignment

    return [FlagelAlignment]


@hookimpl
def register_models() -> Iterable[type[Model]]:
    """Return the alignment network."""
    from selbench_flagel.networks import FlagelCnn

    return [FlagelCnn]
