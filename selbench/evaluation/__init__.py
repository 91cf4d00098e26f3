"""Metrics with intervals, paired comparisons and calibration: pure functions of predictions."""

from selbench.evaluation.predictions import ClassRoles
from selbench.evaluation.results import evaluate

__all__ = ["ClassRoles", "evaluate"]
