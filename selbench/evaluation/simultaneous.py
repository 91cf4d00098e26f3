"""Many comparisons at once: p-values and intervals that hold for all of a family together.

Single-step max-T (Westfall & Young, 1993; Hothorn, Bretz & Westfall, 2008): the
smallest p-value of a family without any difference is drawn many times, with the
correlations that comparisons have because they share methods and windows. Less
is lost than by Holm's correction, which takes the worst case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.sampled import Contrast, Sampled, contrast, moderated
from selbench.evaluation.significance import SIGNIFICANCE

N_DRAWS = 2000
"""How often a family without differences is drawn."""

Pair = tuple[int, int]
"""Positions of two methods."""


@dataclass(frozen=True, eq=False)
class Family:
    """Comparisons that are judged together.

    Parameters
    ----------
    contrasts : tuple of Contrast
        Of each pair, with spreads that the methods share in part (`sampled.moderated`).
    smallest : float64 (n_draws,)
        The smallest p-value of each drawn family, sorted.
    """

    contrasts: tuple[Contrast, ...]
    smallest: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        methods: Sequence[Sampled],
        pairs: Sequence[Pair],
        rng: np.random.Generator,
        *,
        least_variance: float = 0.0,
    ) -> Family:
        """Compare pairs of methods, and draw families in which no two methods differ.

        Averages are drawn as normals with the covariance that windows give
        them, each with its own variance over trainings beside.
        """
        spreads = moderated(methods)
        contrasts = tuple(
            contrast(methods[i], methods[j], spreads=(spreads[i], spreads[j]), least_variance=least_variance)
            for i, j in pairs
        )
        deviations = np.array([method.mean_deviation for method in methods])
        trainings = np.array([spread.by_trainings for spread in spreads])
        covariance = deviations @ deviations.T + np.diag(trainings)
        return cls(contrasts, _smallest_p_values(covariance, pairs, rng))

    def adjusted(self, p_value: float) -> float:
        """Return the chance that a family without any difference holds a p-value this small.

        Never above Bonferroni's, never below the p-value itself.
        """
        if p_value != p_value:
            return p_value
        share = float(np.searchsorted(self.smallest, p_value, side="right")) / len(self.smallest)
        return min(1.0, len(self.contrasts) * p_value, max(share, p_value))

    @property
    def tail(self) -> float:
        """What each side of a simultaneous interval leaves out: half the largest p-value that is a claim."""
        drawn = self.smallest[max(int(SIGNIFICANCE * len(self.smallest)) - 1, 0)]
        return float(max(min(drawn, SIGNIFICANCE), SIGNIFICANCE / len(self.contrasts))) / 2


def _smallest_p_values(
    covariance: NDArray[np.float64], pairs: Sequence[Pair], rng: np.random.Generator
) -> NDArray[np.float64]:
    from scipy.special import ndtr

    first, second = np.array(pairs).T
    variance = np.diag(covariance)
    of_pairs = variance[first] + variance[second] - 2 * covariance[first, second]
    moves = of_pairs > 1e-12 * variance.max(initial=0.0)
    if not np.isfinite(of_pairs).all() or not moves.any():
        return np.full(N_DRAWS, SIGNIFICANCE / len(pairs))
    means = rng.normal(size=(N_DRAWS, len(covariance))) @ _root(covariance).T
    apart = means[:, first[moves]] - means[:, second[moves]]
    largest = np.abs(apart / np.sqrt(of_pairs[moves])).max(axis=1)
    return np.sort(2 * ndtr(-largest))


def _root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a matrix whose product with its transpose is the covariance, which may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
