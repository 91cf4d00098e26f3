"""Any scikit-learn classifier as a model: subclass, name it, build the estimator.

@dataclass(frozen=True)
class NaiveBayes(ScikitLearnModel):
    \"\"\"Gaussian naive Bayes on summary statistics.\"\"\"

    name = "naive-bayes"
    default_encoder = "statistics"

    def estimator(self, *, seed: int) -> Any:
        from sklearn.naive_bayes import GaussianNB

        return GaussianNB()
"""

from __future__ import annotations

import sys
from abc import abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.adapters.estimator_file import load_estimator, save_estimator
from selbench.errors import DataError, PluginError
from selbench.plugin import Model, Predictor, Progress
from selbench.streams import stream_seed
from selbench.windows import Examples, FeatureSpec

PREDICTION_BLOCK = 256
"""Rows are predicted in blocks of this size, the last one filled up.

Linear algebra libraries choose their path, and so the last bits of a sum, by the
shape of a matrix; equal shapes keep a row's probabilities free of its batch.
"""

_FILE = "estimator.skops"


class ScikitLearnModel(Model):
    """Base of models that are a scikit-learn classifier.

    Features of any shape are flattened; whole numbers of one byte become float32,
    everything else float64. Features that are constant over the training windows
    carry nothing and are left out, which the report says; NaN and infinite
    features are refused. One thread is used, whatever the machine has.
    """

    @abstractmethod
    def estimator(self, *, seed: int) -> Any:
        """Return an unfitted scikit-learn classifier that has ``predict_proba``.

        Parameters
        ----------
        seed : int
            In [0, 2³²): fit for ``random_state``.
        """

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Progress) -> Predictor:
        """Fit on `train`; `validation` is not used.

        Raises
        ------
        DataError
            If a feature is NaN or infinite, none of them varies, or only one class
            has windows.
        PluginError
            If the estimator has no ``predict_proba``, or is of types that could
            not be loaded again.
        """
        present = [train.classes[code] for code in np.unique(train.labels)]
        if len(present) < 2:
            raise DataError(
                f"{self.name}: expected training windows of two classes or more, "
                f"found {present[0] if present else 'no windows'}"
            )
        features = flatten_features(train.to_array(), where=f"{self.name}: training features")
        varies = np.ptp(features, axis=0) > 0
        if not varies.any():
            raise DataError(
                f"{self.name}: expected features that differ between training windows, "
                f"found {len(varies)} constant one(s)"
            )
        progress(0.0, f"fitting {self.name}")
        estimator = self.estimator(seed=stream_seed(seed, "scikit-learn") % 2**32)
        if not hasattr(estimator, "predict_proba"):
            raise PluginError(
                f"{self.name}: expected an estimator with predict_proba, found "
                f"{type(estimator).__name__}; wrap it in CalibratedClassifierCV"
            )
        with _one_thread():
            estimator.fit(features[:, varies], train.labels)
        progress(1.0, f"fitted {self.name}")
        return ScikitLearnPredictor(estimator, varies, len(train.classes), _left_out(varies, train.spec))

    def load(self, directory: Path) -> Predictor:
        """Load what was saved; only types on a fixed list are rebuilt, and no code is run.

        Raises
        ------
        DataError
            If the file is missing, damaged, or holds anything but known types.
        """
        path = directory / _FILE
        saved = load_estimator(path)
        try:
            varies = np.asarray(saved["varies"], dtype=bool)
            predictor = ScikitLearnPredictor(saved["estimator"], varies, int(saved["n_classes"]))
        except (KeyError, TypeError, ValueError) as problem:
            raise DataError(f"{path}: expected a fitted {self.name}, found other contents") from problem
        features = getattr(predictor.estimator, "n_features_in_", None)
        if features != varies.sum():
            raise DataError(
                f"{path}: expected an estimator of {varies.sum()} features, found one of {features}"
            )
        return predictor


@dataclass(frozen=True, eq=False)
class ScikitLearnPredictor(Predictor):
    """A fitted scikit-learn classifier.

    Parameters
    ----------
    estimator : scikit-learn classifier
    varies : bool (n_features,)
        Which features it was fitted on.
    n_classes : int
    remarks : tuple of str
        Which features were left out; known after the fit, not saved.
    """

    estimator: Any
    varies: NDArray[np.bool_]
    n_classes: int
    remarks: tuple[str, ...] = ()

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Return class probabilities, float32 (n, n_classes); a class never trained on has 0.

        Raises
        ------
        DataError
            If the features are of another number than those trained on, or not finite.
        """
        flat = flatten_features(features, where="features")
        if flat.shape[1] != len(self.varies):
            raise DataError(f"features: expected {len(self.varies)} per window, found {flat.shape[1]}")
        flat = flat[:, self.varies]
        probabilities = np.zeros((len(flat), self.n_classes), dtype=np.float32)
        with _one_thread():
            for start in range(0, len(flat), PREDICTION_BLOCK):
                rows = np.minimum(np.arange(start, start + PREDICTION_BLOCK), len(flat) - 1)
                n_rows = min(PREDICTION_BLOCK, len(flat) - start)
                block = self.estimator.predict_proba(flat[rows])[:n_rows]
                probabilities[start : start + n_rows, self.estimator.classes_] = block
        return probabilities

    def save(self, directory: Path) -> None:
        """Write the estimator, without pickle."""
        saved = {"estimator": self.estimator, "varies": self.varies, "n_classes": self.n_classes}
        save_estimator(saved, directory / _FILE)


def flatten_features(features: NDArray[Any], *, where: str) -> NDArray[Any]:
    """Return the features as (n, n_features) floating-point numbers.

    Parameters
    ----------
    features : array (n, \\*shape)
    where : str
        What a message calls them.

    Raises
    ------
    DataError
        If one is NaN or infinite.
    """
    n_features = int(np.prod(features.shape[1:]))
    kind = np.float32 if features.dtype.itemsize == 1 else np.float64
    flat = features.reshape(len(features), n_features).astype(kind, copy=False)
    finite = np.isfinite(flat)
    if not finite.all():
        window, feature = np.argwhere(~finite)[0]
        raise DataError(
            f"{where}: expected finite numbers, found {flat[window, feature]} "
            f"in window {window}, feature {feature}"
        )
    return flat


def _left_out(varies: NDArray[np.bool_], spec: FeatureSpec) -> tuple[str, ...]:
    """Say which features are constant, by name where they have names."""
    constant = np.flatnonzero(~varies)
    if not len(constant):
        return ()
    said = f"left out {len(constant):,} of {len(varies):,} features, constant over the training windows"
    if len(spec.names) == len(varies):
        said += f": {', '.join(spec.names[i] for i in constant[:5])}{', …' if len(constant) > 5 else ''}"
    return (said,)


def _one_thread() -> Any:
    """Keep numerical libraries to one thread for a while; with several, sums differ in their last bits."""
    return _thread_pools(len(sys.modules)).limit(limits=1)


@lru_cache(maxsize=1)
def _thread_pools(n_modules: int) -> Any:
    """Return what limits the libraries that are loaded; to look for them takes many predictions' time.

    Parameters
    ----------
    n_modules : int
        Modules that are imported: with more of them, more libraries may be loaded.
    """
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()
