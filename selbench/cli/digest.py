"""``selbench digest``: the digests that a suite promises of its test windows."""

from __future__ import annotations

from typing import Annotated

import typer


def digest(
    task: Annotated[
        str,
        typer.Argument(
            metavar="EXPERIMENT",
            help="EXPERIMENT or EXPERIMENT:TASK, the experiment being a file or a shipped name.",
        ),
    ],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a key: tasks.paper.windows.test=100."),
    ] = None,
    allow_programs: Annotated[
        bool, typer.Option("--allow-programs", help="Start the programs that the experiment names.")
    ] = False,
) -> None:
    """Make the test windows of tasks, and print the digest of each, as a suite's file gives it.

    Nothing is trained, and nothing is kept. Windows for the threshold count as
    well. Status 1 where the file gives another digest than is found here.

    Examples:

        selbench digest sweeps-1                     does this machine make the suite's test windows?

        selbench digest my-suite.toml:hard           what to write into the file
    """
    import tomli_w

    from selbench.bench.suites import digests_of_tests
    from selbench.bench.watching import ConsoleWatch
    from selbench.cli.console import data, stderr

    differ = []
    for made, found in digests_of_tests(
        task, overrides=set_ or (), allow_programs=allow_programs, progress=ConsoleWatch(stderr())
    ):
        typer.echo(tomli_w.dumps({"tasks": {made.name: {"test_digest": found}}}), file=data())
        if made.test_digest and made.test_digest != found:
            differ.append(made.name)
            stderr().print(f"{made.name}: the file gives {made.test_digest}", markup=False)
    if differ:
        raise typer.Exit(1)
