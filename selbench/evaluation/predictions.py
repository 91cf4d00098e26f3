"""What methods said about the windows of a task, as arrays, checked once.

Every method and repetition of a task must have judged the same windows: only
then are values comparable and differences paired.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.windows import Classes

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("train_task", "test_task", "method", "repetition", "split", "window", "label")
"""Columns of a predictions table, beside one ``p_<class>`` per class."""


@dataclass(frozen=True)
class ClassRoles:
    """The classes of a task and what they stand for.

    Parameters
    ----------
    classes : tuple of str
        In the order of their codes; the null class comes first.
    null, positive : str
        The class under the null hypothesis, and the one that is looked for.
    is_genome : bool
        Whether the windows are those of a genome, few of which are independent of each other: then there
        are values without intervals, and no claims.
    """

    classes: tuple[str, ...]
    null: str
    positive: str
    is_genome: bool = False

    def __post_init__(self) -> None:
        if self.null != Classes(self.classes, self.positive).null:
            raise DataError(f"null: expected the first class, {self.classes[0]!r}, found {self.null!r}")

    @property
    def alternatives(self) -> tuple[str, ...]:
        """All classes but the null one."""
        return self.classes[1:]


@dataclass(frozen=True, eq=False)
class MethodPredictions:
    """Probabilities that one method gave, for all of its repetitions.

    Parameters
    ----------
    method : str
        Its spelling.
    repetitions : tuple of int
    test : float64 (n_repetitions, n_windows, n_classes)
    threshold : float64 (n_repetitions, n_threshold_windows, n_classes)
        Null windows set aside to choose thresholds on; there may be none.
    answered : bool (n_repetitions, n_windows), optional
        Test windows that it did not decline; all where not given. What stands in `test` of the others is
        `at_null_median`.
    """

    method: str
    repetitions: tuple[int, ...]
    test: NDArray[np.float64]
    threshold: NDArray[np.float64]
    answered: NDArray[np.bool_] | None = None

    def only(self, repetition: int) -> MethodPredictions:
        """Return what one training said."""
        index = self.repetitions.index(repetition)
        one = slice(index, index + 1)
        answered = None if self.answered is None else self.answered[one]
        return MethodPredictions(self.method, (repetition,), self.test[one], self.threshold[one], answered)

    def coverage(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the share of some test windows (n_windows,) that were answered, float64 (n_repetitions,)."""
        if self.answered is None:
            return np.ones(len(self.repetitions))
        return np.asarray(self.answered[:, chosen].mean(axis=1))


@dataclass(frozen=True, eq=False)
class TaskPredictions:
    """What all methods trained on one task said about the windows of one task.

    Parameters
    ----------
    train_task, test_task : str
    roles : ClassRoles
    labels : int64 (n_windows,)
        Codes of the test windows into ``roles.classes``, in the order of the predictions.
    methods : tuple of MethodPredictions
    """

    train_task: str
    test_task: str
    roles: ClassRoles
    labels: NDArray[np.int64]
    methods: tuple[MethodPredictions, ...]

    @property
    def n_threshold_windows(self) -> int:
        """Null windows set aside to choose thresholds on."""
        return int(self.methods[0].threshold.shape[1])


def score_against_null(probabilities: NDArray[Any], code: int) -> NDArray[np.float64]:
    """Score windows for class `code` against the null class, whose code is 0.

    With two classes that is the probability of the class itself. With more it
    is p_class / (p_class + p_null): the probability of the class, given that
    the window belongs to one of the two.

    Parameters
    ----------
    probabilities : (…, n_classes)
    code : int

    Returns
    -------
    scores : float64 (…,)
    """
    wanted: NDArray[np.float64] = np.asarray(probabilities[..., code], dtype=np.float64)
    if probabilities.shape[-1] == 2:
        return wanted
    total = wanted + probabilities[..., 0]
    return np.asarray(np.divide(wanted, total, out=np.full_like(wanted, 0.5), where=total > 0))


