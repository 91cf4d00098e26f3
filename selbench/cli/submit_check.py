"""``selbench submit-check``: may a run stand in the table of its suite?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from selbench.audit.submission import Submission


def submit_check(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="A run folder, as `selbench run` writes it, or a folder of some."),
    ],
    suite: Annotated[
        str | None,
        typer.Option(help="The suite, by name or file; by default what the run says.", show_default=False),
    ] = None,
) -> None:
    """Say what of a run may stand in the table of its suite, and why the rest may not.

    Held against the suite as it is installed here: tasks, digests of test
    windows, number of trainings; against the run itself: its audit, recorded
    versions, methods that are known. A run that is partly finished counts for
    what it finished. Only files are read: nothing of a stranger's run is
    executed. Status 1 where nothing can stand.

    Examples:

        selbench submit-check runs/sweeps-1
    """
    from selbench.bench.suites import submissions_of
    from selbench.cli.console import stderr, stdout

    any_stands = False
    for folder, found in submissions_of(run, suite):
        if folder != run:
            stderr().print(f"{folder}", markup=False)
        for number, reason in enumerate(found.reasons, start=1):
            stderr().print(f"refused  {number}: {reason}", markup=False)
        if not found.refusals:
            stdout().print(_table(found))
        n_standing, n_all = len(found.standing), len(found.entries)
        stderr().print(f"{n_standing} of {n_all} may stand in the table of {found.suite}", markup=False)
        any_stands |= n_standing > 0
    if not any_stands:
        raise typer.Exit(1)


def _table(found: Submission) -> Table:
    """Return a row per method and pair of tasks; why one may not stand is told by number."""
    from rich.table import Table
    from rich.text import Text

    numbers = {reason: str(number) for number, reason in enumerate(found.reasons_alone, start=1)}
    table = Table(box=None)
    for head in ("trained on", "tested on", "method", "trainings", "stands"):
        table.add_column(head, overflow="fold")
    for entry in found.entries:
        why = ", ".join(numbers[reason] for reason in entry.refusals)
        row = (
            entry.train_task,
            entry.test_task,
            entry.label,
            str(entry.n_trainings),
            f"no: {why}" if why else "yes",
        )
        table.add_row(*map(Text, row))
    return table
