"""``selbench predict``: ask a trained method about windows in a dataset file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from selbench.trained import TrainedMethod


def predict(
    predictor: Annotated[
        str,
        typer.Argument(
            metavar="RUN:METHOD",
            help="A method of a run, by any of its names (RUN:TASK/METHOD with several tasks, METHOD@2 for "
            "repetition 2), or its folder in RUN/predictors.",
        ),
    ],
    dataset: Annotated[
        Path, typer.Argument(metavar="DATASET", help="A dataset file: see selbench import and export.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Write to this CSV file; by default standard output.")
    ] = None,
) -> None:
    """Ask a trained method about the windows of a dataset.

    A row for each: window (its number in the file), split, label, sites, and
    a probability per class, p_CLASS. Windows are read a thousand at a time, so
    that a file may be larger than the memory.

    Examples:

        selbench predict runs/quickstart:logistic theirs.parquet > theirs.csv

        selbench import hard.ms.gz --label sweep --sequence-length 1000 --out theirs.parquet
    """
    from selbench.bench import load_method
    from selbench.cli.console import stderr, warn
    from selbench.formats.dataset import dataset_metadata

    method = load_method(predictor)
    metadata = dataset_metadata(dataset)
    method.check(metadata.spec)
    n_windows = n_empty = 0
    with _target(out) as write:
        write(["window", "split", "label", "sites", *(f"p_{name}" for name in method.classes)])
        for row in _rows(method, dataset):
            write(row)
            n_windows += 1
            n_empty += row[3] == 0
    stderr().print(f"{n_windows:,} windows asked about {method.spelling}" + (f" → {out}" if out else ""))
    if metadata.polarisation != method.polarisation:
        warn(
            f"these windows are polarised as {metadata.polarisation!r}, the "
            f"predictor was trained on windows polarised as {method.polarisation!r}: "
            "believe it only if its encoding does not depend on that"
        )
    if n_empty and method.empty_windows == "drop":
        warn(
            f"{n_empty:,} windows have no site, and the predictor was trained "
            "without such windows: do not read their probabilities"
        )


@contextmanager
def _target(out: Path | None) -> Iterator[Callable[[list[Any]], object]]:
    """Give a writer of CSV rows, to standard output or to a file that is there whole or not at all."""
    import csv

    from selbench.cli.console import data
    from selbench.files import complete_file

    if out is None:
        yield csv.writer(data()).writerow
        return
    with complete_file(out) as temporary, temporary.open("w", newline="") as file:
        yield csv.writer(file).writerow


def _rows(method: TrainedMethod, dataset: Path) -> Iterator[list[Any]]:
    """Yield a row per window, in file order."""
    from selbench.formats.dataset import iterate_dataset

    index = 0
    for split, windows in iterate_dataset(dataset, batch_size=1000):
        probabilities = method.predict(windows)
        labels = [""] * len(windows) if windows.labels is None else windows.labels.tolist()
        for label, n_sites, of_classes in zip(
            labels, windows.n_sites.tolist(), probabilities.tolist(), strict=True
        ):
            yield [index, split, label, n_sites, *(f"{p:.6g}" for p in of_classes)]
            index += 1