def at_null_median(probabilities: NDArray[np.float64], is_null: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give windows that a method declined its median score of windows of the null class.

    Of two classes, the probability of the other is that median; of more, `score_against_null` of each class
    is. A method that declined all null windows is taken to say nothing: all classes are alike.

    Parameters
    ----------
    probabilities : float64 (n_windows, n_classes)
        Of one training; a row of NaN where it declined.
    is_null : bool (n_windows,)
        Windows of the null class that the median is over.

    Returns
    -------
    probabilities : float64 (n_windows, n_classes)

    >>> at_null_median(np.array([[0.8, 0.2], [0.6, 0.4], [np.nan, np.nan]]), np.array([True, True, True]))
    array([[0.8, 0.2],
           [0.6, 0.4],
           [0.7, 0.3]])
    """
    declined = np.isnan(probabilities).all(axis=1)
    null = probabilities[is_null & ~declined]
    n_classes = probabilities.shape[1]
    if not len(null):
        row = np.full(n_classes, 1 / n_classes)
    else:
        medians = np.array([np.median(score_against_null(null, code)) for code in range(1, n_classes)])
        if n_classes == 2:
            row = np.array([1 - medians[0], medians[0]])
        else:
            odds = np.append(1.0, medians / np.maximum(1 - medians, np.finfo(np.float64).eps))
            row = odds / odds.sum()
    filled = probabilities.copy()
    filled[declined] = row
    return filled


_WORDS = ("train_task", "test_task", "method", "split", "label")


def by_task(predictions: pd.DataFrame, tasks: Mapping[str, ClassRoles]) -> Iterator[TaskPredictions]:
    """Split a predictions table by (train_task, test_task), in order of appearance.

    Windows that a training declined, all of whose probabilities are NaN, get what `at_null_median` gives:
    over its own threshold windows, or where the task has none, over its own test windows of the null class.

    Raises
    ------
    DataError
        If a column is missing, a task or a label is unknown, a probability is
        not a number in [0, 1], or two methods of a task judged different windows.
    """
    missing = [name for name in COLUMNS if name not in predictions.columns]
    if missing:
        raise DataError(
            f"predictions: expected the columns {', '.join(COLUMNS)}, missing {', '.join(missing)}"
        )
    # Millions of words are told apart once: what follows sorts and groups their numbers.
    predictions = predictions.assign(**{name: _numbered(predictions[name]) for name in _WORDS})
    for (train, test), frame in predictions.groupby(["train_task", "test_task"], sort=False, observed=True):
        where = f"predictions of {train} on {test}"
        if test not in tasks:
            raise DataError(f"{where}: expected one of the tasks {', '.join(tasks)}, found {test!r}")
        yield _read_task(str(train), str(test), frame, tasks[str(test)], where)


def _numbered(words: pd.Series) -> pd.Categorical:
    """Number the words of a column in their order; a missing one is none of them."""
    import pandas as pd

    codes, known = pd.factorize(words, sort=True)
    return pd.Categorical.from_codes(codes, categories=pd.Index(known, dtype=object))


def _read_task(train: str, test: str, frame: pd.DataFrame, roles: ClassRoles, where: str) -> TaskPredictions:
    absent = [f"p_{name}" for name in roles.classes if f"p_{name}" not in frame.columns]
    if absent:
        raise DataError(f"{where}: expected a column per class, missing {', '.join(absent)}")
    frame = frame.sort_values(["split", "label", "window"], kind="stable")
    cells = {
        (str(method), int(repetition)): cell  # type: ignore[call-overload]
        for (method, repetition), cell in frame.groupby(["method", "repetition"], observed=True)
    }
    first = next(iter(cells))
    found: dict[str, dict[int, _Said]] = {}
    for (method, repetition), cell in cells.items():
        name = f"{where}: {method}, repetition {repetition}"
        _check_same_windows(cell, name, cells[first], f"{first[0]}, repetition {first[1]},")
        found.setdefault(method, {})[repetition] = _probabilities(cell, roles, name)
    methods = tuple(
        MethodPredictions(
            method,
            tuple(repetitions),
            np.stack([said.test for said in repetitions.values()]),
            np.stack([said.threshold for said in repetitions.values()]),
            np.stack([said.answered for said in repetitions.values()]),
        )
        for method, repetitions in found.items()
    )
    return TaskPredictions(train, test, roles, _labels(cells[first], roles, where), methods)


def _check_same_windows(cell: pd.DataFrame, name: str, other: pd.DataFrame, other_name: str) -> None:
    same = len(cell) == len(other) and all(
        (_numbers(cell[key]) == _numbers(other[key])).all() for key in ("split", "label", "window")
    )
    if (cell is other or not same) and cell.duplicated(["split", "label", "window"]).any():
        raise DataError(f"{name}: expected one prediction per window, found a window twice")
    if not same:
        raise DataError(
            f"{name}: expected the {len(other)} windows that {other_name} judged, found {len(cell)} "
            "or others; predict all methods of a task on the same windows"
        )


def _numbers(column: pd.Series) -> NDArray[Any]:
    """Return what stands in a column: of words of one table, their numbers."""
    values: NDArray[Any] = (column.cat.codes if column.dtype == "category" else column).to_numpy()
    return values


def _labels(cell: pd.DataFrame, roles: ClassRoles, where: str) -> NDArray[np.int64]:
    names = cell.loc[cell["split"] == "test", "label"].to_numpy(dtype=object)
    try:
        codes = Classes(roles.classes, roles.positive).codes(names)
    except DataError as problem:
        raise DataError(f"{where}: {problem}") from problem
    empty = [name for code, name in enumerate(roles.classes) if not (codes == code).any()]
    if empty:
        raise DataError(f"{where}: expected test windows of every class, found none of {', '.join(empty)}")
    return codes


class _Said(NamedTuple):
    """What one training said of test and of threshold windows, and which test windows it answered."""

    test: NDArray[np.float64]
    threshold: NDArray[np.float64]
    answered: NDArray[np.bool_]


def _probabilities(cell: pd.DataFrame, roles: ClassRoles, name: str) -> _Said:
    values = cell[[f"p_{c}" for c in roles.classes]].to_numpy(dtype=np.float64)
    declined = np.isnan(values).all(axis=1)
    answers = values[~declined]
    unknown_class = np.isnan(answers).all(axis=0)
    if unknown_class.any() and len(answers):
        missing = roles.classes[int(np.argmax(unknown_class))]
        raise DataError(
            f"{name}: expected probabilities of class {missing}, found none; "
            "train on a task that has every class of the test task"
        )
    if not ((answers >= 0) & (answers <= 1)).all():  # NaN fails both
        wrong = answers[~((answers >= 0) & (answers <= 1))][0]
        raise DataError(f"{name}: expected probabilities in [0, 1], found {wrong}")
    is_test, is_threshold = ((cell["split"] == split).to_numpy() for split in ("test", "threshold"))
    unknown = cell["split"][~(is_test | is_threshold)]
    if len(unknown):
        raise DataError(f"{name}: split: expected test or threshold, found {unknown.iloc[0]!r}")
    stray = cell["label"][is_threshold & (cell["label"] != roles.null).to_numpy()]
    if len(stray):
        raise DataError(f"{name}: expected threshold windows of class {roles.null}, found {stray.iloc[0]!r}")
    if declined.any():
        is_null = is_threshold if is_threshold.any() else (cell["label"] == roles.null).to_numpy()
        values = at_null_median(values, is_null)
    return _Said(values[is_test], values[is_threshold], ~declined[is_test])
