"""Fitted scikit-learn estimators as files: skops, with a closed list of types, never pickle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from selbench.adapters.estimator_types import ALLOWED, check_arrays
from selbench.errors import DataError, PluginError
from selbench.foreign.estimators import estimator_bytes, estimator_of, foreign_types, read_estimator


def save_estimator(saved: dict[str, Any], path: Path) -> None:
    """Write a table of fitted estimators, arrays and numbers.

    A search over options (``GridSearchCV``) predicts by its best estimator, which is
    what is written.

    Raises
    ------
    PluginError
        If it holds types that `load_estimator` would refuse.
    """
    estimator = saved.get("estimator")
    written = {**saved, "estimator": getattr(estimator, "best_estimator_", estimator)}
    try:
        data = estimator_bytes(written)
    except Exception as problem:  # skops has a word of its own for each type that it does not know
        raise PluginError(f"{type(estimator).__name__}: cannot be written: {problem}") from problem
    refused = foreign_types(data, ALLOWED)
    if refused:
        is_tree = any(name.partition(" ")[0].endswith(("KDTree", "BallTree")) for name in refused)
        advice = 'neighbours need algorithm="brute"' if is_tree else "choose another"
        raise PluginError(
            f"{type(estimator).__name__}: holds {', '.join(refused)}, which saved predictors may not "
            f"contain, for they could harm whoever loads them; {advice}"
        )
    try:
        check_arrays(estimator_of(data, ALLOWED))
    except DataError as problem:
        raise PluginError(
            f"{type(estimator).__name__}: would not come back from a file: {problem}"
        ) from problem
    path.write_bytes(data)


def load_estimator(path: Path) -> dict[str, Any]:
    """Read what `save_estimator` wrote, and hold its arrays against each other.

    Raises
    ------
    DataError
        If the file is missing, damaged, holds a type that is not on the list, or
        arrays that lead outside of each other.
    """
    saved = read_estimator(path, ALLOWED)
    if not isinstance(saved, dict):
        raise DataError(f"{path}: expected a saved estimator, found {type(saved).__name__}")
    try:
        check_arrays(saved)
    except DataError as problem:
        raise DataError(f"{path}: {problem}; train it again") from problem
    return saved
