"""Haplotypes of chosen individuals from VCF, BCF or VCF Zarr, phased or not, with every exclusion counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.genotypes import genotype_records, read_genotype_header
from selbench.foreign.variants import RecordBatch, Unread
from selbench.formats.diploidy import check_diploid, haplotype_numbers
from selbench.formats.genome import Genome
from selbench.formats.individuals import check_known, checked_individuals
from selbench.formats.vcf_chromosome import ChromosomeReading
from selbench.formats.vcf_regions import Region, stretch_of
from selbench.formats.vcf_sites import EXCLUSIONS, Choices, Polarise, filters_of, judge

Progress = Callable[[int, str, int], None]
"""Called with the number of records, the chromosome and the position."""


def read_vcf(
    path: str | Path,
    *,
    individuals: Sequence[str] | None = None,
    region: Region | None = None,
    polarise: Polarise = "aa",
    choices: Choices | None = None,
    ploidy: int = 2,
    callable_in: Mapping[str, NDArray[np.int64]] | None = None,
    progress: Progress | None = None,
) -> Genome:
    """Read the haplotypes of chosen individuals, and polarise them.

    Parameters are those of `read_genotypes`, and `polarise`: see `Genome.polarised`.

    Raises
    ------
    DataError
        As `read_genotypes`; and where no site is left.
    """
    genome = read_genotypes(
        path,
        individuals=individuals,
        region=region,
        choices=choices or Choices(ploidy=ploidy),
        callable_in=callable_in,
        progress=progress,
    ).polarised(polarise)
    check_not_empty(genome, path)
    return genome


def read_genotypes(
    path: str | Path,
    *,
    individuals: Sequence[str] | None = None,
    region: Region | None = None,
    choices: Choices | None = None,
    callable_in: Mapping[str, NDArray[np.int64]] | None = None,
    progress: Progress | None = None,
) -> Genome:
    """Read the haplotypes of chosen individuals, 0 for the reference allele.

    Records outside the region are skipped by the index (``.tbi``, ``.csi``)
    where there is one that is not older than the file; otherwise the file is
    streamed. Records that end the process that reads them are passed over, and
    where they were stands in the genome.

    Parameters
    ----------
    individuals : sequence of str
        In the order wanted; all by default.
    region : Region, optional
    choices : Choices, optional
        Ploidy, and which records are used.
    callable_in : mapping of str to int64 (n_stretches, 2), optional
        By chromosome, where a variable site would have been seen (see
        `read_bed`). By default told from invariant records, or else from gaps
        between the records.
    progress : callable, optional

    Raises
    ------
    DataError
        If the file is damaged, an individual unknown, no record is found, or
        the chosen individuals look haploid.
    """
    header = read_genotype_header(path)
    known = checked_individuals(header, path)
    chosen = tuple(known if individuals is None else individuals)
    check_known(chosen, known, path)
    at = {name: row for row, name in enumerate(known)}
    rows = np.array([at[name] for name in chosen], dtype=np.int64)
    stretch, remarks = stretch_of(path, region)
    file = genotype_records(path, header, np.sort(rows).tolist(), stretch)
    reading = GenomeReading(path, np.argsort(np.argsort(rows)), choices or Choices(), region, progress)
    reading.read(file)
    if not reading.n_records:
        raise nothing_found(path, region, reading.deaths)
    remarks += tuple(f"htslib: {said}" for said in file.heard)
    genome = reading.genome(chosen, remarks, callable_in, header.contig_lengths())
    if reading.choices.ploidy == 2 and not reading.choices.haploid:
        without = reading.n_heterozygous[reading.order] == 0
        said = check_diploid(chosen, without, reading.n_variable, lambda: haplotype_numbers(genome), path)
        return replace(genome, remarks=genome.remarks + said)
    return genome


class GenomeReading:
    """Turns batches of records into chromosomes, and counts what it leaves out.

    Parameters
    ----------
    order : int64 (n_individuals,)
        Where each wanted individual stands among those that were read.
    region : Region, optional
        That was asked for.
    counted_to : int, optional
        See `ChromosomeReading`.
    """

    def __init__(
        self,
        path: str | Path,
        order: NDArray[np.int64],
        choices: Choices,
        region: Region | None,
        progress: Progress | None = None,
        counted_to: int | None = None,
    ) -> None:
        self.path, self.order, self.choices, self.region = path, order, choices, region
        self.progress, self.counted_to = progress, counted_to
        self.chromosomes: list[ChromosomeReading] = []
        self.n_records = self.n_filtered = 0
        self.n_heterozygous = np.zeros(len(order), dtype=np.int64)
        self.deaths: list[str] = []

    @property
    def n_variable(self) -> int:
        """Sites that vary among the individuals."""
        return sum(chromosome.n_variable for chromosome in self.chromosomes)

    @property
    def n_phase_sets_joined(self) -> int:
        """How often an individual's phase set ends and another begins."""
        return sum(chromosome.n_phase_sets_joined for chromosome in self.chromosomes)

    def read(self, parts: Iterable[RecordBatch | Unread]) -> None:
        """Take the records of a file, in order."""
        for part in parts:
            if isinstance(part, Unread):
                self.deaths.append(part.why)
                if self.chromosomes:
                    self.chromosomes[-1].mark_unread()
                continue
            self._add(part)

    def _add(self, records: RecordBatch) -> None:
        if not self.chromosomes or self.chromosomes[-1].name != records.chromosome:
            if records.chromosome in {chromosome.name for chromosome in self.chromosomes}:
                raise DataError(
                    f"{self.path}: expected each chromosome in one piece, found {records.chromosome} twice"
                )
            is_first = not self.chromosomes and bool(self.deaths)
            self.chromosomes.append(
                ChromosomeReading(
                    records.chromosome, self.path, after_unread=is_first, counted_to=self.counted_to
                )
            )
        if self.progress is not None:
            self.progress(self.n_records + 1, records.chromosome, int(records.starts[0]) + 1)
        counted = slice(None) if self.counted_to is None else records.starts < self.counted_to
        self.n_records += len(records.starts[counted])
        self.n_filtered += filters_of(records.take(counted))
        judged = judge(records, self.choices)
        self.n_heterozygous += judged.heterozygous[counted].sum(axis=0)
        self.chromosomes[-1].add(records, judged)

    def genome(
        self,
        chosen: tuple[str, ...],
        remarks: tuple[str, ...],
        callable_in: Mapping[str, NDArray[np.int64]] | None,
        lengths: Mapping[str, int],
    ) -> Genome:
        """Return what was read, 0 for the reference allele."""
        width = 1 if self.choices.haploid else self.choices.ploidy
        columns = (self.order[:, np.newaxis] * width + np.arange(width)).ravel()
        excluded: Counter[str] = Counter()
        variable: Counter[str] = Counter()
        chromosomes = []
        for chromosome in self.chromosomes:
            within = (
                None if callable_in is None else callable_in.get(chromosome.name, np.empty((0, 2), np.int64))
            )
            chromosomes.append(chromosome.finish(columns, self.region, within, lengths.get(chromosome.name)))
            excluded += chromosome.excluded
            variable += chromosome.variable
        remarks += phase_remarks(self.n_phase_sets_joined)
        return Genome(
            chromosomes=tuple(chromosomes),
            individuals=chosen,
            ploidy=width,
            polarisation="ref",
            n_records=self.n_records,
            n_flipped=0,
            excluded={reason: excluded[reason] for reason in EXCLUSIONS},
            phased=not any(chromosome.has_unphased for chromosome in self.chromosomes),
            variable=dict(variable),
            n_filtered=self.n_filtered,
            remarks=remarks,
        )


