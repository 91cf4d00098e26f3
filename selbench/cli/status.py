"""``selbench status``: how far a run is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from selbench.runner.status import RunStatus


_STATES = ("done", "to do", "skipped", "failed", "not known")


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
    stderr().print(_verdict(found))


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
            stdout().print(
                f"{run}: {_verdict(run_status(run, registry, store))}", markup=False, soft_wrap=True
            )
        except SelbenchError as problem:
            stderr().print(f"{run}: {problem}")
            damaged = True
    if damaged:
        raise typer.Exit(1)


def _table(found: RunStatus) -> Table:
    """Return a row per task and method: its repetitions by state."""
    from rich.table import Table
    from rich.text import Text

    states = [state for state in _STATES if state != "not known" or found.count(state)]
    table = Table("task", "method", *states, box=None, pad_edge=False)
    rows: dict[tuple[str, str], Counter[str]] = {}
    for training in found.trainings:
        name = training.planned.training.task.name, training.planned.training.shown_method
        rows.setdefault(name, Counter())[training.state] += 1
    for (task, method), counts in rows.items():
        shown = [str(counts[state] or "–") for state in states]
        table.add_row(Text(task), Text(method), *shown)
    return table


def _verdict(found: RunStatus) -> str:
    counted = f"{found.count('done')} of {len(found.trainings)} trainings done"
    if found.is_finished:
        return f"{counted}; finished: selbench report {found.folder}"
    if found.sessions:
        return f"{counted}; still running"
    return f"{counted}; go on with: selbench run {found.folder / 'experiment.toml'} --out {found.folder}"
