"""Baselines that know one number: a threshold on one statistic."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, Examples, FeatureSpec, Model, Predictor, Progress
from selbench.adapters.scikit_learn import flatten_features
from selbench_statistics.citations import DEPAULIS, GARUD, TAJIMA_1983, TAJIMA_1989, WATTERSON

_FILE = "threshold.json"
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


class ThresholdModel(Model):
    """Base of baselines on one statistic.

    Classes are put in order of their mean rank in the statistic; between each and
    the next stands a `Cut`, fitted on training windows. With two classes this is
    one threshold, and the probability is a rising or falling function of the
    statistic, so that its AUC is the statistic's own.
    """

    statistic: ClassVar[str]

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline features that do not hold the statistic by name."""
        if self.statistic not in features.names or len(features.shape) != 1:
            return f"needs the statistic {self.statistic}: use {self.default_encoder}"
        return None

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Progress) -> Predictor:
        """Fit on `train`; `validation` and `seed` are not used.

        Raises
        ------
        DataError
            If the statistic is not finite, or is the same in all training windows.
        """
        column = train.spec.names.index(self.statistic)
        values = flatten_features(train.to_array(), where=f"{self.name}: training features")[:, column]
        if len(np.unique(values)) < 2:
            found = f"{values[0]} in every window" if len(values) else "no windows"
            raise DataError(f"{self.name}: expected values that differ, found {found}")
        ranks = np.unique(values, return_inverse=True)[1].astype(np.float64)
        present = np.unique(train.labels)
        order = present[np.argsort([ranks[train.labels == code].mean() for code in present], kind="stable")]
        position = np.argsort(order)[np.searchsorted(present, train.labels)]
        cuts = tuple(Cut.fit(values, position >= k) for k in range(1, len(order)))
        progress(1.0, f"fitted a threshold on {self.statistic}")
        return ThresholdPredictor(
            column, len(train.spec.names), len(train.classes), tuple(order.tolist()), cuts
        )

    def load(self, directory: Path) -> Predictor:
        """Load the thresholds."""
        path = directory / _FILE
        try:
            saved = json.loads(path.read_text())
            cuts = tuple(Cut(**{name: float(value) for name, value in cut.items()}) for cut in saved["cuts"])
            order = tuple(int(code) for code in saved["order"])
            column, n_features = int(saved["column"]), int(saved["n_features"])
            if not 0 <= column < n_features or len(set(order)) != len(order) or len(cuts) != len(order) - 1:
                raise ValueError(f"column {column} of {n_features}, order {order}, {len(cuts)} cuts")
            return ThresholdPredictor(column, n_features, int(saved["n_classes"]), order, cuts)
        except (OSError, ValueError, OverflowError, KeyError, TypeError, AttributeError) as problem:
            raise DataError(f"{path}: missing or damaged: {problem!r}; train it again") from problem


@dataclass(frozen=True)
class ThresholdPredictor(Predictor):
    """Fitted thresholds on one column of the features.

    Parameters
    ----------
    column, n_features : int
        Which feature, of how many.
    n_classes : int
    order : tuple of int
        Class codes by rising statistic; classes never trained on are missing.
    cuts : tuple of Cut
        One between each class and the next.
    """

    column: int
    n_features: int
    n_classes: int
    order: tuple[int, ...]
    cuts: tuple[Cut, ...]

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Return class probabilities, float32 (n, n_classes): differences between neighbouring cuts."""
        flat = flatten_features(features, where="features")
        if flat.shape[1] != self.n_features:
            raise DataError(f"features: expected {self.n_features} per window, found {flat.shape[1]}")
        at_least = [cut.probability_above(flat[:, self.column]) for cut in self.cuts]
        bounds = np.column_stack([np.ones(len(flat)), *at_least, np.zeros(len(flat))])
        bounds = np.minimum.accumulate(bounds, axis=1)
        probabilities = np.zeros((len(flat), self.n_classes), dtype=np.float32)
        probabilities[:, list(self.order)] = bounds[:, :-1] - bounds[:, 1:]
        return probabilities

    def save(self, directory: Path) -> None:
        """Write the thresholds as JSON."""
        (directory / _FILE).write_text(json.dumps(asdict(self), indent=2) + "\n")


@dataclass(frozen=True)
class SegregatingSites(ThresholdModel):
    """Threshold on the number of segregating sites: the baseline that everything must beat."""

    name: ClassVar[str] = "segregating-sites"
    statistic: ClassVar[str] = "segregating_sites"
    default_encoder: ClassVar[str] = "statistics[names=segregating_sites]"
    is_baseline: ClassVar[bool] = True
    citations = (WATTERSON,)


@dataclass(frozen=True)
class NucleotideDiversity(ThresholdModel):
    """Threshold on nucleotide diversity."""

    name: ClassVar[str] = "nucleotide-diversity"
    statistic: ClassVar[str] = "nucleotide_diversity"
    default_encoder: ClassVar[str] = "statistics[names=nucleotide_diversity]"
    is_baseline: ClassVar[bool] = True
    citations = (TAJIMA_1983,)


@dataclass(frozen=True)
class DistinctHaplotypes(ThresholdModel):
    """Threshold on the number of distinct haplotypes."""

    name: ClassVar[str] = "distinct-haplotypes"
    statistic: ClassVar[str] = "distinct_haplotypes"
    default_encoder: ClassVar[str] = "statistics[names=distinct_haplotypes]"
    is_baseline: ClassVar[bool] = True
    citations = (DEPAULIS,)


@dataclass(frozen=True)
class TajimasD(ThresholdModel):
    """Threshold on Tajima's D."""

    name: ClassVar[str] = "tajimas-d"
    statistic: ClassVar[str] = "tajimas_d"
    default_encoder: ClassVar[str] = "statistics[names=tajimas_d]"
    citations = (TAJIMA_1989,)


@dataclass(frozen=True)
class H12(ThresholdModel):
    """Threshold on H12, haplotype homozygosity with the two commonest haplotypes as one."""

    name: ClassVar[str] = "h12"
    statistic: ClassVar[str] = "h12"
    default_encoder: ClassVar[str] = "statistics[names=h12]"
    citations = (GARUD,)
