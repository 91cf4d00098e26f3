"""``selbench report``: show a finished run again, without training anything."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from selbench.bench import Run
    from selbench.bench.reports import Form


class Format(StrEnum):
    """How to show a run."""

    terminal = "terminal"
    markdown = "markdown"
    csv = "csv"
    html = "html"


_FORMS: dict[Format, Form] = {
    Format.terminal: "terminal", Format.markdown: "markdown", Format.csv: "csv", Format.html: "html",
}  # fmt: skip


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, as `selbench run` writes it.")],
    format: Annotated[
        Format, typer.Option(help="terminal: a table; csv: every metric; html: one file, no network.")
    ] = Format.terminal,
    out: Annotated[
        Path | None, typer.Option(help="Write to this file; by default standard output.", show_default=False)
    ] = None,
) -> None:
    """Show a finished run again; nothing is simulated or trained.

    Examples:

        selbench report runs/quickstart                                     the table

        selbench report runs/quickstart --format html --out report.html     the shareable page

        selbench report runs/quickstart --format csv > results.csv          every metric, to go on with
    """
    from selbench.bench import open_run

    show(open_run(run), format, out)


def show(run: Run, format: Format, out: Path | None) -> None:
    """Write a report to standard output or to `out`; a table as wide as the terminal."""
    from selbench.bench.reports import render_report, write_report
    from selbench.cli.console import data, stderr, stdout

    if out is not None:
        write_report(run.record, out, _FORMS[format], run.registry)
        stderr().print(f"wrote {out}", markup=False)
    elif format is Format.terminal:
        from selbench.report.terminal import leaderboard

        stdout().print(leaderboard(run.record))
    else:
        data().write(render_report(run.record, _FORMS[format], run.registry))
