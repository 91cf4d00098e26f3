"""What is audited: labelled windows in splits, and what is known about how they were made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.windows import Windows

BATCH = 1000
"""Windows that are looked at together."""

UNSPLIT = "all"
"""The split of windows that are in none."""

SPLIT_ORDER = ("train", "validation", "test", "threshold", UNSPLIT)


@dataclass(frozen=True, eq=False)
class Batch:
    """Windows of one class in one split.

    Parameters
    ----------
    split, label : str
    windows : Windows
    names : sequence of str
        Files that the windows were read from; empty where they have only a number.
    heights : int64 (n_windows,), optional
        Rows of each image, where windows were images.
    decimals : int, optional
        Digits that positions were printed with; None to tell it from the positions.
    attempted, empty : int, optional
        How many windows were looked at for these, and how many of those had no
        site; None where nobody counted.
    """

    split: str
    label: str
    windows: Windows
    names: Sequence[str] = ()
    heights: NDArray[np.int64] | None = None
    decimals: int | None = None
    attempted: int | None = None
    empty: int | None = None


@dataclass(frozen=True)
class ReadProblem:
    """Something that could not be read as it stands.

    Parameters
    ----------
    where : str
        A file or folder.
    what : str
        What is wrong with it.
    kind : str
        Problems of one kind are counted together: ``"unreadable"``.
    lost : bool
        Whether windows are missing from the audit because of it.
    """

    where: str
    what: str
    kind: str
    lost: bool = True


@dataclass(frozen=True)
class Source:
    """What made the windows of a class.

    Parameters
    ----------
    simulator : str
        As it is spelled, with options.
    program : str
        The engine or the original program behind it.
    scenario : mapping
        Its table; empty where unknown.
    """

    simulator: str = ""
    program: str = ""
    scenario: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class AuditedData:
    """Labelled windows that a comparison would be made on.

    Parameters
    ----------
    name : str
    classes : tuple of str
        The null class first, where it is known.
    batches : callable
        Reads the windows, batch by batch, from the beginning.
    null : str
        The class taken for the null one.
    n_windows : int, optional
        How many there will be, for a progress bar.
    sources : mapping of str to Source
        By class.
    seeds : mapping of (split, label) to int
    layout : str
        How a folder was understood, in words.
    differ_by : tuple of str
        What, beside selection, classes differ in on purpose.
    """

    name: str
    classes: tuple[str, ...]
    batches: Callable[[], Iterator[Batch | ReadProblem]]
    n_windows: int | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)
    seeds: Mapping[tuple[str, str], int] = field(default_factory=dict)
    layout: str = ""
    differ_by: tuple[str, ...] = ()

    @property
    def null(self) -> str:
        """The class that stands for no selection: the first."""
        return self.classes[0]


def in_batches(windows: Windows, split: str, label: str) -> Iterator[Batch]:
    """Cut the windows of one class and split into batches."""
    for start in range(0, len(windows), BATCH):
        yield Batch(split, label, windows.take(slice(start, start + BATCH)))


def split_rank(split: str) -> tuple[int, str]:
    """Return what to sort splits by: training first, strangers last."""
    known = SPLIT_ORDER.index(split) if split in SPLIT_ORDER else len(SPLIT_ORDER)
    return known, split
