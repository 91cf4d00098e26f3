"""A genome in pieces: stretches of its chromosomes that are read, and forgotten, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.foreign.genotypes import Records, chromosome_extents, genotype_records, read_genotype_header
from selbench.foreign.variants import RecordBatch, Stretch, Unread
from selbench.formats.diploidy import haplotype_numbers
from selbench.formats.genome import Genome, joined
from selbench.formats.individuals import check_known, checked_individuals
from selbench.formats.vcf import GenomeReading, Progress
from selbench.formats.vcf_cutting import Cut, CutStretch, Cutting
from selbench.formats.vcf_regions import Region, stretch_of
from selbench.formats.vcf_sites import ANCESTRAL, Choices, ancestral_code, kind_of

PROBED_RECORDS = 20_000
"""Records in which INFO/AA is looked for."""


@dataclass(frozen=True)
class Wish:
    """What is wanted of the records of a genome.

    Parameters
    ----------
    choices : Choices
        Which of them are used.
    cutting : Cutting
    """

    choices: Choices
    cutting: Cutting


@dataclass(frozen=True)
class Part:
    """What one reader reads of a file.

    Parameters
    ----------
    path : Path
    region : Region, optional
        That was asked for.
    index : Path, optional
        By which the pieces are found; without one the file is read through.
    chromosome : str
        "" for all of the file.
    number : int
        Of the piece on that chromosome.
    is_last : bool
        Whether all pieces behind are read, too.
    """

    path: Path
    region: Region | None = None
    index: Path | None = None
    chromosome: str = ""
    number: int = 0
    is_last: bool = False

    def __str__(self) -> str:
        return self.path.name + (f" {self.chromosome}, piece {self.number + 1}" if self.chromosome else "")


@dataclass(frozen=True, eq=False)
class GenomePiece:
    """A piece of a chromosome.

    Parameters
    ----------
    genome : Genome
        Of one chromosome; sites behind `counted_to` are the next piece's.
    path : Path
    number : int
    starts : int64 (n_positions,)
        Base pairs of the records that count, of whatever kind, rising and each once.
    invariant : int64 (n_stretches, 2)
        Where records say that nothing varies.
    heterozygous : int64 (n_individuals,)
        Heterozygous calls of every individual.
    n_variable : int
        Sites that vary among the individuals.
    haplotype_numbers : int64 (n_haplotypes,), optional
        Equal for equal haplotypes; where an individual has no heterozygous call.
    n_phase_sets_joined : int
    deaths : tuple of str
        How readers ended that could not read a record.
    length : int, optional
        Of the chromosome, as the header tells it, bp.
    """

    genome: Genome
    path: Path
    number: int
    starts: NDArray[np.int64]
    invariant: NDArray[np.int64]
    heterozygous: NDArray[np.int64]
    n_variable: int
    haplotype_numbers: NDArray[np.int64] | None
    n_phase_sets_joined: int
    deaths: tuple[str, ...]
    length: int | None

    @property
    def name(self) -> str:
        """The chromosome's."""
        return self.genome.chromosomes[0].name


