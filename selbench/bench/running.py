"""Run an experiment to its end: what is missing of it, then the audit, the tables and the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from selbench.bench.experiments import PlannedRun, cores, plan_run
from selbench.bench.observing import Audience, observers_of
from selbench.bench.runs import Run
from selbench.bench.watching import Watch, watch_of
from selbench.errors import SelbenchError
from selbench.experiment import Experiment
from selbench.files import write_whole
from selbench.plugin import Observer, Registry, RunBegan, RunEnded
from selbench.run_folder import RunRecord, audits_as_json
from selbench.run_folder.failures import kept_failures
from selbench.run_folder.layout import (
    AUDIT,
    COMPARISONS,
    EXPERIMENT,
    FAILURES,
    IMAGES,
    PREDICTIONS,
    RECORD,
    REPORT,
    RESULTS,
    VALIDATION,
    WINDOWS,
)
from selbench.run_folder.made_from import Products, code_of, content_digest, digest_of
from selbench.runner.executors import Executor
from selbench.runner.run import RunOutcome, TrainingOutcome, run_plan, with_earlier


@dataclass(frozen=True)
class EndedRun:
    """A run that has just ended.

    Parameters
    ----------
    outcome : RunOutcome
        Of every training, those of earlier sessions included.
    run : Run
        Its folder, opened.
    """

    outcome: RunOutcome
    run: Run

    @property
    def failed(self) -> list[TrainingOutcome]:
        """Trainings that failed; running again tries them again."""
        return [training for training in self.outcome.trainings if training.status == "failed"]


def run(
    experiment: str | Path | Experiment,
    *,
    out: str | Path | None = None,
    reduced: bool = False,
    workers: int | None = None,
    dask: str | None = None,
    store: str | Path | None = None,
    methods: Sequence[str] = (),
    tasks: Sequence[str] = (),
    repetitions: int | None = None,
    overrides: Sequence[str] = (),
    fail_fast: bool = False,
    allow_programs: bool = False,
    retrain: bool = False,
    observers: Sequence[str | Observer] = (),
    progress: bool | Watch | None = None,
    registry: Registry | None = None,
) -> Run:
    """Run an experiment, or what is missing of it, and return the finished run.

    Parameters
    ----------
    experiment : str, Path or Experiment
        The name of a shipped experiment, a TOML file, or an experiment.
    out : str or Path, optional
        Run folder; by default ``runs/NAME``. One that was begun before is taken up.
    reduced : bool
        The file's reduced form: minutes instead of hours.
    workers : int, optional
        Worker processes; by default one per core. 0 runs in this process.
    dask : str, optional
        Run on a Dask cluster: address of its scheduler, or a scheduler file.
    store : str or Path, optional
        A store that several runs share; by default the run's own.
    methods, tasks : sequence of str
        Only these, by any of their names.
    repetitions : int, optional
        Trainings per method; more extend a finished run.
    overrides : sequence of str
        ``KEY=VALUE`` with dotted keys: ``tasks.paper.windows.train=100``.
    fail_fast : bool
        Stop at the first failure; else a training that fails is a row with its error.
    allow_programs : bool
        Start the programs that the experiment names, whatever they do.
    retrain : bool
        Do finished trainings anew where code or options have changed since, if that takes more than a minute.
    observers : sequence of str or Observer
        Who is told of it, such as an experiment tracker: ``NAME[option=…]``, or one of your own. They
        change nothing of the results.
    progress : bool, optional
        Whether to show how far it is; by default in a notebook or at a prompt, not in a script.

    Returns
    -------
    run : Run

    Raises
    ------
    SelbenchError
        If the experiment cannot be read or no training ended well.

    Examples
    --------
    >>> run("quickstart", reduced=True).leaderboard  # doctest: +SKIP
    """
    planned = plan_run(
        experiment, out=out, store=store, methods=methods, tasks=tasks, repetitions=repetitions,
        reduced=reduced, overrides=overrides, allow_programs=allow_programs, registry=registry,
    )  # fmt: skip
    planned.expect_leave()
    told = observers_of(observers, planned.registry)
    executor = executor_of(planned.plan.experiment, workers, dask)
    watch = watch_of(progress)
    try:
        return carry_out(
            planned, executor, watch=watch, fail_fast=fail_fast, retrain=retrain, observers=told
        ).run
    finally:
        executor.close()


def executor_of(experiment: Experiment, workers: int | None = None, dask: str | None = None) -> Executor:
    """Return what does the jobs: worker processes, one per core by default, this process, or a cluster."""
    from selbench.runner.executors import InProcess
    from selbench.runner.processes import Processes

    if dask is not None:
        from selbench.runner.cluster.executor import DaskCluster

        return DaskCluster.for_experiment(dask, experiment)
    workers = cores() if workers is None else workers
    return Processes(workers, threads=experiment.threads) if workers else InProcess()


def carry_out(
    planned: PlannedRun,
    executor: Executor,
    *,
    watch: Watch | None = None,
    fail_fast: bool = False,
    retrain: bool = False,
    observers: Sequence[Observer] = (),
    command: Sequence[str] = (),
) -> EndedRun:
    """Do what is missing of a planned run; write the folder with what is done of the whole experiment.

    Parameters
    ----------
    retrain : bool
        Whether what is finished may be done anew even where that takes long.
    observers : sequence of Observer
        Who is told of it.
    command : sequence of str
        What was typed, for the record.

    Raises
    ------
    ExperimentError
        If it would start programs without leave.
    DataError
        If much that is finished would be done anew, and `retrain` is not set.
    """
    from selbench.runner.folder import begin_folder, expect_same_run
    from selbench.runner.identities import write_components
    from selbench.runner.retraining import expect_cheap
    from selbench.runner.session import session
    from selbench.runner.store import Store

    watch, folder, plan = watch or Watch(), planned.folder, planned.plan
    started = datetime.now(UTC)
    planned.expect_leave()
    expect_same_run(plan.experiment, folder)  # before anything is written into it
    Store.open(plan.store.root)
    anew = planned.retraining
    expect_cheap(anew, folder, retrain=retrain)
    if anew is not None:
        watch.say(f"{folder}: {anew}")
    begin_folder(plan.experiment, folder)
    write_components(folder, plan.identities.table(plan.components))
    audience = Audience(folder, watch.say)
    with session(folder), _observed(planned, observers, audience):
        with watch.run(executor.workers) as display:
            outcome = run_plan(
                plan, executor, chosen=planned.names, observe=audience.beside(display), fail_fast=fail_fast
            )
        outcome = with_earlier(outcome)
        with watch.wait("Evaluating and writing the report …"):
            _write_down(planned, outcome, started, command)
    return EndedRun(outcome, Run(RunRecord.read(folder), planned.registry))


@contextmanager
def _observed(planned: PlannedRun, observers: Sequence[Observer], audience: Audience) -> Iterator[None]:
    """Tell observers that a run begins, and how it ends; an error points to what is kept of failures."""
    experiment, folder = planned.plan.experiment, planned.folder
    audience.begin(observers, RunBegan(experiment.name, folder, experiment.table, len(planned.names)))
    try:
        yield
    except KeyboardInterrupt:
        audience.tell(RunEnded(folder, "stopped"))
        raise
    except Exception as problem:
        audience.tell(RunEnded(folder, "failed", " ".join(str(problem).split())))
        if isinstance(problem, SelbenchError) and kept_failures(folder):
            raise type(problem)(f"{problem}; whole tracebacks: {folder / FAILURES}") from problem
        raise
    audience.tell(RunEnded(folder, "finished"))


def _write_down(planned: PlannedRun, outcome: RunOutcome, started: datetime, command: Sequence[str]) -> None:
    """Write the tables, the audit and the report."""
    from selbench.runner.folder import write_folder

    products = write_folder(outcome, planned.registry, planned.folder, started=started, command=list(command))
    _write_report(_write_audit(outcome, products, planned.registry), planned.registry)


def _write_audit(outcome: RunOutcome, products: Products, registry: Registry) -> Products:
    """Audit the windows of the run, unless that was done of just these before."""

    from selbench.audit.checks import all_checks, audit_windows
    from selbench.runner.fingerprint import code_of_offer

    checks = all_checks(registry)

    def make() -> None:
        from selbench.audit.task_checks import audit_run

        (products.folder / AUDIT).unlink(missing_ok=True)  # an older one may be damaged
        record = RunRecord.read(products.folder)
        text = audits_as_json(audit_run(outcome, record.predictions, partial(audit_windows, checks=checks)))
        write_whole(products.folder / AUDIT, text.encode())

    made_from = {
        "code": code_of("audit", "evaluation", "statistics", "run_folder"),
        "checks": [code_of_offer(check) for check in checks],
        "run": products.made[RECORD].made_from,
        "predictions": products.made[PREDICTIONS].content,
    }
    return products.ensure(AUDIT, digest_of(made_from), make)


def _write_report(products: Products, registry: Registry) -> Products:
    """Write the page, unless nothing that stands on it has changed."""

    def make() -> None:
        from selbench.report.html import render

        write_whole(products.folder / REPORT, render(RunRecord.read(products.folder), registry).encode())

    from selbench.report.html.document import all_sections
    from selbench.runner.fingerprint import code_of_offer

    read = (PREDICTIONS, VALIDATION, WINDOWS, RESULTS, COMPARISONS, RECORD, AUDIT, IMAGES, EXPERIMENT)
    made_from = {
        "code": code_of("report", "evaluation", "run_folder"),
        "sections": [code_of_offer(each) for each in all_sections(registry)],
        "files": {name: content_digest(products.folder / name) for name in read},
    }
    return products.ensure(REPORT, digest_of(made_from), make)
