"""Genomes with labelled regions as tasks: their windows are tested on, never trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from selbench.errors import DataError, ExperimentError
from selbench.experiment.digests import file_digest, is_there
from selbench.experiment.genome_samples import read_sample
from selbench.experiment.task import ClassSource, GenomeLabels, KeptWindows, Portion, Split
from selbench.formats.genes import check_chromosomes
from selbench.formats.genome import POLARISATION
from selbench.formats.genome_windows import Places, observed_at, place_windows, windows_at
from selbench.formats.labelled_regions import NEGATIVE, POSITIVE, TOUCHED, Truth
from selbench.formats.vcf_sites import Filter, Polarise
from selbench.plugin import Component
from selbench.windows import Polarisation, Windows, WindowSpec, class_of

_PATHS = ("vcf", "regions", "individuals", "mask")
_VERSION = 1
"""Of how windows are cut out and labelled: part of every key."""


@dataclass(frozen=True)
class GenomeSettings:
    """The ``genome`` table of a task.

    Parameters
    ----------
    vcf : str
        VCF or BCF with the individuals' genotypes.
    regions : str
        BED file of labelled regions. A window is positive if at least half of it lies in one, null if it
        touches none, and left out otherwise.
    individuals : str
        File with one individual per line, "" for all of the VCF's, or those drawn.
    draw : int
        Or so many at random; 0 for none.
    seed : int
        Of the draw.
    region : str
        Stretch whose windows are asked about, ``chr:from-to``, 1-based and inclusive; "" for all.
    haploid : bool
        One haplotype of each individual.
    filter : {"any", "pass"}
        Which records are used, by their FILTER.
    mask : str
        BED file of where a variable site would have been seen; "" where records, or gaps between them, tell.
    phased : bool
        Whether it is known which alleles lie on one chromosome; else sites without phase are kept.
    polarise : {"aa", "ref", "major"}
        What a 0 means: the ancestral allele, that of the reference, or the more frequent one.
    """

    vcf: str = ""
    regions: str = ""
    individuals: str = ""
    draw: int = 0
    seed: int = 1
    region: str = ""
    haploid: bool = False
    filter: Filter = "any"
    mask: str = ""
    phased: bool = True
    polarise: Polarise = "aa"

    def __post_init__(self) -> None:
        if self.draw < 0:
            raise ExperimentError(f"draw: expected a number of individuals, found {self.draw}")
        if self.individuals and self.draw:
            raise ExperimentError("individuals: expected either a file or draw, found both")

    @property
    def files(self) -> dict[str, Path]:
        """The files that it names, by key."""
        return {key: Path(path) for key in _PATHS if (path := getattr(self, key))}

    def check(self, where: str) -> None:
        """Refuse a genome whose files are not there, with a way to make them.

        Raises
        ------
        ExperimentError
        """
        stretch = self.region or "chr:from-to"
        ways = {
            "vcf": "cut it out of your own: bcftools view -S individuals.txt "
            f"-r {stretch} -Oz -o part.vcf.gz GENOME.vcf.gz",
            "regions": "a BED file, a line for each: chromosome, start, end",
        }
        for key, way in ways.items():
            if not getattr(self, key):
                raise ExperimentError(
                    f"{where}.{key}: expected a file, found none; {way}; name it with {_set(where, key)}"
                )
        for key, path in self.files.items():
            if not is_there(path, of_genotypes=key == "vcf"):
                way = f"; {ways[key]}" if key in ways else ""
                raise ExperimentError(
                    f"{where}.{key}: no such file: {path}{way}; name another with {_set(where, key)}"
                )

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of its files, by key."""
        return {key: file_digest(path) for key, path in self.files.items()}

    def identity(self) -> dict[str, Any]:
        """Return what decides its windows: settings, and what files hold rather than their names."""
        told = {key: getattr(self, key) for key in self.__dataclass_fields__ if key not in _PATHS}
        return {**told, "files": self.digests(), "version": _VERSION}

    def read(self, spec: WindowSpec) -> LabelledGenome:
        """Return its windows, read once per process as long as its files are the same.

        Raises
        ------
        DataError
            If a file is damaged, does not fit the windows, or a class has none.
        """
        return _read(self, spec, tuple(self.digests().items()))


@dataclass(frozen=True, eq=False)
class LabelledGenome:
    """The windows of a genome, by what labelled regions say of them.

    Parameters
    ----------
    windows : mapping of {"positive", "negative"} to Windows
        In genome order, with parameters ``chromosome`` (its number among the file's that were read) and
        ``start`` (bp, 0-based).
    labels : GenomeLabels
    """

    windows: Mapping[str, Windows]
    labels: GenomeLabels


