"""A genome read as a method wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from selbench.formats.genes import check_chromosomes
from selbench.formats.genome import POLARISATION, Genome
from selbench.formats.vcf import Progress, check_not_empty, read_genotypes
from selbench.formats.vcf_regions import Region, read_bed
from selbench.formats.vcf_sites import Filter, Polarise
from selbench.scan.choices import choose_genotypes, choose_polarisation
from selbench.scan.prediction import check_genome
from selbench.trained import TrainedMethod


@dataclass(frozen=True)
class WantedGenome:
    """What is wanted of a VCF or BCF.

    Parameters
    ----------
    vcf : Path
    region : Region, optional
        All by default.
    polarise : {"aa", "ref", "major"}, optional
        What a 0 is; see `choose_polarisation` for what is chosen where nothing is said.
    haploid : bool
        One haplotype of each individual, whose calls of two alleles are equal.
    filters : {"any", "pass"}
        Which records are used, by their FILTER.
    callable_bed : Path, optional
        BED file of where a variable site would have been seen.
    """

    vcf: Path
    region: Region | None = None
    polarise: Polarise | None = None
    haploid: bool = False
    filters: Filter = "any"
    callable_bed: Path | None = None


def read_for(
    method: TrainedMethod,
    chosen: Sequence[str],
    wanted: WantedGenome,
    *,
    progress: Progress | None = None,
) -> tuple[Genome, Polarise, str]:
    """Read a genome as a method can take it; return also how it was polarised, and a sentence that says why.

    Raises
    ------
    DataError, UnsupportedError
        If the file is damaged, or does not fit the method.
    """
    choices = choose_genotypes(method, haploid=wanted.haploid, filters=wanted.filters)
    n_haplotypes = len(chosen) * choices.ploidy
    polarise = wanted.polarise
    check_genome(method, n_haplotypes, None if polarise is None else POLARISATION[polarise])
    observed = None if wanted.callable_bed is None else read_bed(wanted.callable_bed)
    genotypes = read_genotypes(
        wanted.vcf,
        individuals=chosen,
        region=wanted.region,
        choices=choices,
        callable_in=observed,
        progress=progress,
    )
    if observed is not None:
        check_chromosomes(observed, (c.name for c in genotypes.chromosomes), str(wanted.callable_bed))
    how, sentence = choose_polarisation(method, genotypes, polarise)
    check_genome(method, n_haplotypes, POLARISATION[how])
    genome = genotypes.polarised(how)
    check_not_empty(genome, wanted.vcf)
    return genome, how, sentence
