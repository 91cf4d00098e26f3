"""Suites: what they promise of test windows, and what of a run may stand in their table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from selbench.bench.experiments import open_experiment, task_of
from selbench.bench.watching import Watch, watch_of
from selbench.errors import DataError
from selbench.experiment import Task, expect_leave, programs_without_leave
from selbench.plugin import Registry
from selbench.run_folder import RunRecord

if TYPE_CHECKING:
    from selbench.audit.submission import Submission


def digests_of_tests(
    text: str,
    *,
    overrides: Sequence[str] = (),
    allow_programs: bool = False,
    progress: bool | Watch | None = None,
    registry: Registry | None = None,
) -> Iterator[tuple[Task, str]]:
    """Make the test windows of tasks, and yield the digest of each.

    A task carries the digest that its file gives, if it gives one; a suite may lack them here.

    Parameters
    ----------
    text : str
        ``EXPERIMENT`` or ``EXPERIMENT:TASK``, the experiment being a file or a shipped name.

    Raises
    ------
    ExperimentError
        If there is no such task, or programs would be started without leave.
    """
    from selbench.runner.promised import digest_of_task

    registry, watch = registry or Registry.installed(), watch_of(progress)
    experiment, chosen = task_of(text, registry=registry, overrides=overrides, as_suite=False)
    programs = programs_without_leave(
        experiment, allow_programs=allow_programs, overrides=overrides, registry=registry
    )
    expect_leave(experiment, programs)
    for task in [chosen] if chosen else experiment.tasks.values():
        if task.part_of is None:
            with watch.wait(f"Making the test windows of {task.name} …"):
                found = digest_of_task(experiment, task)
            yield task, found


def submission_of(
    run: str | Path, suite: str | Path | None = None, *, registry: Registry | None = None
) -> Submission:
    """Say what of a run may stand in the table of a suite; nothing that the run names is executed.

    Parameters
    ----------
    run : str or Path
        A run folder.
    suite : str or Path, optional
        The suite, by name or file; by default the one that the run says it is of, as it is installed here.

    Raises
    ------
    DataError
        If the run folder is damaged, or no suite is named.
    PluginError
        If the suite is not installed here.
    """
    from selbench.audit.submission import check_submission

    registry = registry or Registry.installed()
    record = RunRecord.read(run)
    wanted = suite or record.info.suite or record.info.reduced_from
    if not wanted:
        raise DataError(
            f"{run}: expected the run of a suite, and run.json names none: `selbench run SUITE` makes one"
        )
    return check_submission(record, open_experiment(wanted, registry=registry), registry)
