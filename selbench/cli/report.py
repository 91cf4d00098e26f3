"""``selbench report``: show a finished run again, without training anything."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from selbench.report.run_folder import RunRecord


class Format(StrEnum):
    """How to show a run."""

    terminal = "terminal"
    markdown = "markdown"
    csv = "csv"
    html = "html"


_RENDERERS = {
    Format.terminal: "selbench.report.terminal",
    Format.markdown: "selbench.report.markdown",
    Format.csv: "selbench.report.comma_separated",
    Format.html: "selbench.report.html",
}


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
    from selbench.report.run_folder import RunRecord

    show(RunRecord.read(run), format, out)


def show(record: RunRecord, format: Format, out: Path | None) -> None:
    """Write a report to standard output or to `out`; a table as wide as the terminal."""
    if format is Format.terminal and out is None:
        from selbench.cli.console import stdout
        from selbench.report.terminal import leaderboard

        stdout().print(leaderboard(record))
        return
    _write(_render(record, format), out)


def _render(record: RunRecord, format: Format) -> str:
    renderer = import_module(_RENDERERS[format])
    return str(renderer.render(record))


def _write(text: str, out: Path | None) -> None:
    import sys

    from selbench.cli.console import stderr
    from selbench.errors import DataError

    if out is None:
        sys.stdout.write(text)
        return
    temporary = out.with_name(f".{out.name}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8", newline="")
        temporary.replace(out)
    except OSError as problem:
        temporary.unlink(missing_ok=True)
        raise DataError(f"{out}: cannot be written: {problem.strerror or problem}") from problem
    stderr().print(f"wrote {out}")
