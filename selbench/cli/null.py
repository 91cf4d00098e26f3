"""``selbench null``: null scores in number, the yardstick of a scan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selbench.cli.scan import Method


def null(
    predictor: Method,
    windows: Annotated[
        int, typer.Option("--windows", min=1, metavar="N", help="Null windows that the file is to have.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="File to write, or to go on with.")],
    workers: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="Processes that draw; the file is the same for any number."),
    ] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the windows.")] = 1,
    allow_programs: Annotated[
        bool,
        typer.Option("--allow-programs", help="Start the program that simulated the predictor's task."),
    ] = False,
) -> None:
    """Draw what a trained method says of windows without selection, as many as you like.

    They come from the null class of the predictor's task. The file grows by 1,000
    windows at a time: stop it when you want, and the same command goes on where it
    ended. Then selbench scan --null FILE takes them as its yardstick.

    Examples:

        selbench null runs/quickstart:logistic --windows 1000000 --workers 2 --out null.jsonl

        selbench scan runs/quickstart:logistic genome.bcf --draw 24 --null null.jsonl
    """
    from selbench import bench
    from selbench.cli.console import stderr

    file = bench.draw_null(
        bench.method_folder(predictor), windows, out, seed=seed, allow_programs=allow_programs,
        workers=workers, progress=bench.ConsoleWatch(stderr()),
    )  # fmt: skip
    stderr().print(f"{file.n_windows:,} null windows → {out}", markup=False)
