"""Slide a trained method along a genome: what the command line, a notebook and `TrainedMethod.scan` share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selbench.bench.genome_workers import scan_files
from selbench.bench.scan_preparing import PreparedScan, ScanSettings
from selbench.bench.watching import Watch, watch_of
from selbench.errors import DataError
from selbench.files import check_folder_is_free
from selbench.formats.vcf_sites import Filter, Polarise
from selbench.plugin import Registry
from selbench.scan import ScanResult
from selbench.scan.output import DESCRIPTION, write_scan
from selbench.scan.summary import Remark, remarks_on
from selbench.scan.track import Track
from selbench.scan.yardstick import FALSE_POSITIVE_RATE
from selbench.trained import TrainedMethod

SCANS = Path("scan")
"""Where scans lie unless said otherwise."""


@dataclass(frozen=True, eq=False)
class Scan:
    """A scan that has ended.

    Parameters
    ----------
    result : ScanResult
    method : TrainedMethod
    made_with : mapping of str to JSON value
        How: files, region, step, who was chosen and how.
    """

    result: ScanResult
    method: TrainedMethod
    made_with: Mapping[str, Any]

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What a reader should know of it, in sentences."""
        return tuple(remarks_on(self.result, self.method))

    def write(self, folder: Path) -> None:
        """Write tables, plots, page and description into a folder, all or nothing; an older scan is replaced.

        Raises
        ------
        DataError
            If another folder is in the way, or it cannot be written.
        """
        big_wig = bool(self.made_with.get("big_wig"))
        write_scan(folder, self.result, self.method, self.made_with, page=self.html(), big_wig=big_wig)

    def html(self) -> str:
        """Return the scan as one HTML document that loads nothing."""
        from selbench.report.scan_html import render_scan

        return render_scan([Track(self.method.spelling, self.result, self.method)], self.made_with)


def scan(
    method: TrainedMethod | str | Path,
    vcf: str | Path | Sequence[str | Path],
    *,
    individuals: Sequence[str] | Path | None = None,
    draw: int | None = None,
    seed: int = 1,
    polarise: Polarise | None = None,
    region: str | None = None,
    step_bp: int | None = None,
    haploid: bool = False,
    filters: Filter = "any",
    callable_bed: str | Path | None = None,
    fpr: float = FALSE_POSITIVE_RATE,
    null_windows: int = 0,
    null: str | Path | None = None,
    genes: str | Path | None = None,
    truth: str | Path | None = None,
    big_wig: bool = False,
    allow_programs: bool = False,
    workers: int = 1,
    dask: str | None = None,
    out: Path | None = None,
    progress: bool | Watch | None = None,
    registry: Registry | None = None,
) -> Scan:
    """Ask a method about every window of its own length along a genome.

    Parameters
    ----------
    method : TrainedMethod, str or Path
        ``RUN:METHOD``, or its folder.
    vcf : str or Path, or several
        Genotypes: ``.vcf``, ``.vcf.gz`` or ``.bcf``, index or not, or a folder of VCF Zarr (needs zarr);
        each chromosome in one of them.
    individuals : sequence of str or Path, optional
        As many as the method was trained on, or a file with one per line; by default all of the genome's.
    draw, seed : int
        Or so many at random. The seed is also that of null windows.
    polarise : {"aa", "ref", "major"}, optional
        0 is the ancestral allele of INFO/AA, the reference allele, or the more frequent one; by
        default "aa" where the file has such alleles, else "ref".
    region : str, optional
        ``chr``, ``chr:from-`` or ``chr:from-to``, 1-based and inclusive.
    step_bp : int, optional
        Distance between the starts of windows; their length by default.
    haploid : bool
        One haplotype of each individual, whose calls of two alleles are equal.
    filters : {"any", "pass"}
        Which records are used, by their FILTER.
    callable_bed : str or Path, optional
        BED file of where a variable site would have been seen.
    fpr : float
        Rate at which windows simulated without selection may be called.
    null_windows : int
        Windows to simulate without selection, from the scenario of the method's task, beside the scores
        that it carries; and as many again as a genome has them side by side, for candidate regions.
    null : str or Path, optional
        File of null scores of this method (see `draw_null`), beside those that it carries.
    genes : str or Path, optional
        GFF3, GTF or BED file, to name genes in candidate regions.
    truth : str or Path, optional
        BED file of labelled regions: which windows are called in them, and which elsewhere.
    big_wig : bool
        Whether ``scan.bw`` is written as well, which needs pyBigWig.
    allow_programs : bool
        Whether programs may be started that the method's task names as its simulator.
    workers : int
        Processes that read and ask, each a piece of a chromosome; 1 is this process alone. Files without
        an index are read through, each by one of them. The result is the same for any number.
    dask : str, optional
        Address of a Dask scheduler, or its scheduler file: its workers read instead of processes here. They
        must see the files under the same paths.
    out : Path, optional
        Folder to write; by default nothing is written.
    progress : bool, optional
        Whether to show how far it is; by default in a notebook or at a prompt.

    Raises
    ------
    DataError, UnsupportedError
        If the file is damaged, or does not fit the method.
    ExperimentError
        If null windows would be made by a program that nobody gave leave to.
    """
    watch = watch_of(progress)
    if out is not None:
        check_folder_is_free(out, replace_if_holds=DESCRIPTION)
    settings = ScanSettings(
        individuals, draw, seed, polarise, region, step_bp, haploid, filters, callable_bed, fpr, null_windows,
        null, genes, truth, big_wig, allow_programs,
    )  # fmt: skip
    (done,) = scan_together([method], vcf, settings, workers, dask, watch, registry)
    if out is not None:
        done.write(out)
    return done


