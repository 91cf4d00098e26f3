"""Metrics with intervals, claims and calibration: pure functions of predictions."""

from selbench.evaluation.comparison import compare_methods, compare_scores
from selbench.evaluation.predictions import ClassRoles
from selbench.evaluation.results import evaluate
from selbench.evaluation.rivals import rank_baselines

__all__ = ["ClassRoles", "compare_methods", "compare_scores", "evaluate", "rank_baselines"]
