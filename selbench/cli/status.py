"""``selbench status``: how far a run is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from selbench.runner.status import RunStatus


def status(
    run: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RUN]",
            help="A run folder, finished or not; by default all in runs/.",
            show_default=False,
        ),
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Its store, where it was run with --store.", show_default=False)
    ] = None,
) -> None:
    """Show how far a run is, and who is at work on it.

    What is done, to do, skipped or failed, by task and method; without RUN a
    line for each run in runs/. It only reads, and may be asked while a run goes
    on.

    Examples:

        selbench status

        selbench status runs/quickstart

        watch -n 30 selbench status runs/paper
    """
    from selbench.cli.console import stderr, stdout
    from selbench.plugin import Registry
    from selbench.runner.status import run_status

    if run is None:
        _all_runs(Path("runs"), store)
        return
    found = run_status(run, Registry.installed(), store)
    stdout().print(_table(found))
    for training in found.trainings:
        if training.state in ("failed", "skipped"):
            stderr().print(
                f"{training.state}  {training.planned.training.name}: {training.reason}", markup=False
            )
    for who in found.sessions:
        stderr().print(f"at work: process {who.process} on {who.host}, since {who.started}")
    stderr().print(found.verdict)


def _all_runs(folder: Path, store: Path | None) -> None:
    """Print a line for each run in a folder."""
    from selbench.cli.console import stderr, stdout
    from selbench.errors import SelbenchError
    from selbench.plugin import Registry
    from selbench.run_folder.layout import runs_in
    from selbench.runner.status import run_status

    runs = runs_in(folder)
    if not runs:
        stderr().print(f"no run in {folder}: give its folder, or start one with selbench run EXPERIMENT")
        return
    registry, damaged = Registry.installed(), False
    for run in runs:
        try:
            stdout().print(f"{run}: {run_status(run, registry, store).verdict}", markup=False, soft_wrap=True)
        except SelbenchError as problem:
            stderr().print(f"{run}: {problem}")
            damaged = True
    if damaged:
        raise typer.Exit(1)


def _table(found: RunStatus) -> Table:
    """Return a row per task and method: its repetitions by state."""
    from rich.table import Table
    from rich.text import Text

    table = Table("task", "method", *found.states, box=None, pad_edge=False)
    for (task, method), counts in found.by_method.items():
        table.add_row(Text(task), Text(method), *(str(counts[state] or "–") for state in found.states))
    return table
