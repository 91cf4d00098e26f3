"""The distribution of one statistic over windows: as observed, or as published figures tell it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Observed:
    """A statistic over simulated windows.

    Parameters
    ----------
    values : float64 (n,)
        In rising order.
    """

    values: NDArray[np.float64]

    @classmethod
    def of(cls, values: ArrayLike) -> Observed:
        """Return the distribution of values in any order."""
        return cls(np.sort(np.asarray(values, dtype=np.float64)))

    @property
    def n(self) -> int:
        """Number of windows."""
        return len(self.values)

    @property
    def mean(self) -> float:
        """Mean over windows."""
        return float(self.values.mean()) if self.n else float("nan")

    @property
    def standard_error(self) -> float:
        """Standard error of the mean."""
        return float(self.values.std(ddof=1) / np.sqrt(self.n)) if self.n > 1 else float("nan")

    def share_below(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return F(x−), the share of windows below each x."""
        return np.searchsorted(self.values, x, side="left") / self.n

    def share_up_to(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return F(x), the share of windows at or below each x."""
        return np.searchsorted(self.values, x, side="right") / self.n


@dataclass(frozen=True)
class Figures:
    """A statistic as published: its mean, standard error and some quantiles.

    Parameters
    ----------
    n : int
        Windows behind the figures.
    mean, standard_error : float
    levels, quantiles : tuple of float
        ``quantiles[i]`` is the value at level ``levels[i]`` in [0, 1].
    """

    n: int
    mean: float
    standard_error: float
    levels: tuple[float, ...]
    quantiles: tuple[float, ...]


Distribution = Observed | Figures


def distance(first: Distribution, second: Distribution) -> float:
    """Return the largest distance between two distribution functions (Kolmogorov–Smirnov).

    Against figures it is what the quantiles let one see: for a quantile x of
    level q, how far q lies outside [F(x−), F(x)]. That never exceeds the
    distance itself.
    """
    if isinstance(first, Figures):
        first, second = second, first
    if isinstance(first, Figures):
        raise TypeError("two sets of figures have no distance: one side must be observed")
    if isinstance(second, Figures):
        x, level = np.array(second.quantiles), np.array(second.levels)
        outside = np.maximum(first.share_below(x) - level, level - first.share_up_to(x))
        return float(np.maximum(outside, 0).max(initial=0))
    x = np.concatenate([first.values, second.values])
    return float(np.abs(first.share_up_to(x) - second.share_up_to(x)).max(initial=0))


def distance_p_value(distance: float, n_first: int, n_second: int) -> float:
    """Return the chance of such a distance between equal distributions (Smirnov, 1948; asymptotic).

    Ties, as in counts, make the true chance smaller.
    """
    from scipy.special import kolmogorov

    return float(kolmogorov(distance * np.sqrt(n_first * n_second / (n_first + n_second))))
