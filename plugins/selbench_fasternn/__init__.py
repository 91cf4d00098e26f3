"""FAST-NN and FASTER-NN: networks on allele frequencies and distances alone, no haplotypes."""

from __future__ import annotations

from collections.abc import Iterable

from selbench import Encoder, Model, hookimpl


@hookimpl
def register_encoders() -> Iterable[type[Encoder]]:
    """Return allele frequencies and distances."""
    from selbench_fasternn.snps import FrequencyTrack

    return [FrequencyTrack]


@hookimpl
def register_models() -> Iterable[type[Model]]:
    """Return both networks."""
    from selbench_fasternn.networks import FasterNn, FastNn

    return [FastNn, FasterNn]
