"""``selbench submit-check``: may a run stand in the table of its suite?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from selbench.audit.submission import Submission


def submit_check(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, as `selbench run` writes it.")],
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
    from selbench.bench.suites import submission_of
    from selbench.cli.console import stderr, stdout

    found = submission_of(run, suite)
    stdout().print(_table(found))
    for refusal in found.refusals:
        stderr().print(f"refused  {refusal}", markup=False)
    n_standing, n_all = len(found.standing), len(found.entries)
    stderr().print(f"{n_standing} of {n_all} may stand in the table of {found.suite}", markup=False)
    if not n_standing:
        raise typer.Exit(1)


def _table(found: Submission) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None)
    for head in ("trained on", "tested on", "method", "trainings", "stands"):
        table.add_column(head, overflow="fold")
    for entry in found.entries:
        # of what is refused as a whole, why it is says enough
        why = ("see below",) if found.refusals else entry.refusals
        stands = "no: " + "; ".join(why) if why else "yes"
        row = (entry.train_task, entry.test_task, entry.label, str(entry.n_trainings), stands)
        table.add_row(*map(Text, row))
    return table
