"""Cecil and Sugden's (2023) images, their ladder of ever smaller networks, and their DeepSet."""

from __future__ import annotations

from collections.abc import Iterable

from selbench import Encoder, Model, hookimpl


@hookimpl
def register_encoders() -> Iterable[type[Encoder]]:
    """Return images of one width, made in three ways."""
    from selbench_cecil.images import CecilImage

    return [CecilImage]


@hookimpl
def register_models() -> Iterable[type[Model]]:
    """Return the ladder's networks and the DeepSet."""
    from selbench_cecil.networks import CecilCnn, CecilDeepSet, CecilMiniCnn

    return [CecilCnn, CecilMiniCnn, CecilDeepSet]
