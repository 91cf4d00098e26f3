"""diploS/HIC: statistics relative to their sum along a window, and its network (Kern and Schrider 2018)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from selbench import Encoder, Model, hookimpl


@hookimpl
def register_encoders() -> Iterable[type[Encoder]]:
    """Return diploS/HIC's feature vectors."""
    from selbench_diploshic.vectors import DiploshicVectors

    return [DiploshicVectors]


@hookimpl
def register_models() -> Iterable[type[Model]]:
    """Return diploS/HIC's network."""
    from selbench_diploshic.networks import DiploshicCnn

    return [DiploshicCnn]


@hookimpl
def register_experiments() -> Iterable[Path]:
    """Return the experiment files in this package."""
    return sorted((Path(__file__).parent / "experiments").glob("*.toml"))
