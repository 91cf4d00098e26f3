"""A genome read as a method wants it, and the method slid along it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from selbench.errors import DataError
from selbench.formats.genome import POLARISATION, Genome
from selbench.formats.vcf import Progress, check_not_empty, read_genotypes
from selbench.formats.vcf_regions import Region, read_bed
from selbench.formats.vcf_sites import Filter, Polarise
from selbench.scan.choices import choose_genotypes, choose_individuals, choose_polarisation
from selbench.scan.prediction import ScanResult, check_genome, scan_genome
from selbench.trained import TrainedMethod


def read_for(
    method: TrainedMethod,
    vcf: Path,
    chosen: Sequence[str],
    *,
    region: Region | None = None,
    polarise: Polarise | None = None,
    haploid: bool = False,
    filters: Filter = "any",
    callable_bed: Path | None = None,
    progress: Progress | None = None,
) -> tuple[Genome, Polarise, str]:
    """Read a genome as a method can take it; return also how it was polarised, and a sentence that says why.

    Parameters
    ----------
    haploid : bool
        One haplotype of each individual, whose calls of two alleles are equal.
    filters : {"any", "pass"}
        Which records are used, by their FILTER.
    callable_bed : path, optional
        BED file of where a variable site would have been seen.

    Raises
    ------
    DataError, UnsupportedError
        If the file is damaged, or does not fit the method.
    """
    choices = choose_genotypes(method, haploid=haploid, filters=filters)
    n_haplotypes = len(chosen) * choices.ploidy
    check_genome(method, n_haplotypes, None if polarise is None else POLARISATION[polarise])
    genotypes = read_genotypes(
        vcf,
        individuals=chosen,
        region=region,
        choices=choices,
        callable_in=None if callable_bed is None else read_bed(callable_bed),
        progress=progress,
    )
    how, sentence = choose_polarisation(method, genotypes, polarise)
    check_genome(method, n_haplotypes, POLARISATION[how])
    genome = genotypes.polarised(how)
    check_not_empty(genome, vcf)
    return genome, how, sentence


def scan_vcf(
    method: TrainedMethod,
    vcf: str | Path,
    *,
    individuals: Sequence[str] | None = None,
    draw: int | None = None,
    seed: int = 1,
    polarise: Polarise | None = None,
    region: str | None = None,
    step_bp: int | None = None,
    haploid: bool = False,
    filters: Filter = "any",
    callable_bed: str | Path | None = None,
) -> ScanResult:
    """Ask a method about every window of its own length along a genome; see `TrainedMethod.scan`."""
    if individuals is not None and draw is not None:
        raise DataError("individuals: expected either names or draw=N, found both")
    path = Path(vcf)
    stretch = None if region is None else Region.parse(region)
    chosen = (
        choose_individuals(method, path, listed=None, n_drawn=draw, seed=seed, haploid=haploid)
        if individuals is None
        else tuple(individuals)
    )
    genome, _, _ = read_for(
        method,
        path,
        chosen,
        region=stretch,
        polarise=polarise,
        haploid=haploid,
        filters=filters,
        callable_bed=None if callable_bed is None else Path(callable_bed),
    )
    return scan_genome(method, genome, step_bp=step_bp)
