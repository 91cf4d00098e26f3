"""A scan beside what is known of a genome: labelled regions, and what is called in them and elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.evaluation.intervals import wilson
from selbench.formats.genes import check_chromosomes
from selbench.formats.genome import overlap
from selbench.scan.sliding import Places
from selbench.scan.yardstick import Judgement

LEAST_SHARE = 0.5
"""A window is positive where so much of it lies in labelled regions."""

FEWEST_LOCI = 20
"""Independent labelled loci from which on an interval is given; fewer are counted."""

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


@dataclass(frozen=True)
class Confusion:
    """Windows by what is known of them and what was said.

    Parameters
    ----------
    rule : str
        When a window counts as called, in words.
    true_positive, false_negative, false_positive, true_negative : int
    left_out, skipped : int
        Windows that are touched by a region, and windows that were not asked about.
    loci, loci_found : int
        Independent labelled loci with a window that was asked about, and those with one that was called.
    """

    rule: str
    true_positive: int
    false_negative: int
    false_positive: int
    true_negative: int
    left_out: int
    skipped: int
    loci: int
    loci_found: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """The share of loci found, with 95 % confidence (Wilson 1927); None for few."""
        if self.loci < FEWEST_LOCI:
            return None
        return wilson(self.loci_found / self.loci, self.loci)

    @property
    def words(self) -> str:
        """What was found, said with no more certainty than there is."""
        positive = self.true_positive + self.false_negative
        negative = self.false_positive + self.true_negative
        return (
            f"{self.rule}: {self.true_positive:,} of {positive:,} positive windows are called, and "
            f"{self.false_positive:,} of {negative:,} negative ones; {self.left_out:,} that a region only "
            f"touches are left out, {self.skipped:,} were skipped; "
            f"{self.on_loci()}"
        )

    def on_loci(self) -> str:
        """Say in how many of the labelled loci a window is called, and what that can tell."""
        if self.interval is not None:
            low, high = self.interval
            return (
                f"{self.loci_found:,} of {self.loci:,} independent loci are found "
                f"({low:.0%} to {high:.0%} with 95 % confidence)"
            )
        if self.loci == 1:
            found = "it is found" if self.loci_found else "it is not found"
            return f"one sweep: {found}; windows of one locus share its history, so this is one observation"
        return (
            f"{self.loci_found:,} of {self.loci:,} independent loci are found; an interval needs "
            f"{FEWEST_LOCI}, as windows of one locus share its history"
        )


def confusion(truth: Truth, called: NDArray[np.bool_], asked: NDArray[np.bool_], rule: str) -> Confusion:
    """Count windows by label and call.

    Parameters
    ----------
    called, asked : bool (n_windows,)
    rule : str
    """
    is_positive, is_negative = truth.labels == POSITIVE, truth.labels == NEGATIVE

    def count(which: NDArray[np.bool_]) -> int:
        return int((which & asked).sum())

    return Confusion(
        rule,
        count(is_positive & called),
        count(is_positive & ~called),
        count(is_negative & called),
        count(is_negative & ~called),
        count(truth.labels == TOUCHED),
        int((~asked).sum()),
        len(np.unique(truth.locus[is_positive & asked])),
        len(np.unique(truth.locus[is_positive & asked & called])),
    )


def confusions(
    truth: Truth, probability: NDArray[np.floating], judgement: Judgement | None, positive: str
) -> tuple[Confusion, ...]:
    """Return a confusion matrix at a probability of ½; and at the rate of calls, with null scores."""
    asked = ~np.isnan(probability)
    found = [confusion(truth, probability > 0.5, asked, f"probability of {positive} over 0.5")]
    if judgement is not None and judgement.yardstick.threshold is not None:
        rule = f"p_sim ≤ {judgement.yardstick.fpr:g}"
        found.append(confusion(truth, judgement.called, ~np.isnan(judgement.p_sim), rule))
    return tuple(found)


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