@dataclass(frozen=True)
class GenomeClass(ClassSource):
    """Windows of a genome in labelled regions, or apart from them.

    Parameters
    ----------
    settings : GenomeSettings
    shape : WindowSpec
    is_positive : bool
    """

    settings: GenomeSettings
    shape: WindowSpec
    is_positive: bool

    makes_more = False

    @property
    def spec(self) -> WindowSpec:
        """The shape of its windows."""
        return self.shape

    @property
    def polarisation(self) -> Polarisation:
        """What a 0 means in its windows."""
        return POLARISATION[self.settings.polarise]

    @property
    def phased(self) -> bool:
        """Whether it is known which alleles lie on one chromosome."""
        return self.settings.phased

    @property
    def spelling(self) -> str:
        """The name of the file."""
        return f"genome {Path(self.settings.vcf).name}"

    @property
    def genome_labels(self) -> GenomeLabels:
        """What labelled regions say of the genome's windows."""
        return self.settings.read(self.shape).labels

    @property
    def files(self) -> Mapping[str, str]:
        """The files that it is read from, and their SHA-256."""
        digests = self.settings.digests()
        return {f"{key} {path.name}": digests[key] for key, path in self.settings.files.items()}

    def n_held(self, split: Split) -> int:
        """Return how many windows it has: all of them are test windows."""
        return len(self._windows) if split == "test" else 0

    @property
    def _windows(self) -> Windows:
        return self.settings.read(self.shape).windows[POSITIVE if self.is_positive else NEGATIVE]

    def identity(
        self,
        portion: Portion,
        *,
        experiment_seed: int,
        identify: Callable[[Component], Mapping[str, Any]],
    ) -> dict[str, Any]:
        """Return what its files hold, and how windows are cut out of them."""
        shape = [self.shape.n_haplotypes, self.shape.sequence_length, self.shape.ploidy]
        told = {"genome": self.settings.identity(), "shape": shape, "positive": self.is_positive}
        return {"kind": "windows", "split": portion.split, **told}

    def kept(self, portion: Portion, blocks: Iterable[Windows] = ()) -> KeptWindows:
        """Return its windows in genome order."""
        if portion.n_windows == 0:
            return KeptWindows.none(portion)
        windows = self._windows.with_label(portion.label)
        return KeptWindows(windows, len(windows), int((windows.n_sites == 0).sum()))

    def complete(self, portion: Portion, *, experiment_seed: int) -> KeptWindows:
        """Read a whole portion."""
        return self.kept(portion)

    def negative_control(self) -> ClassSource | str:
        """Say why there is none."""
        return "it is a genome's, and no program makes it again without selection"


def anchored_genome(table: object, folder: Path) -> object:
    """Return the table with its paths from the folder of the experiment on."""
    if not isinstance(table, Mapping):
        return table
    return {
        key: str(folder / value) if key in _PATHS and isinstance(value, str) and value else value
        for key, value in table.items()
    }


def _set(where: str, key: str) -> str:
    return f"--set {where.rpartition(': ')[2]}.{key}=…"


@cache
def _read(
    settings: GenomeSettings, spec: WindowSpec, _digests: tuple[tuple[str, str], ...]
) -> LabelledGenome:
    from selbench.formats.vcf_regions import read_bed

    regions = read_bed(settings.regions)
    mask = read_bed(settings.mask) if settings.mask else None
    genome = read_sample(settings.vcf, settings, spec, mask)
    if mask is not None:
        check_chromosomes(mask, (chromosome.name for chromosome in genome.chromosomes), settings.mask)
    places = place_windows(genome, spec.sequence_length, spec.sequence_length)
    names = [chromosome.name for chromosome in genome.chromosomes]
    truth = Truth.of(regions, places, names, settings.regions)
    is_asked = class_of(observed_at(genome, places)) >= 0
    found = {}
    for label in (NEGATIVE, POSITIVE):
        at = np.flatnonzero((truth.labels == label) & is_asked)
        if not len(at):
            raise DataError(
                f"{settings.regions}: expected windows of {spec.sequence_length:,} bp in its regions and "
                f"apart from them, found no {label} one that a quarter or more was observed of"
            )
        here = Places(places.chromosome[at], places.start[at], places.window_bp)
        parameters = {"chromosome": here.chromosome, "start": here.start}
        found[label] = replace(windows_at(genome, here, spec), parameters=parameters)
    loci = truth.locus[(truth.labels == POSITIVE) & is_asked]
    labels = GenomeLabels(
        loci=tuple(loci.tolist()),
        left_out=int(((truth.labels == TOUCHED) & is_asked).sum()),
        skipped=int((~is_asked).sum()),
        regions_outside=truth.n_outside,
    )
    return LabelledGenome(found, labels)
