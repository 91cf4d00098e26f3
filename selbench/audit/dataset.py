"""A dataset file as audited data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from selbench.audit.audited import UNSPLIT, AuditedData, Batch, Source
from selbench.audit.names import classes_in_order
from selbench.errors import DataError
from selbench.formats.dataset import dataset_counts, dataset_metadata, iterate_dataset
from selbench.formats.readers import read_windows
from selbench.plugin import Reader

UNLABELLED = "unlabelled"


def audited_dataset(path: Path, *, null: str | None = None) -> AuditedData:
    """Return the windows of a dataset file, by split and label.

    Raises
    ------
    DataError
        If the file is missing, damaged, or no dataset, or has no class `null`.
    """
    metadata, counts = dataset_metadata(path), dataset_counts(path)
    found = {label or UNLABELLED for _, label in counts}
    classes = tuple(label for label in metadata.classes if label in found)
    classes = (*classes, *(label for label in classes_in_order(found) if label not in classes))
    if null is not None:
        if null not in classes:
            raise DataError(f"{path}: expected a class {null!r}, found {', '.join(classes) or 'none'}")
        classes = (null, *(label for label in classes if label != null))

    def batches() -> Iterator[Batch]:
        for split, windows in iterate_dataset(path):
            labels = np.full(len(windows), UNLABELLED) if windows.labels is None else windows.labels
            for label in np.unique(labels).tolist():
                yield Batch(split or UNSPLIT, label or UNLABELLED, windows.take(labels == label))

    return AuditedData(
        name=str(path),
        classes=classes,
        batches=batches,
        n_windows=sum(counts.values()),
        sources={
            label: _source(about)
            for label, about in metadata.provenance.items()
            if isinstance(about, Mapping)
        },
    )


def audited_read(path: Path, reader: Reader, *, null: str | None = None) -> AuditedData:
    """Return the windows that a reader finds in a file or folder, by split and label.

    Raises
    ------
    DataError
        If it is malformed, or has no class `null`.
    """
    n_windows, found = 0, set[str]()
    for _, windows in read_windows(reader, path):
        n_windows += len(windows)
        found |= {UNLABELLED} if windows.labels is None else set(windows.labels.tolist())
    classes = classes_in_order(found)
    if null is not None:
        if null not in classes:
            raise DataError(f"{path}: expected a class {null!r}, found {', '.join(classes) or 'none'}")
        classes = (null, *(label for label in classes if label != null))

    def batches() -> Iterator[Batch]:
        for split, windows in read_windows(reader, path):
            labels = np.full(len(windows), UNLABELLED) if windows.labels is None else windows.labels
            for label in np.unique(labels).tolist():
                yield Batch(split or UNSPLIT, label, windows.take(labels == label))

    return AuditedData(name=str(path), classes=classes, batches=batches, n_windows=n_windows)


def _source(about: Mapping[str, Any]) -> Source:
    scenario = about.get("scenario")
    return Source(
        simulator=str(about.get("simulator", "")),
        program=str(about.get("program", "")),
        scenario=scenario if isinstance(scenario, Mapping) else {},
    )
