"""The metrics that selbench ships: what each is of labels and probabilities, and how a reader meets it.

Labels are codes, int64 (n_windows,), 0 the null class; probabilities are float64 (n_windows, n_classes).
Binary metrics set each class against the null class and are averaged. The tables of a run come from
`measures`, which computes all resamples at once; these functions are what it computes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation import calibration, classification
from selbench.evaluation.delong import placements
from selbench.evaluation.power import ALPHAS, call_threshold, interpolated_power, windows_needed
from selbench.evaluation.predictions import MethodPredictions, score_against_null
from selbench.evaluation.roc import RankedScores, average_precision
from selbench.plugin import Metric, metric
from selbench.plugin.metrics import MetricFunction

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]


@metric(
    "Hanley & McNeil 1982, Radiology 143:29", label="AUC",
    margin=0.01, margin_of_rest=0.1, lowest=0, highest=1,
)  # fmt: skip
def roc_auc(labels: Labels, probabilities: Floats) -> float:
    """Chance that a positive window scores above a null one, ties one half."""
    method = MethodPredictions("", (0,), probabilities[None], np.empty((1, 0, probabilities.shape[1])))
    return float(placements(method, labels).auc)


@metric("Davis & Goadrich 2006, ICML 23:233", label="PR-AUC", lowest=0, highest=1)
def pr_auc(labels: Labels, probabilities: Floats) -> float:
    """Mean precision over the positive windows; depends on the number of null ones."""
    return _over_classes(labels, probabilities, lambda positive, null: average_precision(positive, null)[0])


@metric("Stehman 1997, Remote Sensing of Environment 62:77", lowest=0, highest=1)
def accuracy(labels: Labels, probabilities: Floats) -> Floats:
    """Windows whose most probable class is the true one."""
    return np.asarray(classification.called_class(probabilities) == labels, dtype=np.float64)


@metric("Brodersen et al. 2010, ICPR 20:3121", lowest=0, highest=1)
def balanced_accuracy(labels: Labels, probabilities: Floats) -> float:
    """Mean of the classes' recalls."""
    return float(classification.balanced_accuracy(_confusion(labels, probabilities))[0])


@metric("van Rijsbergen 1979, Information Retrieval", lowest=0, highest=1)
def precision(labels: Labels, probabilities: Floats) -> float:
    """Windows called a class that are of it; 0 if none is called."""
    return float(classification.precision(_confusion(labels, probabilities)).mean())


@metric("van Rijsbergen 1979, Information Retrieval", lowest=0, highest=1)
def recall(labels: Labels, probabilities: Floats) -> float:
    """Windows of a class that are called so."""
    return float(classification.recall(_confusion(labels, probabilities)).mean())


@metric("van Rijsbergen 1979, Information Retrieval", label="F1", lowest=0, highest=1)
def f1(labels: Labels, probabilities: Floats) -> float:
    """Harmonic mean of precision and recall."""
    return float(classification.f1(_confusion(labels, probabilities)).mean())


@metric(
    "Brier 1950, Monthly Weather Review 78:1", label="Brier score",
    higher_is_better=False, lowest=0, highest=1,
)  # fmt: skip
def brier(labels: Labels, probabilities: Floats) -> Floats:
    """Squared distance of the probabilities from the truth, 0 to 1."""
    return calibration.brier_losses(probabilities, labels)


@metric(
    "Naeini et al. 2015, AAAI 29:2901", label="calibration error",
    higher_is_better=False, lowest=0, highest=1,
)  # fmt: skip
def expected_calibration_error(labels: Labels, probabilities: Floats) -> float:
    """Mean distance between the probability said and the share that came true, in ten bins."""
    once = np.ones((1, len(labels)))
    errors = [
        calibration.expected_calibration_error(said, labels == code, once)[0]
        for code, said in enumerate(probabilities.T)
    ]
    return float(np.mean(errors))


def _confusion(labels: Labels, probabilities: Floats) -> Floats:
    called = classification.called_class(probabilities)
    return classification.confusion_counts(labels, called, np.ones((1, len(labels))), probabilities.shape[1])


_OfRanked = Callable[[RankedScores, RankedScores], Any]

_NEYMAN_PEARSON = "Neyman & Pearson 1933, Philosophical Transactions of the Royal Society A 231:289"


