"""A scan beside what is known of a genome: what is called in labelled regions, and what elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.intervals import wilson
from selbench.formats.labelled_regions import NEGATIVE, POSITIVE, TOUCHED, Truth
from selbench.scan.yardstick import Judgement

FEWEST_LOCI = 20
"""Independent labelled loci from which on an interval is given; fewer are counted."""


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
