"""A statistic as a method: a threshold on it, whose AUC is the statistic's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import new_class
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.json import read_json
from selbench.plugin.components import Model, Predictor, Progress
from selbench.plugin.statistics import Statistic
from selbench.plugin.thresholds import Cuts
from selbench.windows import Examples, FeatureSpec

_FILE = "threshold.json"


class ThresholdModel(Model):
    """Base of baselines on one statistic.

    Classes are put in order of their mean rank in the statistic, with a threshold
    between each and the next, fitted on training windows (see `Cuts`).
    """

    statistic: ClassVar[str]
    """The name of the feature."""

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
        values = _columns(train.to_array(), len(train.spec.names), f"{self.name}: training features")[
            :, column
        ]
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
            saved = read_json(path)
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
        return self.cuts.probabilities(_columns(features, self.n_features, "features")[:, self.column])

    def save(self, directory: Path) -> None:
        """Write the thresholds as JSON."""
        saved = {"column": self.column, "n_features": self.n_features, **self.cuts.to_table()}
        (directory / _FILE).write_text(json.dumps(saved, indent=2) + "\n")


@cache
def statistic_model(statistic: Statistic, column: str = "") -> type[ThresholdModel]:
    """Return the model of a statistic: a threshold on that column of the `statistics` encoding.

    Parameters
    ----------
    column : str
        What the encoding calls it, where not by its name: ``plugin:name`` where two plugins claim that.
    """
    column = column or statistic.name
    members = {
        "__doc__": f"Threshold on a statistic: {statistic.summary}.",
        "__module__": statistic.values.__module__,  # its code is the statistic's: results are filed under it
        "__reduce__": lambda self: (_rebuilt, (statistic.values, column), vars(self)),
        "name": statistic.model_name,
        "statistic": column,
        "default_encoder": f"statistics[names={column}]",
    }
    title = "".join(part.capitalize() for part in statistic.name.split("_"))
    made = new_class(f"{title}Threshold", (ThresholdModel,), exec_body=lambda space: space.update(members))
    return cast(type[ThresholdModel], dataclass(frozen=True)(made))


def _rebuilt(values: Any, column: str) -> ThresholdModel:
    return statistic_model(values.statistic, column)()


def _columns(features: NDArray[Any], n_features: int, what: str) -> NDArray[np.float64]:
    flat = (
        features.reshape(len(features), -1).astype(np.float64) if len(features) else np.empty((0, n_features))
    )
    if flat.shape[1] != n_features:
        raise DataError(f"{what}: expected {n_features} per window, found {flat.shape[1]}")
    if not np.isfinite(flat).all():
        window, feature = np.argwhere(~np.isfinite(flat))[0]
        raise DataError(
            f"{what}: expected finite numbers, found {flat[window, feature]} in window {window}, "
            f"feature {feature}"
        )
    return flat
