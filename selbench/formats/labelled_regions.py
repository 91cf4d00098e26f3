"""Labelled regions laid over the windows of a genome: which windows are positive, and of which locus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.formats.genes import check_chromosomes
from selbench.formats.genome import overlap
from selbench.formats.genome_windows import Places

LEAST_SHARE = 0.5
"""A window is positive where so much of it lies in labelled regions."""

POSITIVE, NEGATIVE, TOUCHED = "positive", "negative", "left out"

Stretches = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Truth:
    """What labelled regions say of the windows of a scan.

    Parameters
    ----------
    labels : object (n_windows,)
        ``positive``, ``negative``, or ``left out`` where less than half of a window lies in a region.
    locus : int64 (n_windows,)
        Of positive windows, which locus it lies in; −1 elsewhere. Regions less than a window apart are one.
    n_loci : int
        Of which a window is positive.
    n_outside : int
        Regions that no window touches.
    """

    labels: NDArray[np.object_]
    locus: NDArray[np.int64]
    n_loci: int
    n_outside: int

    @classmethod
    def of(cls, regions: Mapping[str, Stretches], places: Places, names: Sequence[str], what: str) -> Truth:
        """Lay labelled regions over windows.

        Parameters
        ----------
        regions : mapping of str to int64 (n_regions, 2)
            By chromosome, 0-based and half-open, rising and apart.
        names : sequence of str
            Of the chromosomes that `places` counts.
        what : str
            Where the regions come from, for messages.

        Raises
        ------
        DataError
            If they lie on other chromosomes, or none is in what was scanned.
        """
        check_chromosomes(regions, names, what)
        share = np.zeros(len(places))
        middle_locus = np.full(len(places), -1, dtype=np.int64)
        n_outside = sum(len(found) for name, found in regions.items() if name not in names)
        n_before = 0
        for index, name in enumerate(names):
            found = regions.get(name)
            if found is None:
                continue
            here = np.flatnonzero(places.chromosome == index)
            share[here] = overlap(found, places.start[here], places.end[here]) / places.window_bp
            n_outside += int((_n_touching(found, places, here) == 0).sum())
            locus_of = np.r_[0, np.cumsum(found[1:, 0] - found[:-1, 1] >= places.window_bp)]
            at = np.searchsorted(found[:, 1], places.start[here] + places.window_bp // 2, side="right")
            middle_locus[here] = n_before + locus_of[np.minimum(at, len(found) - 1)]
            n_before += int(locus_of[-1]) + 1
        if not share.any():
            raise DataError(
                f"{what}: none of its regions lies in what was scanned ({_stretch(places, names)})"
            )
        labels = np.select([share >= LEAST_SHARE, share == 0], [POSITIVE, NEGATIVE], TOUCHED).astype(object)
        locus = np.where(labels == POSITIVE, middle_locus, -1)
        return cls(labels, locus, len(np.unique(locus[locus >= 0])), n_outside)


def _n_touching(found: Stretches, places: Places, here: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many windows of a chromosome share a base pair with each region, int64 (n_regions,)."""
    starts, ends = np.sort(places.start[here]), np.sort(places.end[here])
    begun = np.searchsorted(starts, found[:, 1], side="left")
    return begun - np.searchsorted(ends, found[:, 0], side="right")


def _stretch(places: Places, names: Sequence[str]) -> str:
    """Return what windows cover, the first chromosomes by name."""
    said = []
    for index in np.unique(places.chromosome)[:3].tolist():
        here = places.chromosome == index
        said.append(f"{names[index]}:{places.start[here].min() + 1}-{places.end[here].max()}")
    return ", ".join(said)
