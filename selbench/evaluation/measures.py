"""Every measure of one method in one training: with its resamples, or with how windows move it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.bootstrap import Resamples
from selbench.evaluation.calibration import (
    brier_losses,
    calibrated_labels,
    calibration_floor,
    expected_calibration_error,
)
from selbench.evaluation.classification import (
    accuracy,
    balanced_accuracy,
    called_class,
    confusion_counts,
    f1,
    precision,
    recall,
)
from selbench.evaluation.delong import influences_of_mean, placements
from selbench.evaluation.power import ALPHAS, call_threshold, interpolated_power, windows_needed
from selbench.evaluation.predictions import ClassRoles, MethodPredictions, score_against_null
from selbench.evaluation.roc import RankedScores, average_precision
from selbench.evaluation.sampled import Sampled

Key = tuple[str, str]
"""A metric's name and the class it is about ("" for all classes together)."""

Values = NDArray[np.float64]
"""float64 (n_resamples + 1,): the value itself, then its resamples."""


def at_rate(alpha: float) -> str:
    """Return how metrics spell a false-positive rate: ``at_5_percent``."""
    return f"at_{100 * alpha:g}_percent"


@dataclass(frozen=True, eq=False)
class TestSplit:
    """The test windows of a task with their resamples, and how many threshold windows go with them.

    Parameters
    ----------
    roles : ClassRoles
    labels : int64 (n_windows,)
    resamples : Resamples
    uniforms : float64 (n_draws, n_windows)
        What labels of a calibrated method are drawn with.
    """

    __test__ = False  # not a test class, whatever pytest thinks of the name

    roles: ClassRoles
    labels: NDArray[np.int64]
    resamples: Resamples
    uniforms: NDArray[np.float64]

    @cached_property
    def counts(self) -> NDArray[np.float64]:
        """How often each window counts, float64 (n_resamples + 1, n_windows)."""
        return self.resamples.joint(self.labels)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Test windows of each class, int64 (n_classes,)."""
        return np.bincount(self.labels, minlength=len(self.roles.classes))

    def n_windows(self, key: Key) -> int:
        """Return how many test windows a measure is about."""
        metric, of_class = key
        if not of_class or metric.startswith(("precision", "f1", "expected")):
            return int(self.sizes.sum())
        code = self.roles.classes.index(of_class)
        if metric in ("roc_auc", "pr_auc"):
            return int(self.sizes[0] + self.sizes[code])
        return int(self.sizes[0] if metric.startswith("false_positive_rate") else self.sizes[code])

    def n_behind(self, key: Key) -> int:
        """Return how many windows a value of 0 or 1 rests on: of one class, where the value is about one."""
        metric, of_class = key
        codes = [self.roles.classes.index(of_class)] if of_class else list(range(1, len(self.sizes)))
        if metric in ("roc_auc", "pr_auc", "brier"):
            return int(self.sizes.min() if not of_class else min(self.sizes[0], self.sizes[codes[0]]))
        if metric.startswith("false_positive_rate"):
            return int(self.sizes[0])
        return int(self.sizes[codes].sum()) if metric.startswith("power") else self.n_windows(key)


def measure(split: TestSplit, test: NDArray[np.float64], threshold: NDArray[np.float64]) -> dict[Key, Values]:
    """Compute the measures of one training that are resampled.

    Parameters
    ----------
    split : TestSplit
    test : float64 (n_windows, n_classes)
        Probabilities of the test windows.
    threshold : float64 (n_threshold_windows, n_classes)
        Probabilities of the threshold windows; power asks for 20 / alpha of them and is left out otherwise.

    Returns
    -------
    measures : dict from (metric, class) to float64 (n_resamples + 1,)
        Binary metrics set one class against the null class; under the class
        ``""`` stands their mean over classes.
    """
    per_class: dict[Key, Values] = {}
    for code, name in enumerate(split.roles.classes):
        if code > 0:
            against_null = _against_null(split, test, threshold, code)
            per_class |= {(metric, name): values for metric, values in against_null}
        error = expected_calibration_error(test[:, code], split.labels == code, split.counts)
        per_class["expected_calibration_error", name] = error
    confusion = confusion_counts(split.labels, called_class(test), split.counts, len(split.roles.classes))
    for metric, of_classes in (("precision", precision), ("recall", recall), ("f1", f1)):
        values = of_classes(confusion)
        per_class |= {(metric, name): values[:, code] for code, name in enumerate(split.roles.classes)}
    overall: dict[Key, Values] = {
        ("accuracy", ""): accuracy(confusion),
        ("balanced_accuracy", ""): balanced_accuracy(confusion),
    }
    return overall | _means_over_classes(per_class) | per_class | dict(_called(split, confusion))


def influenced(split: TestSplit, method: MethodPredictions) -> dict[Key, Sampled]:
    """Compute the measures of all trainings whose variance over windows has a closed form."""
    found = {("roc_auc", ""): sampled_areas(method, split.labels)}
    for code, name in enumerate(split.roles.alternatives, start=1):
        found["roc_auc", name] = sampled_areas(method, split.labels, codes=(code,))
    losses = np.array([brier_losses(said, split.labels) for said in method.test])
    return found | {("brier", ""): sampled_means(losses, split.labels)}


def calibration_floors(split: TestSplit, test: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Draw the calibration errors that a calibrated method would show, float64 (n_draws,) by class.

    Under ``""`` stands their mean over classes.
    """
    labels = calibrated_labels(test, split.uniforms)
    floors = {
        name: calibration_floor(test[:, code], code, labels) for code, name in enumerate(split.roles.classes)
    }
    return {"": np.mean(list(floors.values()), axis=0), **floors}


