"""Every measure of one method in one repetition, with its resamples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.bootstrap import Resamples
from selbench.evaluation.calibration import brier_losses, expected_calibration_error
from selbench.evaluation.classification import (
    accuracy,
    balanced_accuracy,
    called_class,
    confusion_counts,
    f1,
    precision,
    recall,
)
from selbench.evaluation.power import ALPHAS, call_threshold, interpolated_power, windows_needed
from selbench.evaluation.predictions import ClassRoles, score_against_null
from selbench.evaluation.roc import RankedScores, average_precision, roc_auc

Key = tuple[str, str]
"""A metric's name and the class it is about ("" for all classes together)."""

Values = NDArray[np.float64]
"""float64 (n_resamples + 1,): the value itself, then its resamples."""


def at_rate(alpha: float) -> str:
    """Return how metrics spell a false-positive rate: ``at_5_percent``."""
    return f"at_{100 * alpha:g}_percent"


@dataclass(frozen=True, eq=False)
class TestSplit:
    """The test windows of a task with their resamples, and how many threshold windows go with them."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    roles: ClassRoles
    labels: NDArray[np.int64]
    resamples: Resamples

    @cached_property
    def counts(self) -> NDArray[np.float64]:
        """How often each window counts, float64 (n_resamples + 1, n_windows)."""
        return self.resamples.joint(self.labels)

    def n_windows(self, key: Key) -> int:
        """Return how many test windows a measure is about."""
        metric, of_class = key
        sizes = np.bincount(self.labels)
        if not of_class or metric.startswith(("precision", "f1", "expected")):
            return int(sizes.sum())
        code = self.roles.classes.index(of_class)
        if metric in ("roc_auc", "pr_auc"):
            return int(sizes[0] + sizes[code])
        return int(sizes[0] if metric.startswith("false_positive_rate") else sizes[code])


def measure(split: TestSplit, test: NDArray[np.float64], threshold: NDArray[np.float64]) -> dict[Key, Values]:
    """Compute all measures of one repetition.

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
        ("brier", ""): _mean_loss(split, brier_losses(test, split.labels)),
    }
    return overall | _means_over_classes(per_class) | per_class | dict(_called(split, confusion))


def _against_null(
    split: TestSplit, test: NDArray[np.float64], threshold: NDArray[np.float64], code: int
) -> Iterator[tuple[str, Values]]:
    scores = score_against_null(test, code)
    positive, null = (
        RankedScores.of(scores[split.labels == which], split.resamples.test[which]) for which in (code, 0)
    )
    yield "roc_auc", roc_auc(positive, null)
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


def _mean_loss(split: TestSplit, losses: NDArray[np.float64]) -> Values:
    return np.asarray(split.counts @ losses / len(losses))


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
