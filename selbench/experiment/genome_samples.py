"""The sample of a task out of a genome: who is taken, and what of their genotypes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.formats.genome import Genome
from selbench.formats.vcf_sites import Filter, Polarise
from selbench.windows import WindowSpec


class SampleOfGenome(Protocol):
    """What the tables of a task say of a genome's sample; `observation` and `genome` are two of them."""

    @property
    def individuals(self) -> str:
        """File with one individual per line; "" for all, or those drawn."""

    @property
    def draw(self) -> int:
        """Or so many at random; 0 for none."""

    @property
    def seed(self) -> int:
        """Of the draw."""

    @property
    def region(self) -> str:
        """Stretch that is read, ``chr:from-to``; "" for all."""

    @property
    def haploid(self) -> bool:
        """Whether each individual stands for one haplotype."""

    @property
    def filter(self) -> Filter:
        """Which records are used, by their FILTER."""

    @property
    def phased(self) -> bool:
        """Whether sites without phase are left out."""

    @property
    def polarise(self) -> Polarise:
        """What a 0 means."""


def read_sample(
    vcf: str, asked: SampleOfGenome, spec: WindowSpec, mask: Mapping[str, NDArray[np.int64]] | None
) -> Genome:
    """Read as many individuals of a genome as a task's sample has.

    Parameters
    ----------
    mask : mapping of str to int64 (n_stretches, 2), optional
        Where a variable site would have been seen.

    Raises
    ------
    DataError
        If there are more or fewer, the file is damaged, or no site is left.
    """
    from selbench.formats.individuals import draw_individuals, read_individuals, vcf_individuals
    from selbench.formats.vcf import read_vcf
    from selbench.formats.vcf_regions import Region
    from selbench.formats.vcf_sites import Choices

    names = vcf_individuals(vcf)
    if asked.individuals:
        names = read_individuals(asked.individuals, names)
    elif asked.draw:
        names = draw_individuals(vcf, asked.draw, asked.seed)
    ploidy = 1 if asked.haploid else spec.ploidy
    if len(names) * ploidy != spec.n_haplotypes:
        raise DataError(
            f"{vcf}: expected {spec.n_haplotypes // ploidy} individuals, as sample has, found "
            f"{len(names)}: say which with individuals, or draw = {spec.n_haplotypes // ploidy}"
        )
    return read_vcf(
        vcf,
        individuals=names,
        region=Region.parse(asked.region) if asked.region else None,
        polarise=asked.polarise,
        choices=Choices(
            ploidy=ploidy,
            haploid=asked.haploid,
            filters=asked.filter,
            keep_unphased=not asked.phased,
        ),
        callable_in=mask,
    )
