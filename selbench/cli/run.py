"""``selbench run``: run an experiment, or what is missing of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from selbench.experiment import Experiment, Task
    from selbench.plugin import Registry
    from selbench.report.run_folder import RunRecord
    from selbench.runner.executors import Executor
    from selbench.runner.plan import Plan
    from selbench.runner.run import RunOutcome


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
    from selbench.cli.console import stderr
    from selbench.experiment import read_experiment
    from selbench.plugin import Registry
    from selbench.runner.plan import Plan
    from selbench.runner.store import Store

    registry = Registry.installed()
    for broken in registry.broken:
        stderr().print(f"[yellow]warning[/yellow]  {broken}")
    whole = read_experiment(
        experiment_file(experiment, registry),
        registry,
        overrides=set_ or (),
        reduced=reduced,
        repetitions=repetitions,
    )
    folder = out or Path("runs") / whole.name
    if repetitions is None:
        whole = _as_many_repetitions(whole, folder)
    kept = Store(store or folder / "store")
    plan = Plan(whole, kept)
    chosen = whole.selected(methods=methods or (), tasks=tasks or ())
    if dry_run:
        _show_plan(plan, chosen)
        return
    _run(plan, chosen, registry, folder, workers, dask, fail_fast)


def _as_many_repetitions(experiment: Experiment, folder: Path) -> Experiment:
    """Keep the repetitions that a run was extended to before."""
    from dataclasses import replace

    from selbench.runner.folder import earlier_table

    earlier = int(earlier_table(folder).get("repetitions", 1))
    if earlier <= experiment.repetitions:
        return experiment
    return replace(experiment, repetitions=earlier, table={**experiment.table, "repetitions": earlier})


def experiment_file(text: str, registry: Registry) -> Path:
    """Return the file of an experiment: a path, or the name of a shipped one."""
    path = Path(text)
    if path.suffix == ".toml" or path.is_file():
        return path
    return registry.experiment(text)


def _run(
    plan: Plan,
    chosen: Experiment,
    registry: Registry,
    folder: Path,
    workers: int | None,
    dask: str | None,
    fail_fast: bool,
) -> None:
    """Do the trainings of `chosen`; write the folder with what is done of the whole experiment."""
    from datetime import UTC, datetime

    from selbench.cli.audit import write_audit
    from selbench.cli.console import stderr
    from selbench.files import write_whole
    from selbench.report.html import render
    from selbench.report.run_folder import RunRecord
    from selbench.runner.folder import begin_folder, earlier_table, write_folder
    from selbench.runner.run import with_earlier
    from selbench.runner.session import session
    from selbench.runner.store import Store

    started = datetime.now(UTC)
    experiment = plan.experiment
    names = {training.name for training in chosen.trainings()}
    earlier_table(folder)  # refuses a folder of something else before anything is written into it
    Store.open(plan.store.root)
    begin_folder(experiment, folder)
    executor = executor_of(experiment, cores() if workers is None else workers, dask)
    stderr().print(
        f"[bold]{experiment.name}[/bold]: {_size(chosen)}; {_count(executor.workers, 'worker')} → {folder}"
    )
    with session(folder):
        outcome = with_earlier(_outcome(plan, names, executor, fail_fast))
        with stderr().status("Evaluating and writing the report …"):
            command = [Path(sys.argv[0]).name, *sys.argv[1:]]
            write_folder(outcome, registry, folder, started=started, command=command)
            write_audit(outcome, folder)
            record = RunRecord.read(folder)
            write_whole(folder / "report.html", render(record).encode())
    _conclude(outcome, record, folder)


def _outcome(plan: Plan, chosen: set[str], executor: Executor, fail_fast: bool) -> RunOutcome:
    """Run the trainings of a plan under a live display; Ctrl-C ends it in one line."""
    from selbench.cli.console import stderr
    from selbench.cli.display import RunDisplay
    from selbench.runner.run import run_plan

    try:
        with RunDisplay(stderr(), workers=executor.workers) as display:
            return run_plan(plan, executor, chosen=chosen, observe=display, fail_fast=fail_fast)
    except KeyboardInterrupt:
        stderr().print(
            "\n[yellow]stopped[/yellow]; finished work is kept: the same command goes on from here"
        )
        raise typer.Exit(130) from None
    finally:
        executor.close()


def executor_of(experiment: Experiment, workers: int, dask: str | None = None) -> Executor:
    """Return what does the jobs: worker processes, this process, or a Dask cluster."""
    from selbench.runner.executors import InProcess
    from selbench.runner.processes import Processes

    if dask is not None:
        from selbench.runner.cluster.executor import DaskCluster

        return DaskCluster(dask, experiment)
    return Processes(workers, threads=experiment.threads) if workers else InProcess()


def _conclude(outcome: RunOutcome, record: RunRecord, folder: Path) -> None:
    """Print the leaderboard, what failed, and what to do next."""
    from selbench.cli.console import stderr, stdout
    from selbench.report.terminal import leaderboard

    stdout().print(leaderboard(record))
    failed = [training for training in outcome.trainings if training.status == "failed"]
    for training in failed:
        stderr().print(f"[red]failed[/red]  {training.planned.training.name}: {training.reason}")
    stderr().print(f"report      {folder / 'report.html'}")
    stderr().print(f"predictors  {folder / 'predictors'}")
    if failed:
        stderr().print(
            f"{len(failed)} of {len(outcome.trainings)} trainings failed; running again retries only them"
        )
        raise typer.Exit(1)


def _show_plan(plan: Plan, chosen: Experiment) -> None:
    from rich.table import Table

    from selbench.cli.console import stderr, stdout

    table = Table("task", "method", "repetition", "tested on", "state", box=None)
    states: dict[str, int] = {}
    names = {training.name for training in chosen.trainings()}
    for planned in plan.trainings:
        if planned.training.name not in names:
            continue
        training = planned.training
        state = plan.state(planned)
        states[state] = states.get(state, 0) + 1
        shown = f"skipped: {planned.skip}" if planned.skip else state
        tests = ", ".join(task.name for task in training.test_tasks)
        table.add_row(
            training.task.name,
            training.method.short_name.replace("[", "\\["),
            str(training.repetition),
            tests,
            shown,
        )
    stdout().print(table)
    stderr().print(", ".join(f"{count} {state}" for state, count in states.items() if count))
    for task in plan.experiment.tasks.values():
        if task.part_of is None and (note := _threshold_note(task)):
            stderr().print(note)


def _threshold_note(task: Task) -> str:
    """Say which powers cannot be measured for lack of threshold windows, or ""."""
    from selbench.evaluation.power import windows_needed

    lacking = [f"{alpha:.0%}" for alpha in (0.05, 0.01) if task.windows.threshold < windows_needed(alpha)]
    if not lacking:
        return ""
    return (
        f"note  tasks.{task.name}.windows.threshold = {task.windows.threshold}: too few for power at "
        f"{' and '.join(lacking)} false positives, which needs 20 over the rate"
    )


def _size(experiment: Experiment) -> str:
    """Return how many trainings an experiment has, and of what."""
    trainings = list(experiment.trainings())
    methods = len({training.method.name for training in trainings})
    tasks = len({training.task.name for training in trainings})
    repetitions = len({training.repetition for training in trainings})
    return (
        f"{_count(len(trainings), 'training')}, that is {_count(methods, 'method')} × "
        f"{_count(tasks, 'task')} × {_count(repetitions, 'repetition')}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def cores() -> int:
    """Return how many cores this process may use."""
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
