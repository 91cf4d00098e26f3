"""``selbench audit``: is a comparison on these windows honest?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from selbench.audit.audited import AuditedData
    from selbench.audit.findings import Audit
    from selbench.audit.survey import Survey
    from selbench.experiment import Experiment
    from selbench.plugin import Registry
    from selbench.runner.run import RunOutcome


class Format(StrEnum):
    """How to write an audit."""

    terminal = "terminal"
    markdown = "markdown"
    json = "json"


def audit(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT",
            help="EXPERIMENT or EXPERIMENT:TASK (a TOML file or a shipped name), a dataset file, a run "
            "folder, or a folder SPLIT/CLASS/files of images or ms text.",
        ),
    ],
    format: Annotated[Format, typer.Option(help="How to write it.")] = Format.terminal,
    out: Annotated[
        Path | None, typer.Option(help="Write to this file; by default standard output.", show_default=False)
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit status 1 for amber, too.")] = False,
    null: Annotated[
        str | None,
        typer.Option(help="Of a folder or dataset: the class without selection.", show_default=False),
    ] = None,
    sequence_length: Annotated[
        int | None,
        typer.Option(min=1, help="Of ms text: length in bp, where its first line does not say it."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Of an experiment: override a key."),
    ] = None,
    reduced: Annotated[bool, typer.Option("--reduced", help="The experiment's reduced form.")] = False,
    store: Annotated[
        Path | None, typer.Option(help="Of a run: its store, by default RUN/store.", show_default=False)
    ] = None,
    placebo: Annotated[
        bool, typer.Option("--placebo", help="Train every method on a negative control as well. Takes long.")
    ] = False,
    shuffles: Annotated[
        bool,
        typer.Option("--shuffles", help="Of a run: ask its methods about shuffled test windows. Minutes."),
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=0, help="Worker processes of --placebo; by default one per core.")
    ] = None,
) -> None:
    """Ask whether a comparison on these windows is honest: green, amber or red per check.

    Leaks: windows that are in training and in test, exactly, or reordered more often than chance gives;
    random numbers used twice; one trajectory for all. Shift: splits of one class that differ; classes made
    by different programs, rounded or sized differently, with windows dropped in one of them. Shortcuts:
    what one number alone achieves, and what is left of a run's methods among windows with as many sites.

    Folders that somebody else made are taken as they are: TRAIN, training and Train are one split; images
    have a row per base pair and a column per haplotype. What cannot be read is a finding, and the rest is
    audited.

    Exit status 0 if all is green or amber, 1 if a check is red (with --strict: or amber), 2 if the command
    is wrong.

    Examples:

        selbench audit quickstart                            the windows of a shipped experiment

        selbench audit runs/quickstart                       a run: what S leaves of its methods, too

        selbench audit runs/quickstart --shuffles            … and which signal its methods read

        selbench audit their-images --null NEUTRAL           a folder that somebody else made

        selbench audit data.parquet --format json --out audit.json

        selbench audit my.toml:second-task --placebo         a negative control: trains every method again

        selbench audit images --strict && python train.py    in CI: stop before training
    """
    from selbench.audit.audit_file import worst_verdict
    from selbench.plugin import Registry

    registry = Registry.installed()
    path = Path(subject)
    if (path / "run.json").is_file():
        audits = _of_run(path, registry, store, shuffles, placebo, workers)
    elif path.is_dir():
        from selbench.audit.folder import audited_folder

        audits = [_audited(audited_folder(path, sequence_length=sequence_length, null=null))[0]]
    elif path.is_file() and path.suffix != ".toml":
        from selbench.audit.dataset import audited_dataset

        audits = [_audited(audited_dataset(path, null=null))[0]]
    else:
        audits = _of_experiment(subject, registry, set_ or [], reduced, store, placebo, workers)
    _show(audits, format, out)
    verdict = worst_verdict(audits)
    if verdict == "red" or (strict and verdict == "amber"):
        raise typer.Exit(1)


def write_audit(outcome: RunOutcome, folder: Path) -> None:
    """Audit the windows of a run that has just ended, and write audit.json into its folder."""
    from selbench.audit.audit_file import FILE, as_json
    from selbench.audit.task_checks import audit_run
    from selbench.files import write_whole

    write_whole(folder / FILE, as_json(audit_run(outcome, folder)).encode())


def _of_run(
    folder: Path,
    registry: Registry,
    store: Path | None,
    shuffles: bool,
    placebo: bool,
    workers: int | None,
) -> list[Audit]:
    from selbench.audit.simulated import open_run, recorded_digests
    from selbench.audit.task_checks import audit_run

    outcome = open_run(folder, registry, store=store)
    audits = audit_run(outcome, folder, _audited, recorded_digests(folder))
    experiment = outcome.plan.experiment
    if shuffles:
        audits.append(_shuffles(experiment, folder, registry, store))
    if placebo:
        audits.append(_placebo(experiment, (), store or folder / "store", workers))
    return audits


def _of_experiment(
    text: str,
    registry: Registry,
    overrides: Sequence[str],
    reduced: bool,
    store: Path | None,
    placebo: bool,
    workers: int | None,
) -> list[Audit]:
    from selbench.audit.task_checks import audit_tasks
    from selbench.cli.run import experiment_file
    from selbench.errors import DataError, ExperimentError
    from selbench.experiment import read_experiment
    from selbench.tables import nearest

    name, _, wanted = text.partition(":")
    if Path(name).suffix != ".toml" and Path(name).name != name:
        raise DataError(f"{name}: expected an experiment, a dataset, a run or a folder, found no such file")
    experiment = read_experiment(
        experiment_file(name, registry), registry, overrides=overrides, reduced=reduced
    )
    if wanted and wanted not in experiment.tasks:
        hint = nearest(wanted, experiment.tasks)
        raise ExperimentError(f"unknown task {wanted!r}{hint}; {name} has {', '.join(experiment.tasks)}")
    whole = [task for task, about in experiment.tasks.items() if about.part_of is None]
    tasks = [wanted] if wanted else whole
    audits = audit_tasks(experiment, tasks, _audited)
    if placebo:
        audits.append(_placebo(experiment, tasks, store or Path("runs") / experiment.name / "store", workers))
    return audits


def _shuffles(experiment: Experiment, folder: Path, registry: Registry, store: Path | None) -> Audit:
    """Ask a run's trained methods about shuffled test windows."""
    from selbench.audit.findings import Audit
    from selbench.audit.shuffles import shuffle_findings
    from selbench.cli.console import stderr
    from selbench.cli.display import RunDisplay

    with RunDisplay(stderr(), workers=1) as display:
        findings = shuffle_findings(folder, registry, store=store, observe=display)
    return Audit(f"{experiment.name}, shuffled test windows", tuple(findings))


