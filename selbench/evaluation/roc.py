"""Ranking windows of one class against the null class: ROC and precision-recall curves.

Functions of `RankedScores` return one value per resample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RankedScores:
    """Scores of the windows of one class, highest first, with resampled counts down to each rank.

    Parameters
    ----------
    scores : float64 (n_ranked,)
        Non-increasing.
    down_to : int32 (n_resamples, n_ranked + 1)
        ``down_to[b, i]`` windows of resample b are among the i highest scores.
    n_windows : int
        Windows in each resample.
    """

    scores: NDArray[np.float64]
    down_to: NDArray[np.int32]
    n_windows: int

    @classmethod
    def of(
        cls, scores: NDArray[np.float64], counts: NDArray[Any], more_than: float | None = None
    ) -> RankedScores:
        """Rank scores (n_windows,) that count `counts` (n_resamples, n_windows) times each.

        With `more_than`, rank no further down than where every resample holds
        more windows than that: enough to choose a threshold, and much less work.
        """
        order = np.argsort(-scores, kind="stable")
        depth = len(scores) if more_than is None else _depth(scores[order], 1.5 * more_than + 50)
        down_to = _cumulative(counts[:, order[:depth]])
        while depth < len(scores) and down_to[:, -1].min() <= (more_than or 0):
            depth = _depth(scores[order], 2 * depth)
            down_to = _cumulative(counts[:, order[:depth]])
        return cls(scores[order[:depth]], down_to, len(scores))

    @property
    def counts(self) -> NDArray[np.int32]:
        """How often each window counts, in the order of `scores`: int32 (n_resamples, n_windows)."""
        return np.diff(self.down_to, axis=1)

    def rank_at_least(self, thresholds: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return how many of `scores` are at least each threshold."""
        return np.searchsorted(-self.scores, -thresholds, side="right")

    def rank_above(self, thresholds: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return how many of `scores` are above each threshold."""
        return np.searchsorted(-self.scores, -thresholds, side="left")

    def share_at_least(self, thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share of windows at or above a threshold of each resample's own: (n_resamples,)."""
        resample = np.arange(len(self.down_to))
        return self.down_to[resample, self.rank_at_least(thresholds)] / self.n_windows


def average_precision(positive: RankedScores, null: RankedScores) -> NDArray[np.float64]:
    """Area under the precision-recall curve as a sum of steps, without interpolation.

    Each positive window adds the precision at its own score (Davis & Goadrich,
    2006, on why the steps are not to be joined by lines).

    Returns
    -------
    average_precision : float64 (n_resamples,)
    """
    true_calls = positive.down_to[:, positive.rank_at_least(positive.scores)]
    false_calls = null.down_to[:, null.rank_at_least(positive.scores)]
    precision = true_calls / np.maximum(true_calls + false_calls, 1)
    return np.asarray(np.einsum("rw,rw->r", positive.counts, precision) / positive.n_windows)


def roc_curve(
    positive: NDArray[np.float64], null: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ROC curve as false- and true-positive rates, from (0, 0) to (1, 1), one point per score."""
    thresholds = np.unique(np.concatenate([positive, null]))[::-1]
    rates = [_shares_at_least(scores, thresholds) for scores in (null, positive)]
    return np.concatenate([[0.0], rates[0]]), np.concatenate([[0.0], rates[1]])


def precision_recall_curve(
    positive: NDArray[np.float64], null: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return recall and precision at every score of a window, from the highest down."""
    thresholds = np.unique(np.concatenate([positive, null]))[::-1]
    recall = _shares_at_least(positive, thresholds)
    true_calls, false_calls = recall * len(positive), _shares_at_least(null, thresholds) * len(null)
    return recall, true_calls / (true_calls + false_calls)


def _depth(falling: NDArray[np.float64], rank: float) -> int:
    """Return `rank`, or the end of the tie that it falls into."""
    if rank >= len(falling):
        return len(falling)
    return int(np.searchsorted(-falling, -falling[int(rank)], side="right"))


def _cumulative(counts: NDArray[Any]) -> NDArray[np.int32]:
    down_to = np.zeros((len(counts), counts.shape[1] + 1), dtype=np.int32)
    np.cumsum(counts, axis=1, dtype=np.int32, out=down_to[:, 1:])
    return down_to


def _shares_at_least(scores: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    ranks = np.searchsorted(np.sort(-scores), -thresholds, side="right")
    return np.asarray(ranks / len(scores))
