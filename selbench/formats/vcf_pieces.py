"""A genome in pieces: stretches of its chromosomes that are read, and forgotten, one after the other.

Where a piece ends depends on the chromosome's own coordinates alone, not on the file, its index or who reads:
so that the same pieces come out of one file and of twenty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.genotypes import chromosome_extents, genotype_records, read_genotype_header
from selbench.foreign.variants import RecordBatch, Stretch, Unread
from selbench.formats.diploidy import haplotype_numbers
from selbench.formats.genome import Genome, joined
from selbench.formats.individuals import check_known, checked_individuals
from selbench.formats.vcf import GenomeReading, Progress
from selbench.formats.vcf_chromosome import check_order
from selbench.formats.vcf_regions import Region, stretch_of
from selbench.formats.vcf_sites import ANCESTRAL, Choices, ancestral_code, kind_of

PROBED_RECORDS = 20_000
"""Records in which INFO/AA is looked for."""


@dataclass(frozen=True)
class Cutting:
    """How chromosomes are cut into pieces.

    Parameters
    ----------
    piece_bp : int
        Piece k of a chromosome has the records from ``k * piece_bp`` on, 0-based.
    overlap_bp : int
        So far beyond its end a piece is read, for windows that reach over it; less than `piece_bp`.
    """

    piece_bp: int
    overlap_bp: int

    def stretch(self, number: int) -> tuple[int, int]:
        """Return the first base pair of a piece, and that behind what is read for it."""
        return number * self.piece_bp, (number + 1) * self.piece_bp + self.overlap_bp


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
    part: Part,
    individuals: Sequence[str],
    choices: Choices,
    cutting: Cutting,
    *,
    progress: Progress | None = None,
) -> Iterator[GenomePiece]:
    """Read the pieces of a part, each as it is complete, 0 for the reference allele.

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
    file = genotype_records(part.path, header, np.sort(rows).tolist(), _stretch(part, cutting))
    order = np.argsort(np.argsort(rows))
    cut = _Cut(part.path, cutting, progress)
    lengths = header.contig_lengths()
    done: set[int] = set()
    for stretch in cut.pieces(file):
        if part.index is not None and cut.deaths:
            # where the records lie that could not be read is known of a file that is read through
            again = read_part(replace(part, index=None), individuals, choices, cutting, progress=progress)
            yield from (piece for piece in again if piece.number not in done)
            return
        if _is_of(part, stretch.name, stretch.number):
            done.add(stretch.number)
            piece = _read_stretch(stretch, part, order, choices, tuple(individuals), cutting)
            said = tuple(f"htslib: {words}" for words in file.heard)
            yield replace(
                piece,
                genome=replace(piece.genome, remarks=said),
                deaths=tuple(cut.deaths),
                length=lengths.get(stretch.name),
            )
            if part.chromosome and not part.is_last:
                return


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


def _stretch(part: Part, cutting: Cutting) -> Stretch | None:
    """Return where to read: the piece, but no more than the region that was asked for."""
    asked = part.region
    if not part.chromosome or part.index is None:
        return stretch_of(part.path, asked)[0]
    start, end = cutting.stretch(part.number)
    first = max(start, asked.start or 0) if asked is not None else start
    last = None if part.is_last else end
    if asked is not None and asked.end is not None:
        last = asked.end if last is None else min(last, asked.end)
    return Stretch(part.chromosome, first, last, part.index)


@dataclass(frozen=True, eq=False)
class _CutStretch:
    """Records of a piece, before they are judged."""

    name: str
    number: int
    batches: tuple[RecordBatch, ...]
    unread: NDArray[np.int64]


class _Cut:
    """Cuts a stream of records into pieces, holding no more than one."""

    def __init__(self, path: Path, cutting: Cutting, progress: Progress | None) -> None:
        self.path, self.cutting, self.progress = path, cutting, progress
        self.deaths: list[str] = []
        self._names: set[str] = set()
        self._name, self._number, self._last, self._n_records = "", 0, -1, 0
        self._held: list[RecordBatch] = []
        self._unread: list[tuple[int, int]] = []
        self._unread_from: int | None = None

    def pieces(self, parts: Iterable[RecordBatch | Unread]) -> Iterator[_CutStretch]:
        """Yield piece after piece."""
        for part in parts:
            if isinstance(part, Unread):
                self.deaths.append(part.why)
                self._unread_from = self._last + 1 if self._name else 0
                continue
            if part.chromosome != self._name:
                yield from self._end()
                self._begin(part)
            yield from self._add(part)
        yield from self._end()

    def _begin(self, batch: RecordBatch) -> None:
        if batch.chromosome in self._names:
            raise DataError(
                f"{self.path}: expected each chromosome in one piece, found {batch.chromosome} twice"
            )
        self._names.add(batch.chromosome)
        self._name, self._last, self._unread = batch.chromosome, -1, []
        self._number = self._first_number(batch)

    def _first_number(self, batch: RecordBatch) -> int:
        """Return the first piece that these records are read for."""
        return max(0, int(batch.starts[0]) - self.cutting.overlap_bp) // self.cutting.piece_bp

    def _add(self, batch: RecordBatch) -> Iterator[_CutStretch]:
        check_order(batch, self._last, self.path)
        self._note_unread(int(batch.starts[0]))
        self._n_records += len(batch)
        self._last = int(batch.starts[-1])
        self._held.append(batch)
        if self.progress is not None:
            self.progress(self._n_records, batch.chromosome, self._last + 1)
        while self._held and self._last >= self.cutting.stretch(self._number)[1]:
            yield self._cut()

    def _end(self) -> Iterator[_CutStretch]:
        if not self._name:
            return
        self._note_unread(self._last + 1)
        while self._held:
            yield self._cut()

    def _note_unread(self, until: int) -> None:
        if self._unread_from is not None:
            self._unread.append((self._unread_from, max(until, self._unread_from + 1)))
            self._unread_from = None

    def _cut(self) -> _CutStretch:
        """Take a piece, and keep what the next ones need."""
        number, piece_bp = self._number, self.cutting.piece_bp
        start, end = self.cutting.stretch(number)
        own_end = start + piece_bp
        batches = tuple(_between(self._held, -1 if number == 0 else start, end))
        self._held = list(_between(self._held, own_end, None))
        if self._held:
            self._number = max(number + 1, self._first_number(self._held[0]))
        unread = np.array(
            [each for each in self._unread if each[0] < end and each[1] > start], dtype=np.int64
        )
        return _CutStretch(self._name, number, batches, unread.reshape(-1, 2))


def _between(batches: Sequence[RecordBatch], start: int, end: int | None) -> Iterator[RecordBatch]:
    for batch in batches:
        inside = batch.starts >= start
        if end is not None:
            inside &= batch.starts < end
        if inside.all():
            yield batch
        elif inside.any():
            yield batch.take(inside)


def _read_stretch(
    stretch: _CutStretch,
    part: Part,
    order: NDArray[np.int64],
    choices: Choices,
    individuals: tuple[str, ...],
    cutting: Cutting,
) -> GenomePiece:
    counted_to = (stretch.number + 1) * cutting.piece_bp
    reading = GenomeReading(part.path, order, choices, part.region, counted_to=counted_to)
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
