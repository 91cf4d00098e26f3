"""How much of each method's AUC is left among windows with the same number of sites."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from selbench.audit.separation import Area, matched_separation, separation
from selbench.audit.survey import SITES, Survey
from selbench.evaluation.prediction_table import by_task
from selbench.evaluation.predictions import ClassRoles, TaskPredictions, score_against_null
from selbench.run_folder import Finding

if TYPE_CHECKING:
    import pandas as pd

CHECK = "What is left at equal numbers of sites"

ENOUGH_PAIRS = 200
"""Pairs of windows with equal S below which no method is judged."""


def matched_findings(
    predictions: pd.DataFrame,
    surveys: Mapping[str, Survey],
    baselines: Collection[str],
    names: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Finding]:
    """Compare methods on windows with the same S only.

    Parameters
    ----------
    predictions : DataFrame
        Of the run.
    surveys : mapping of str to Survey
        By task.
    baselines : collection of str
        Methods of which nothing need be left: some of them are S.
    names : mapping of str to str
        What methods are called, where it is not by their spelling.

    Returns
    -------
    findings : dict of str to Finding
        By task; without tasks that no method was trained and tested on.
    """
    predictions = predictions[predictions["train_task"] == predictions["test_task"]]
    roles = {
        name: ClassRoles(survey.data.classes, survey.data.null, survey.data.classes[1])
        for name, survey in surveys.items()
    }
    wanted = predictions[predictions["test_task"].isin(list(surveys))]
    found: dict[str, Finding] = {}
    for task in by_task(wanted, roles) if len(wanted) else ():
        sites = _sites_of_windows(surveys[task.test_task], wanted, task)
        if sites is not None:
            found[task.test_task] = _finding(task, sites, baselines, names)
    return found


def _sites_of_windows(
    survey: Survey, predictions: pd.DataFrame, task: TaskPredictions
) -> NDArray[np.float64] | None:
    """Return S of every test window in the order of the predictions; None if these are other windows."""
    groups = [survey.group("test", label) for label in survey.data.classes]
    present = [group for group in groups if group is not None]
    if sum(map(len, present)) != len(task.labels):
        return None
    sites = np.concatenate([group.statistics[SITES] for group in present])
    of_task = predictions[(predictions["test_task"] == task.test_task) & (predictions["split"] == "test")]
    one = of_task.drop_duplicates("window").sort_values(["label", "window"], kind="stable")
    ordered: NDArray[np.float64] = sites[one["window"].to_numpy()]
    return ordered


def _finding(
    task: TaskPredictions,
    sites: NDArray[np.float64],
    baselines: Collection[str],
    names: Mapping[str, str],
) -> Finding:
    rows = list(_rows(task, sites, names))
    lost = [row.name for row in rows if row.left and row.left.low <= 0.5 and row.method not in baselines]
    evidence = tuple(
        f"{row.name}: AUC {row.whole}, at equal S {row.left or 'no pairs to compare'}" for row in rows
    )
    known = [(row.name, row.left) for row in rows if row.left is not None]
    n_pairs = _pairs_at_equal_sites(task, sites)
    if not known or n_pairs < ENOUGH_PAIRS:
        found = f"{n_pairs:,} pairs" if n_pairs else "No pair"
        return Finding(
            CHECK,
            "amber",
            f"{found} of windows of different classes with the same number of sites: too few to tell.",
            evidence,
            "Whether a method sees more than the number of sites cannot be said from so few.",
            f"Ask about more test windows: from {ENOUGH_PAIRS} pairs on there is a verdict.",
        )
    best, area = max(known, key=lambda item: item[1].value)
    headline = (
        f"Among {n_pairs:,} pairs of windows with the same number of sites, {best} has an AUC of {area}."
    )
    if not lost:
        return Finding(CHECK, "green", headline, evidence)
    return Finding(
        CHECK,
        "amber",
        f"{headline} Nothing is left of {', '.join(lost)}.",
        evidence,
        "These methods count sites, or see no more than that: another mutation rate would mislead them.",
        "Test them on a task with another mutation rate before believing them on a genome.",
    )


def _pairs_at_equal_sites(task: TaskPredictions, sites: NDArray[np.float64]) -> int:
    """Count the pairs of a null window and another with the same number of sites."""
    values, place = np.unique(sites, return_inverse=True)
    null = np.bincount(place[task.labels == 0], minlength=len(values))
    return int(null @ np.bincount(place[task.labels != 0], minlength=len(values)))


@dataclass(frozen=True)
class _Row:
    method: str
    name: str
    whole: Area
    left: Area | None


def _rows(task: TaskPredictions, sites: NDArray[np.float64], names: Mapping[str, str]) -> Iterator[_Row]:
    null = task.labels == 0
    for method in task.methods:
        for code, label in enumerate(task.roles.alternatives, start=1):
            other = task.labels == code
            scores = score_against_null(method.test, code)
            name = names.get(method.method, method.method)
            name = name if len(task.roles.alternatives) == 1 else f"{name}, {label}"
            whole = separation(scores[:, null], scores[:, other])
            left = matched_separation(scores[:, null], scores[:, other], sites[null], sites[other])
            yield _Row(method.method, name, whole, left)
