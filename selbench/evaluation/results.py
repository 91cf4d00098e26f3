"""The results table: one row per training, metric and class, in the shape of ``results.parquet``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from selbench.evaluation.bootstrap import Resamples, reflected_interval
from selbench.evaluation.brought import sampled_brought
from selbench.evaluation.intervals import (
    bounded_interval,
    influence_degrees_of_freedom,
    log_interval,
    logit_interval,
    proportion_interval,
)
from selbench.evaluation.measures import Key, TestSplit, Values, calibration_floors, influenced, measure
from selbench.evaluation.prediction_table import by_task
from selbench.evaluation.predictions import ClassRoles, MethodPredictions, TaskPredictions
from selbench.evaluation.sampled import Sampled
from selbench.plugin import Metric
from selbench.streams import generator

if TYPE_CHECKING:
    import pandas as pd

RESULT_COLUMNS = (
    "train_task", "test_task", "method", "repetition", "metric", "class", "value", "low", "high",
    "interval", "n_windows",
)  # fmt: skip
"""Columns of a results table."""

N_CALIBRATED = 200
"""How often labels are drawn for the calibration error that a calibrated method would show."""


def evaluate(
    predictions: pd.DataFrame,
    tasks: Mapping[str, ClassRoles],
    *,
    n_resamples: int = 1000,
    seed: int,
    brought: Sequence[Metric] = (),
) -> pd.DataFrame:
    """Measure every method on every task, with 95 % intervals over windows.

    Resamples keep the number of windows per class. All methods see the same
    ones, so differences between methods are paired.

    Parameters
    ----------
    predictions : DataFrame
        One row per window, method and repetition: train_task, test_task, method,
        repetition, split (``test`` or ``threshold``), window, label and one
        column ``p_<class>`` per class.
    tasks : mapping of task name to ClassRoles
    n_resamples : int
    seed : int
        The experiment's; resamples take streams of their own from it.
    brought : sequence of Metric
        Metrics of plugins, to be measured as well.

    Returns
    -------
    results : DataFrame
        Columns `RESULT_COLUMNS`; a missing repetition marks the mean over
        repetitions, whose interval is that of the mean. Where no interval
        exists, as with one window per class or with a genome's, low and high are missing.

    Raises
    ------
    DataError
        If predictions break their contract, see `by_task`.
    PluginError
        If a metric of a plugin fails.
    """
    import pandas as pd

    rows = [
        row for task in by_task(predictions, tasks) for row in _task_rows(task, n_resamples, seed, brought)
    ]
    frame = pd.DataFrame(rows, columns=list(RESULT_COLUMNS))
    return frame.astype(
        {"repetition": "Int64", "value": "float64", "low": "float64", "high": "float64", "n_windows": "int64"}
    )


@dataclass(frozen=True)
class Estimate:
    """A value with its interval, and what that is over and how it was made; "" where there is none."""

    value: float
    low: float = nan
    high: float = nan
    interval: str = ""


def _task_rows(
    task: TaskPredictions, n_resamples: int, seed: int, brought: Sequence[Metric]
) -> Iterator[tuple[Any, ...]]:
    split = split_of(task, n_resamples=n_resamples, seed=seed)
    for method in task.methods:
        for repetition, estimates in _estimates(split, method, brought):
            for key, found in estimates:
                found = Estimate(found.value) if task.roles.is_genome else found
                cell = (task.train_task, task.test_task, method.method, repetition)
                yield (
                    *cell, *key, found.value, found.low, found.high, found.interval, split.n_windows(key),
                )  # fmt: skip


def split_of(task: TaskPredictions, *, n_resamples: int, seed: int) -> TestSplit:
    """Draw the resamples of a task: the same for every method and every training task."""
    resamples = Resamples.draw(
        task.labels, task.n_threshold_windows, n_resamples=n_resamples, seed=seed, task=task.test_task
    )
    rng = generator(seed, "calibration", task.test_task)
    return TestSplit(task.roles, task.labels, resamples, rng.random((N_CALIBRATED, len(task.labels))))


def _estimates(
    split: TestSplit, method: MethodPredictions, brought: Sequence[Metric] = ()
) -> Iterator[tuple[int | None, Iterator[tuple[Key, Estimate]]]]:
    """Yield the estimates of the mean over trainings, then those of every training."""
    closed = influenced(split, method)
    of_plugins = sampled_brought(brought, [method], split.labels, split.resamples)
    resampled = [
        measure(split, test, threshold) for test, threshold in zip(method.test, method.threshold, strict=True)
    ]
    floors = [calibration_floors(split, test) for test in method.test]
    everything = range(len(method.repetitions))

    def of(trainings: range) -> Iterator[tuple[Key, Estimate]]:
        for key, sampled in closed.items():
            at = slice(trainings.start, trainings.stop)
            yield key, _closed(split, key, sampled.values[at], sampled.deviations[at])
        means = {key: np.mean([resampled[i][key] for i in trainings], axis=0) for key in resampled[0]}
        for key, values in means.items():
            yield key, _estimate(split, key, means)
            if key[0] == "expected_calibration_error":
                floor = np.mean([floors[i][key[1]] for i in trainings], axis=0)
                yield from _floor(key, float(values[0]), floor)
        for key, shares in _coverage(split, method).items():
            yield key, Estimate(float(shares[trainings.start : trainings.stop].mean()))
        for metric in brought:
            if metric.name in of_plugins:
                sampled = of_plugins[metric.name][method.method]
                yield (metric.name, ""), _of_plugin(split, metric, sampled, trainings)

    yield None, of(everything)
    for place, repetition in enumerate(method.repetitions):
        yield repetition, of(everything[place : place + 1])


def _coverage(split: TestSplit, method: MethodPredictions) -> dict[Key, NDArray[np.float64]]:
    """Return which share of test windows, of all and of each class, every training answered."""
    chosen = {"": np.ones(len(split.labels), dtype=np.bool_)} | {
        name: split.labels == code for code, name in enumerate(split.roles.classes)
    }
    return {("coverage", name): method.coverage(windows) for name, windows in chosen.items()}


def _closed(
    split: TestSplit, key: Key, values: NDArray[np.float64], deviations: NDArray[np.float64]
) -> Estimate:
    value, influences = float(values.mean()), deviations.mean(axis=0)
    kind, name = (logit_interval, "logit DeLong") if key[0] == "roc_auc" else (log_interval, "log scale")
    variance, degrees = float((influences**2).sum()), influence_degrees_of_freedom(influences)
    limits = kind(value, variance, split.n_behind(key), degrees)
    return _with_interval(value, limits, f"95% over windows ({name})")


def _of_plugin(split: TestSplit, metric: Metric, sampled: Sampled, trainings: range) -> Estimate:
    at = slice(trainings.start, trainings.stop)
    value, moved = float(sampled.values[at].mean()), sampled.deviations[at].mean(axis=0)
    limits = bounded_interval(
        value,
        float((moved**2).sum()),
        int(split.sizes.min()),
        influence_degrees_of_freedom(moved),
        metric.lowest,
        metric.highest,
    )
    return _with_interval(value, limits, "95% over windows (scale of its bounds)")


def _estimate(split: TestSplit, key: Key, means: Mapping[Key, Values]) -> Estimate:
    """Estimate a resampled measure; plain counts and chosen rates have no interval."""
    metric, values = key[0], means[key]
    value, variance = float(values[0]), float(values[1:].var(ddof=1)) if len(values) > 2 else nan
    if metric.startswith(("called_", "threshold_rate_")):
        return Estimate(value)
    if split.sizes.min() < 2:
        return Estimate(value)
    if metric == "expected_calibration_error":
        low, high = reflected_interval(values)
        return Estimate(value, float(low), float(high), "95% over windows (reflected bootstrap)")
    if metric == "pr_auc":
        limits = logit_interval(value, variance, split.n_behind(key))
        return _with_interval(value, limits, "95% over windows (logit of the bootstrap)")
    over = "test and threshold windows" if "_percent" in metric else "windows"
    n = _n_called(key, means) if metric == "precision" and key[1] else split.n_behind(key)
    return _with_interval(value, proportion_interval(value, variance, n), f"95% over {over} (Wilson)")


def _n_called(key: Key, means: Mapping[Key, Values]) -> float:
    """Return how many windows were called the class that a precision is of."""
    return float(sum(values[0] for (metric, _), values in means.items() if metric == f"called_{key[1]}"))


def _floor(key: Key, error: float, floor: NDArray[np.float64]) -> Iterator[tuple[Key, Estimate]]:
    """Say what a calibrated method would show, and how often it would show as much as this one."""
    metric, of_class = key
    as_large = (1 + int((floor >= error).sum())) / (1 + len(floor))
    yield (f"{metric}_floor", of_class), Estimate(float(floor.mean()))
    yield (f"{metric}_p", of_class), Estimate(as_large)


def _with_interval(value: float, limits: tuple[float, float], interval: str) -> Estimate:
    return Estimate(value, *limits, interval) if limits[0] == limits[0] else Estimate(value)
