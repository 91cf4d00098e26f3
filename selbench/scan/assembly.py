"""A scan put together from scanned pieces of a genome, in whatever order its files were given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.formats.genes import check_chromosomes
from selbench.formats.genome import Genome
from selbench.formats.genome_windows import Places, n_behind, place_windows
from selbench.formats.vcf import check_not_empty, nothing_found
from selbench.formats.vcf_assembly import GenomeAssembly
from selbench.formats.vcf_regions import read_bed
from selbench.scan.kept_sites import KeptSites
from selbench.scan.prediction import Answers, ScanResult, answers_at, scan_result
from selbench.scan.vcf import ScannedPiece, WantedWindows
from selbench.trained import TrainedMethod


class ScanAssembly:
    """Puts the pieces of a scan together, those of each chromosome in order.

    Parameters
    ----------
    method : TrainedMethod
    windows : WantedWindows
    callable_bed : Path, optional
        BED file of where a variable site would have been seen.
    """

    def __init__(
        self, method: TrainedMethod, windows: WantedWindows, callable_bed: Path | None = None
    ) -> None:
        self.method, self.wanted, self.step_bp = method, windows.genome, windows.step_bp
        self.callable_bed = callable_bed
        self.mask = None if callable_bed is None else read_bed(callable_bed)
        self._assembly = GenomeAssembly(self.wanted.individuals, self.mask, self.wanted.region)
        self._kept = KeptSites(method.spec.sequence_length, self.step_bp)
        self._found: dict[str, list[tuple[NDArray[np.int64], Answers]]] = {}

    def add(self, scanned: ScannedPiece) -> None:
        """Take the next piece."""
        self._assembly.add(self._kept.add(scanned))
        self._found.setdefault(scanned.piece.name, []).append((scanned.starts, scanned.answers))

    def finish(self, remarks: Sequence[str] = ()) -> ScanResult:
        """Return the scan.

        Parameters
        ----------
        remarks : sequence of str
            What is to be known of the files.

        Raises
        ------
        DataError
            If there is no record, no site, or no stretch as long as a window; the individuals look haploid;
            or chromosomes are named in two ways.
        """
        wanted, method = self.wanted, self.method
        first, *others = wanted.files
        where = f"{first} and {len(others)} more" if others else first
        is_diploid = wanted.choices.ploidy == 2 and not wanted.choices.haploid
        genome = self._assembly.finish(where, remarks, diploid=is_diploid)
        if genome is None:
            raise nothing_found(first, wanted.region, self._assembly.deaths)
        if self.mask is not None:
            check_chromosomes(self.mask, (c.name for c in genome.chromosomes), str(self.callable_bed))
        check_not_empty(genome, where)
        genome = self._kept.put_back(genome)
        places = place_windows(genome, method.spec.sequence_length, self.step_bp)
        answers = _everywhere(method, genome, places, self._found, self.step_bp)
        at_hand = self._kept.at_hand(places, [chromosome.name for chromosome in genome.chromosomes])
        result = scan_result(method, genome, places, answers)
        return replace(result, at_hand=at_hand, n_behind=n_behind(genome, places, self.step_bp))


def _everywhere(
    method: TrainedMethod,
    genome: Genome,
    places: Places,
    found: Mapping[str, Sequence[tuple[NDArray[np.int64], Answers]]],
    step_bp: int,
) -> Answers:
    """Return the answers of all windows; those that reach into no record are answered as an empty one."""
    empty = _empty_answer(method, genome, places.window_bp)
    n = len(places)
    whole = Answers(
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        np.full(n, empty.probability[0]),
        np.full(n, empty.distance[0]),
        [empty.outside[0]] * n,
        [empty.like[0]] * n,
    )
    for index, chromosome in enumerate(genome.chromosomes):
        begin, end = np.searchsorted(places.chromosome, [index, index + 1])
        for starts, answers in found[chromosome.name] if end > begin else ():
            at = begin + (starts - places.start[begin]) // step_bp
            inside = (at >= begin) & (at < end)
            whole.n_sites[at[inside]] = answers.n_sites[inside]
            whole.n_records[at[inside]] = answers.n_records[inside]
            whole.n_informative[at[inside]] = answers.n_informative[inside]
            whole.probability[at[inside]] = answers.probability[inside]
            whole.distance[at[inside]] = answers.distance[inside]
            for row, place in zip(np.flatnonzero(inside).tolist(), at[inside].tolist(), strict=True):
                whole.outside[place], whole.like[place] = answers.outside[row], answers.like[row]
    return whole


def _empty_answer(method: TrainedMethod, genome: Genome, window_bp: int) -> Answers:
    """Ask a method about a window without sites."""
    chromosome = genome.chromosomes[0]
    nothing = np.empty(0, dtype=np.int64)
    hollow = replace(
        chromosome,
        positions=nothing,
        haplotypes=chromosome.haplotypes[:0],
        ancestral=chromosome.ancestral[:0],
        records=nothing,
        informative=nothing,
    )
    place = Places(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), window_bp)
    return answers_at(method, replace(genome, chromosomes=(hollow,)), place)
