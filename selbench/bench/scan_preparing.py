"""What a scan needs before the genome is read: what cannot be had, or does not fit, is refused here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from selbench.bench.methods import load_folder, method_folder
from selbench.bench.watching import Watch
from selbench.errors import DataError
from selbench.foreign.genotypes import read_genotype_header
from selbench.formats.genes import check_chromosomes, read_genes
from selbench.formats.labelled_regions import Truth
from selbench.formats.vcf_pieces import chromosomes_of
from selbench.formats.vcf_regions import Region, read_bed
from selbench.formats.vcf_sites import Filter, Polarise
from selbench.plugin import Registry
from selbench.scan import ScanResult
from selbench.scan.choices import choose_individuals
from selbench.scan.judging import HeldAgainst, judged
from selbench.scan.null_draws import NullSource
from selbench.scan.null_file import NullFile
from selbench.scan.tracks import big_wig_writer
from selbench.scan.vcf import WantedGenome, WantedWindows
from selbench.scan.yardstick import FALSE_POSITIVE_RATE
from selbench.trained import TrainedMethod


@dataclass(frozen=True)
class ScanSettings:
    """How a genome is scanned, whatever the method: options of `selbench.bench.scanning.scan`."""

    individuals: Sequence[str] | Path | None = None
    draw: int | None = None
    seed: int = 1
    polarise: Polarise | None = None
    region: str | None = None
    step_bp: int | None = None
    haploid: bool = False
    filters: Filter = "any"
    callable_bed: str | Path | None = None
    fpr: float = FALSE_POSITIVE_RATE
    null_windows: int = 0
    null: str | Path | None = None
    genes: str | Path | None = None
    truth: str | Path | None = None
    big_wig: bool = False
    allow_programs: bool = False


@dataclass(frozen=True, eq=False)
class PreparedScan:
    """A method, and what it is to be asked and held against.

    Parameters
    ----------
    method : TrainedMethod
    folder : Path, optional
        Where it was loaded from.
    windows : WantedWindows
    polarised_because : str
        A sentence on what a 0 is, and why.
    held_against : HeldAgainst
    labelled : mapping of str to int64 (n_regions, 2), optional
        Labelled regions by chromosome.
    settings : ScanSettings
    """

    method: TrainedMethod
    folder: Path | None
    windows: WantedWindows
    polarised_because: str
    held_against: HeldAgainst
    labelled: Mapping[str, Any] | None
    settings: ScanSettings

    @classmethod
    def of(
        cls,
        method: TrainedMethod | str | Path,
        files: tuple[Path, ...],
        settings: ScanSettings,
        registry: Registry | None,
    ) -> PreparedScan:
        """Prepare a scan of files.

        Raises
        ------
        DataError, UnsupportedError, ExperimentError
            As `selbench.bench.scanning.scan` does.
        """
        folder = None if isinstance(method, TrainedMethod) else method_folder(method)
        asked = method if isinstance(method, TrainedMethod) else load_folder(method_folder(method), registry)
        if settings.null is not None:
            asked = _with_null(asked, Path(settings.null))
        held_against = _held_against(asked, settings, registry)
        if settings.big_wig:
            big_wig_writer()
        labelled = None if settings.truth is None else read_bed(settings.truth)
        genes_by_name = None if held_against.genes is None else held_against.genes.names
        callable_in = None if settings.callable_bed is None else read_bed(settings.callable_bed)
        _check_names(
            files,
            {
                "the file of genes": genes_by_name,
                str(settings.truth): labelled,
                str(settings.callable_bed): callable_in,
            },
        )
        chosen = _choose(asked, files[0], settings)
        region = None if settings.region is None else Region.parse(settings.region)
        genome, sentence = WantedGenome.of(
            asked,
            files,
            chosen,
            region=region,
            polarise=settings.polarise,
            haploid=settings.haploid,
            filters=settings.filters,
        )
        step_bp = asked.spec.sequence_length if settings.step_bp is None else settings.step_bp
        if step_bp < 1:
            raise DataError(f"step: expected at least 1 bp, found {step_bp}")
        windows = WantedWindows.of(asked, genome, step_bp)
        return cls(asked, folder, windows, sentence, held_against, labelled, settings)

    def judged(self, result: ScanResult, watch: Watch) -> ScanResult:
        """Return a scan held against windows without selection, and with what labelled regions say of it."""
        against, step_bp = self.held_against, self.windows.step_bp
        with watch.bar("Simulating without selection", 1 if against.n_drawn else None) as advance:

            def progress(done: int, n_windows: int) -> None:
                advance(done / n_windows, f"{done:,} of {n_windows:,}")

            found = judged(self.method, result, against, step_bp=step_bp, progress=progress)
        if self.labelled is None:
            return found
        names = [chromosome.name for chromosome in found.genome.chromosomes]
        truth = Truth.of(self.labelled, found.places, names, str(self.settings.truth))
        return replace(found, truth=truth)

    @property
    def made_with(self) -> Mapping[str, Any]:
        """How the scan is made: files, region, step, who was chosen and how."""
        settings, genome = self.settings, self.windows.genome
        first, *others = genome.files
        return {
            "vcf": str(first) + (f" and {len(others)} more" if others else ""),
            "files": [str(file) for file in genome.files],
            "predictor_folder": _path(self.folder),
            "region": None if genome.region is None else str(genome.region),
            "step_bp": self.windows.step_bp,
            "chosen_by": _chosen_by(settings),
            "polarised_by": genome.polarise,
            "haploid": settings.haploid,
            "filter": settings.filters,
            "callable": _path(settings.callable_bed),
            "null_file": _path(settings.null),
            "null_windows": settings.null_windows,
            "null_windows_seed": settings.seed if settings.null_windows else None,
            "genes": _path(settings.genes),
            "truth": _path(settings.truth),
            "big_wig": settings.big_wig,
        }


def _check_names(files: Sequence[Path], named: Mapping[str, Iterable[str] | None]) -> None:
    """Refuse what shares no chromosome with the files before they are read, as far as headers tell."""
    given = {what: names for what, names in named.items() if names is not None}
    if not given:
        return
    declared = [read_genotype_header(file).contig_names() for file in files]
    if all(declared):
        known = dict.fromkeys(chain(*declared, *map(chromosomes_of, files)))
        for what, names in given.items():
            check_chromosomes(names, known, what)


def _choose(method: TrainedMethod, vcf: Path, settings: ScanSettings) -> tuple[str, ...]:
    individuals, draw = settings.individuals, settings.draw
    if isinstance(individuals, Sequence):
        if draw is not None:
            raise DataError("individuals: expected either names or draw=N, found both")
        return tuple(individuals)
    return choose_individuals(
        method, vcf, listed=individuals, n_drawn=draw, seed=settings.seed, haploid=settings.haploid
    )


def _chosen_by(settings: ScanSettings) -> dict[str, Any]:
    if isinstance(settings.individuals, Sequence):
        return {"names": list(settings.individuals)}
    if settings.individuals is not None:
        return {"file": str(settings.individuals)}
    return {"file": None} if settings.draw is None else {"draw": settings.draw, "seed": settings.seed}


def _with_null(method: TrainedMethod, path: Path) -> TrainedMethod:
    """Return a method with the null scores of a file beside its own."""
    file = NullFile.read(path).of(method)
    assert method.null_scores is not None, "a file is of a method that has some"
    return replace(method, null_scores=file.beside(method.null_scores))


def _held_against(method: TrainedMethod, settings: ScanSettings, registry: Registry | None) -> HeldAgainst:
    """Return what a scan is held against; what cannot be had is refused before the genome is read."""
    n_windows, source = settings.null_windows, None
    if n_windows < 0:
        raise DataError(f"null_windows: expected 0 or more, found {n_windows}")
    if n_windows:
        known = registry or Registry.installed()
        source = NullSource.of(method, known, seed=settings.seed, allow_programs=settings.allow_programs)
    genes = None if settings.genes is None else read_genes(settings.genes)
    return HeldAgainst(settings.fpr, n_windows, source, genes)


def _path(path: str | Path | None) -> str | None:
    return None if path is None else str(path)
