"""Thresholds on one number per window, and the probabilities on either side of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAX_LOGIT = 8.0
_CLOSEST = 1e-9  # values that rounding alone tells apart leave no distance to the threshold between them


@dataclass(frozen=True)
class Cut:
    """A threshold on a statistic, and how sure one is on either side of it.

    The logit of being above is ``(x - threshold) · slope``, with one slope below
    the threshold and one above; beyond ±8 (p = 0.9997) it grows like a logarithm.
    Nobody can check such probabilities, and in single precision they would tie
    where the statistic does not.
    """

    threshold: float
    slope_below: float
    slope_above: float

    @classmethod
    def fit(cls, values: NDArray[np.float64], above: NDArray[np.bool_]) -> Cut:
        """Choose the threshold that misplaces fewest training windows, then both slopes by likelihood.

        Parameters
        ----------
        values : float64 (n,)
            At least two different ones.
        above : bool (n,)
            Which windows belong above the threshold.
        """
        levels, level = np.unique(values, return_inverse=True)
        belongs_above = np.bincount(level, weights=above)
        belongs_below = np.bincount(level, weights=~above)
        misplaced = np.cumsum(belongs_above)[:-1] + belongs_below.sum() - np.cumsum(belongs_below)[:-1]
        best = int(misplaced.argmin())
        middle = (levels[best] + levels[best + 1]) / 2
        threshold = float(max(middle, np.nextafter(levels[best], np.inf)))  # the middle may round down
        distance = values - threshold
        low = distance < 0
        return cls(threshold, _slope(distance[low], above[low]), _slope(distance[~low], above[~low]))

    def probability_above(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of belonging above, float64 (n,), rising strictly with the value."""
        distance = values - self.threshold
        return _probability(distance * np.where(distance < 0, self.slope_below, self.slope_above))


def _slope(distance: NDArray[np.float64], above: NDArray[np.bool_]) -> float:
    """Maximise the likelihood of one side by bisection of its falling derivative.

    Where classes do not overlap, the slope ends at logit 8 for the median window.
    """
    size = np.maximum(np.abs(distance), _CLOSEST)
    low, high = 0.01 / size.max(), _MAX_LOGIT / np.median(size)
    for _ in range(60):
        slope = (low + high) / 2
        derivative = np.sum((above - _probability(slope * distance)) * distance)
        low, high = (slope, high) if derivative > 0 else (low, slope)
    return float(low + high) / 2


def _probability(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    size = np.abs(logit)
    bounded = np.minimum(size, _MAX_LOGIT + np.log(np.maximum(size, _MAX_LOGIT) / _MAX_LOGIT))
    return 1 / (1 + np.exp(-np.copysign(bounded, logit)))


@dataclass(frozen=True)
class Cuts:
    """A threshold between each class and the next, in order of their mean rank in one number.

    With two classes this is one threshold, and the probability is a rising or falling function of
    the number, so that its AUC is the number's own.

    Parameters
    ----------
    n_classes : int
    order : tuple of int
        Class codes by rising number; classes never trained on are missing.
    cuts : tuple of Cut
    """

    n_classes: int
    order: tuple[int, ...]
    cuts: tuple[Cut, ...]

    @classmethod
    def fit(cls, values: NDArray[np.float64], labels: NDArray[np.int64], n_classes: int) -> Cuts:
        """Fit thresholds to at least two different values (n,) and the codes (n,) of their classes."""
        ranks = np.unique(values, return_inverse=True)[1].astype(np.float64)
        present = np.unique(labels)
        order = present[np.argsort([ranks[labels == code].mean() for code in present], kind="stable")]
        position = np.argsort(order)[np.searchsorted(present, labels)]
        cuts = tuple(Cut.fit(values, position >= k) for k in range(1, len(order)))
        return cls(n_classes, tuple(order.tolist()), cuts)

    def probabilities(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return class probabilities, float32 (n, n_classes): differences between neighbouring cuts."""
        at_least = [cut.probability_above(values) for cut in self.cuts]
        bounds = np.column_stack([np.ones(len(values)), *at_least, np.zeros(len(values))])
        bounds = np.minimum.accumulate(bounds, axis=1)
        probabilities = np.zeros((len(values), self.n_classes), dtype=np.float32)
        probabilities[:, list(self.order)] = bounds[:, :-1] - bounds[:, 1:]
        return probabilities

    def to_table(self) -> dict[str, Any]:
        """Return plain values that `from_table` reads."""
        return asdict(self)

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Cuts:
        """Read what `to_table` returned; ValueError, KeyError or TypeError where it is damaged."""
        cuts = tuple(Cut(**{name: float(value) for name, value in cut.items()}) for cut in table["cuts"])
        order = tuple(int(code) for code in table["order"])
        if len(set(order)) != len(order) or len(cuts) != len(order) - 1:
            raise ValueError(f"order {order}, {len(cuts)} cuts")
        return cls(int(table["n_classes"]), order, cuts)
