"""The classes of a problem: their names, which is the null one, which is looked for, and their codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError


@dataclass(frozen=True)
class Classes:
    """Class names in the order of their codes, and what they stand for.

    Parameters
    ----------
    names : tuple of str
        Two or more, each once; the null class (neutral) first.
    positive : str
        The class that power and a scan's probability speak of; not the null one.

    Raises
    ------
    DataError
        If the names are no such names, or the positive class is not among them.

    Examples
    --------
    >>> classes = Classes(("neutral", "sweep"), positive="sweep")
    >>> classes.null
    'neutral'
    >>> classes.codes(np.array(["sweep", "neutral", "sweep"])).tolist()
    [1, 0, 1]
    """

    names: tuple[str, ...]
    positive: str

    def __post_init__(self) -> None:
        if len(self.names) < 2 or len(set(self.names)) < len(self.names):
            raise DataError(f"classes: expected two or more distinct names, found {list(self.names)}")
        if self.positive not in self.alternatives:
            raise DataError(
                f"positive: expected a class but the first, {' or '.join(self.alternatives)}, "
                f"found {self.positive!r}"
            )

    @property
    def null(self) -> str:
        """The null class (neutral)."""
        return self.names[0]

    @property
    def alternatives(self) -> tuple[str, ...]:
        """All classes but the null one."""
        return self.names[1:]

    def codes(self, labels: NDArray[np.str_] | NDArray[np.object_]) -> NDArray[np.int64]:
        """Return the code of every label, int64 (n_windows,).

        Raises
        ------
        DataError
            At the first label that is not among the classes.
        """
        return codes_of(labels, self.names)


def codes_of(labels: NDArray[np.str_] | NDArray[np.object_], names: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the place of every label among class names, int64 (n_windows,).

    Raises
    ------
    DataError
        At the first label that is not among them.
    """
    codes = np.full(len(labels), -1, dtype=np.int64)
    for code, name in enumerate(names):
        codes[labels == name] = code
    if (codes < 0).any():
        found = str(labels[codes < 0][0])
        raise DataError(f"label: expected one of {', '.join(names)}, found {found!r}")
    return codes
