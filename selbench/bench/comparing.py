"""Compare methods: by their scores of the same windows, or run by run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from selbench.bench.runs import Run, compare_runs
from selbench.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_NULL = "neutral"


def compare(
    methods: Mapping[str, ArrayLike] | Sequence[Run | str | Path],
    labels: ArrayLike | None = None,
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare methods pair by pair: differences with intervals, p and adjusted p.

    Parameters
    ----------
    methods : mapping of str to (n_windows,) or (n_repetitions, n_windows), or sequence of runs
        Scores by method, which speak for the positive class where they are high; or finished runs,
        or their folders.
    labels : (n_windows,), optional
        Of the windows that were scored: 0 and 1, or class names of which one is ``neutral``.
    seed : int
        Of the resamples behind the intervals.

    Returns
    -------
    comparisons : DataFrame
        A row per pair of methods and metric, with the columns of a run's ``comparisons.parquet``.

    Raises
    ------
    DataError
        If shapes do not fit, a score is no number, or runs were not tested on the same windows.

    Examples
    --------
    >>> import selbench
    >>> scores = {"a": range(100), "b": [i % 50 for i in range(100)]}
    >>> table = selbench.compare(scores, ["neutral"] * 50 + ["sweep"] * 50)
    >>> table[table["metric"] == "roc_auc"]["difference"].tolist()
    [0.5]
    """
    if not isinstance(methods, Mapping):
        if labels is not None:
            raise DataError("labels: runs carry their own; leave them out")
        return compare_runs(methods).comparisons
    from selbench.evaluation.comparison import compare_scores

    if labels is None:
        raise DataError("labels: expected one per window that was scored, found none")
    return compare_scores(methods, _truth(labels), seed=seed)


def _truth(labels: ArrayLike) -> NDArray[np.int64]:
    """Return 0 for the null class and 1 for the other."""
    given = np.asarray(labels)
    if given.dtype.kind not in "UO":
        return given.astype(np.int64)
    names = sorted(set(given.tolist()))
    if len(names) != 2 or _NULL not in names:
        raise DataError(
            f"labels: expected {_NULL!r} and one other class, or 0 and 1, found {', '.join(map(str, names))}"
        )
    return np.asarray(given != _NULL, dtype=np.int64)
