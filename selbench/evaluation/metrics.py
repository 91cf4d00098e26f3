"""The metrics by name: how each is called in a report, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A metric as a reader meets it.

    Parameters
    ----------
    name : str
        In the results table.
    label : str
        In text and table heads.
    meaning : str
        One sentence.
    higher_is_better : bool
    """

    name: str
    label: str
    meaning: str
    higher_is_better: bool = True


_ALL = (
    Metric("roc_auc", "AUC", "Chance that a positive window scores above a null one, ties one half."),
    Metric(
        "pr_auc", "PR-AUC", "Mean precision over the positive windows; depends on the number of null ones."
    ),
    Metric(
        "power_at_5_percent", "power at 5 % FPR",
        "Positive windows called at the threshold that lets 5 % of separate null windows pass.",
    ),
    Metric(
        "power_at_1_percent", "power at 1 % FPR",
        "Positive windows called at the threshold that lets 1 % of separate null windows pass.",
    ),
    Metric(
        "power_at_5_percent_interpolated", "power at exactly 5 % FPR",
        "The same, between the two thresholds around 5 %: fair to methods with few distinct scores.",
    ),
    Metric(
        "power_at_1_percent_interpolated", "power at exactly 1 % FPR",
        "The same, between the two thresholds around 1 %: fair to methods with few distinct scores.",
    ),
    Metric(
        "threshold_rate_at_5_percent", "rate reached, 5 %",
        "Null windows of the threshold split that the 5 % threshold lets pass.", False,
    ),
    Metric(
        "threshold_rate_at_1_percent", "rate reached, 1 %",
        "Null windows of the threshold split that the 1 % threshold lets pass.", False,
    ),
    Metric(
        "false_positive_rate_at_5_percent", "FPR on test windows, 5 %",
        "Null windows of the test split that the 5 % threshold lets pass.", False,
    ),
    Metric(
        "false_positive_rate_at_1_percent", "FPR on test windows, 1 %",
        "Null windows of the test split that the 1 % threshold lets pass.", False,
    ),
    Metric("accuracy", "accuracy", "Windows whose most probable class is the true one."),
    Metric("balanced_accuracy", "balanced accuracy", "Mean of the classes' recalls."),
    Metric("precision", "precision", "Windows called a class that are of it; 0 if none is called."),
    Metric("recall", "recall", "Windows of a class that are called so."),
    Metric("f1", "F1", "Harmonic mean of precision and recall."),
    Metric("brier", "Brier score", "Squared distance of the probabilities from the truth, 0 to 1.", False),
    Metric(
        "expected_calibration_error", "calibration error",
        "Mean distance between the probability said and the share that came true, in ten bins.", False,
    ),
)  # fmt: skip

METRICS = {metric.name: metric for metric in _ALL}
"""Every metric of a results table but the counts ``called_<class>``, by name."""
