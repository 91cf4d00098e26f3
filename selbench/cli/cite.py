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
    from pathlib import Path

    from selbench.cli.run import experiment_file
    from selbench.experiment import read_experiment
    from selbench.plugin import Registry
    from selbench.runner.citations import citations

    registry = Registry.installed()
    of_run = Path(experiment) / "experiment.toml"
    file = of_run if of_run.is_file() else experiment_file(experiment, registry)
    for entry in citations(read_experiment(file, registry)):
        typer.echo(f"% {entry['component']}\n{entry['bibtex']}\n")
