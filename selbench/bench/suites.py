"""Suites: what they promise of test windows, and what of a run may stand in their table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from selbench.bench.experiments import open_experiment, task_of
from selbench.bench.watching import Watch, watch_of
from selbench.errors import DataError, PluginError
from selbench.experiment import Experiment, Task, expect_leave, programs_without_leave
from selbench.files import write_whole
from selbench.plugin import Registry
from selbench.run_folder import RunRecord, read_info
from selbench.run_folder.layout import is_finished_run, runs_in
from selbench.run_folder.tables import write_table

if TYPE_CHECKING:
    from selbench.audit.submission import Submission
    from selbench.report.suite import SuiteTable
    from selbench.report.suite_why import Why


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
    run: str | Path, suite: str | Path | Experiment | None = None, *, registry: Registry | None = None
) -> Submission:
    """Say what of a run may stand in the table of a suite; nothing that the run names is executed.

    Parameters
    ----------
    run : str or Path
        A run folder.
    suite : str, Path or Experiment, optional
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
    info = read_info(Path(run))  # before the tables, which the folder of another run may lack
    wanted = suite or info.suite or info.reduced_from
    if not wanted:
        raise DataError(
            f"{run}: expected the run of a suite, and run.json names none: `selbench run SUITE` makes one"
        )
    record = RunRecord.read(run)
    return check_submission(record, open_experiment(wanted, registry=registry), registry)


def submissions_of(
    run: str | Path, suite: str | Path | Experiment | None = None, *, registry: Registry | None = None
) -> Iterator[tuple[Path, Submission]]:
    """Say the same of a run, or of every run in a folder, as `submission_of` does.

    A run in a folder that names no suite is held against the first that another of them names. One that is
    damaged, or whose suite is not installed here, is refused for that, and the others go on.
    """
    from selbench.audit.submission import Submission

    registry = registry or Registry.installed()
    folders = list(_run_folders([run]))
    named = {folder: _suite_of(folder) for folder in folders}
    first = next(filter(None, named.values()), None)
    for folder in folders:
        try:
            yield folder, submission_of(folder, suite or named[folder] or first, registry=registry)
        except (DataError, PluginError) as problem:
            if folders == [Path(run)]:
                raise
            wanted = suite.suite if isinstance(suite, Experiment) else suite or named[folder] or first
            yield folder, Submission(str(wanted or ""), (str(problem),), ())


def _suite_of(folder: Path) -> str:
    """Return the suite that a run says it is of; "" where it names none, or cannot be read."""
    try:
        info = read_info(folder)
    except DataError:
        return ""
    return info.suite or info.reduced_from


@dataclass(frozen=True, eq=False)
class SuiteLeaderboard:
    """The leaderboard of a suite.

    Parameters
    ----------
    record : RunRecord
        All runs that stand in it, joined.
    table : SuiteTable
    refused : tuple of str
        What was handed in and may not stand in it, with its reason.
    why : Why, optional
        What stands behind the table.
    """

    record: RunRecord
    table: SuiteTable
    refused: tuple[str, ...]
    why: Why | None = None

    def markdown(self, command: str = "") -> str:
        """Return it as markdown; `command` is what makes it again."""
        from selbench.report.suite_markdown import render_suite

        return render_suite(self.record, self.table, self.refused, command, self.why)

    def write(self, folder: Path, command: str = "") -> tuple[Path, Path, Path]:
        """Write ``README.md``, ``leaderboard.html`` and ``leaderboard.parquet`` into a folder.

        The last has the comparisons that the table tells of, with the columns of ``comparisons.parquet``.
        """
        from selbench.report.html.suite import render_suite
        from selbench.report.suite import comparisons_of

        folder.mkdir(parents=True, exist_ok=True)
        text, page = folder / "README.md", folder / "leaderboard.html"
        comparisons = folder / "leaderboard.parquet"
        write_whole(text, self.markdown(command).encode())
        write_whole(page, render_suite(self.record, self.table, self.refused, self.why).encode())
        write_table(comparisons_of(self.record, self.table), comparisons)
        return text, page, comparisons


def suite_leaderboard(
    runs: Sequence[str | Path], suite: str | Path | None = None, *, registry: Registry | None = None
) -> SuiteLeaderboard:
    """Put runs of a suite into its leaderboard; nothing that they name is executed.

    Parameters
    ----------
    runs : sequence of str or Path
        Run folders, or folders that hold some.
    suite : str or Path, optional
        The suite, by name or file; by default the one that the first run says it is of.

    Raises
    ------
    DataError
        If a folder holds no run, or nothing of them may stand in the table.
    """
    from selbench.audit.submission import check_submission
    from selbench.report.joint import join_runs, restricted
    from selbench.report.short_labels import with_short_labels
    from selbench.report.suite import COMPARED_BY, suite_table
    from selbench.report.suite_absent import not_run, unfinished
    from selbench.report.suite_choices import encodings_explained
    from selbench.report.suite_why import why

    registry = registry or Registry.installed()
    records, damaged = _readable(_run_folders(runs))
    wanted = suite or records[0].info.suite
    if not wanted:
        raise DataError(f"{records[0].folder}: expected the run of a suite, and run.json names none")
    experiment = open_experiment(wanted, registry=registry)
    standing, of_suite, refused = [], [], [*damaged]
    for record in records:
        found = check_submission(record, experiment, registry)
        refused += [f"{record.folder.name}: {said}" for said in found.refusals or found.reasons]
        of_suite += [] if found.refusals else [record]
        if found.standing:
            cells = {(entry.train_task, entry.test_task, entry.method) for entry in found.standing}
            whole = len(found.standing) == len(found.entries)
            standing.append(record if whole else restricted(record, cells))
    if not standing:
        raise DataError(
            f"nothing may stand in the table of {experiment.suite}: {'; '.join(dict.fromkeys(refused))}"
        )
    at_home = [(name, name) for name in experiment.tasks]
    several = len(standing) > 1
    joined = join_runs(standing, compared_by=COMPARED_BY, compared_on=at_home) if several else standing[0]
    info = replace(joined.info, experiment=experiment.suite, description=experiment.description)
    joined = with_short_labels(replace(joined, info=info))
    table = suite_table(joined, standing)
    refused += [said for record in of_suite for said in unfinished(record, table)]
    table = replace(
        table,
        not_run=not_run(joined, table, registry),
        encodings=encodings_explained(joined, table, registry),
    )
    return SuiteLeaderboard(joined, table, tuple(refused), why(table, standing))


def _readable(folders: Iterable[Path]) -> tuple[list[RunRecord], list[str]]:
    """Return the runs that can be read, and what is wrong with the others; an error where none can."""
    records, damaged = [], []
    for folder in folders:
        try:
            records.append(RunRecord.read(folder))
        except DataError as problem:
            damaged.append(str(problem))
    if not records:
        raise DataError("; ".join(damaged))
    return records, damaged


def _run_folders(runs: Sequence[str | Path]) -> Iterator[Path]:
    """Yield run folders: those named, and those in folders that are named."""
    for folder in map(Path, runs):
        within = (
            [] if is_finished_run(folder) else [each for each in runs_in(folder) if is_finished_run(each)]
        )
        yield from within or [folder]
