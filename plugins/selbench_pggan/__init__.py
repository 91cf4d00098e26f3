"""pg-gan's discriminator, as a classifier of windows (Wang et al. 2021; Riley et al. 2024)."""

from __future__ import annotations

from collections.abc import Iterable

from selbench import Encoder, Model, hookimpl


@hookimpl
def register_encoders() -> Iterable[type[Encoder]]:
    """Return pg-gan's regions."""
    from selbench_pggan.regions import PgGanRegion

    return [PgGanRegion]


@hookimpl
def register_models() -> Iterable[type[Model]]:
    """Return pg-gan's discriminator, supervised."""
    from selbench_pggan.networks import PgGanDiscriminator

    return [PgGanDiscriminator]
