"""Read the ``[tasks.NAME]`` table of a genome with labelled regions into a Task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from selbench.errors import ExperimentError
from selbench.experiment.labelled_genomes import GenomeClass, GenomeSettings
from selbench.experiment.task import NO_WINDOWS, Task
from selbench.scenario import Sample
from selbench.tables import build, check_name
from selbench.windows import WindowSpec

_OF_GENOMES = ("null", "positive", "sample", "locus", "genome")


@dataclass(frozen=True)
class _Length:
    """Of a genome's windows; rates are the genome's own."""

    sequence_length: int


@dataclass(frozen=True)
class _GenomeTask:
    """The keys of a task whose windows are a genome's."""

    null: str
    positive: str
    sample: Sample
    locus: _Length
    genome: GenomeSettings


def read_genome_task(name: str, table: Mapping[str, Any], where: str) -> Task:
    """Build a task whose windows are those of a genome with labelled regions.

    Raises
    ------
    ExperimentError
        With the key, what was expected and what was found; of files that are not there, a way to them.
    """
    for key in table:
        if key not in _OF_GENOMES:
            raise ExperimentError(
                f"{where}.{key}: a genome has the windows that it has: its task takes "
                f"{', '.join(_OF_GENOMES)}"
            )
    told = build(_GenomeTask, table, where=where)
    told.genome.check(f"{where}.genome")
    spec = WindowSpec(told.sample.n_haplotypes, told.locus.sequence_length, told.sample.ploidy)
    if spec.ploidy < 2 and not told.genome.phased:
        raise ExperimentError(f"{where}.genome.phased = false: needs individuals of two haplotypes")
    sources = {
        check_name(label, where=f"{where}.{role}"): GenomeClass(told.genome, spec, role == "positive")
        for role, label in (("null", told.null), ("positive", told.positive))
    }
    return Task(name=name, sources=sources, positive=told.positive, spec=spec, windows=NO_WINDOWS)
