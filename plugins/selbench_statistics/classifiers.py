"""Classical learners on summary statistics and on the site frequency spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from selbench import Citation, DataError, Examples, ExperimentError, Predictor, Progress
from selbench.adapters.scikit_learn import ScikitLearnModel
from selbench.plugin import expect_above_zero
from selbench_statistics.citations import BREIMAN, FRIEDMAN, KERN_SCHRIDER, SCHRIDER_KERN


@dataclass(frozen=True)
class Logistic(ScikitLearnModel):
    """Logistic regression on standardised statistics.

    Parameters
    ----------
    C : float
        Inverse strength of the L2 penalty.
    """

    name: ClassVar[str] = "logistic"
    default_encoder: ClassVar[str] = "statistics"

    C: float = 1.0

    def __post_init__(self) -> None:
        expect_above_zero(C=self.C)

    def estimator(self, *, seed: int) -> Any:
        """Return the scaler and the regression."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        return make_pipeline(StandardScaler(), LogisticRegression(C=self.C, max_iter=10_000))


@dataclass(frozen=True)
class RandomForest(ScikitLearnModel):
    """Random forest on statistics (Breiman 2001).

    Parameters
    ----------
    n_trees : int
    min_leaf : int
        Fewest training windows in a leaf.
    """

    name: ClassVar[str] = "random-forest"
    default_encoder: ClassVar[str] = "statistics"
    citations = (BREIMAN,)

    n_trees: int = 300
    min_leaf: int = 2

    def __post_init__(self) -> None:
        expect_above_zero(n_trees=self.n_trees, min_leaf=self.min_leaf)

    def estimator(self, *, seed: int) -> Any:
        """Return the forest."""
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(self.n_trees, min_samples_leaf=self.min_leaf, random_state=seed)


@dataclass(frozen=True)
class GradientBoosting(ScikitLearnModel):
    """Gradient-boosted trees on statistics (Friedman 2001), on histograms.

    Parameters
    ----------
    n_rounds : int
    learning_rate : float
    """

    name: ClassVar[str] = "gradient-boosting"
    default_encoder: ClassVar[str] = "statistics"
    citations: ClassVar[tuple[Citation, ...]] = (FRIEDMAN,)

    n_rounds: int = 100
    learning_rate: float = 0.1

    def __post_init__(self) -> None:
        expect_above_zero(n_rounds=self.n_rounds, learning_rate=self.learning_rate)

    def estimator(self, *, seed: int) -> Any:
        """Return the booster; it never holds windows back to stop early."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(
            max_iter=self.n_rounds,
            learning_rate=self.learning_rate,
            early_stopping=False,
            random_state=seed,
        )


@dataclass(frozen=True)
class SubWindowLogistic(Logistic):
    """Logistic regression on statistics in sub-windows: the baseline of long windows.

    In windows of 50 kb or more the mean over the whole window hides what its parts show.
    """

    name: ClassVar[str] = "sub-window-logistic"
    default_encoder: ClassVar[str] = "sub-window-statistics"
    is_baseline: ClassVar[bool] = True
    citations = (KERN_SCHRIDER,)


@dataclass(frozen=True)
class SubWindowBoosting(GradientBoosting):
    """Gradient-boosted trees on statistics in sub-windows."""

    name: ClassVar[str] = "sub-window-boosting"
    default_encoder: ClassVar[str] = "sub-window-statistics"
    citations = (KERN_SCHRIDER, FRIEDMAN)


@dataclass(frozen=True)
class SpectrumSvm(ScikitLearnModel):
    """Support vector machine on the site frequency spectrum (Schrider and Kern 2015).

    Radial kernel on standardised features; decision values become
    probabilities by a sigmoid fitted on left-out folds.

    Parameters
    ----------
    C : float
        Cost of a training window on the wrong side.
    folds : int
        Of the cross-validation that fits the sigmoid.
    """

    name: ClassVar[str] = "svm-sfs"
    default_encoder: ClassVar[str] = "sfs"
    citations = (SCHRIDER_KERN,)

    C: float = 1.0
    folds: int = 3

    def __post_init__(self) -> None:
        expect_above_zero(C=self.C)
        if self.folds < 2:
            raise ExperimentError(f"folds: expected at least 2, found {self.folds}")

    def estimator(self, *, seed: int) -> Any:
        """Return the scaler, the machine and its calibration."""
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from sklearn.svm import SVC

        machine = make_pipeline(StandardScaler(), SVC(C=self.C))
        return CalibratedClassifierCV(machine, cv=self.folds, ensemble=False)

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Progress) -> Predictor:
        """Fit on `train`, which needs at least `folds` windows of each class."""
        counts = np.bincount(train.labels, minlength=len(train.classes))
        if counts.min() < self.folds:
            raise DataError(
                f"{self.name}: expected at least {self.folds} training windows per class "
                f"(one for each fold), found {counts.min()} of {train.classes[counts.argmin()]}"
            )
        return super().fit(train, validation, seed=seed, progress=progress)
