"""Audit anything: an experiment's windows, a run, a dataset file, a folder that somebody else made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from selbench.bench.experiments import RUNS, folder_of, task_of
from selbench.bench.running import executor_of
from selbench.bench.watching import Watch, watch_of
from selbench.errors import DataError
from selbench.experiment import expect_leave, programs_of, programs_without_leave
from selbench.formats.readers import Dataset, MsText, PngFolder, reader_of
from selbench.plugin import Registry
from selbench.run_folder import Audit, RunRecord
from selbench.run_folder.layout import STORE, is_finished_run

if TYPE_CHECKING:
    from selbench.audit.audited import AuditedData
    from selbench.audit.survey import Survey
    from selbench.experiment import Experiment


def audit(
    subject: str | Path,
    *,
    null: str | None = None,
    sequence_length: int | None = None,
    overrides: Sequence[str] = (),
    reduced: bool = False,
    store: str | Path | None = None,
    placebo: bool = False,
    shuffles: bool = False,
    workers: int | None = None,
    allow_programs: bool = False,
    progress: bool | Watch | None = None,
    registry: Registry | None = None,
) -> tuple[Audit, ...]:
    """Ask whether a comparison on these windows is honest.

    Parameters
    ----------
    subject : str or Path
        ``EXPERIMENT`` or ``EXPERIMENT:TASK``, a dataset file, a run folder, or a folder
        SPLIT/CLASS/files of images or ms text.
    null : str, optional
        Of a folder or dataset: the class without selection.
    sequence_length : int, optional
        Of ms text, in bp, where its first line does not say it.
    overrides : sequence of str
        Of an experiment: ``KEY=VALUE``.
    reduced : bool
        The experiment's reduced form.
    store : str or Path, optional
        Of a run: where its windows are kept, by default in its folder.
    placebo : bool
        Train every method on a negative control as well. Takes long.
    shuffles : bool
        Of a run: ask its methods about shuffled test windows.
    workers : int, optional
        Worker processes of `placebo`; by default one per core.
    allow_programs : bool
        Of an experiment, and for `placebo`: start the programs that it names. To audit a run starts none.
    progress : bool, optional
        Whether to show how far it is; by default in a notebook or at a prompt.

    Returns
    -------
    audits : tuple of Audit
        One per task or folder.

    Raises
    ------
    SelbenchError
        If there is nothing of that name, or it cannot be read.
    """
    path, kept = Path(subject), None if store is None else Path(store)
    auditor = _Auditor(watch_of(progress), registry or Registry.installed())
    if is_finished_run(path):
        return auditor.of_run(
            path, kept, shuffles=shuffles, placebo=placebo, workers=workers, allow_programs=allow_programs
        )
    reader = reader_of(path, auditor.registry) if path.exists() and path.suffix != ".toml" else None
    if reader is not None and type(reader) not in (Dataset, PngFolder, MsText):
        from selbench.audit.dataset import audited_read

        return (auditor(audited_read(path, reader, null=null))[0],)
    if path.is_dir():
        from selbench.audit.folder import audited_folder

        return (auditor(audited_folder(path, sequence_length=sequence_length, null=null))[0],)
    if path.is_file() and path.suffix != ".toml":
        from selbench.audit.dataset import audited_dataset

        return (auditor(audited_dataset(path, null=null))[0],)
    name = str(subject).partition(":")[0]
    if Path(name).suffix != ".toml" and Path(name).name != name:
        raise DataError(f"{name}: expected an experiment, a dataset, a run or a folder, found no such file")
    experiment, task = task_of(str(subject), registry=auditor.registry, overrides=overrides, reduced=reduced)
    programs = programs_without_leave(
        experiment, allow_programs=allow_programs, overrides=overrides, registry=auditor.registry
    )
    expect_leave(experiment, programs)
    return auditor.of_experiment(experiment, task.name if task else "", kept, placebo, workers)


@dataclass(frozen=True)
class _Auditor:
    """Audits one subject after the other, watched."""

    watch: Watch
    registry: Registry

    def __call__(self, subject: AuditedData) -> tuple[Audit, Survey]:
        from selbench.audit.checks import all_checks, audit_windows

        total = subject.n_windows
        with self.watch.bar(f"Reading {subject.name}", total) as advance:
            read = 0

            def progress(n: int) -> None:
                nonlocal read
                read += n
                advance(read, f"{read:,} windows" if total is None else f"{read:,} of {total:,} windows")

            return audit_windows(subject, progress, all_checks(self.registry))

    def of_run(
        self,
        folder: Path,
        store: Path | None,
        *,
        shuffles: bool,
        placebo: bool,
        workers: int | None,
        allow_programs: bool,
    ) -> tuple[Audit, ...]:
        from selbench.audit.task_checks import audit_run
        from selbench.runner.opening import earlier_outcome

        record = RunRecord.read(folder)
        outcome = earlier_outcome(folder, self.registry, store)
        experiment = outcome.plan.experiment
        if placebo and not allow_programs:
            expect_leave(experiment, programs_of(experiment))
        audits = audit_run(
            outcome,
            record.predictions,
            self,
            lambda task, *place: record.tasks[task].digest(*place) if task in record.tasks else "",
            {training.train_task for training in record.trainings},
        )
        if shuffles:
            audits.append(self._shuffles(experiment, folder, store))
        if placebo:
            audits.append(self._placebo(experiment, (), store or folder / STORE, workers))
        return tuple(audits)

    def of_experiment(
        self, experiment: Experiment, task: str, store: Path | None, placebo: bool, workers: int | None
    ) -> tuple[Audit, ...]:
        from selbench.audit.task_checks import audit_tasks

        whole = [name for name, about in experiment.tasks.items() if about.part_of is None]
        tasks = [task] if task else whole
        audits = audit_tasks(experiment, tasks, self)
        if placebo:
            kept = store or RUNS / folder_of(experiment.name) / STORE
            audits.append(self._placebo(experiment, tasks, kept, workers))
        return tuple(audits)

    def _shuffles(self, experiment: Experiment, folder: Path, store: Path | None) -> Audit:
        """Ask a run's trained methods about shuffled test windows."""
        from selbench.audit.shuffles import shuffle_findings

        with self.watch.run(1) as observe:
            findings = shuffle_findings(folder, self.registry, store=store, observe=observe)
        return Audit(f"{experiment.name}, shuffled test windows", tuple(findings))

    def _placebo(
        self, experiment: Experiment, tasks: Sequence[str], store: Path, workers: int | None
    ) -> Audit:
        """Train and test every method on a negative control; what is in the store is not done again."""
        from selbench.audit.negative_control import negative_control_findings
        from selbench.runner.store import Store

        executor = executor_of(experiment, workers)
        try:
            with self.watch.run(executor.workers) as observe:
                findings = negative_control_findings(
                    experiment, store=Store(store), executor=executor, observe=observe, tasks=tasks
                )
        finally:
            executor.close()
        return Audit(f"{experiment.name}, negative control", tuple(findings))