def sampled_means(values: NDArray[np.float64], labels: NDArray[np.int64]) -> Sampled:
    """Sample the mean over windows of `values` (n_repetitions, n_windows); classes keep their sizes."""
    deviations = np.empty_like(values)
    for code, size in enumerate(np.bincount(labels)):
        share = size / len(labels)
        for row, of_row in zip(deviations, values, strict=True):
            row[labels == code] = share * influences_of_mean(of_row[labels == code])
    return Sampled(values.mean(axis=1), deviations)


def sampled_areas(
    method: MethodPredictions, labels: NDArray[np.int64], *, codes: Sequence[int] | None = None
) -> Sampled:
    """Sample the area under the ROC curve, averaged over classes `codes` (DeLong et al., 1988)."""
    placed = [placements(method.only(r), labels, codes=codes) for r in method.repetitions]
    return Sampled(np.array([p.auc for p in placed]), np.array([p.influences for p in placed]))


def _against_null(
    split: TestSplit, test: NDArray[np.float64], threshold: NDArray[np.float64], code: int
) -> Iterator[tuple[str, Values]]:
    scores = score_against_null(test, code)
    positive, null = (
        RankedScores.of(scores[split.labels == which], split.resamples.test[which]) for which in (code, 0)
    )
    yield "pr_auc", average_precision(positive, null)
    if len(threshold) < windows_needed(max(ALPHAS)):
        return
    most = max(ALPHAS) * (len(threshold) + 1)
    set_aside = RankedScores.of(score_against_null(threshold, code), split.resamples.threshold, most)
    for alpha in ALPHAS:
        if len(threshold) >= windows_needed(alpha):
            thresholds, rates = call_threshold(set_aside, alpha)
            at = at_rate(alpha)
            yield f"power_{at}", positive.share_at_least(thresholds)
            yield f"power_{at}_interpolated", interpolated_power(positive, set_aside, alpha)
            yield f"threshold_rate_{at}", rates
            yield f"false_positive_rate_{at}", null.share_at_least(thresholds)


def _means_over_classes(per_class: dict[Key, Values]) -> dict[Key, Values]:
    metrics = dict.fromkeys(metric for metric, _ in per_class)
    return {
        (metric, ""): np.mean([values for key, values in per_class.items() if key[0] == metric], axis=0)
        for metric in metrics
    }


def _called(split: TestSplit, confusion: NDArray[np.float64]) -> Iterator[tuple[Key, Values]]:
    classes = split.roles.classes
    for true, name in enumerate(classes):
        for called, called_name in enumerate(classes):
            yield (f"called_{called_name}", name), confusion[:, true, called]
