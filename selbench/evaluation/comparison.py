"""Methods against each other on the same test windows, and the sentence that follows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from selbench.evaluation.bootstrap import percentile_interval
from selbench.evaluation.classification import called_class
from selbench.evaluation.delong import auc_difference, placements
from selbench.evaluation.measures import Values
from selbench.evaluation.metrics import METRICS
from selbench.evaluation.predictions import ClassRoles, MethodPredictions, TaskPredictions, by_task
from selbench.evaluation.results import mean_measures, measure_repetitions, split_of
from selbench.evaluation.significance import SIGNIFICANCE, holm, mcnemar_p_value, normal_p_value

if TYPE_CHECKING:
    import pandas as pd

BOOTSTRAPPED = ("pr_auc", "power_at_5_percent", "power_at_1_percent", "accuracy", "brier")
"""Metrics whose differences are tested by the paired bootstrap."""

COMPARED = ("roc_auc", *BOOTSTRAPPED)
"""Metrics that methods are compared by; accuracy has McNemar's test besides, and AUC DeLong's alone."""

NORMAL_QUANTILE = 1.959963984540054
"""Half-width of a 95 % interval in standard errors."""


@dataclass(frozen=True)
class Difference:
    """Two methods on one task.

    Parameters
    ----------
    train_task, test_task, metric, method, other : str
    value, low, high : float
        Of the metric, `method` minus `other`, averaged over repetitions, with its 95 % interval over windows.
    p_value, adjusted_p_value : float
        Two-sided; adjusted by Holm over all pairs of methods of the task (and repetition).
    test : str
    repetition : int or None
        For a test that is made per repetition.
    agreeing, n_repetitions : int
        How many repetitions have a difference of the same sign, and of how many.
    """

    train_task: str
    test_task: str
    metric: str
    method: str
    other: str
    value: float
    low: float
    high: float
    p_value: float
    test: str
    repetition: int | None = None
    agreeing: int = 0
    n_repetitions: int = 0
    adjusted_p_value: float = float("nan")

    @property
    def shown(self) -> bool:
        """Whether there is a difference, at 5 % after adjustment."""
        return self.adjusted_p_value < SIGNIFICANCE

    @property
    def reverse(self) -> Difference:
        """The same difference seen from the other method."""
        return replace(
            self, method=self.other, other=self.method, value=-self.value, low=-self.high, high=-self.low
        )

    @property
    def better_first(self) -> Difference:
        """The same difference with the method first that does better."""
        better = (self.value >= 0) == METRICS[self.metric].higher_is_better
        return self if better else self.reverse

    @property
    def sentence(self) -> str:
        """What follows from it, in words."""
        label = METRICS[self.metric].label
        if not self.shown:
            said = f"{_signed(self.value)} {label}, {_signed(self.low)} to {_signed(self.high)}"
            if self.low > 0 or self.high < 0:
                said += f" for this pair alone; p = {self.adjusted_p_value:.2f} among all pairs"
            return f"{self.method} and {self.other}: no difference shown ({said})"
        first = self.better_first
        sign = 1 if METRICS[self.metric].higher_is_better else -1
        low, high = sorted((sign * first.low, sign * first.high))
        gain = f"{sign * first.value:.3f} {label} ({low:.3f} to {high:.3f})"
        return f"{first.method} is better than {first.other} by {gain}"


def compare(
    predictions: pd.DataFrame,
    tasks: Mapping[str, ClassRoles],
    *,
    metrics: Collection[str] = COMPARED,
    n_resamples: int = 1000,
    seed: int,
) -> tuple[Difference, ...]:
    """Compare all pairs of methods on every task.

    AUC by DeLong's test on the average over repetitions; errors by McNemar's
    test per repetition; the metrics in `BOOTSTRAPPED` by the paired bootstrap,
    with resamples that both methods share. p-values are Holm-adjusted over the
    pairs of one task, metric and repetition.

    Raises
    ------
    DataError
        If predictions break their contract, see `predictions.by_task`.
    """
    families: dict[tuple[str, str, str, int | None], list[Difference]] = {}
    for task in by_task(predictions, tasks):
        for difference in _differences(task, metrics, n_resamples, seed):
            family = (difference.train_task, difference.test_task, difference.metric, difference.repetition)
            families.setdefault(family, []).append(difference)
    return tuple(
        replace(difference, adjusted_p_value=float(adjusted))
        for family in families.values()
        for difference, adjusted in zip(family, holm([d.p_value for d in family]), strict=True)
    )


def _differences(
    task: TaskPredictions, metrics: Collection[str], n_resamples: int, seed: int
) -> Iterator[Difference]:
    if "roc_auc" in metrics:
        yield from _by_delong(task)
    if set(metrics) & set(BOOTSTRAPPED):
        yield from _by_bootstrap(task, metrics, n_resamples, seed)
    if "accuracy" in metrics:
        yield from _by_mcnemar(task)


def _by_delong(task: TaskPredictions) -> Iterator[Difference]:
    averaged = {m.method: placements(m, task.labels) for m in task.methods}
    single = {
        m.method: {r: placements(_only(m, r), task.labels).auc for r in m.repetitions} for m in task.methods
    }
    for a, b in combinations(averaged, 2):
        value, error = auc_difference(averaged[a], averaged[b])
        yield _with_agreement(
            Difference(
                task.train_task, task.test_task, "roc_auc", a, b, value,
                value - NORMAL_QUANTILE * error, value + NORMAL_QUANTILE * error,
                normal_p_value(value, error), "DeLong",
            ),
            single[a], single[b],
        )  # fmt: skip


def _by_bootstrap(
    task: TaskPredictions, metrics: Collection[str], n_resamples: int, seed: int
) -> Iterator[Difference]:
    split = split_of(task, n_resamples=n_resamples, seed=seed)
    averaged: dict[str, dict[str, Values]] = {}
    single: dict[str, dict[str, dict[int, float]]] = {}
    for method in task.methods:
        repetitions = measure_repetitions(split, method)
        means = mean_measures(repetitions)
        measured = [metric for metric in BOOTSTRAPPED if metric in metrics and (metric, "") in means]
        averaged[method.method] = {metric: means[metric, ""] for metric in measured}
        single[method.method] = {
            metric: {r: float(measures[metric, ""][0]) for r, measures in repetitions.items()}
            for metric in measured
        }
    for a, b in combinations(averaged, 2):
        for metric, values in averaged[a].items():
            apart = values - averaged[b][metric]
            low, high = percentile_interval(apart)
            p_value = normal_p_value(float(apart[0]), float(apart[1:].std(ddof=1)))
            difference = Difference(
                task.train_task, task.test_task, metric, a, b, float(apart[0]), float(low), float(high),
                p_value, "paired bootstrap",
            )  # fmt: skip
            yield _with_agreement(difference, single[a][metric], single[b][metric])


def _by_mcnemar(task: TaskPredictions) -> Iterator[Difference]:
    right = {
        m.method: dict(zip(m.repetitions, called_class(m.test) == task.labels, strict=True))
        for m in task.methods
    }
    for a, b in combinations(right, 2):
        for repetition in right[a].keys() & right[b].keys():
            a_right, b_right = right[a][repetition], right[b][repetition]
            apart = a_right.astype(float) - b_right
            error = NORMAL_QUANTILE * apart.std() / np.sqrt(len(apart))
            yield Difference(
                task.train_task, task.test_task, "accuracy", a, b, float(apart.mean()),
                float(apart.mean() - error), float(apart.mean() + error),
                mcnemar_p_value(int((apart > 0).sum()), int((apart < 0).sum())), "McNemar",
                repetition, 1, 1,
            )  # fmt: skip


def _only(method: MethodPredictions, repetition: int) -> MethodPredictions:
    index = method.repetitions.index(repetition)
    one = slice(index, index + 1)
    return MethodPredictions(method.method, (repetition,), method.test[one], method.threshold[one])


def _with_agreement(
    difference: Difference, of_method: Mapping[int, float], of_other: Mapping[int, float]
) -> Difference:
    shared = of_method.keys() & of_other.keys()
    sign: Callable[[float], float] = np.sign
    agreeing = sum(sign(of_method[r] - of_other[r]) == sign(difference.value) for r in shared)
    return replace(difference, agreeing=int(agreeing), n_repetitions=len(shared))


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")
