"""ImaGene's methods: its image of a window's variable sites and its networks (Torada et al. 2019)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from selbench import Encoder, Model, hookimpl


@hookimpl
def register_encoders() -> Iterable[type[Encoder]]:
    """Return ImaGene's image and the plain matrix of variable sites."""
    from selbench_imagene.images import ImaGeneImage
    from selbench_imagene.sites import Sites

    return [ImaGeneImage, Sites]


@hookimpl
def register_models() -> Iterable[type[Model]]:
    """Return ImaGene's network."""
    from selbench_imagene.networks import ImaGeneCnn

    return [ImaGeneCnn]


@hookimpl
def register_experiments() -> Iterable[Path]:
    """Return the experiment files in this package."""
    return sorted((Path(__file__).parent / "experiments").glob("*.toml"))
