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
    margin : float or None
        A difference up to this does not matter; None where nobody has declared one.
    margin_of_rest : float or None
        And up to this share of what the better value lacks to 1, if not None.
    """

    name: str
    label: str
    meaning: str
    higher_is_better: bool = True
    margin: float | None = None
    margin_of_rest: float | None = None

    def margin_at(self, better: float) -> float | None:
        """Return the difference that does not matter between two values of which the larger is `better`.

        >>> METRICS["roc_auc"].margin_at(0.99)
        0.001
        """
        if self.margin is None or self.margin_of_rest is None:
            return self.margin
        return round(min(self.margin, self.margin_of_rest * (1 - better)), 12)


_ALL = (
    Metric(
        "roc_auc", "AUC", "Chance that a positive window scores above a null one, ties one half.",
        margin=0.01, margin_of_rest=0.1,
    ),
    Metric(
        "pr_auc", "PR-AUC", "Mean precision over the positive windows; depends on the number of null ones."
    ),
    Metric(
        "power_at_5_percent", "power at the 5 % threshold",
        "Positive windows called at the threshold that lets at most 5 % of separate null windows pass.",
    ),
    Metric(
        "power_at_1_percent", "power at the 1 % threshold",
        "Positive windows called at the threshold that lets at most 1 % of separate null windows pass.",
    ),
    Metric(
        "power_at_5_percent_interpolated", "power at 5 % FPR",
        "The same at exactly 5 %, between the two thresholds around it: fair to few distinct scores.",
        margin=0.03,
    ),
    Metric(
        "power_at_1_percent_interpolated", "power at 1 % FPR",
        "The same at exactly 1 %, between the two thresholds around it: fair to few distinct scores.",
        margin=0.03,
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
    Metric(
        "expected_calibration_error_floor", "calibration error, floor",
        "What a perfectly calibrated method would show at this number of windows.", False,
    ),
    Metric(
        "expected_calibration_error_p", "calibration error, p",
        "How often a perfectly calibrated method would show as much.",
    ),
)  # fmt: skip

METRICS = {metric.name: metric for metric in _ALL}
"""Every metric of a results table but the counts ``called_<class>``, by name."""
