"""``selbench scan``: slide a trained method along a real genome."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from selbench.formats.genome import Genome
    from selbench.formats.vcf_regions import Region
    from selbench.formats.vcf_sites import Filter, Polarise
    from selbench.scan import ScanResult
    from selbench.trained import TrainedMethod


def scan(
    predictor: Annotated[
        str,
        typer.Argument(
            metavar="RUN:METHOD",
            help="A method of a run, by any of its names (RUN:TASK/METHOD with several tasks, METHOD@2 for "
            "repetition 2), or its folder in RUN/predictors.",
        ),
    ],
    vcf: Annotated[
        Path, typer.Argument(metavar="VCF", help="Phased genotypes: .vcf, .vcf.gz or .bcf, index or not.")
    ],
    step_bp: Annotated[
        int | None,
        typer.Option("--step-bp", min=1, help="Distance between window starts; their length by default."),
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="chr, chr:from- or chr:from-to, 1-based and inclusive; all by default.")
    ] = None,
    individuals: Annotated[
        Path | None, typer.Option(help="Text file with one individual per line.", show_default=False)
    ] = None,
    draw: Annotated[
        int | None, typer.Option(metavar="N", help="Draw N individuals at random.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 1,
    polarise: Annotated[
        Literal["aa", "ref", "major"] | None,
        typer.Option(
            help="What a 0 is: the ancestral allele of INFO/AA, the reference, or the more frequent allele. "
            "By default aa where the file has it, else ref; the choice is said and written down.",
            show_default=False,
        ),
    ] = None,
    haploid: Annotated[
        bool,
        typer.Option(
            "--haploid",
            help="One haplotype of each individual: for haploid genomes, inbred lines, written as 0/0, 1/1.",
        ),
    ] = False,
    filter: Annotated[
        Literal["any", "pass"],
        typer.Option(help="Use records whatever their FILTER, or those alone that pass."),
    ] = "any",
    callable_bed: Annotated[
        Path | None,
        typer.Option(
            "--callable",
            metavar="BED",
            help="Where a variable site would have been seen; windows without sites there are asked about. "
            "By default told from invariant records, or from gaps between the records.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write; by default scan/VCF.PREDICTOR. An older scan there is replaced."),
    ] = None,
) -> None:
    """Slide a trained method along a genome, window by window.

    Window length and number of haplotypes are the predictor's own. Written are:
    scan.csv, a row per window: chromosome, start, end (0-based, half-open, as
    in BED), sites, probability, why it was skipped, which of its statistics no
    class of the training windows had, and how far out they are (1 is the edge);
    scan.png and scan.svg, the plot; scan.json: who was scanned, the
    polarisation, and a count of every record left out.

    Examples:

        selbench scan runs/quickstart:logistic genome.vcf.gz --draw 24

        selbench scan runs/quickstart:logistic@2 genome.bcf --individuals who.txt --region 2:1-500000

        selbench scan runs/quickstart:logistic genome.vcf --draw 24 --polarise major --out my-scan
    """
    from selbench.bench.methods import load_folder, method_folder
    from selbench.cli.console import stderr
    from selbench.files import check_folder_is_free
    from selbench.formats.vcf_regions import Region
    from selbench.scan.choices import choose_individuals
    from selbench.scan.output import DESCRIPTION, write_scan

    folder = method_folder(predictor)
    out = out or Path("scan") / f"{_stem(vcf)}.{folder.name}"
    check_folder_is_free(out, replace_if_holds=DESCRIPTION)
    stretch = None if region is None else Region.parse(region)
    method = load_folder(folder)
    chosen = choose_individuals(method, vcf, listed=individuals, n_drawn=draw, seed=seed, haploid=haploid)
    wanted = _Wanted(stretch, polarise, haploid, filter, callable_bed)
    genome, how, sentence = _read(vcf, chosen, method, wanted)
    stderr().print(sentence)
    result = _ask(method, genome, step_bp)
    made_with = {
        "vcf": str(vcf),
        "predictor_folder": str(folder),
        "region": None if stretch is None else str(stretch),
        "step_bp": step_bp or method.spec.sequence_length,
        "chosen_by": _chosen_by(individuals, draw, seed),
        "polarised_by": how,
        "haploid": haploid,
        "filter": filter,
        "callable": None if callable_bed is None else str(callable_bed),
    }
    write_scan(out, result, method, made_with)
    _tell(result, method, out)


@dataclass(frozen=True)
class _Wanted:
    """What is read of a genome, as options say."""

    region: Region | None
    polarise: Polarise | None
    haploid: bool
    filters: Filter
    callable_bed: Path | None


def _read(
    vcf: Path, chosen: tuple[str, ...], method: TrainedMethod, wanted: _Wanted
) -> tuple[Genome, Polarise, str]:
    from selbench.scan.vcf import read_for

    region = wanted.region
    known = region is not None and region.start is not None and region.end is not None
    start, end = (region.start or 0, region.end or 0) if region is not None and known else (0, 0)
    with _bar(f"Reading {vcf.name}", (end - start) or None) as show:

        def progress(n_records: int, chromosome: str, position: int) -> None:
            show(position - start, f"{n_records:,} records, {chromosome}:{position:,}")

        return read_for(
            method,
            vcf,
            chosen,
            region=region,
            polarise=wanted.polarise,
            haploid=wanted.haploid,
            filters=wanted.filters,
            callable_bed=wanted.callable_bed,
            progress=progress,
        )


def _ask(method: TrainedMethod, genome: Genome, step_bp: int | None) -> ScanResult:
    from selbench.scan import scan_genome

    with _bar("Asking the predictor", 1) as show:

        def progress(done: int, n_windows: int) -> None:
            show(done / n_windows, f"{done:,} of {n_windows:,} windows")

        return scan_genome(method, genome, step_bp=step_bp, progress=progress)


@contextmanager
def _bar(title: str, total: float | None) -> Iterator[Callable[[float, str], None]]:
    """Show a progress bar on a terminal's standard error; without a total it pulses."""
    from rich.progress import BarColumn, Progress, TextColumn

    from selbench.cli.console import stderr

    columns: tuple[Any, ...] = (TextColumn(title), BarColumn(), TextColumn("{task.fields[state]}"))
    console = stderr()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total, state="")
        yield lambda done, state: progress.update(task, completed=done, state=state)


