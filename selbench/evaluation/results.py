"""The results table: one row per cell, metric and class, in the shape of ``results.parquet``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from selbench.evaluation.bootstrap import Resamples, percentile_interval, reflected_interval
from selbench.evaluation.measures import Key, TestSplit, Values, measure
from selbench.evaluation.predictions import ClassRoles, MethodPredictions, TaskPredictions, by_task

if TYPE_CHECKING:
    import pandas as pd

RESULT_COLUMNS = (
    "train_task", "test_task", "method", "repetition", "metric", "class", "value", "low", "high",
    "interval", "n_windows",
)  # fmt: skip
"""Columns of a results table."""


def evaluate(
    predictions: pd.DataFrame, tasks: Mapping[str, ClassRoles], *, n_resamples: int = 1000, seed: int
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

    Returns
    -------
    results : DataFrame
        Columns `RESULT_COLUMNS`; a missing repetition marks the mean over
        repetitions, whose interval is that of the mean.

    Raises
    ------
    DataError
        If predictions break their contract, see `by_task`.
    """
    import pandas as pd

    rows = [row for task in by_task(predictions, tasks) for row in _task_rows(task, n_resamples, seed)]
    frame = pd.DataFrame(rows, columns=list(RESULT_COLUMNS))
    return frame.astype(
        {"repetition": "Int64", "value": "float64", "low": "float64", "high": "float64", "n_windows": "int64"}
    )


def _task_rows(task: TaskPredictions, n_resamples: int, seed: int) -> Iterator[tuple[Any, ...]]:
    split = split_of(task, n_resamples=n_resamples, seed=seed)
    for method in task.methods:
        repetitions = measure_repetitions(split, method)
        for repetition, measures in [(None, mean_measures(repetitions)), *repetitions.items()]:
            for key, values in measures.items():
                cell = (task.train_task, task.test_task, method.method, repetition)
                yield (*cell, *key, values[0], *interval(key, values), split.n_windows(key))


def split_of(task: TaskPredictions, *, n_resamples: int, seed: int) -> TestSplit:
    """Draw the resamples of a task: the same for every method and every training task."""
    resamples = Resamples.draw(
        task.labels, task.n_threshold_windows, n_resamples=n_resamples, seed=seed, task=task.test_task
    )
    return TestSplit(task.roles, task.labels, resamples)


def measure_repetitions(split: TestSplit, method: MethodPredictions) -> dict[int, dict[Key, Values]]:
    """Compute all measures of a method, repetition by repetition."""
    return {
        repetition: measure(split, test, threshold)
        for repetition, test, threshold in zip(method.repetitions, method.test, method.threshold, strict=True)
    }


def mean_measures(repetitions: Mapping[int, Mapping[Key, Values]]) -> dict[Key, Values]:
    """Average every measure over repetitions, resample by resample."""
    first = next(iter(repetitions.values()))
    return {key: np.mean([measures[key] for measures in repetitions.values()], axis=0) for key in first}


def interval(key: Key, values: Values) -> tuple[float, float, str]:
    """Return low, high and what the interval is over; NaN and "" for plain counts and chosen rates."""
    metric, _ = key
    if metric.startswith(("called_", "threshold_rate_")):
        return float("nan"), float("nan"), ""
    if metric == "expected_calibration_error":
        low, high = reflected_interval(values)
        return float(low), float(high), "95% over windows (reflected bootstrap)"
    low, high = percentile_interval(values)
    over = "test and threshold windows" if "_percent" in metric else "windows"
    return float(low), float(high), f"95% over {over} (bootstrap)"
