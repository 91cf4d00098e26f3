"""``selbench predict``: ask a trained method about windows in a dataset file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer


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
        Path,
        typer.Argument(metavar="DATASET", help="A dataset, or what a reader knows: see selbench import."),
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
    from selbench.bench import predict_dataset
    from selbench.cli.console import stderr, warn

    asked = predict_dataset(predictor, dataset)
    with _target(out) as file:
        done = asked.write(file)
    target = f" → {out}" if out else ""
    stderr().print(f"{done.n_windows:,} windows asked about {asked.method.spelling}{target}")
    for warning in done.warnings:
        warn(warning)


@contextmanager
def _target(out: Path | None) -> Iterator[TextIO]:
    """Give standard output, or a file that is there whole or not at all."""
    from selbench.cli.console import data
    from selbench.files import complete_file

    if out is None:
        yield data()
        return
    with complete_file(out) as temporary, temporary.open("w", newline="") as file:
        yield file