def _tell(result: ScanResult, method: TrainedMethod, out: Path) -> None:
    from selbench.cli.console import stderr, warn
    from selbench.formats.vcf_sites import EXCLUSIONS

    genome, say = result.genome, stderr().print
    say(f"{genome.n_records:,} records looked at, {genome.n_sites:,} sites kept; left out:")
    for reason, count in genome.excluded.items():
        if count:
            say(f"  {count:>9,}  {reason}: {EXCLUSIONS[reason]}")
    for remark in genome.remarks:
        say(remark)
    for warning in genome.warnings:
        warn(warning)
    window_bp = method.spec.sequence_length
    for chromosome in genome.chromosomes:
        where = f"{chromosome.name}:{chromosome.records_start + 1}-{chromosome.records_end}"
        if chromosome.end - chromosome.start < window_bp:
            say(f"{where} is shorter than a window and was not scanned")
        elif chromosome.start + window_bp < chromosome.records_start or (
            chromosome.end - window_bp > chromosome.records_end
        ):
            say(f"of the region asked for, the file has records in {where} only")
    skipped = sum(map(bool, result.skipped))
    _tell_likeness(result, method)
    called = int((result.probability > 0.5).sum())
    say(
        f"{len(result.places):,} windows of {window_bp:,} bp: {skipped:,} skipped, "
        f"{called:,} with probability of {method.positive} over 0.5"
    )
    if called > (len(result.places) - skipped) / 2:
        warn(
            f"most windows are called {method.positive}: rather than selection "
            f"everywhere, expect that the {method.null} class of the training (population size, rates) "
            "does not fit this genome"
        )
    say(f"→ {out}")


def _tell_likeness(result: ScanResult, method: TrainedMethod) -> None:
    """Say whether the genome looks like the training data, before any probability is believed."""
    from collections import Counter

    from selbench.cli.console import stderr, warn

    say = stderr().print
    asked = sum(not reason for reason in result.skipped)
    if not method.training_range:
        say("the predictor does not know what its training windows looked like: compare before believing it")
        return
    if not method.class_ranges:
        say(
            "the predictor knows the range of its training windows as a whole, not class by class; "
            "train it again to know more"
        )
    else:
        counts = Counter(name for names in result.like for name in names)
        say(
            f"of {asked:,} windows, "
            + ", ".join(
                f"{counts[label]:,} look like training windows of {label}" for label in method.classes
            )
            + " (each statistic within the central 99.8 % of the class)"
        )
    outside = sum(map(bool, result.outside))
    if not outside:
        return
    counts = Counter(name for names in result.outside for name in names)
    most = ", ".join(f"{name} in {count:,}" for name, count in counts.most_common())
    warn(
        f"{outside:,} of {asked:,} windows look like nothing in the training data "
        f"(hollow in the plot); beyond the central 99.8 % of every class: {most}"
    )


def _chosen_by(individuals: Path | None, draw: int | None, seed: int) -> dict[str, Any]:
    if individuals is not None:
        return {"file": str(individuals)}
    return {"file": None} if draw is None else {"draw": draw, "seed": seed}


def _stem(vcf: Path) -> str:
    name = vcf.name
    for suffix in (".gz", ".bgz", ".vcf", ".bcf"):
        name = name.removesuffix(suffix)
    return name
