"""Slide a trained method along a genome: what the command line, a notebook and `TrainedMethod.scan` share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from selbench.bench.genome_workers import scan_files
from selbench.bench.methods import load_folder, method_folder
from selbench.bench.watching import Watch, watch_of
from selbench.errors import DataError
from selbench.files import check_folder_is_free
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
from selbench.scan.output import DESCRIPTION, write_scan
from selbench.scan.summary import Remark, remarks_on
from selbench.scan.track import Track
from selbench.scan.tracks import big_wig_writer
from selbench.scan.vcf import WantedGenome
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
    folder = None if isinstance(method, TrainedMethod) else method_folder(method)
    if out is not None:
        check_folder_is_free(out, replace_if_holds=DESCRIPTION)
    files = files_of(vcf)
    asked = method if isinstance(method, TrainedMethod) else load_folder(method_folder(method), registry)
    if null is not None:
        asked = _with_null(asked, Path(null))
    held_against = _held_against(asked, fpr, null_windows, genes, seed, allow_programs, registry)
    if big_wig:
        big_wig_writer()
    labelled = None if truth is None else read_bed(truth)
    genes_by_name = None if held_against.genes is None else held_against.genes.names
    _check_names(files, {"the file of genes": genes_by_name, str(truth): labelled})
    chosen = _choose(asked, files[0], individuals, draw, seed, haploid)
    asked_for = None if region is None else Region.parse(region)
    wanted, sentence = WantedGenome.of(
        asked, files, chosen, region=asked_for, polarise=polarise, haploid=haploid, filters=filters
    )
    step = asked.spec.sequence_length if step_bp is None else step_bp
    bed = None if callable_bed is None else Path(callable_bed)
    found = scan_files(asked, wanted, step_bp=step, callable_bed=bed, workers=workers, watch=watch)
    watch.say(sentence)
    result = _judge(asked, found, held_against, step, watch)
    if labelled is not None:
        result = _labelled(result, labelled, str(truth))
    made_with = {
        "vcf": str(files[0]) + (f" and {len(files) - 1} more" if len(files) > 1 else ""),
        "files": [str(file) for file in files],
        "predictor_folder": None if folder is None else str(folder),
        "region": None if wanted.region is None else str(wanted.region),
        "step_bp": step,
        "chosen_by": _chosen_by(individuals, draw, seed),
        "polarised_by": wanted.polarise,
        "haploid": haploid,
        "filter": filters,
        "callable": None if bed is None else str(bed),
        "null_file": None if null is None else str(null),
        "null_windows": null_windows,
        "null_windows_seed": seed if null_windows else None,
        "genes": None if genes is None else str(genes),
        "truth": None if truth is None else str(truth),
        "big_wig": big_wig,
    }
    done = Scan(result, asked, made_with)
    if out is not None:
        done.write(out)
    return done


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


def _labelled(result: ScanResult, regions: Mapping[str, Any], what: str) -> ScanResult:
    """Return a scan with what labelled regions say of its windows."""
    names = [chromosome.name for chromosome in result.genome.chromosomes]
    return replace(result, truth=Truth.of(regions, result.places, names, what))


def _choose(
    method: TrainedMethod,
    vcf: Path,
    individuals: Sequence[str] | Path | None,
    draw: int | None,
    seed: int,
    haploid: bool,
) -> tuple[str, ...]:
    if isinstance(individuals, Sequence):
        if draw is not None:
            raise DataError("individuals: expected either names or draw=N, found both")
        return tuple(individuals)
    return choose_individuals(method, vcf, listed=individuals, n_drawn=draw, seed=seed, haploid=haploid)


def _chosen_by(individuals: Sequence[str] | Path | None, draw: int | None, seed: int) -> dict[str, Any]:
    if isinstance(individuals, Sequence):
        return {"names": list(individuals)}
    if individuals is not None:
        return {"file": str(individuals)}
    return {"file": None} if draw is None else {"draw": draw, "seed": seed}


def _with_null(method: TrainedMethod, path: Path) -> TrainedMethod:
    """Return a method with the null scores of a file beside its own."""
    file = NullFile.read(path).of(method)
    assert method.null_scores is not None, "a file is of a method that has some"
    return replace(method, null_scores=file.beside(method.null_scores))


def _held_against(
    method: TrainedMethod,
    fpr: float,
    null_windows: int,
    genes: str | Path | None,
    seed: int,
    allow_programs: bool,
    registry: Registry | None,
) -> HeldAgainst:
    """Return what a scan is held against; what cannot be had is refused before the genome is read."""
    if null_windows < 0:
        raise DataError(f"null_windows: expected 0 or more, found {null_windows}")
    source = None
    if null_windows:
        known = registry or Registry.installed()
        source = NullSource.of(method, known, seed=seed, allow_programs=allow_programs)
    return HeldAgainst(fpr, null_windows, source, None if genes is None else read_genes(genes))


def _judge(
    method: TrainedMethod, result: ScanResult, held_against: HeldAgainst, step_bp: int, watch: Watch
) -> ScanResult:
    with watch.bar("Simulating without selection", 1 if held_against.n_drawn else None) as advance:

        def progress(done: int, n_windows: int) -> None:
            advance(done / n_windows, f"{done:,} of {n_windows:,}")

        return judged(method, result, held_against, step_bp=step_bp, progress=progress)
