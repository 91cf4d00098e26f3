"""``selbench clean``: free what no run needs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from selbench.runner.cleaning import Removable


def clean(
    runs: Annotated[
        list[Path] | None, typer.Argument(metavar="[RUN …]", help="Run folders; by default all in runs/.")
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(help="A store that these runs share: name every run that uses it.", show_default=False),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--everything", help="The whole store: results and predictors stay, but no run can go on."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Remove without asking.")] = False,
) -> None:
    """Free what no run needs any more, after saying what that is.

    A store keeps every block of windows, trained method and prediction by a
    hash of what made it. What an edited option, another seed or a new version
    of a plugin left behind goes, and so do the scraps of killed runs. Tables,
    reports and predictors in the run folder stay.

    Examples:

        selbench clean                                       all of runs/, asking first

        selbench clean runs/quickstart --everything          free the whole store of a finished run

        selbench clean runs/a runs/b --store shared --yes    what neither of two runs needs
    """
    from selbench.cli.console import stderr
    from selbench.plugin import Registry
    from selbench.run_folder.layout import runs_in
    from selbench.runner.cleaning import remove, unused

    folders = runs or runs_in(Path("runs"))
    if not folders:
        stderr().print("nothing to clean: no run in runs/; name run folders")
        return
    found = unused(folders, Registry.installed(), store, everything=everything)
    if not found:
        stderr().print("nothing to free: these runs need all that their stores hold")
        return
    _show(found)
    total = _size(sum(group.n_bytes for group in found))
    if not yes and not sys.stdin.isatty():
        stderr().print(f"nothing removed; add --yes to free {total}")
        return
    if yes or typer.confirm(f"Free {total}?", err=True):
        remove(found)
        stderr().print(f"freed {total}")


def _show(found: list[Removable]) -> None:
    from rich.table import Table

    from selbench.cli.console import stdout

    table = Table("what", "number", "frees", "where", box=None, pad_edge=False)
    for group in found:
        where = group.folders[0].parent.parent.parent
        table.add_row(group.kind, f"{len(group.folders):,}", _size(group.n_bytes), str(where))
    stdout().print(table)


def _size(n_bytes: float) -> str:
    for unit in ("B", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.3g} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:,.3g} GB"
