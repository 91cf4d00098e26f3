"""What comparisons rest on: every compared metric of every method, training by training."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.bootstrap import Resamples
from selbench.evaluation.brought import sampled_brought
from selbench.evaluation.calibration import brier_losses
from selbench.evaluation.classification import called_class
from selbench.evaluation.measures import at_rate, sampled_areas, sampled_means
from selbench.evaluation.power import ALPHAS, interpolated_power, windows_needed
from selbench.evaluation.predictions import MethodPredictions, TaskPredictions, score_against_null
from selbench.evaluation.roc import RankedScores, average_precision
from selbench.evaluation.sampled import Sampled
from selbench.plugin import Metric

POWERS = {f"power_{at_rate(alpha)}_interpolated": alpha for alpha in ALPHAS}
"""Power at exactly a false-positive rate, by metric: few distinct scores lose nothing to ties."""

COMPARED = ("roc_auc", "pr_auc", *POWERS, "accuracy", "brier")
"""Metrics that methods are compared by."""

Samples = Mapping[str, Mapping[str, Sampled]]
"""By metric, then by method."""


def sample(
    task: TaskPredictions,
    metrics: Collection[str] = COMPARED,
    *,
    n_resamples: int = 1000,
    seed: int,
    brought: Sequence[Metric] = (),
) -> Samples:
    """Measure every method in every training, with how test windows move the values.

    Areas, accuracy and Brier scores have influences of windows in closed form;
    the area under the precision-recall curve and power are resampled, with the
    same resamples for all methods. Power is left out where there are too few
    windows to choose its threshold on. Metrics of plugins follow.
    """
    found: dict[str, dict[str, Sampled]] = {}
    if "roc_auc" in metrics:
        found["roc_auc"] = {m.method: sampled_areas(m, task.labels) for m in task.methods}
    resampled = [
        metric
        for metric in ("pr_auc", *POWERS)
        if metric in metrics
        and (metric == "pr_auc" or task.n_threshold_windows >= windows_needed(POWERS[metric]))
    ]
    if resampled or brought:
        resamples = Resamples.draw(
            task.labels, task.n_threshold_windows, n_resamples=n_resamples, seed=seed, task=task.test_task
        )
    if resampled:
        of_methods = {m.method: _resampled(m, task, resampled, resamples) for m in task.methods}
        for metric in resampled:
            found[metric] = {name: of_method[metric] for name, of_method in of_methods.items()}
    if "accuracy" in metrics:
        found["accuracy"] = {
            m.method: sampled_means((called_class(m.test) == task.labels).astype(float), task.labels)
            for m in task.methods
        }
    if "brier" in metrics:
        found["brier"] = {
            m.method: sampled_means(
                np.array([brier_losses(said, task.labels) for said in m.test]), task.labels
            )
            for m in task.methods
        }
    return found | (sampled_brought(brought, task.methods, task.labels, resamples) if brought else {})


def _resampled(
    method: MethodPredictions, task: TaskPredictions, metrics: Collection[str], resamples: Resamples
) -> dict[str, Sampled]:
    """Sample metrics by the bootstrap, averaged over the classes other than the null one."""
    rows: dict[str, list[NDArray[np.float64]]] = {metric: [] for metric in metrics}
    for test, threshold in zip(method.test, method.threshold, strict=True):
        of_classes: dict[str, list[NDArray[np.float64]]] = {metric: [] for metric in metrics}
        for code in range(1, test.shape[1]):
            scores = score_against_null(test, code)
            positive, null = (
                RankedScores.of(scores[task.labels == which], resamples.test[which]) for which in (code, 0)
            )
            if "pr_auc" in metrics:
                of_classes["pr_auc"].append(average_precision(positive, null))
            powers = [metric for metric in metrics if metric in POWERS]
            if powers:
                most = max(ALPHAS) * (len(threshold) + 1)
                set_aside = RankedScores.of(score_against_null(threshold, code), resamples.threshold, most)
                for metric in powers:
                    of_classes[metric].append(interpolated_power(positive, set_aside, POWERS[metric]))
        for metric, values in of_classes.items():
            rows[metric].append(np.mean(values, axis=0))
    sizes = np.bincount(task.labels)
    return {metric: _of_resamples(np.array(values), int(sizes.min())) for metric, values in rows.items()}


def _of_resamples(values: NDArray[np.float64], n_windows: int) -> Sampled:
    """Put values (n_repetitions, n_resamples + 1), themselves first, as a sample."""
    resampled = values[:, 1:]
    deviations = (resampled - resampled.mean(axis=1, keepdims=True)) / np.sqrt(resampled.shape[1] - 1)
    return Sampled(values[:, 0], deviations if n_windows > 1 else np.full_like(deviations, np.nan))
