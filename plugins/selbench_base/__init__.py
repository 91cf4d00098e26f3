"""BaSe: balancing selection on a site that is known (Isildak, Stella and Fumagalli 2021)."""

from __future__ import annotations

from collections.abc import Iterable

from selbench import Encoder, Model, hookimpl


@hookimpl
def register_encoders() -> Iterable[type[Encoder]]:
    """Return BaSe's image around its site."""
    from selbench_base.images import BaseImage

    return [BaseImage]


@hookimpl
def register_models() -> Iterable[type[Model]]:
    """Return BaSe's network."""
    from selbench_base.networks import BaseCnn

    return [BaseCnn]
