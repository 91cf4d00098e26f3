"""``selbench cite``: what to cite for an experiment."""

from __future__ import annotations

from typing import Annotated

import typer


def cite(
    experiment: Annotated[
        str, typer.Argument(metavar="EXPERIMENT", help="A TOML file, or the name of a shipped experiment.")
    ],
) -> None:
    """Print the BibTeX of all that takes part in an experiment.

    Examples:

        selbench cite quickstart > methods.bib

        selbench cite runs/mine/experiment.toml
    """
    from selbench.cli.run import experiment_file
    from selbench.experiment_table import read_experiment
    from selbench.registry import Registry
    from selbench.runner.citations import citations

    registry = Registry.installed()
    for entry in citations(read_experiment(experiment_file(experiment, registry), registry)):
        typer.echo(f"% {entry['component']}\n{entry['bibtex']}\n")
