"""Windows of a task's class that come from a dataset file instead of a simulator."""

from __future__ import annotations

import numpy as np

from selbench.errors import DataError
from selbench.task import SPLITS, Kept, Portion, no_windows
from selbench.windows import Windows


def read_portion(portion: Portion) -> Windows:
    """Read the windows of one class and split from the class's dataset file: those of `kept_portion`."""
    return kept_portion(portion).windows


def kept_portion(portion: Portion) -> Kept:
    """Read one class and split from the class's dataset file, and count what was looked at for it.

    Windows that the file assigns to the split are taken in file order. A file
    without splits is cut: its windows of the class go, in file order, to
    training, validation, test and threshold, so that no window serves twice.

    Raises
    ------
    DataError
        If the file holds too few windows.
    """
    from selbench.formats.dataset import dataset_counts, read_dataset

    task, path = portion.task, portion.source.dataset
    if path is None:
        raise TypeError(f"class {portion.label!r} of task {task.name!r} is simulated")
    if portion.n_windows == 0:
        return Kept(no_windows(portion), 0, 0)
    has_splits = any(split for split, _ in dataset_counts(path))
    windows = read_dataset(path, split=portion.split if has_splits else None, label=portion.label)
    start = 0 if has_splits else sum(map(task.whole.windows.of, SPLITS[: SPLITS.index(portion.split)]))
    usable = np.flatnonzero(windows.n_sites > 0) if task.empty_windows == "drop" else np.arange(len(windows))
    chosen = usable[start : start + portion.n_windows]
    if len(chosen) < portion.n_windows:
        raise DataError(
            f"{path}: expected {portion.n_windows} {portion.split} windows of class {portion.label!r}, "
            f"found {len(chosen)}"
        )
    looked_at = windows.take(range(usable[start - 1] + 1 if start else 0, chosen[-1] + 1))
    empty = int((looked_at.n_sites == 0).sum())
    return Kept(windows.take(chosen).with_label(portion.label), len(looked_at), empty)
