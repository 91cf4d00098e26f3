"""The table of predictions, read by pairs of tasks into arrays, checked once.

Every method and repetition of a task must have judged the same windows: only
then are values comparable and differences paired.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.evaluation.predictions import ClassRoles, MethodPredictions, TaskPredictions, at_null_median
from selbench.windows import Classes

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("train_task", "test_task", "method", "repetition", "split", "window", "label")
"""Columns of a predictions table, beside one ``p_<class>`` per class."""

_WORDS = ("train_task", "test_task", "method", "split", "label")


def by_task(
    predictions: pd.DataFrame,
    tasks: Mapping[str, ClassRoles],
    pairs: Collection[tuple[str, str]] | None = None,
) -> Iterator[TaskPredictions]:
    """Split a predictions table by (train_task, test_task), in order of appearance; only `pairs` if given.

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
    # Millions of words are told apart once: what follows sorts and compares their numbers.
    words, known = {}, {}
    for name in _WORDS:
        words[name], known[name] = _numbered(predictions[name])
    of_one = words["train_task"] * len(known["test_task"]) + words["test_task"]
    is_named = (words["train_task"] >= 0) & (words["test_task"] >= 0)
    for rows in _runs_of(of_one, np.flatnonzero(is_named)):
        train, test = (str(known[name][words[name][rows[0]]]) for name in ("train_task", "test_task"))
        if pairs is not None and (train, test) not in pairs:
            continue
        where = f"predictions of {train} on {test}"
        if test not in tasks:
            raise DataError(f"{where}: expected one of the tasks {', '.join(tasks)}, found {test!r}")
        yield _read_task(train, test, _PairRows.of(predictions, words, known, rows, tasks[test], where))


def _numbered(words: pd.Series) -> tuple[NDArray[np.int32], NDArray[np.object_]]:
    """Number the words of a column in their order, -1 for a missing one; return the words, too."""
    import pandas as pd

    if isinstance(words.dtype, pd.CategoricalDtype):
        known = np.asarray(words.cat.categories, dtype=object)
        order = np.argsort(known)
        places = np.append(np.argsort(order), -1).astype(
            np.int32
        )  # the last is the place of -1, a missing word
        return places[words.cat.codes.to_numpy()], known[order]
    codes, found = pd.factorize(words, sort=True)
    return codes.astype(np.int32), np.asarray(found, dtype=object)


