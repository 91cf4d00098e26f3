"""Windows of a task's class that come from a dataset file instead of a simulator."""

from __future__ import annotations

from selbench.errors import DataError
from selbench.task import SPLITS, Portion, keep
from selbench.windows import Windows


def read_portion(portion: Portion) -> Windows:
    """Read the windows of one class and split from the class's dataset file.

    Windows that the file assigns to the split are taken in file order. A file
    without splits is cut: its windows of the class go, in file order, to
    training, validation, test and threshold, so that no window serves twice.

    Raises
    ------
    DataError
        If the file holds too few windows.
    """
    from selbench.formats.dataset import dataset_counts, read_dataset

    path = portion.source.dataset
    if path is None:
        raise TypeError(f"class {portion.label!r} of task {portion.task.name!r} is simulated")
    if any(split for split, _ in dataset_counts(path)):
        windows = read_dataset(path, split=portion.split, label=portion.label)
        start = 0
    else:
        windows = read_dataset(path, label=portion.label)
        before = SPLITS[: SPLITS.index(portion.split)]
        start = sum(portion.task.windows.of(split) for split in before)
    if portion.task.empty_windows == "drop":
        windows = windows.take(windows.n_sites > 0)
    kept = keep(portion, [windows.take(slice(start, None))])
    if kept is None:
        raise DataError(
            f"{path}: expected {portion.n_windows} {portion.split} windows of class {portion.label!r}, "
            f"found {max(0, len(windows) - start)}"
        )
    return kept.windows
