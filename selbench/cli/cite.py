"""``selbench cite``: what to cite for an experiment."""

from __future__ import annotations

from typing import Annotated

import typer


def cite(
    experiment: Annotated[
        str,
        typer.Argument(metavar="EXPERIMENT", help="A TOML file, the name of a shipped one, or a run folder."),
    ],
) -> None:
    """Print the BibTeX of all that takes part in an experiment.

    Examples:

        selbench cite quickstart > methods.bib

        selbench cite runs/mine
    """
    from selbench.bench import open_experiment
    from selbench.cli.console import data
    from selbench.runner.citations import citations

    for entry in citations(open_experiment(experiment)):
        typer.echo(f"% {entry.component}\n{entry.bibtex}\n", file=data())