def phase_remarks(n_joined: int) -> tuple[str, ...]:
    """Say how often phase sets were joined; nothing where none was."""
    if not n_joined:
        return ()
    return (
        f"{n_joined:,} times an individual's phase set (FORMAT/PS) ends and another begins: across "
        "such a border, which haplotype is which is not known",
    )


def check_not_empty(genome: Genome, path: str | Path) -> None:
    """Refuse a genome without sites, with the reasons and what could be done.

    Raises
    ------
    DataError
    """
    if genome.n_sites:
        return
    reasons = ", ".join(f"{count} {reason}" for reason, count in genome.excluded.items() if count)
    hints = {
        "filtered": "take all records with --filter any",
        "no_ancestral_allele": "without INFO/AA, polarise by ref or major",
        "unphased": "phase the genotypes first",
        "other_ploidy": f"choose individuals with {genome.ploidy} haplotypes each",
    }
    given = [hint for reason, hint in hints.items() if genome.excluded[reason]]
    hint = "; " + ", ".join(given) if given else ""
    raise DataError(f"{path}: expected polymorphic phased biallelic sites, found none: {reasons}{hint}")


def nothing_found(path: str | Path, region: Region | None, deaths: Sequence[str]) -> DataError:
    """Return the error of a file without records where they were asked for."""
    if deaths:
        return DataError(f"{path}: truncated or damaged after its header: {deaths[0]}; found no other record")
    where = f" in region {region}" if region else ""
    file = genotype_records(path, read_genotype_header(path), ())
    first = next((part for part in file if isinstance(part, RecordBatch)), None)
    there = "the file has none"
    if first is not None:
        there = f"the first record of the file is at {first.chromosome}:{first.starts[0] + 1}"
    return DataError(f"{path}: expected records{where}, found none; {there}")
