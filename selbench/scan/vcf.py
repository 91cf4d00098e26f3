"""A genome that is read and asked about piece by piece: what is wanted, and what one reader does of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.formats.genome import POLARISATION
from selbench.formats.genome_windows import Places
from selbench.formats.vcf_cutting import Cutting
from selbench.formats.vcf_pieces import (
    GenomePiece,
    Part,
    Wish,
    chromosomes_of,
    names_ancestral_alleles,
    read_part,
)
from selbench.formats.vcf_regions import Region
from selbench.formats.vcf_sites import Choices, Filter, Polarise
from selbench.scan.choices import choose_genotypes, choose_polarisation
from selbench.scan.prediction import Answers, answers_at, check_genome
from selbench.scan.worker_methods import MethodAt
from selbench.trained import TrainedMethod

PIECE_BP = 2**24
"""A piece is about so long …"""

_PIECE_CALLS = 2**30
"""… but shorter for many haplotypes: of them it holds about a tenth of so many bytes in human data,"""

_LEAST_WINDOWS = 4
"""… and never shorter than so many windows: the first is read for the piece before, too."""


@dataclass(frozen=True)
class WantedGenome:
    """What is wanted of VCF or BCF files.

    Parameters
    ----------
    files : tuple of Path
        Each chromosome stands in one of them.
    individuals : tuple of str
    choices : Choices
        Which genotypes are used.
    region : Region, optional
        All by default.
    polarise : {"aa", "ref", "major"}
        What a 0 is.
    """

    files: tuple[Path, ...]
    individuals: tuple[str, ...]
    choices: Choices
    region: Region | None = None
    polarise: Polarise = "ref"

    @classmethod
    def of(
        cls,
        method: TrainedMethod,
        files: tuple[Path, ...],
        individuals: tuple[str, ...],
        *,
        region: Region | None = None,
        polarise: Polarise | None = None,
        haploid: bool = False,
        filters: Filter = "any",
    ) -> tuple[WantedGenome, str]:
        """Return what a method can take of a genome, and a sentence on what a 0 is and why.

        Raises
        ------
        DataError, UnsupportedError
            If the individuals or the polarisation do not fit the method, or a file is damaged.
        """
        choices = choose_genotypes(method, haploid=haploid, filters=filters)
        n_haplotypes = len(individuals) * choices.ploidy
        check_genome(method, n_haplotypes, None if polarise is None else POLARISATION[polarise])
        # of files with and without ancestral alleles, those without would lose all of their sites
        holding = _with(region, files)
        named = polarise is None and all(names_ancestral_alleles(file, region) for file in holding)
        how, sentence = choose_polarisation(method, named, polarise)
        check_genome(method, n_haplotypes, POLARISATION[how])
        return cls(files, individuals, choices, region, how), sentence


def _with(region: Region | None, files: Sequence[Path]) -> Sequence[Path]:
    """Return the files that seem to hold a region; all where none does."""
    if region is None or len(files) == 1:
        return files
    return [file for file in files if region.chromosome in chromosomes_of(file)] or files


@dataclass(frozen=True)
class WantedWindows:
    """The windows of a genome that a method is asked about.

    Parameters
    ----------
    genome : WantedGenome
    step_bp : int
        Distance between their starts.
    cutting : Cutting
        In what pieces the genome is read.
    """

    genome: WantedGenome
    step_bp: int
    cutting: Cutting

    @classmethod
    def of(cls, method: TrainedMethod, genome: WantedGenome, step_bp: int) -> WantedWindows:
        """Return the windows for a method, whose genome is cut into pieces of whole steps."""
        spec = method.spec
        target = max(min(PIECE_BP, _PIECE_CALLS // spec.n_haplotypes), _LEAST_WINDOWS * spec.sequence_length)
        return cls(genome, step_bp, Cutting(-(-target // step_bp) * step_bp, spec.sequence_length))

    @property
    def wish(self) -> Wish:
        """What they need of the records."""
        return Wish(self.genome.choices, self.cutting)


@dataclass(frozen=True, eq=False)
class ScannedPiece:
    """A piece of a genome and what a method says of the windows that begin in it.

    Parameters
    ----------
    piece : GenomePiece
        With the sites that count, and without its single records.
    starts : int64 (n_windows,)
        Of windows that reach into its records.
    answers : Answers
    """

    piece: GenomePiece
    starts: NDArray[np.int64]
    answers: Answers


def scanned_pieces(
    methods: Sequence[TrainedMethod],
    wanted: Sequence[WantedWindows],
    part: Part,
    progress: Callable[[int, str, int], None] | None = None,
) -> Iterator[tuple[int, ScannedPiece]]:
    """Read a part of a genome once, and ask methods about its windows, piece by piece.

    Parameters
    ----------
    wanted : sequence of WantedWindows
        For each of the methods; of the same individuals.

    Yields
    ------
    number : int
        Of the method.
    scanned : ScannedPiece
    """
    wishes = [each.wish for each in wanted]
    pieces = read_part(part, wanted[0].genome.individuals, wishes, progress=progress)
    for wish, piece in pieces:
        for number, (method, windows) in enumerate(zip(methods, wanted, strict=True)):
            if wishes[number] == wish:
                yield number, _scanned_piece(method, windows, piece)


def _scanned_piece(method: TrainedMethod, windows: WantedWindows, piece: GenomePiece) -> ScannedPiece:
    genome = piece.genome.polarised(windows.genome.polarise)
    whole = replace(piece, genome=genome)
    places = _places(whole, windows.cutting, method.spec.sequence_length, windows.step_bp)
    answers = answers_at(method, genome, places)
    chromosome, nothing = genome.chromosomes[0], np.empty(0, dtype=np.int64)
    counted = chromosome.counted
    chromosome = replace(
        chromosome,
        positions=chromosome.positions[counted],
        haplotypes=chromosome.haplotypes[counted],
        ancestral=chromosome.ancestral[counted],
        records=nothing,
        informative=nothing,
    )
    lean = replace(piece, genome=replace(genome, chromosomes=(chromosome,)))
    return ScannedPiece(lean, places.start, answers)


def _places(piece: GenomePiece, cutting: Cutting, window_bp: int, step_bp: int) -> Places:
    """Return the windows that begin in a piece and reach into its records, on the grid of steps."""
    chromosome = piece.genome.chromosomes[0]
    first, end = int(chromosome.records[0]), int(chromosome.records[-1]) + 1
    start = piece.number * cutting.piece_bp
    low = max(start, first - window_bp + 1, chromosome.asked_from or 0)
    starts = np.arange(
        -(-low // step_bp) * step_bp, min(start + cutting.piece_bp, end), step_bp, dtype=np.int64
    )
    return Places(np.zeros(len(starts), dtype=np.int64), starts, window_bp)


@dataclass(frozen=True)
class PartJob:
    """A part of a genome as a job of a worker process.

    Its file must lie under the same path wherever it is read; methods travel.

    Parameters
    ----------
    methods : tuple of MethodAt
    wanted : tuple of WantedWindows
        For each of the methods.
    part : Part
    """

    methods: tuple[MethodAt, ...]
    wanted: tuple[WantedWindows, ...]
    part: Part

    @property
    def name(self) -> str:
        """What the job is called in messages."""
        return f"{self.part} of {self.part.path.parent}"

    def run(self, report: Callable[[float, str], None]) -> list[tuple[int, ScannedPiece]]:
        """Read and ask."""

        def progress(n_records: int, chromosome: str, position: int) -> None:
            report(0.0, f"{chromosome}:{position:,}")

        methods = [method.load() for method in self.methods]
        return list(scanned_pieces(methods, self.wanted, self.part, progress))

    def inputs(self) -> Mapping[str, Callable[[], bytes]]:
        """Return how to read each file of the methods, by a name of its own."""
        inputs: dict[str, Callable[[], bytes]] = {}
        for method in self.methods:
            inputs |= method.inputs()
        return inputs

    def carrying(self, contents: Mapping[str, bytes]) -> PartJob:
        """Return the job with contents in place of the methods' files."""
        return replace(self, methods=tuple(method.carrying(contents) for method in self.methods))
