"""``selbench run``: run an experiment, or what is missing of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from selbench.bench import EndedRun, PlannedRun
    from selbench.experiment import Task
    from selbench.plugin import Observer
    from selbench.runner.plan import PlannedTraining


def run(
    experiment: Annotated[
        str, typer.Argument(metavar="EXPERIMENT", help="A TOML file, or the name of a shipped experiment.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Run folder; by default runs/NAME.", show_default=False)
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(help="Share a store between runs; by default RUN/store.", show_default=False),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=0, help="Worker processes; by default one per core. 0 runs in this process."),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Run on a Dask cluster: tcp://HOST:PORT, or a scheduler file.",
            show_default=False,
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a key: tasks.paper.windows.train=100."),
    ] = None,
    methods: Annotated[
        list[str] | None, typer.Option(help="Only this method (repeat for more).", show_default=False)
    ] = None,
    tasks: Annotated[
        list[str] | None, typer.Option(help="Only this training task (repeat for more).", show_default=False)
    ] = None,
    repetitions: Annotated[
        int | None, typer.Option(min=1, help="Trainings per method; more extend a finished run.")
    ] = None,
    reduced: Annotated[bool, typer.Option("--reduced", help="The file's reduced form.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the trainings and what is done; do nothing.")
    ] = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")] = False,
    allow_programs: Annotated[
        bool, typer.Option("--allow-programs", help="Start the programs that the experiment names.")
    ] = False,
    retrain: Annotated[
        bool, typer.Option("--retrain", help="Do finished trainings anew where code or options changed.")
    ] = False,
    observe: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[option=…]", help="Tell an observer of it, such as an experiment tracker."),
    ] = None,
) -> None:
    """Run an experiment: simulate, train, test, and write a report.

    Every method is tested on the same windows, next to trivial baselines, over
    several training seeds. Results go to a run folder with plain tables and a
    self-contained report.html. Running again does only what is missing; Ctrl-C
    loses at most the work in flight.

    Examples:

        selbench run quickstart                                the tour: minutes, one report

        selbench run my.toml --out runs/mine --workers 4       your own experiment

        selbench run my.toml --dry-run                         the trainings, and what is done already

        selbench run quickstart --repetitions 5                more seeds extend a finished run

        selbench run my.toml --dask tcp://host:8786            the workers of a cluster

        selbench run my.toml --set tasks.paper.windows.train=200
    """
    from selbench.bench import plan_run
    from selbench.bench.observing import observers_of
    from selbench.cli.console import warn_of_broken_plugins
    from selbench.plugin import Registry

    registry = Registry.installed()
    warn_of_broken_plugins(registry)
    planned = plan_run(
        experiment, out=out, store=store, methods=methods or (), tasks=tasks or (), repetitions=repetitions,
        reduced=reduced, overrides=set_ or (), allow_programs=allow_programs, registry=registry,
    )  # fmt: skip
    if dry_run:
        _show_plan(planned)
    else:
        planned.expect_leave()
        told = observers_of(observe or (), registry)
        _conclude(_carry_out(planned, workers, dask, fail_fast=fail_fast, retrain=retrain, observers=told))


def _carry_out(
    planned: PlannedRun,
    workers: int | None,
    dask: str | None,
    *,
    fail_fast: bool,
    retrain: bool,
    observers: Sequence[Observer],
) -> EndedRun:
    """Run what is planned under a live display; Ctrl-C ends it in one line."""
    from rich.text import Text

    from selbench.bench import ConsoleWatch, carry_out
    from selbench.bench.running import executor_of
    from selbench.cli.console import stderr
    from selbench.tables import count_of

    executor = executor_of(planned.plan.experiment, workers, dask)
    said = f": {_size(planned.trainings)}; {count_of(executor.workers, 'worker')} → {planned.folder}"
    stderr().print(Text.assemble((planned.plan.experiment.name, "bold"), said))
    _note_several(planned)
    command = [Path(sys.argv[0]).name, *sys.argv[1:]]
    try:
        return carry_out(
            planned, executor, watch=ConsoleWatch(stderr()), fail_fast=fail_fast, retrain=retrain,
            observers=observers, command=command,
        )  # fmt: skip
    except KeyboardInterrupt:
        kept = "; finished work is kept: the same command goes on from here"
        stderr().print(Text.assemble("\n", ("stopped", "yellow"), kept))
        raise typer.Exit(130) from None
    finally:
        executor.close()


def _conclude(ended: EndedRun) -> None:
    """Print the leaderboard, what failed, and what to do next."""
    from rich.text import Text

    from selbench.cli.console import stderr, stdout
    from selbench.report.terminal import leaderboard
    from selbench.run_folder.failures import kept_failures
    from selbench.run_folder.layout import FAILURES, PREDICTORS, REPORT

    stdout().print(leaderboard(ended.run.record))
    reasons: dict[str, list[str]] = {}
    for training in ended.failed:
        reasons.setdefault(training.reason, []).append(training.planned.training.name)
    for reason, names in reasons.items():
        stderr().print(Text.assemble(("failed", "red"), f"  {', '.join(names)}: {reason}"))
    if ended.failed and kept_failures(ended.run.path):
        stderr().print(f"tracebacks  {ended.run.path / FAILURES}", markup=False)
    stderr().print(f"report      {ended.run.path / REPORT}")
    stderr().print(f"predictors  {ended.run.path / PREDICTORS}")
    if best := next(iter(ended.run.best), None):
        stderr().print(f"next        selbench scan {ended.run.path}:{best} FILE.vcf.gz")
    if ended.failed:
        n_all = len(ended.outcome.trainings)
        stderr().print(f"{len(ended.failed)} of {n_all} trainings failed; running again retries only them")
        raise typer.Exit(1)


def _show_plan(run: PlannedRun) -> None:
    from collections import Counter

    from rich.table import Table
    from rich.text import Text

    from selbench.cli.console import stderr, stdout
    from selbench.runner.record import names_in

    names = names_in(run.plan.experiment)
    table = Table(box=None)
    for head in ("task", "method", "id", "folder", "repetitions", "tested on", "state"):
        table.add_column(head, overflow="fold")
    states: Counter[str] = Counter()
    rows: dict[tuple[str, ...], list[int]] = {}
    for planned in run.trainings:
        training, state = planned.training, run.plan.state(planned)
        states[state] += 1
        name, tests = names[training.method.name], ", ".join(task.name for task in training.test_tasks)
        shown = f"skipped: {planned.skip}" if planned.skip else state
        row = (training.task.name, name.label, name.method, name.folder, tests, shown)
        rows.setdefault(row, []).append(training.repetition)
    for (*about, tests, shown), repetitions in rows.items():
        table.add_row(*map(Text, (*about, _ranges(repetitions), tests, shown)))
    stdout().print(table)
    stderr().print(", ".join(f"{count} {state}" for state, count in states.items() if count))
    _note_several(run)
    if anew := run.retraining:
        stderr().print(f"note  {anew}", markup=False)
    if run.programs:
        stderr().print(
            f"note  starts, with --allow-programs: {'; '.join(map(repr, run.programs))}", markup=False
        )
    for note in _threshold_notes(run.chosen.tasks.values()):
        stderr().print(note, markup=False)


def _note_several(run: PlannedRun) -> None:
    """Say which names that were asked for stand for more than one method."""
    from selbench.cli.console import stderr

    for asked, several in run.several.items():
        stderr().print(f"note  --methods {asked} names {len(several)}: {', '.join(several)}", markup=False)


def _ranges(numbers: Sequence[int]) -> str:
    """Return rising numbers in short: ``0–4, 7``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join("–".join(map(str, part)) for part in parts)


