"""How the windows of a task are to look: seen as a genome was, as its ``observation`` table says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, ExperimentError
from selbench.experiment.digests import file_digest, is_there
from selbench.experiment.genome_samples import read_sample
from selbench.formats.genome import POLARISATION, Genome, overlap
from selbench.formats.vcf_sites import Filter, Polarise
from selbench.tables import build
from selbench.windows import Observation, Polarisation, SeenWindow, WindowSpec, class_of

FROM_FILE = "from file"
MOST_SEEN = 2000
"""Windows of a genome that are kept to be laid on simulated ones; of more, so many evenly spread."""

_PATHS = ("genome", "mask", "individuals")
_VERSION = 2
"""Of how it is laid: part of every key."""


@dataclass(frozen=True)
class ObservationSettings:
    """The ``observation`` table of a task.

    Parameters
    ----------
    genome : str
        VCF or BCF that it is taken from; "" for none.
    individuals : str
        File with one individual per line, those to be scanned; "" for all of the genome's, or those drawn.
    draw : int
        Or so many at random; 0 for none.
    seed : int
        Of the draw.
    region : str
        Stretch of the genome that is looked at, ``chr:from-to``; "" for all.
    haploid : bool
        One haplotype of each individual.
    filter : {"any", "pass"}
        Which records are used, by their FILTER.
    mask : str
        BED file of where a variable site would have been seen, or ``from file``: as the genome's records
        tell it. "" for everywhere.
    missing : {"none", "from file"} or float
        Whether sites are left out as the genome's were: those with a missing call, with several alleles,
        without an ancestral one where `polarise` asks for it. A number is the probability that an
        individual's call at a site is missing; a site with a missing call is left out.
    phased : bool
        Whether it is known which alleles lie on one chromosome.
    inbreeding : float
        Probability that the two haplotypes of an individual are one, in a window.
    polarise : {"aa", "ref", "major"}
        What a 0 means: the ancestral allele, that of a reference, or the more frequent one.
    mispolarised : float
        Probability that the ancestral allele of a site is taken for the derived one.
    sha256 : mapping of str to str
        Of its files by their keys, as a run records them.
    """

    genome: str = ""
    individuals: str = ""
    draw: int = 0
    seed: int = 1
    region: str = ""
    haploid: bool = False
    filter: Filter = "any"
    mask: str = ""
    missing: Literal["none", "from file"] | float = "none"
    phased: bool = True
    inbreeding: float = 0.0
    polarise: Polarise = "aa"
    mispolarised: float = 0.0
    sha256: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.inbreeding < 1:
            raise ExperimentError(f"inbreeding: expected from 0 to below 1, found {self.inbreeding:g}")
        if not isinstance(self.missing, str) and not 0 <= self.missing < 1:
            raise ExperimentError(f"missing: expected from 0 to below 1, found {self.missing:g}")
        if not 0 <= self.mispolarised <= 0.5:
            raise ExperimentError(f"mispolarised: expected from 0 to 0.5, found {self.mispolarised:g}")
        if self.mispolarised and self.polarise != "aa":
            raise ExperimentError(
                f'mispolarised: needs 0 to be the ancestral allele, polarise = "aa", found "{self.polarise}"'
            )
        if self.draw < 0:
            raise ExperimentError(f"draw: expected a number of individuals, found {self.draw}")
        if self.individuals and self.draw:
            raise ExperimentError("individuals: expected either a file or draw, found both")
        if not self.genome:
            for key in ("missing", "mask"):
                if getattr(self, key) == FROM_FILE:
                    raise ExperimentError(f'{key}: "{FROM_FILE}" needs genome = "….vcf"')
        elif not self.mask and self.missing != FROM_FILE:
            raise ExperimentError(
                f'genome: nothing is taken from it; expected mask = "{FROM_FILE}" or missing = "{FROM_FILE}"'
            )

    @property
    def files(self) -> dict[str, Path]:
        """The files that it names, by key."""
        told = {key: getattr(self, key) for key in _PATHS}
        return {key: Path(text) for key, text in told.items() if text and text != FROM_FILE}

    @property
    def polarisation(self) -> Polarisation:
        """What a 0 means in its windows."""
        return POLARISATION[self.polarise]

    def identity(self) -> dict[str, Any]:
        """Return what decides how it is laid: settings, and what files hold rather than their names."""
        told = {
            key: getattr(self, key) for key in self.__dataclass_fields__ if key not in (*_PATHS, "sha256")
        }
        if not self.mispolarised:  # as before there was such a thing
            del told["mispolarised"]
        mask = {"mask": FROM_FILE} if self.mask == FROM_FILE else {}
        return {**told, **mask, "files": dict(self._digests()), "version": _VERSION}

    def observation(self, spec: WindowSpec) -> Observation:
        """Return what is laid on windows, its files read once per process.

        Raises
        ------
        DataError
            If a file is damaged, or another than the run recorded, or does not fit the windows.
        """
        recorded = tuple(self.sha256.items())
        return _observation(replace(self, sha256={}), spec, recorded)

    def check(self, spec: WindowSpec) -> None:
        """Refuse settings that do not fit windows.

        Raises
        ------
        ExperimentError
        """
        if spec.ploidy < 2 and (self.inbreeding or not self.phased):
            key = "phased = false" if not self.phased else "inbreeding"
            raise ExperimentError(f"{key}: needs individuals of two haplotypes, found ploidy {spec.ploidy}")
        n_individuals = spec.n_haplotypes // spec.ploidy
        if self.draw and self.draw != n_individuals:
            raise ExperimentError(
                f"draw: expected {n_individuals}, as many individuals as sample has, found {self.draw}"
            )

    def recorded(self) -> Mapping[str, str]:
        """Return the SHA-256 of its files, by key.

        Raises
        ------
        ExperimentError
            If one is not there.
        """
        for key, path in self.files.items():
            if not is_there(path, of_genotypes=key == "genome"):
                raise ExperimentError(f"{key}: no such file: {path}")
        return {key: file_digest(path) for key, path in self.files.items()}

    def _digests(self) -> Iterator[tuple[str, str]]:
        known = self.sha256 or self.recorded()
        yield from ((key, known[key]) for key in sorted(known))

    def __hash__(self) -> int:
        return hash((self.genome, self.mask, self.individuals, self.region, self.seed))


def anchored_observation(table: object, folder: Path) -> object:
    """Return the table with its paths from the folder of the experiment on."""
    if not isinstance(table, Mapping):
        return table
    return {
        key: str(folder / value)
        if key in _PATHS and isinstance(value, str) and value not in ("", FROM_FILE)
        else value
        for key, value in table.items()
    }


def with_digests(table: object, where: str) -> dict[str, Any]:
    """Return the table with the SHA-256 of its files.

    Raises
    ------
    ExperimentError
        If it is none, or a file is not there.
    """
    settings = build(ObservationSettings, table, where=where)
    try:
        sha256 = dict(settings.recorded())
    except ExperimentError as problem:
        raise ExperimentError(f"{where}.{problem}") from problem
    assert isinstance(table, Mapping)
    return {**table, **({"sha256": sha256} if sha256 else {})}


@cache
def _observation(
    settings: ObservationSettings, spec: WindowSpec, recorded: tuple[tuple[str, str], ...]
) -> Observation:
    for key, path in settings.files.items():
        if not is_there(path, of_genotypes=key == "genome"):
            raise DataError(f"{path}: expected the {key} that windows are seen by, found no such file")
    for key, digest in recorded:
        if file_digest(settings.files[key]) != digest:
            raise DataError(f"{settings.files[key]}: was changed since the run began; run into another --out")
    missing = 0.0 if isinstance(settings.missing, str) else settings.missing
    return Observation(
        _seen(settings, spec),
        settings.phased,
        settings.inbreeding,
        settings.polarisation,
        site_loss=1 - (1 - missing) ** (spec.n_haplotypes // spec.ploidy),
        mispolarised=settings.mispolarised,
    )


def _seen(settings: ObservationSettings, spec: WindowSpec) -> tuple[SeenWindow, ...]:
    """Look at windows of the genome, or of the mask alone."""
    from selbench.formats.genes import check_chromosomes
    from selbench.formats.vcf_regions import read_bed

    mask = read_bed(settings.mask) if settings.mask not in ("", FROM_FILE) else None
    if not settings.genome:
        if mask is None:
            return ()
        windows = [w for stretches in mask.values() for w in _of_mask(stretches, spec.sequence_length)]
        return _some(windows, f"{settings.mask}", spec)
    genome = read_sample(settings.genome, settings, spec, mask)
    if mask is not None:
        check_chromosomes(mask, (c.name for c in genome.chromosomes), settings.mask)
    return _some(_of_genome(genome, settings, spec.sequence_length), settings.genome, spec)


def _of_genome(genome: Genome, settings: ObservationSettings, window_bp: int) -> list[SeenWindow]:
    """Return windows end to end, but for those of which too little was seen, or every site was lost."""
    seen: list[SeenWindow] = []
    for chromosome in genome.chromosomes:
        first = chromosome.first_start(window_bp)
        starts = np.arange(first, chromosome.end - window_bp + 1, window_bp, dtype=np.int64)
        share = overlap(chromosome.observed, starts, starts + window_bp) / window_bp
        looked_at = [chromosome.seen(at, at + window_bp) for at in starts[class_of(share) >= 0].tolist()]
        seen += [each for each in looked_at if not len(each.lost) or not each.lost.all()]
    if settings.missing != FROM_FILE:
        seen = [replace(each, lost=np.zeros_like(each.lost)) for each in seen]
    if not settings.mask:
        everywhere = np.array([[0, window_bp]])
        seen = [replace(each, observed=everywhere) for each in seen]
    return seen


def _of_mask(stretches: NDArray[np.int64], window_bp: int) -> Iterator[SeenWindow]:
    """Yield windows end to end, from the first stretch on."""
    nothing = np.empty(0, dtype=bool)
    starts = np.arange(stretches[0, 0], stretches[-1, 1] - window_bp + 1, window_bp)
    share = overlap(stretches, starts, starts + window_bp) / window_bp
    for start in starts[class_of(share) >= 0].tolist():
        here = stretches[(stretches[:, 0] < start + window_bp) & (stretches[:, 1] > start)]
        observed = np.clip(here, start, start + window_bp) - start
        yield SeenWindow(observed, nothing)


def _some(windows: list[SeenWindow], where: str, spec: WindowSpec) -> tuple[SeenWindow, ...]:
    if not windows:
        raise DataError(
            f"{where}: expected windows of {spec.sequence_length:,} bp of which a quarter or more was "
            "observed, found none"
        )
    chosen = np.unique(np.linspace(0, len(windows) - 1, MOST_SEEN).astype(np.int64))
    return tuple(windows[i] for i in chosen.tolist())
