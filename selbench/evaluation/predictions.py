"""What methods said about the windows of a task, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.windows import Classes


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
