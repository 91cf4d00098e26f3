"""Windows along a chromosome: where they lie, and the sites in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.formats.genome import Chromosome, Genome, overlap
from selbench.windows import Windows, WindowSpec

MOST_WINDOWS = 2**25
"""Windows of a scan; a human genome has half as many at a step of 200 bp."""


@dataclass(frozen=True, eq=False)
class Places:
    """Where the windows of a scan lie.

    Parameters
    ----------
    chromosome : int64 (n_windows,)
        Index into the genome's chromosomes.
    start : int64 (n_windows,)
        First base pair, 0-based.
    window_bp : int
        Length; the end, exclusive, is ``start + window_bp``.
    """

    chromosome: NDArray[np.int64]
    start: NDArray[np.int64]
    window_bp: int

    def __len__(self) -> int:
        return len(self.start)

    @property
    def end(self) -> NDArray[np.int64]:
        """End of each window, 0-based and exclusive, int64 (n_windows,)."""
        return self.start + self.window_bp


def place_windows(genome: Genome, window_bp: int, step_bp: int) -> Places:
    """Lay windows along each chromosome's stretch, one at every multiple of `step_bp`, whole ones only.

    So scans of two populations, or of a chromosome and of a region of it, share their windows. Where no
    region was asked for, the first window is the last one that begins at the first record or before it.

    Raises
    ------
    DataError
        If the step is not positive, no stretch is as long as a window, or there
        would be more than `MOST_WINDOWS`: one record far behind the others makes a stretch long.
    """
    if step_bp < 1:
        raise DataError(f"step: expected at least 1 bp, found {step_bp}")
    firsts = [first_start(c, step_bp) for c in genome.chromosomes]
    n_windows = sum(
        max(0, c.end - first - window_bp + step_bp) // step_bp
        for c, first in zip(genome.chromosomes, firsts, strict=True)
    )
    if n_windows > MOST_WINDOWS:
        ends = ", ".join(f"{c.name}:{c.start + 1}-{c.end}" for c in genome.chromosomes[:3])
        raise DataError(
            f"expected at most {MOST_WINDOWS:,} windows, found {n_windows:,} every {step_bp} bp in {ends}"
        )
    starts = [
        np.arange(first, c.end - window_bp + 1, step_bp, dtype=np.int64)
        for c, first in zip(genome.chromosomes, firsts, strict=True)
    ]
    chromosome = np.repeat(np.arange(len(starts)), [len(of_one) for of_one in starts])
    places = Places(chromosome, np.concatenate(starts), window_bp)
    if not len(places):
        longest = max(genome.chromosomes, key=lambda c: c.end - c.start)
        raise DataError(
            f"expected a stretch of at least {window_bp} bp, the window of the predictor; the longest is "
            f"{longest.name}:{longest.start + 1}-{longest.end} with {longest.end - longest.start} bp"
        )
    return places


def n_behind(genome: Genome, places: Places, step_bp: int) -> int:
    """Return how many windows follow those of a genome's stretches, as far as headers tell where it ends."""
    n_placed = np.bincount(places.chromosome, minlength=len(genome.chromosomes)).tolist()
    return sum(
        max(0, (c.length - c.first_start(step_bp) - places.window_bp + step_bp) // step_bp - n)
        for c, n in zip(genome.chromosomes, n_placed, strict=True)
        if c.length is not None
    )


def first_start(chromosome: Chromosome, step_bp: int) -> int:
    """Return where the first window of a chromosome begins."""
    return chromosome.first_start(step_bp)


def windows_at(genome: Genome, places: Places, spec: WindowSpec) -> Windows:
    """Cut windows out of a genome; positions become relative to each window's start."""
    sites = [
        _site_range(genome.chromosomes[index], start, start + places.window_bp)
        for index, start in zip(places.chromosome.tolist(), places.start.tolist(), strict=True)
    ]
    parts = [
        (genome.chromosomes[index].haplotypes[rows], genome.chromosomes[index].positions[rows] - start)
        for index, start, rows in zip(places.chromosome.tolist(), places.start.tolist(), sites, strict=True)
    ]
    return Windows.from_arrays(
        [haplotypes for haplotypes, _ in parts],
        [positions for _, positions in parts],
        sequence_length=spec.sequence_length,
        ploidy=spec.ploidy,
        n_haplotypes=spec.n_haplotypes,
        polarisation=genome.polarisation,
        phased=genome.phased,
        missing=genome.has_missing,
        observed=observed_at(genome, places),
    )


def observed_at(genome: Genome, places: Places) -> NDArray[np.float64]:
    """Return the share of each window in which a variable site would have been seen, float64 (n_windows,)."""
    share = np.zeros(len(places))
    for index, chromosome in enumerate(genome.chromosomes):
        here = places.chromosome == index
        share[here] = overlap(chromosome.observed, places.start[here], places.end[here]) / places.window_bp
    return share


def count_within(
    of_chromosome: Sequence[NDArray[np.int64]],
    places: Places,
    ends: Sequence[NDArray[np.int64]] | None = None,
) -> NDArray[np.int64]:
    """Count the positions, or the stretches that begin there, in each window: int64 (n_windows,).

    Parameters
    ----------
    of_chromosome : sequence of int64 arrays, rising
        Positions, or starts of stretches, by chromosome.
    ends : sequence of int64 arrays, rising, optional
        Ends of the stretches; not given, a position is one base pair long.
    """
    counts = np.zeros(len(places), dtype=np.int64)
    for index, starts in enumerate(of_chromosome):
        here = places.chromosome == index
        behind = starts + 1 if ends is None else ends[index]
        begun = np.searchsorted(starts, places.end[here])
        counts[here] = begun - np.searchsorted(behind, places.start[here], side="right")
    return counts


def _site_range(chromosome: Chromosome, start: int, end: int) -> slice:
    first, last = np.searchsorted(chromosome.positions, [start, end])
    return slice(int(first), int(last))
