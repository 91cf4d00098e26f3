"""Audits of the tasks of an experiment or a run, each by itself and against the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from selbench.audit.audited import AuditedData
from selbench.audit.checks import audit_windows
from selbench.audit.matched import matched_findings
from selbench.audit.simulated import Digests, audited_task, audited_tasks_of_run, nothing_said
from selbench.audit.survey import Survey
from selbench.audit.transfer import transfer_findings
from selbench.experiment import Experiment
from selbench.run_folder import Audit, Finding
from selbench.runner.run import RunOutcome

if TYPE_CHECKING:
    import pandas as pd

Auditor = Callable[[AuditedData], tuple[Audit, Survey]]


def audit_tasks(
    experiment: Experiment, tasks: Sequence[str], audited: Auditor = audit_windows
) -> list[Audit]:
    """Audit tasks of an experiment; their windows are simulated.

    Parameters
    ----------
    audited : callable
        What audits one subject, perhaps with a progress bar.
    """
    found = {task: audited(audited_task(experiment, experiment.tasks[task])) for task in tasks}
    return _with_findings(found, _transfers(experiment, _surveys(found)))


def audit_run(
    outcome: RunOutcome,
    predictions: pd.DataFrame,
    audited: Auditor = audit_windows,
    digests: Digests = nothing_said,
    recorded: Collection[str] = (),
) -> list[Audit]:
    """Audit the tasks of a run, and what its methods have left at equal numbers of sites.

    Parameters
    ----------
    predictions : DataFrame
        Of the run.
    digests : callable, optional
        What the run says that its windows of a (task, split, label) were.
    recorded : collection of str, optional
        Tasks that the run's record has trainings of, for a store that tells of none.
    """
    experiment = outcome.plan.experiment
    subjects = audited_tasks_of_run(outcome, digests, recorded)
    found = {task: audited(subject) for task, subject in subjects.items()}
    surveys = _surveys(found)
    baselines = {method.name for method in experiment.methods if method.model.is_baseline}
    matched = matched_findings(predictions, surveys, baselines, experiment.labels)
    return _with_findings(found, _transfers(experiment, surveys), matched)


def _surveys(found: Mapping[str, tuple[Audit, Survey]]) -> dict[str, Survey]:
    return {task: survey for task, (_, survey) in found.items()}


def _transfers(experiment: Experiment, surveys: Mapping[str, Survey]) -> dict[str, Finding]:
    """Hold the tests of other tasks against the training windows of each."""
    tests: dict[str, list[str]] = {}
    for training in experiment.trainings():
        tests[training.task.name] = [task.name for task in training.test_tasks]
    return transfer_findings(surveys, tests)


def _with_findings(found: Mapping[str, tuple[Audit, Survey]], *further: Mapping[str, Finding]) -> list[Audit]:
    """Put further findings, by task, at the end of each task's audit."""
    return [
        replace(audit, findings=(*audit.findings, *(more[task] for more in further if task in more)))
        for task, (audit, _) in found.items()
    ]
