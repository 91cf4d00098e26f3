"""Real genomes: phased haplotypes of chosen individuals from VCF or BCF, with every exclusion counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.formats.vcf_records import Region, open_vcf, records
from selbench.formats.vcf_sites import EXCLUSIONS, Polarise, Site, kind_of_variant, site_of
from selbench.streams import generator
from selbench.windows import Polarisation

POLARISATION: Mapping[Polarise, Polarisation] = {"aa": "ancestral", "ref": "ref", "major": "major"}
"""What a 0 means in the haplotypes, by how they were polarised."""

RECORDS_PER_PROGRESS = 500
_LOOKED_AT_FOR_ANCESTRAL = 1000


@dataclass(frozen=True, eq=False)
class Chromosome:
    """The polymorphic sites of one chromosome.

    Parameters
    ----------
    name : str
    start, end : int
        Stretch looked at, bp, 0-based and half-open: the region asked for, or
        from the first to the last record.
    records_start, records_end : int
        From the first to the last record of the stretch, of whatever kind.
    positions : int64 (n_sites,)
        Base pairs, 0-based.
    haplotypes : uint8 (n_sites, n_haplotypes)
        The haplotypes of an individual stand in consecutive columns.
    """

    name: str
    start: int
    end: int
    records_start: int
    records_end: int
    positions: NDArray[np.int64]
    haplotypes: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Genome:
    """Haplotypes of chosen individuals along one or more chromosomes.

    Parameters
    ----------
    chromosomes : tuple of Chromosome
    individuals : tuple of str
        In the order of the columns, `ploidy` columns each.
    ploidy : int
    polarisation : {"ancestral", "ref", "major"}
    n_records : int
        Records looked at.
    n_flipped : int
        Kept sites whose 0 is the alternative allele.
    excluded : mapping of str to int
        Records left out, by the reasons of `EXCLUSIONS`, zeros included.
    """

    chromosomes: tuple[Chromosome, ...]
    individuals: tuple[str, ...]
    ploidy: int
    polarisation: Polarisation
    n_records: int
    n_flipped: int
    excluded: Mapping[str, int]

    @property
    def n_sites(self) -> int:
        """Number of sites kept."""
        return sum(len(chromosome.positions) for chromosome in self.chromosomes)


def read_vcf(
    path: str | Path,
    *,
    individuals: Sequence[str] | None = None,
    region: Region | None = None,
    polarise: Polarise = "aa",
    ploidy: int = 2,
    progress: Callable[[int, str, int], None] | None = None,
) -> Genome:
    """Read the haplotypes of chosen individuals.

    Records outside the region are skipped by the index (``.tbi``, ``.csi``)
    where there is one; otherwise the file is streamed.

    Parameters
    ----------
    individuals : sequence of str, optional
        In the order wanted; all by default.
    polarise : {"aa", "ref", "major"}
        0 is the ancestral allele of INFO/AA; or the reference allele; or the
        more frequent one among the chosen individuals (the reference at ½).
    progress : callable, optional
        Called with the number of records, the chromosome and the position.

    Raises
    ------
    DataError
        If the file is damaged, an individual unknown, or no site is left.
    """
    chosen = tuple(vcf_individuals(path) if individuals is None else individuals)
    _check_known(chosen, path)
    vcf = open_vcf(path, chosen)
    order = np.array([vcf.samples.index(name) for name in chosen], dtype=np.int64)
    reading = _Reading(order, ploidy, polarise, progress)
    by_chromosome = groupby(records(vcf, path, region), key=lambda record: record.CHROM)
    chromosomes = tuple(reading.chromosome(name, group, region) for name, group in by_chromosome)
    genome = Genome(
        chromosomes=chromosomes,
        individuals=chosen,
        ploidy=ploidy,
        polarisation=POLARISATION[polarise],
        n_records=reading.n_records,
        n_flipped=reading.n_flipped,
        excluded={reason: reading.excluded[reason] for reason in EXCLUSIONS},
    )
    _check_not_empty(genome, path, region)
    return genome


def vcf_individuals(path: str | Path) -> tuple[str, ...]:
    """Return the names of the individuals in a file, in its order.

    Raises
    ------
    DataError
        If there is none, or the file is no VCF.
    """
    names = tuple(open_vcf(path).samples)
    if not names:
        raise DataError(f"{path}: expected genotypes of individuals, found a file without any (sites only)")
    return names


def has_ancestral_alleles(path: str | Path) -> bool:
    """Tell whether any of the first 1,000 records carries INFO/AA; a header may announce what none has."""
    vcf = open_vcf(path, [])
    first = zip(range(_LOOKED_AT_FOR_ANCESTRAL), records(vcf, path, None), strict=False)
    return any(record.INFO.get("AA") for _, record in first)


def draw_individuals(path: str | Path, n_individuals: int, seed: int) -> tuple[str, ...]:
    """Draw individuals at random, without replacement; they come in the file's order.

    Raises
    ------
    DataError
        If the file has fewer.
    """
    names = vcf_individuals(path)
    if n_individuals > len(names):
        raise DataError(
            f"{path}: expected at least {n_individuals} individuals to draw from, found {len(names)}"
        )
    drawn = generator(seed, "individuals").choice(len(names), size=n_individuals, replace=False)
    return tuple(names[i] for i in sorted(drawn.tolist()))


def read_individuals(path: str | Path) -> tuple[str, ...]:
    """Read names, one per line; blank lines and lines that start with # are skipped.

    Raises
    ------
    DataError
        If the file is missing or empty, a line holds several words, or a name comes twice.
    """
    try:
        lines = Path(path).read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: expected a text file with one individual per line ({error})") from error
    names: list[str] = []
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) > 1 or words[0] in names:
            found = "it twice" if len(words) == 1 else f"{len(words)} words"
            raise DataError(f"{path}, line {number}: expected one new individual ({words[0]}), found {found}")
        names.append(words[0])
    if not names:
        raise DataError(f"{path}: expected one individual per line, found none")
    return tuple(names)


class _Reading:
    """Turns records into chromosomes, and counts what it leaves out."""

    def __init__(
        self,
        order: NDArray[np.int64],
        ploidy: int,
        polarise: Polarise,
        progress: Callable[[int, str, int], None] | None,
    ) -> None:
        self.order, self.ploidy, self.polarise, self.progress = order, ploidy, polarise, progress
        self.excluded: Counter[str] = Counter()
        self.n_records = self.n_flipped = 0

    def chromosome(self, name: str, group: Iterable[Any], region: Region | None) -> Chromosome:
        positions: list[int] = []
        columns = [np.empty((0, len(self.order) * self.ploidy), dtype=np.uint8)]
        first = last = -1
        for position, site in self._sites(group):
            first, last = position if first < 0 else first, position
            if site is not None:
                positions.append(position)
                columns.append(site.alleles[np.newaxis])
        return Chromosome(
            name=name,
            start=first if region is None or region.start is None else region.start,
            end=last + 1 if region is None or region.end is None else region.end,
            records_start=first,
            records_end=last + 1,
            positions=np.array(positions, dtype=np.int64),
            haplotypes=np.concatenate(columns),
        )

    def _sites(self, group: Iterable[Any]) -> Iterator[tuple[int, Site | None]]:
        """Yield every position with a record, and the site there if one is kept."""
        for position, at_position in groupby(group, key=lambda record: record.start):
            snps = []
            for record in at_position:
                self._count(record)
                kind = kind_of_variant(record)
                if kind == "snp":
                    snps.append(record)
                else:
                    self.excluded[kind] += 1
            yield position, self._site(snps)

    def _site(self, snps: list[Any]) -> Site | None:
        if len(snps) != 1:
            self.excluded["duplicate_position"] += len(snps)
            return None
        site = site_of(snps[0], self.order, self.ploidy, self.polarise)
        if isinstance(site, str):
            self.excluded[site] += 1
            return None
        self.n_flipped += site.flipped
        return site

    def _count(self, record: Any) -> None:
        self.n_records += 1
        if self.progress is not None and self.n_records % RECORDS_PER_PROGRESS == 1:
            self.progress(self.n_records, record.CHROM, record.POS)


def _check_known(chosen: Sequence[str], path: str | Path) -> None:
    known = vcf_individuals(path)
    strangers = [name for name in chosen if name not in set(known)]
    if strangers:
        raise DataError(
            f"{path}: expected individuals of this file (such as {', '.join(known[:3])}), found "
            f"{len(strangers)} of {len(chosen)} that it lacks, the first {strangers[0]!r}"
        )
    if len(set(chosen)) < len(chosen):
        raise DataError(f"{path}: expected each individual once, found one chosen twice")


def _check_not_empty(genome: Genome, path: str | Path, region: Region | None) -> None:
    if genome.n_records == 0:
        where = f" in region {region}" if region else ""
        first = next(records(open_vcf(path, []), path, None), None)
        there = (
            f"the first record of the file is at {first.CHROM}:{first.POS}" if first else "the file has none"
        )
        raise DataError(f"{path}: expected records{where}, found none; {there}")
    if genome.n_sites == 0:
        reasons = ", ".join(f"{count} {reason}" for reason, count in genome.excluded.items() if count)
        raise DataError(
            f"{path}: expected polymorphic phased biallelic sites, found none: {reasons}{_hint(genome)}"
        )


def _hint(genome: Genome) -> str:
    hints = {
        "no_ancestral_allele": "without INFO/AA, polarise by ref or major",
        "unphased": "phase the genotypes first",
        "other_ploidy": f"choose individuals with {genome.ploidy} haplotypes each",
    }
    given = [hint for reason, hint in hints.items() if genome.excluded[reason]]
    return "; " + ", ".join(given) if given else ""