def _threshold_notes(tasks: Iterable[Task]) -> Iterator[str]:
    """Say which powers cannot be measured for lack of threshold windows, once for all tasks with as many."""
    from selbench.evaluation.power import windows_needed

    names: dict[int, list[str]] = {}
    for task in tasks:
        if task.part_of is None and not task.is_genome:
            names.setdefault(task.windows.threshold, []).append(task.name)
    for threshold, of_tasks in names.items():
        lacking = [
            f"{alpha:.0%} false positives (needs {needed:,})"
            for alpha in (0.05, 0.01)
            if threshold < (needed := windows_needed(alpha))
        ]
        if lacking:
            where = f"tasks.{of_tasks[0]}.windows.threshold" if len(of_tasks) == 1 else "windows.threshold"
            among = "" if len(of_tasks) == 1 else f" in {len(of_tasks)} tasks"
            yield f"note  {where} = {threshold}{among}: too few for power at {' and '.join(lacking)}"


def _size(planned: Sequence[PlannedTraining]) -> str:
    """Return how many trainings there are, and of what."""
    from selbench.tables import count_of

    trainings = [each.training for each in planned]
    methods = len({training.method.name for training in trainings})
    tasks = len({training.task.name for training in trainings})
    repetitions = len({training.repetition for training in trainings})
    return (
        f"{count_of(len(trainings), 'training')}, that is {count_of(methods, 'method')} × "
        f"{count_of(tasks, 'task')} × {count_of(repetitions, 'repetition')}"
    )
