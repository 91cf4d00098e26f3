"""``selbench audit``: is a comparison on these windows honest?"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from selbench.run_folder import Audit


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
    allow_programs: Annotated[
        bool, typer.Option("--allow-programs", help="Start the programs that the experiment names.")
    ] = False,
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
    from selbench import bench
    from selbench.cli.console import stderr
    from selbench.run_folder import worst_verdict

    audits = bench.audit(
        subject, null=null, sequence_length=sequence_length, overrides=set_ or (), reduced=reduced,
        store=store, placebo=placebo, shuffles=shuffles, workers=workers,
        allow_programs=allow_programs,
        progress=bench.ConsoleWatch(stderr()),
    )  # fmt: skip
    _show(audits, format, out)
    verdict = worst_verdict(audits)
    if verdict == "red" or (strict and verdict == "amber"):
        raise typer.Exit(1)


def _show(audits: Sequence[Audit], format: Format, out: Path | None) -> None:
    """Write the audits to standard output or to `out`."""
    from selbench.audit.page import AuditPage, conclusion, render_markdown, render_text
    from selbench.cli.console import data, stderr, stdout
    from selbench.run_folder import audits_as_json

    if format is Format.terminal and out is None:
        stdout().print(AuditPage(audits))
        return
    renderers = {Format.terminal: render_text, Format.markdown: render_markdown, Format.json: audits_as_json}
    text = renderers[format](audits)
    if out is None:
        typer.echo(text, nl=False, file=data())
        return
    from selbench.files import write_whole

    write_whole(out, text.encode())
    stderr().print(conclusion(audits))
    stderr().print(f"wrote {out}")
