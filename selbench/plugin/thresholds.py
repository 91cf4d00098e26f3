"""Thresholds on one number per window, and the probabilities on either side of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAX_LOGIT = 8.0
_CLOSEST = 1e-9  # values that rounding alone tells apart leave no distance to the threshold between them
_BARELY = 0.2  # what a logit rises over all training windows where they give it no reason to
_MORE_FITTED = 2  # parameters of a cut beyond a base rate's one: what they must gain in likelihood (AIC)


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

    @classmethod
    def fit_rising(cls, values: NDArray[np.float64], above: NDArray[np.bool_], *, span: float) -> Cut:
        """Fit where it is settled that high values are evidence, whatever training windows say.

        Where those that belong above have lower values than the others, in the mean rank, and a
        threshold foretells them no better than their share does, the probability is that
        share, and rises barely.

        Parameters
        ----------
        values : float64 (n,)
        above : bool (n,)
            Which windows belong above the threshold: some, and not all.
        span : float
            From the lowest to the highest value there is, above 0; a share's logit rises by 0.2 over it.
        """
        share = float(above.mean())
        slope = _BARELY / max(span, _CLOSEST)
        barely = cls(float(values.mean() - np.log(share / (1 - share)) / slope), slope, slope)
        if len(np.unique(values)) < 2:
            return barely
        cut = cls.fit(values, above)
        ranks = _ranks(values)
        if ranks[above].mean() >= ranks[~above].mean():
            return cut
        foretold = cut.probability_above(values)
        gained = np.sum(np.log(np.where(above, foretold / share, (1 - foretold) / (1 - share))))
        return cut if gained > _MORE_FITTED else barely

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


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks from 1, (n,); of equal values their mean, so that mean ranks compare as the AUC does."""
    _, level, n_equal = np.unique(values, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = np.cumsum(n_equal) - (n_equal - 1) / 2
    return ranks[level]


def mean_ranks(values: NDArray[np.float64], labels: NDArray[np.int64], n_classes: int) -> NDArray[np.float64]:
    """Return the mean rank of each class, float64 (n_classes,); NaN for one without a value.

    Parameters
    ----------
    values : float64 (n,)
    labels : int64 (n,)
        Class codes.
    n_classes : int

    Examples
    --------
    >>> mean_ranks(np.array([0.1, 0.5, 0.5, 0.9]), np.array([0, 0, 1, 1]), 3)
    array([1.75, 3.25,  nan])
    """
    counts = np.bincount(labels, minlength=n_classes)
    sums = np.bincount(labels, weights=_ranks(values), minlength=n_classes)
    means = np.full(n_classes, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


@dataclass(frozen=True)
class Cuts:
    """A threshold between each class and the next, in their order along one number.

    With two classes this is one threshold, and the probability is a rising or falling function of
    the number, so that its AUC is the number's own.

    Parameters
    ----------
    n_classes : int
    order : tuple of int
        Class codes by rising number; classes never trained on are missing.
    cuts : tuple of Cut
    sequential : bool
        Whether a cut tells its class from those below it alone, so that each class's odds against the
        lowest rise with the number; otherwise it tells those below from its class and all above.
    """

    n_classes: int
    order: tuple[int, ...]
    cuts: tuple[Cut, ...]
    sequential: bool = False

    @classmethod
    def fit(cls, values: NDArray[np.float64], labels: NDArray[np.int64], n_classes: int) -> Cuts:
        """Fit thresholds in the order that values (n,) have by the codes (n,) of their classes.

        Values must differ. The order is that of the classes' mean rank among different values.
        """
        ranks = np.unique(values, return_inverse=True)[1].astype(np.float64)
        present = np.unique(labels)
        order = present[np.argsort([ranks[labels == code].mean() for code in present], kind="stable")]
        position = np.argsort(order)[np.searchsorted(present, labels)]
        cuts = tuple(Cut.fit(values, position >= k) for k in range(1, len(order)))
        return cls(n_classes, tuple(order.tolist()), cuts)

    @classmethod
    def fit_rising(cls, values: NDArray[np.float64], labels: NDArray[np.int64], n_classes: int) -> Cuts:
        """Fit thresholds where high values are evidence against the null class, code 0.

        It stands lowest whatever training windows say, the others above it by their mean rank.

        Parameters
        ----------
        values : float64 (n,)
            At least two different ones.
        labels : int64 (n,)
            Class codes.
        n_classes : int
        """
        ranks = mean_ranks(values, labels, n_classes)
        ranks[0] -= np.inf  # stays NaN where the null class has no value
        by_rank = np.argsort(ranks, kind="stable")
        order = by_rank[: np.count_nonzero(~np.isnan(ranks))]
        position = np.argsort(by_rank)[labels]
        span = float(np.ptp(values))
        cuts = tuple(
            Cut.fit_rising(values[position <= k], position[position <= k] == k, span=span)
            for k in range(1, len(order))
        )
        return cls(n_classes, tuple(order.tolist()), cuts, sequential=True)

    def probabilities(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return class probabilities, float32 (n, n_classes)."""
        above = [cut.probability_above(values) for cut in self.cuts]
        bounds = np.column_stack([np.ones(len(values)), *above, np.zeros(len(values))])
        probabilities = np.zeros((len(values), self.n_classes), dtype=np.float32)
        if self.sequential:
            lower = np.cumprod(1 - bounds[:, :0:-1], axis=1)[:, ::-1]  # no class above: the last is 1
            probabilities[:, list(self.order)] = bounds[:, :-1] * lower
        else:
            bounds = np.minimum.accumulate(bounds, axis=1)
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
        return cls(int(table["n_classes"]), order, cuts, bool(table.get("sequential", False)))