def _placebo(experiment: Experiment, tasks: Sequence[str], store: Path, workers: int | None) -> Audit:
    """Train and test every method on a negative control; what is in the store is not done again."""
    from selbench.audit.findings import Audit
    from selbench.audit.negative_control import negative_control_findings
    from selbench.cli.console import stderr
    from selbench.cli.display import RunDisplay
    from selbench.cli.run import cores, executor_of
    from selbench.runner.store import Store

    executor = executor_of(experiment, cores() if workers is None else workers)
    try:
        with RunDisplay(stderr(), workers=executor.workers) as display:
            findings = negative_control_findings(
                experiment, store=Store(store), executor=executor, observe=display, tasks=tasks
            )
    finally:
        executor.close()
    return Audit(f"{experiment.name}, negative control", tuple(findings))


def _audited(data: AuditedData) -> tuple[Audit, Survey]:
    from selbench.audit.checks import audit_windows

    with _progress(data) as told:
        return audit_windows(data, told)


@contextmanager
def _progress(data: AuditedData) -> Iterator[Callable[[int], None]]:
    """Show how many windows have been read, where somebody looks."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from selbench.cli.console import stderr

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr(), transient=True, disable=not stderr().is_terminal) as progress:
        bar = progress.add_task(f"Reading {data.name}", total=data.n_windows)
        yield lambda n: progress.advance(bar, n)


def _show(audits: Sequence[Audit], format: Format, out: Path | None) -> None:
    """Write the audits to standard output or to `out`."""
    from selbench.audit.audit_file import as_json
    from selbench.audit.page import AuditPage, conclusion, render_markdown, render_text
    from selbench.cli.console import stderr, stdout

    if format is Format.terminal and out is None:
        stdout().print(AuditPage(audits))
        return
    renderers = {Format.terminal: render_text, Format.markdown: render_markdown, Format.json: as_json}
    text = renderers[format](audits)
    if out is None:
        typer.echo(text, nl=False)
        return
    from selbench.files import write_whole

    write_whole(out, text.encode())
    stderr().print(conclusion(audits))
    stderr().print(f"wrote {out}")
