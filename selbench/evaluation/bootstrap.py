"""Resampled windows: how often each window counts in each resample.

A resample is a row of whole numbers, one per window. Row 0 counts every window
once: the value itself and its resamples come out of the same arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.intervals import LEVEL
from selbench.streams import generator

Counts = NDArray[np.uint8]
"""uint8 (n_resamples + 1, n_windows): how often each window counts."""


def draw_counts(n_windows: int, n_resamples: int, rng: np.random.Generator) -> Counts:
    """Draw `n_windows` of `n_windows` with replacement, `n_resamples` times (Efron, 1979).

    Returns
    -------
    counts : uint8 (n_resamples + 1, n_windows)
        Row 0 is all ones. A count over 255 has a probability below 1e-500.
    """
    counts = np.ones((n_resamples + 1, n_windows), dtype=np.uint8)
    for row in counts[1:]:
        drawn = rng.integers(n_windows, size=n_windows)
        row[:] = np.bincount(drawn, minlength=n_windows)
    return counts


@dataclass(frozen=True, eq=False)
class Resamples:
    """Resamples of a task's test and threshold windows, shared by all methods, so that they are paired.

    Parameters
    ----------
    test : tuple of uint8 (n_resamples + 1, n_windows_of_class)
        Per class: strata keep their sizes.
    threshold : uint8 (n_resamples + 1, n_threshold_windows)
    """

    test: tuple[Counts, ...]
    threshold: Counts

    @classmethod
    def draw(
        cls, labels: NDArray[np.int64], n_threshold_windows: int, *, n_resamples: int, seed: int, task: str
    ) -> Resamples:
        """Draw them from the streams of this task: the same for every method and training task."""
        test = tuple(
            draw_counts(int(size), n_resamples, generator(seed, "bootstrap", task, "test", code))
            for code, size in enumerate(np.bincount(labels))
        )
        rng = generator(seed, "bootstrap", task, "threshold")
        return cls(test, draw_counts(n_threshold_windows, n_resamples, rng))

    def joint(self, labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """Put the classes together: float64 (n_resamples + 1, n_windows) in the order of `labels`."""
        counts = np.empty((len(self.threshold), len(labels)))
        for code, of_class in enumerate(self.test):
            counts[:, labels == code] = of_class
        return counts


def percentile_interval(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the quantiles that cut off (1 - LEVEL) / 2 of the resamples on each side (Efron, 1979).

    Parameters
    ----------
    values : float64 (n_resamples + 1, …)
        Row 0 is the value itself and is not a resample.
    """
    low, high = np.quantile(values[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def reflected_interval(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Reflect the percentile interval about the value, cut at 0 (basic bootstrap; Davison & Hinkley, 1997).

    For values whose resamples lie to one side of them, such as a mean of
    absolute errors: the bias of the resamples stands for that of the value.
    """
    low, high = percentile_interval(values)
    return np.maximum(2 * values[0] - high, 0.0), np.maximum(2 * values[0] - low, 0.0)
