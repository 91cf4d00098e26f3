"""``selbench leaderboard``: runs of a suite in one table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = "selbench leaderboard sweeps-1 benchmarks/suite runs/mine"


def leaderboard(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SUITE] RUN …",
            help="The suite, by name or file, and run folders, or folders that hold some.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for README.md, leaderboard.html and leaderboard.parquet (who is better than whom); "
            "by default markdown to standard output.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Put runs of a suite into its leaderboard: what may stand in it, as `submit-check` says.

    Per task the best method and those that are not shown to be worse, the gain
    over the best baseline, power and AUC with their intervals, calls that are
    right where 1 window in 100 is swept, CPU seconds, thresholds taken to other
    worlds, and what nobody can do yet. Made from the files alone: nothing of a
    stranger's run is executed. Without SUITE it is that of the first run.

    Examples:

        selbench leaderboard sweeps-1 benchmarks/suite runs/mine

        selbench leaderboard runs/mine --out mine
    """
    from selbench.bench.suites import suite_leaderboard
    from selbench.cli.console import data, stderr
    from selbench.run_folder.layout import is_finished_run, runs_in

    if not runs:
        raise typer.BadParameter(f"expected run folders, such as: {EXAMPLE}")
    first = Path(runs[0])
    names_suite = len(runs) > 1 and not is_finished_run(first) and not runs_in(first)
    found = suite_leaderboard(runs[1:] if names_suite else runs, runs[0] if names_suite else None)
    for refused in found.refused:
        stderr().print(f"not in the table  {refused}", markup=False)
    if out is None:
        data().write(found.markdown())
        return
    command = " ".join(["selbench", *sys.argv[1:]])
    for path in found.write(out, command):
        stderr().print(f"wrote {path}", markup=False)
