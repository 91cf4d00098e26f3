"""The seed study's methods: its image of a whole window and its networks (Nguembang Fadja et al. 2021)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from selbench import Encoder, Model, hookimpl


@hookimpl
def register_encoders() -> Iterable[type[Encoder]]:
    """Return the full-length image."""
    from selbench_fadja.full_length import FullLength

    return [FullLength]


@hookimpl
def register_models() -> Iterable[type[Model]]:
    """Return the study's two networks and two one-dimensional ones."""
    from selbench_fadja.haplotype_networks import Fadja1D, HaplotypeNet
    from selbench_fadja.networks import FadjaCnn, FadjaInitial

    return [FadjaCnn, FadjaInitial, Fadja1D, HaplotypeNet]


@hookimpl
def register_experiments() -> Iterable[Path]:
    """Return the experiment files in this package."""
    return sorted((Path(__file__).parent / "experiments").glob("*.toml"))
