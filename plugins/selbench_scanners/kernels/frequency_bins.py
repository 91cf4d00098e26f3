"""Scores made comparable between frequencies: z-scores in bins of frequency (as selscan's norm)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selbench_scanners.kernels.bits import Floats, Wholes
from selbench_scanners.kernels.digits import six_digits

FEWEST_SCORES = 20
"""A bin with fewer scores has no z-score."""

EXTREME = 2.0
"""|z| from which on a site counts as extreme."""


@dataclass(frozen=True, eq=False)
class FrequencyBins:
    """Mean and standard deviation of a score by the derived frequency of its site.

    Parameters
    ----------
    means, deviations : float64 (n_bins,)
        NaN in a bin with fewer than 20 scores.
    """

    means: Floats
    deviations: Floats

    @classmethod
    def of(cls, scores: Floats, frequencies: Floats, n_bins: int) -> FrequencyBins:
        """Learn them from the scores of a genome, or of neutral windows."""
        scores, bins = six_digits(scores), bin_of(frequencies, n_bins)
        counts = np.bincount(bins, minlength=n_bins).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            means = np.bincount(bins, scores, minlength=n_bins) / counts
            squares = np.bincount(bins, (scores - means[bins]) ** 2, minlength=n_bins)
            deviations = np.sqrt(squares / (counts - 1))
        unknown = counts < FEWEST_SCORES
        means[unknown] = deviations[unknown] = np.nan
        return cls(means, deviations)

    def z_scores(self, scores: Floats, frequencies: Floats) -> Floats:
        """Return (score − mean)/deviation by bin; NaN where the bin is unknown or does not vary."""
        bins = bin_of(frequencies, len(self.means))
        with np.errstate(invalid="ignore", divide="ignore"):
            z = (six_digits(scores) - self.means[bins]) / self.deviations[bins]
        return np.where(np.isfinite(z), z, np.nan)


def bin_of(frequencies: Floats, n_bins: int) -> Wholes:
    """Return the first bin b with frequency < (b + 1)/n_bins, in double precision, int64."""
    upper = np.arange(1, n_bins + 1) * (1 / n_bins)
    bins = np.searchsorted(upper, frequencies, side="right")
    return np.minimum(bins, n_bins - 1).astype(np.int64)
