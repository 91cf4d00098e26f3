"""Which baseline the trained methods have to beat: chosen before anybody looks at test windows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from selbench.evaluation.measures import sampled_areas
from selbench.evaluation.prediction_table import by_task
from selbench.evaluation.predictions import ClassRoles

if TYPE_CHECKING:
    import pandas as pd

Ranking = Mapping[str, Sequence[str]]
"""Baselines by training task, the best on its validation windows first."""


def rank_baselines(
    validation: pd.DataFrame | None, tasks: Mapping[str, ClassRoles], baselines: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Rank baselines by their AUC on validation windows, averaged over trainings.

    Parameters
    ----------
    validation : DataFrame or None
        As `evaluate` takes predictions, but of validation windows, which each
        repetition may have of its own. None where nobody recorded any.
    tasks : mapping of str to ClassRoles
    baselines : collection of str

    Returns
    -------
    ranking : dict of str to tuple of str
        By training task, of those baselines that were asked about its validation windows.

    Raises
    ------
    DataError
        If predictions break their contract, see `prediction_table.by_task`.
    """
    if validation is None:
        return {}
    asked = validation[validation["method"].isin(list(baselines))]
    areas: dict[str, dict[str, list[float]]] = {}
    for _, rows in asked.groupby(["method", "repetition"], sort=False, observed=True):
        for task in by_task(rows.assign(split="test"), tasks):
            (method,) = task.methods
            of_method = areas.setdefault(task.train_task, {}).setdefault(method.method, [])
            of_method.append(sampled_areas(method, task.labels).mean)
    return {
        task: tuple(sorted(found, key=lambda name: (-float(np.mean(found[name])), name)))
        for task, found in areas.items()
    }


def best_ranked(baselines: Collection[str], ranked: Sequence[str]) -> str:
    """Return the best of `baselines`; "" where one of them is not ranked, for it might be that one.

    >>> best_ranked(["b", "c"], ["a", "b", "c"]), best_ranked(["b", "d"], ["a", "b"])
    ('b', '')
    """
    if not set(baselines) <= set(ranked):
        return ""
    return next((name for name in ranked if name in baselines), "")