def _over_classes(
    labels: Labels, probabilities: Floats, of: _OfRanked, threshold: Floats | None = None
) -> float:
    """Average over classes what their windows are against null ones: of the threshold, or of the test."""
    against = probabilities[labels == 0] if threshold is None else threshold
    values = [
        of(
            _ranked(score_against_null(probabilities[labels == code], code)),
            _ranked(score_against_null(against, code)),
        )
        for code in range(1, probabilities.shape[1])
    ]
    return float(np.mean(values))


def _ranked(scores: Floats) -> RankedScores:
    return RankedScores.of(scores, np.ones((1, len(scores)), dtype=np.uint8))


def _power_metrics(alpha: float) -> tuple[Metric, ...]:
    """Return power at a rate, and at exactly that rate."""
    percent = f"{100 * alpha:g}"

    def power(labels: Labels, probabilities: Floats, threshold: Floats) -> float:
        return _over_classes(
            labels,
            probabilities,
            lambda positive, aside: positive.share_at_least(call_threshold(aside, alpha)[0])[0],
            threshold,
        )

    def interpolated(labels: Labels, probabilities: Floats, threshold: Floats) -> float:
        return _over_classes(
            labels,
            probabilities,
            lambda positive, aside: interpolated_power(positive, aside, alpha)[0],
            threshold,
        )

    at_threshold = Metric(
        f"power_at_{percent}_percent", f"power at the {percent} % threshold",
        f"Positive windows called at the threshold that lets at most {percent} % of separate null windows "
        "pass.",
        lowest=0.0, highest=1.0, threshold_windows=windows_needed(alpha), citation=_NEYMAN_PEARSON,
        function=power,
    )  # fmt: skip
    at_rate = replace(
        at_threshold,
        name=f"power_at_{percent}_percent_interpolated", label=f"power at {percent} % FPR",
        meaning=f"The same at exactly {percent} %, between the two thresholds around it: fair to few "
        "distinct scores.",
        margin=0.03, function=interpolated,
    )  # fmt: skip
    return at_threshold, at_rate


def _rates(alpha: float) -> tuple[Metric, ...]:
    """Return the rates that a threshold reaches: of it they tell, not of a method."""
    percent = f"{100 * alpha:g}"
    return tuple(
        Metric(
            f"{name}_at_{percent}_percent", f"{label}, {percent} %",
            f"Null windows of the {split} split that the {percent} % threshold lets pass.",
            higher_is_better=False, lowest=0, highest=1,
        )
        for name, label, split in (
            ("threshold_rate", "rate reached", "threshold"),
            ("false_positive_rate", "FPR on test windows", "test"),
        )
    )  # fmt: skip


def _marked(function: MetricFunction) -> Metric:
    found: Metric = function.metric  # type: ignore[attr-defined]
    return found


_POWERS = [metric for pair in zip(*map(_power_metrics, ALPHAS), strict=True) for metric in pair]

SHIPPED: tuple[Metric, ...] = (
    *map(_marked, (roc_auc, pr_auc)),
    *_POWERS,
    *map(_marked, (accuracy, balanced_accuracy, precision, recall, f1, brier, expected_calibration_error)),
)
"""Every metric that is a function of labels and probabilities, as `register_metrics` takes them."""

_COMPANIONS = (
    replace(
        _marked(expected_calibration_error),
        name="expected_calibration_error_floor", label="calibration error, floor",
        meaning="What a perfectly calibrated method would show at this number of windows.", function=None,
    ),
    Metric(
        "expected_calibration_error_p", "calibration error, p",
        "How often a perfectly calibrated method would show as much.", lowest=0, highest=1,
    ),
)  # fmt: skip
"""What the calibration error is held against; drawn, not computed."""

COVERAGE = Metric(
    "coverage", "coverage",
    "Test windows that the method answered. Those that it declined are scored at its median score of windows "
    "of the null class.",
    lowest=0, highest=1,
)  # fmt: skip
"""What every score of a method that declines windows is read beside."""

_ALL_RATES = [metric for pair in zip(*map(_rates, ALPHAS), strict=True) for metric in pair]
_BEFORE_RATES = 2 + len(_POWERS)

METRICS = {
    metric.name: metric
    for metric in (*SHIPPED[:_BEFORE_RATES], *_ALL_RATES, *SHIPPED[_BEFORE_RATES:], *_COMPANIONS, COVERAGE)
}
"""Every metric of a results table but the counts ``called_<class>``, by name."""