def scan_together(
    methods: Sequence[TrainedMethod | str | Path],
    vcf: str | Path | Sequence[str | Path],
    settings: ScanSettings,
    workers: int,
    dask: str | None,
    watch: Watch,
    registry: Registry | None,
) -> tuple[Scan, ...]:
    """Ask methods about a genome that is read once for all of them; parameters are those of `scan`.

    Raises
    ------
    DataError, UnsupportedError, ExperimentError
        As `scan` does.
    """
    files = files_of(vcf)
    prepared = [PreparedScan.of(method, files, settings, registry) for method in methods]
    bed = None if settings.callable_bed is None else Path(settings.callable_bed)
    found = scan_files(
        [each.method for each in prepared],
        [each.windows for each in prepared],
        callable_bed=bed,
        workers=workers,
        dask=dask,
        watch=watch,
    )
    scans = []
    for each, result in zip(prepared, found, strict=True):
        watch.say(each.polarised_because)
        scans.append(Scan(each.judged(result, watch), each.method, each.made_with))
    return tuple(scans)


def files_of(vcf: str | Path | Sequence[str | Path]) -> tuple[Path, ...]:
    """Return the files of a genome.

    Raises
    ------
    DataError
        If there is none, or one is named twice.
    """
    given = (vcf,) if isinstance(vcf, str | Path) else tuple(vcf)
    files = tuple(Path(each) for each in given)
    if not files:
        raise DataError("vcf: expected at least one file, found none")
    twice = next((file for file in files if files.count(file) > 1), None)
    if twice is not None:
        raise DataError(f"{twice}: expected each file once, found it twice")
    return files


def default_folder(files: Sequence[Path], predictor: Path) -> Path:
    """Return the folder that a scan is written into unless said otherwise: ``scan/VCF.PREDICTOR``.

    Of several files, the first names it: ``scan/VCF-and-19-more.PREDICTOR``.
    """
    name = files[0].name
    for suffix in (".gz", ".bgz", ".vcf", ".bcf", ".vcz", ".zarr"):
        name = name.removesuffix(suffix)
    more = f"-and-{len(files) - 1}-more" if len(files) > 1 else ""
    return SCANS / f"{name}{more}.{predictor.name}"
