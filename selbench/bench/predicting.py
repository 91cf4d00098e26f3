"""Ask a trained method about the windows of a dataset file, a thousand at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from selbench.bench.methods import load_method
from selbench.formats.dataset import DatasetMetadata
from selbench.formats.readers import opened
from selbench.plugin import Registry
from selbench.trained import TrainedMethod

_BATCH = 1000


@dataclass(frozen=True, eq=False)
class DatasetPredictions:
    """What a method is about to say of the windows of a dataset file.

    Parameters
    ----------
    method : TrainedMethod
    dataset : Path
    metadata : DatasetMetadata
        Of the dataset.
    registry : Registry
        Whose readers know its format.
    """

    method: TrainedMethod
    dataset: Path
    metadata: DatasetMetadata
    registry: Registry

    def write(self, file: TextIO) -> PredictedWindows:
        """Write a row of CSV per window: window, split, label, sites, and a probability per class.

        Windows that the method declines have none.
        """
        write = csv.writer(file).writerow
        n_windows = n_empty = n_declined = 0
        write(["window", "split", "label", "sites", *(f"p_{name}" for name in self.method.classes)])
        for row in self._rows():
            write(row)
            n_windows += 1
            n_empty += row[3] == 0
            n_declined += row[4] == ""
        return PredictedWindows(n_windows, tuple(self._warnings(n_empty, n_declined)))

    def _rows(self) -> Iterator[list[Any]]:
        """Yield a row per window, in file order."""
        index = 0
        for split, windows in opened(self.dataset, self.registry, _BATCH)[1]:
            probabilities = self.method.predict(windows)
            labels = [""] * len(windows) if windows.labels is None else windows.labels.tolist()
            for label, n_sites, of_classes in zip(
                labels, windows.n_sites.tolist(), probabilities.tolist(), strict=True
            ):
                yield [index, split, label, n_sites, *("" if p != p else f"{p:.6g}" for p in of_classes)]
                index += 1

    def _warnings(self, n_empty: int, n_declined: int) -> Iterator[str]:
        if n_declined:
            yield f"{n_declined:,} windows have no probabilities: the predictor declines them"
        if self.metadata.polarisation != self.method.polarisation:
            yield (
                f"these windows are polarised as {self.metadata.polarisation!r}, the "
                f"predictor was trained on windows polarised as {self.method.polarisation!r}: "
                "believe it only if its encoding does not depend on that"
            )
        if n_empty and self.method.empty_windows == "drop":
            yield (
                f"{n_empty:,} windows have no site, and the predictor was trained "
                "without such windows: do not read their probabilities"
            )


@dataclass(frozen=True)
class PredictedWindows:
    """How many windows were asked about, and why their probabilities may not be believed."""

    n_windows: int
    warnings: tuple[str, ...]


def predict_dataset(
    method: str | Path, dataset: Path, registry: Registry | None = None
) -> DatasetPredictions:
    """Get ready to ask a method about a dataset; nothing is asked yet.

    Parameters
    ----------
    method : str or Path
        ``RUN:METHOD``, or its folder.
    dataset : Path
        A dataset file, or a file or folder that an installed reader knows.

    Raises
    ------
    DataError
        If there is no such method or dataset, or the method was trained on other windows.
    """
    registry = registry or Registry.installed()
    loaded = load_method(method, registry)
    metadata, _ = opened(dataset, registry, _BATCH)
    loaded.check(metadata.spec)
    return DatasetPredictions(loaded, dataset, metadata, registry)
