"""Which sites of a long genome stay at hand once its windows were asked about.

What comes after the asking looks at some windows again: how they vary on average, how they were seen, what
the highest look like. Of a genome that fits into `MOST_BYTES` all sites stay; of a longer one those of every
second, fourth, eighth … of the windows that do not overlap, and those of the highest scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import nlargest

import numpy as np
from numpy.typing import NDArray

from selbench.formats.genome import Chromosome, Genome, overlap
from selbench.formats.genome_windows import Places, first_start
from selbench.formats.vcf_pieces import GenomePiece
from selbench.scan.prediction import AtHand
from selbench.scan.vcf import ScannedPiece
from selbench.scan.yardstick import stride_of
from selbench.windows import class_of

MOST_BYTES = 2**28
"""Bytes of haplotypes from which on sites are let go."""

BEST = 500
"""Windows with the highest scores that stay, one of those that overlap."""


class KeptSites:
    """Takes the sites of pieces, in order, and lets go of what is too much.

    Parameters
    ----------
    window_bp, step_bp : int
    """

    def __init__(self, window_bp: int, step_bp: int) -> None:
        self.window_bp, self.step_bp = window_bp, step_bp
        self.stride_bp = stride_of(window_bp, step_bp)
        self.every = 1
        self._held: list[Chromosome] = []
        self._n_bytes = 0
        self._begins: dict[str, int] = {}
        self._best: list[tuple[float, str, int]] = []

    def add(self, scanned: ScannedPiece) -> GenomePiece:
        """Take the sites of a piece; return it without them."""
        genome = scanned.piece.genome
        chromosome = genome.chromosomes[0]
        self._begins.setdefault(chromosome.name, first_start(chromosome, self.step_bp))
        self._held.append(chromosome)
        self._n_bytes += chromosome.haplotypes.nbytes
        least = self._best[-1] if len(self._best) == BEST else None
        if higher := [each for each in self._highest(chromosome.name, scanned) if not least or each > least]:
            self._best = nlargest(BEST, [*self._best, *higher])
        while self._n_bytes > MOST_BYTES and self.every < 2**40:
            self.every *= 2
            self._held = [self._thinned(each) for each in self._held]
            self._n_bytes = sum(each.haplotypes.nbytes for each in self._held)
        bare = _with_sites(chromosome, np.zeros(len(chromosome.positions), dtype=bool))
        return replace(
            scanned.piece, genome=replace(genome, chromosomes=(bare,), n_let_go=len(chromosome.positions))
        )

    def put_back(self, genome: Genome) -> Genome:
        """Return a genome, put together of pieces without sites, with those that stayed."""
        parts: dict[str, list[Chromosome]] = {}
        for each in self._held:
            parts.setdefault(each.name, []).append(each)
        n_held = sum(len(each.positions) for each in self._held)
        chromosomes = tuple(
            replace(
                chromosome,
                positions=np.concatenate([each.positions for each in parts[chromosome.name]]),
                haplotypes=np.concatenate([each.haplotypes for each in parts[chromosome.name]]),
                ancestral=np.concatenate([each.ancestral for each in parts[chromosome.name]]),
            )
            for chromosome in genome.chromosomes
        )
        return replace(genome, chromosomes=chromosomes, n_let_go=genome.n_let_go - n_held)

    def at_hand(self, places: Places, names: Sequence[str]) -> AtHand | None:
        """Return the windows whose sites all stayed; None where all did."""
        if self.every == 1:
            return None
        begins = np.array([self._begins[name] for name in names])[places.chromosome]
        spread = (places.start - begins) % (self.every * self.stride_bp) == 0
        best = {(name, start) for _, name, start in self._best}
        keys = zip(places.chromosome.tolist(), places.start.tolist(), strict=True)
        return AtHand(spread, spread | np.array([(names[index], start) in best for index, start in keys]))

    def _highest(self, name: str, scanned: ScannedPiece) -> Iterator[tuple[float, str, int]]:
        """Yield the highest window of every stride, of those with sites that are no gap for the most part."""
        scores, starts = scanned.answers.probability, scanned.starts
        seen = overlap(scanned.piece.genome.chromosomes[0].observed, starts, starts + self.window_bp)
        is_seen = (class_of(seen / self.window_bp) >= 0) & (scanned.answers.n_sites > 0)
        asked = np.flatnonzero(~np.isnan(scores) & is_seen)
        block = (starts[asked] - self._begins[name]) // self.stride_bp
        order = np.lexsort((-scores[asked], block))
        first = np.unique(block[order], return_index=True)[1]
        for i in asked[order][first].tolist():
            yield float(scores[i]), name, int(starts[i])

    def _thinned(self, chromosome: Chromosome) -> Chromosome:
        at = chromosome.positions
        offset = at - self._begins[chromosome.name]
        kept = (offset // self.stride_bp % self.every == 0) & (offset % self.stride_bp < self.window_bp)
        for _, name, start in self._best:
            if name == chromosome.name:
                kept[slice(*np.searchsorted(at, [start, start + self.window_bp]))] = True
        return _with_sites(chromosome, kept)


def _with_sites(chromosome: Chromosome, kept: NDArray[np.bool_]) -> Chromosome:
    return replace(
        chromosome,
        positions=chromosome.positions[kept],
        haplotypes=chromosome.haplotypes[kept],
        ancestral=chromosome.ancestral[kept],
    )