def _runs_of(keys: NDArray[np.int32], rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return the rows of every key, in order of appearance of the keys and of the rows."""
    order = rows[np.argsort(keys[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(keys[order])) + 1
    runs = np.split(order, starts) if len(order) else []
    return sorted(runs, key=lambda run: int(run[0]))


@dataclass(frozen=True, eq=False)
class _PairRows:
    """The rows of one pair of tasks as arrays, training by training, each in the order of its windows.

    `split`, `label` and `method` are numbers of the words that `known` lists; `trainings` are slices.
    """

    where: str
    roles: ClassRoles
    known: Mapping[str, NDArray[np.object_]]
    split: NDArray[np.int32]
    label: NDArray[np.int32]
    window: NDArray[Any]
    values: NDArray[np.float64]
    trainings: Mapping[tuple[str, int], slice]

    @classmethod
    def of(
        cls,
        table: pd.DataFrame,
        words: Mapping[str, NDArray[np.int32]],
        known: Mapping[str, NDArray[np.object_]],
        rows: NDArray[np.intp],
        roles: ClassRoles,
        where: str,
    ) -> _PairRows:
        absent = [f"p_{name}" for name in roles.classes if f"p_{name}" not in table.columns]
        if absent:
            raise DataError(f"{where}: expected a column per class, missing {', '.join(absent)}")
        repetition = table["repetition"].to_numpy()[rows]
        method, split, label = (words[name][rows] for name in ("method", "split", "label"))
        window = table["window"].to_numpy()[rows]
        order = np.lexsort((window, label, split, repetition, method))
        order = order[(method[order] >= 0) & (repetition[order] == repetition[order])]
        method, repetition, rows = method[order], repetition[order], rows[order]
        is_next = (method[1:] != method[:-1]) | (repetition[1:] != repetition[:-1])
        ends = [0, *(np.flatnonzero(is_next) + 1).tolist(), len(rows)]
        trainings = {
            (str(known["method"][method[start]]), int(repetition[start])): slice(start, stop)
            for start, stop in pairwise(ends)
        }
        values = np.column_stack([table[f"p_{c}"].to_numpy()[rows] for c in roles.classes])
        return cls(
            where,
            roles,
            known,
            split[order],
            label[order],
            window[order],
            values.astype(np.float64),
            trainings,
        )

    def word(self, column: str, number: int) -> Any:
        """Return what a number of `split` or `label` stands for."""
        return self.known[column][number] if number >= 0 else np.nan

    def number(self, column: str, word: str) -> int:
        """Return the number of a word of `split` or `label`; -2, which no row has, where none says it."""
        found = np.flatnonzero(self.known[column] == word)
        return int(found[0]) if len(found) else -2


def _read_task(train: str, test: str, pair: _PairRows) -> TaskPredictions:
    (first_method, first_repetition), first = next(iter(pair.trainings.items()))
    found: dict[str, dict[int, _Said]] = {}
    for (method, repetition), rows in pair.trainings.items():
        name = f"{pair.where}: {method}, repetition {repetition}"
        _check_same_windows(pair, rows, name, first, f"{first_method}, repetition {first_repetition},")
        found.setdefault(method, {})[repetition] = _probabilities(pair, rows, name)
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
    return TaskPredictions(train, test, pair.roles, _labels(pair, first), methods)


def _check_same_windows(pair: _PairRows, rows: slice, name: str, other: slice, other_name: str) -> None:
    keys = (pair.split, pair.label, pair.window)
    n, n_other = rows.stop - rows.start, other.stop - other.start
    same = n == n_other and all(np.array_equal(key[rows], key[other]) for key in keys)
    if rows == other or not same:
        is_twice = np.logical_and.reduce([key[rows][1:] == key[rows][:-1] for key in keys])
        if is_twice.any():
            raise DataError(f"{name}: expected one prediction per window, found a window twice")
    if not same:
        raise DataError(
            f"{name}: expected the {n_other} windows that {other_name} judged, found {n} "
            "or others; predict all methods of a task on the same windows"
        )


def _labels(pair: _PairRows, rows: slice) -> NDArray[np.int64]:
    roles, of_test = pair.roles, pair.label[rows][pair.split[rows] == pair.number("split", "test")]
    names = np.array([pair.word("label", number) for number in of_test.tolist()], dtype=object)
    try:
        codes = Classes(roles.classes, roles.positive).codes(names)
    except DataError as problem:
        raise DataError(f"{pair.where}: {problem}") from problem
    empty = [name for code, name in enumerate(roles.classes) if not (codes == code).any()]
    if empty:
        raise DataError(
            f"{pair.where}: expected test windows of every class, found none of {', '.join(empty)}"
        )
    return codes


class _Said(NamedTuple):
    """What one training said of test and of threshold windows, and which test windows it answered."""

    test: NDArray[np.float64]
    threshold: NDArray[np.float64]
    answered: NDArray[np.bool_]


def _probabilities(pair: _PairRows, rows: slice, name: str) -> _Said:
    values, roles, split, label = pair.values[rows], pair.roles, pair.split[rows], pair.label[rows]
    declined = np.asarray(np.isnan(values).all(axis=1))
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
    is_test = split == pair.number("split", "test")
    is_threshold = split == pair.number("split", "threshold")
    if not (is_test | is_threshold).all():
        unknown = pair.word("split", split[~(is_test | is_threshold)][0])
        raise DataError(f"{name}: split: expected test or threshold, found {unknown!r}")
    is_of_null = label == pair.number("label", roles.null)
    if (is_threshold & ~is_of_null).any():
        stray = pair.word("label", label[is_threshold & ~is_of_null][0])
        raise DataError(f"{name}: expected threshold windows of class {roles.null}, found {stray!r}")
    if declined.any():
        values = at_null_median(values, is_threshold if is_threshold.any() else is_of_null)
    return _Said(values[is_test], values[is_threshold], ~declined[is_test])
