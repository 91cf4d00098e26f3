"""Baselines that know one number: a threshold on one statistic."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, Examples, FeatureSpec, Model, Predictor, Progress
from selbench.adapters.scikit_learn import flatten_features
from selbench.plugin import Cuts
from selbench_statistics.citations import DEPAULIS, GARUD, TAJIMA_1983, TAJIMA_1989, WATTERSON

_FILE = "threshold.json"


class ThresholdModel(Model):
    """Base of baselines on one statistic.

    Classes are put in order of their mean rank in the statistic, with a threshold
    between each and the next, fitted on training windows (see `Cuts`).
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
        cuts = Cuts.fit(values, train.labels, len(train.classes))
        progress(1.0, f"fitted a threshold on {self.statistic}")
        return ThresholdPredictor(column, len(train.spec.names), cuts)

    def load(self, directory: Path) -> Predictor:
        """Load the thresholds."""
        path = directory / _FILE
        try:
            saved = json.loads(path.read_text())
            column, n_features = int(saved["column"]), int(saved["n_features"])
            if not 0 <= column < n_features:
                raise ValueError(f"column {column} of {n_features}")
            return ThresholdPredictor(column, n_features, Cuts.from_table(saved))
        except (OSError, ValueError, OverflowError, KeyError, TypeError, AttributeError) as problem:
            raise DataError(f"{path}: missing or damaged: {problem!r}; train it again") from problem


@dataclass(frozen=True)
class ThresholdPredictor(Predictor):
    """Fitted thresholds on one column of the features.

    Parameters
    ----------
    column, n_features : int
        Which feature, of how many.
    cuts : Cuts
    """

    column: int
    n_features: int
    cuts: Cuts

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Return class probabilities, float32 (n, n_classes): differences between neighbouring cuts."""
        flat = flatten_features(features, where="features")
        if flat.shape[1] != self.n_features:
            raise DataError(f"features: expected {self.n_features} per window, found {flat.shape[1]}")
        return self.cuts.probabilities(flat[:, self.column])

    def save(self, directory: Path) -> None:
        """Write the thresholds as JSON."""
        saved = {"column": self.column, "n_features": self.n_features, **self.cuts.to_table()}
        (directory / _FILE).write_text(json.dumps(saved, indent=2) + "\n")


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
