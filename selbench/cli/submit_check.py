"""``selbench submit-check``: may a run stand in the table of its suite?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from selbench.audit.submission import Submission


MOST_REASONS = 3
"""As many are told of each run of a folder."""


def submit_check(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="A run folder, as `selbench run` writes it, or a folder of some."),
    ],
    suite: Annotated[
        str | None,
        typer.Option(help="The suite, by name or file; by default what the run says.", show_default=False),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Every method and task, of a folder of runs too.")
    ] = False,
) -> None:
    """Say what of a run may stand in the table of its suite, and why the rest may not.

    Held against the suite as it is installed here: tasks, digests of test
    windows, number of trainings; against the run itself: its audit, recorded
    versions, methods that are known. A run that is partly finished counts for
    what it finished. Only files are read: nothing of a stranger's run is
    executed. Status 1 where nothing can stand.

    Of a folder of runs there are a few lines for each, and a sum.

    Examples:

        selbench submit-check runs/sweeps-1

        selbench submit-check benchmarks/suite --verbose
    """
    from selbench.bench.suites import submissions_of
    from selbench.cli.console import stderr

    checked = []
    for folder, found in submissions_of(run, suite):
        checked.append(found)
        if folder != run and not verbose:
            _summarise(folder.name, found)
        else:
            _detail(folder if folder != run else None, found, verbose=verbose)
    if folder != run:
        stderr().print(_sum(checked), markup=False)
    if not any(found.standing for found in checked):
        raise typer.Exit(1)


def _sum(checked: Sequence[Submission]) -> str:
    """Say how much of all runs of a folder may stand."""
    from selbench.tables import count_of

    n_standing = sum(len(each.standing) for each in checked)
    n_all = sum(len(each.entries) for each in checked)
    suites = list(dict.fromkeys(each.suite for each in checked))
    tables = f"table{'' if len(suites) == 1 else 's'} of {', '.join(suites)}"
    of_runs = f"of {count_of(len(checked), 'run')}"
    return f"{n_standing:,} of {n_all:,} tests of a method on a task, {of_runs}, may stand in the {tables}"


def _summarise(name: str, found: Submission) -> None:
    """Print what of a run may stand in one line, and what may not by its reasons."""
    from selbench.cli.console import stderr, stdout

    reasons = found.refusals or found.reasons
    stdout().print(f"{name}: {found.standing_said} may stand", markup=False)
    for reason in reasons[:MOST_REASONS]:
        stderr().print(f"{name}: refused: {reason}", markup=False)
    if len(reasons) > MOST_REASONS:
        more = f"{name}: refused for {len(reasons) - MOST_REASONS} more reasons: --verbose tells them"
        stderr().print(more, markup=False)


def _detail(folder: Path | None, found: Submission, *, verbose: bool) -> None:
    """Print every method and task of a run, with why some may not stand; of one refused as a whole, why."""
    from selbench.cli.console import stderr, stdout

    if folder is not None:
        stderr().print(f"{folder}", markup=False)
    for number, reason in enumerate(found.reasons if verbose else found.refusals or found.reasons, start=1):
        stderr().print(f"refused  {number}: {reason}", markup=False)
    if not found.refusals:
        stdout().print(_table(found))
    said = f"{len(found.standing)} of {len(found.entries)} may stand in the table of {found.suite}"
    stderr().print(said, markup=False)


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