def parts_of(
    path: Path, region: Region | None, cutting: Cutting, *, by_index: bool
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Return what readers may read of a file at once, and what is to be known of its index.

    Without an index that may be believed, or unasked for, the file is read through; a region by its index,
    where there is one.

    Raises
    ------
    DataError
        If the file or its index is damaged.
    """
    header = read_genotype_header(path)
    _, remarks = stretch_of(path, region or Region("any"))
    index = _index_of(path)
    if not by_index or index is None:
        return (Part(path, region),), remarks if by_index or region else ()
    parts: list[Part] = []
    lengths = header.contig_lengths()
    for name, reach in chromosome_extents(index, header).items():
        if region is not None and region.chromosome != name:
            continue
        begin = 0 if region is None or region.start is None else region.start
        end = min(reach, lengths.get(name, reach))
        end = end if region is None or region.end is None else min(end, region.end)
        numbers = range(begin // cutting.piece_bp, -(-max(end, begin + 1) // cutting.piece_bp))
        parts += [Part(path, region, index, name, number, number == numbers[-1]) for number in numbers]
    findable = parts and all(_index_of(path, part.chromosome) for part in parts)
    return (tuple(parts) if findable else (Part(path, region),)), ()


def _index_of(path: Path, chromosome: str = "any") -> Path | None:
    """Return an index that may be believed, and finds a chromosome."""
    stretch, _ = stretch_of(path, Region(chromosome))
    return None if stretch is None else stretch.index


def read_part(
    part: Part, individuals: Sequence[str], wishes: Iterable[Wish], *, progress: Progress | None = None
) -> Iterator[tuple[Wish, GenomePiece]]:
    """Read a part once; yield the pieces that each wish wants, as they are complete, 0 for the reference.

    Parameters
    ----------
    wishes : iterable of Wish
        Of equally long pieces, where the part is one.

    Raises
    ------
    DataError
        If the file is damaged, or an individual unknown.
    """
    header = read_genotype_header(part.path)
    known = checked_individuals(header, part.path)
    check_known(individuals, known, part.path)
    at = {name: row for row, name in enumerate(known)}
    rows = np.array([at[name] for name in individuals], dtype=np.int64)
    cuts = {wish: Cut(part.path, wish.cutting) for wish in dict.fromkeys(wishes)}
    file = genotype_records(part.path, header, np.sort(rows).tolist(), _stretch(part, list(cuts)))
    order = np.argsort(np.argsort(rows))
    lengths = header.contig_lengths()
    done: set[tuple[Wish, int]] = set()
    for wish, stretch in _cut_for(cuts, file, progress):
        deaths = cuts[wish].deaths
        if part.index is not None and deaths:
            # where the records lie that could not be read is known of a file that is read through
            again = read_part(replace(part, index=None), individuals, cuts, progress=progress)
            yield from (each for each in again if (each[0], each[1].number) not in done)
            return
        if _is_of(part, stretch.name, stretch.number):
            done.add((wish, stretch.number))
            piece = _read_stretch(stretch, part, order, wish, tuple(individuals))
            said = tuple(f"htslib: {words}" for words in file.heard)
            yield (
                wish,
                replace(
                    piece,
                    genome=replace(piece.genome, remarks=said),
                    deaths=tuple(deaths),
                    length=lengths.get(stretch.name),
                ),
            )
            if part.chromosome and not part.is_last and len(done) == len(cuts):
                return


def _cut_for(
    cuts: Mapping[Wish, Cut], records: Records, progress: Progress | None
) -> Iterator[tuple[Wish, CutStretch]]:
    """Cut one stream of records for every wish."""
    n_records = 0
    for batch in records:
        for wish, cut in cuts.items():
            yield from ((wish, stretch) for stretch in cut.take(batch))
        if progress is not None and isinstance(batch, RecordBatch):
            n_records += len(batch)
            progress(n_records, batch.chromosome, int(batch.starts[-1]) + 1)
    for wish, cut in cuts.items():
        yield from ((wish, stretch) for stretch in cut.end())


def chromosomes_of(path: Path) -> tuple[str, ...]:
    """Return the chromosomes of a file as its index names them; without one, that of the first record.

    Raises
    ------
    DataError
        If the file or its index is damaged.
    """
    header = read_genotype_header(path)
    index = _index_of(path)
    if index is not None:
        return tuple(chromosome_extents(index, header))
    first = next((part for part in genotype_records(path, header, ()) if isinstance(part, RecordBatch)), None)
    return () if first is None else (first.chromosome,)


def names_ancestral_alleles(path: str | Path, region: Region | None) -> bool:
    """Whether INFO/AA names a base at any of the first SNPs of a file, or of a region of it."""
    header = read_genotype_header(path)
    if not header.may_have_ancestral_alleles:
        return False
    n_records = 0
    for batch in genotype_records(path, header, [0], stretch_of(path, region)[0]):
        if isinstance(batch, Unread):
            continue
        pairs = np.unique(np.column_stack([batch.ancestral.codes, batch.alleles.codes]), axis=0)
        for ancestral, alleles in pairs.tolist():
            said, both = batch.ancestral.texts[ancestral], batch.alleles.texts[alleles]
            if kind_of(both) == "snp" and ancestral_code(said, both) != ANCESTRAL["no_ancestral_allele"]:
                return True
        n_records += len(batch)
        if n_records >= PROBED_RECORDS:
            return False
    return False


def _is_of(part: Part, name: str, number: int) -> bool:
    if not part.chromosome:
        return True
    return name == part.chromosome and (number == part.number or (part.is_last and number > part.number))


def _stretch(part: Part, wishes: Sequence[Wish]) -> Stretch | None:
    """Return where to read: the piece, but no more than the region that was asked for."""
    asked = part.region
    if not part.chromosome or part.index is None:
        return stretch_of(part.path, asked)[0]
    start, end = max(wish.cutting.stretch(part.number) for wish in wishes)
    first = max(start, asked.start or 0) if asked is not None else start
    last = None if part.is_last else end
    if asked is not None and asked.end is not None:
        last = asked.end if last is None else min(last, asked.end)
    return Stretch(part.chromosome, first, last, part.index)


def _read_stretch(
    stretch: CutStretch,
    part: Part,
    order: NDArray[np.int64],
    wish: Wish,
    individuals: tuple[str, ...],
) -> GenomePiece:
    counted_to = (stretch.number + 1) * wish.cutting.piece_bp
    reading = GenomeReading(part.path, order, wish.choices, part.region, counted_to=counted_to)
    reading.read(stretch.batches)
    genome = reading.genome(individuals, (), None, {})
    genome = replace(genome, remarks=(), chromosomes=(replace(genome.chromosomes[0], unread=stretch.unread),))
    of_chromosome = reading.chromosomes[0]
    starts = np.unique(np.concatenate(of_chromosome.starts))
    invariant = joined(np.concatenate(of_chromosome.invariant))
    heterozygous = reading.n_heterozygous[order]
    return GenomePiece(
        genome=genome,
        path=part.path,
        number=stretch.number,
        starts=starts[starts < counted_to],
        invariant=invariant[invariant[:, 0] < counted_to],
        heterozygous=heterozygous,
        n_variable=reading.n_variable,
        haplotype_numbers=haplotype_numbers(genome) if (heterozygous == 0).any() else None,
        n_phase_sets_joined=reading.n_phase_sets_joined,
        deaths=(),
        length=None,
    )
