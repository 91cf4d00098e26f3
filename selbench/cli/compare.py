"""``selbench compare``: several runs in one report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selbench.cli.report import Format, show


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN …", help="Run folders.")],
    format: Annotated[
        Format, typer.Option(help="terminal: a table; csv: every metric; html: one file, no network.")
    ] = Format.terminal,
    out: Annotated[
        Path | None, typer.Option(help="Write to this file; by default standard output.", show_default=False)
    ] = None,
) -> None:
    """Put runs of different people or days into one report.

    Only what is comparable is put together: a task of one name must have the
    same test windows in every run. A method that two runs have stands once if
    it said the same in both, else once per run. Metrics of plugins that a run's
    experiment names are measured of all methods, where the plugin is installed.

    Examples:

        selbench compare runs/mine runs/yours                               one table

        selbench compare runs/* --format html --out comparison.html         one page
    """
    from selbench.bench import compare_runs

    show(compare_runs(runs), format, out)
