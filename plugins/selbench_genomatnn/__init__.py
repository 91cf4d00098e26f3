"""genomatnn: minor alleles counted in bins along the window, and a network of strided convolutions."""

from __future__ import annotations

from collections.abc import Iterable

from selbench import Encoder, Model, hookimpl


@hookimpl
def register_encoders() -> Iterable[type[Encoder]]:
    """Return the density image."""
    from selbench_genomatnn.densities import GenomatnnDensity

    return [GenomatnnDensity]


@hookimpl
def register_models() -> Iterable[type[Model]]:
    """Return genomatnn's network."""
    from selbench_genomatnn.networks import GenomatnnCnn

    return [GenomatnnCnn]
