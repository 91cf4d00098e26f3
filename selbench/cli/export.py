"""``selbench export``: all windows of a task, in the layout that others read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def export(
    task: Annotated[
        str,
        typer.Argument(
            metavar="TASK",
            help="EXPERIMENT or EXPERIMENT:TASK, the experiment being a file or a shipped name.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write; for a dataset, the file.")],
    format: Annotated[
        Literal["dataset", "png", "npz", "ms"], typer.Option(help="What to write.")
    ] = "dataset",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a key: tasks.paper.windows.train=100."),
    ] = None,
    reduced: Annotated[bool, typer.Option("--reduced", help="The experiment's reduced form.")] = False,
    allow_programs: Annotated[
        bool, typer.Option("--allow-programs", help="Start the programs that the experiment names.")
    ] = False,
    repetition: Annotated[
        int, typer.Option(min=0, help="Whose training and validation windows: each repetition has its own.")
    ] = 0,
    every_repetition: Annotated[
        bool,
        typer.Option(
            "--every-repetition", help="Write every repetition's windows, each into its own in OUT."
        ),
    ] = False,
) -> None:
    """Write all classes and splits of a task: the very windows that a run trains and tests on.

    png is the study's layout: TRAIN, VALID and TEST, in each NEUTRAL and SELECTION, one lossless
    image per window, a row per base pair, a column per haplotype, a white pixel per derived allele.

    Examples:

        selbench export quickstart --format png --out images

        selbench export quickstart --format dataset --out quickstart.parquet

        selbench export quickstart --every-repetition --out all-trainings

        selbench export my.toml:second-task --format ms --out ms-files
    """
    from selbench.bench import ConsoleWatch, export_task
    from selbench.cli.console import stderr

    written = export_task(
        task, out, format, overrides=set_ or (), reduced=reduced, allow_programs=allow_programs,
        repetition=None if every_repetition else repetition, progress=ConsoleWatch(stderr()),
    )  # fmt: skip
    stderr().print(f"{written} → {out}")
