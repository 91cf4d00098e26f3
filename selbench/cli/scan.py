"""``selbench scan``: slide a trained method along a real genome."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

Method = Annotated[
    str,
    typer.Argument(
        metavar="RUN:METHOD",
        help="A method of a run, by any of its names (RUN:TASK/METHOD with several tasks, METHOD@2 for "
        "repetition 2), or its folder in RUN/predictors.",
    ),
]
Vcf = Annotated[
    list[Path],
    typer.Argument(
        metavar="VCF…",
        help="Genotypes: .vcf, .vcf.gz or .bcf, index or not, or a VCF Zarr folder (needs zarr); each "
        "chromosome in one of them.",
    ),
]
Workers = Annotated[
    int,
    typer.Option(
        min=1,
        metavar="N",
        help="Processes that read and ask, each a piece of a chromosome (of a file, where it has no index). "
        "The result is the same for any number.",
    ),
]
Dask = Annotated[
    str | None,
    typer.Option(
        "--dask",
        metavar="ADDRESS",
        help="Read and ask on a Dask cluster, tcp://HOST:PORT or a scheduler file, whose workers see the "
        "genome's files under the same paths.",
        show_default=False,
    ),
]
More = Annotated[
    list[str] | None,
    typer.Option(
        "--with", metavar="RUN:METHOD", help="Another method beside it, on one axis.", show_default=False
    ),
]
StepBp = Annotated[
    int | None,
    typer.Option("--step-bp", min=1, help="Distance between window starts; their length by default."),
]
Stretch = Annotated[
    str | None, typer.Option(help="chr, chr:from- or chr:from-to, 1-based and inclusive; all by default.")
]
Listed = Annotated[
    Path | None, typer.Option(help="Text file with one individual per line.", show_default=False)
]
Drawn = Annotated[
    int | None, typer.Option(metavar="N", help="Draw N individuals at random.", show_default=False)
]
Polarise = Annotated[
    Literal["aa", "ref", "major"] | None,
    typer.Option(
        help="What a 0 is: the ancestral allele of INFO/AA, the reference, or the more frequent allele. "
        "By default aa where the file has it, else ref; the choice is said and written down.",
        show_default=False,
    ),
]
Haploid = Annotated[
    bool,
    typer.Option(
        "--haploid",
        help="One haplotype of each individual: for haploid genomes, inbred lines, written as 0/0, 1/1.",
    ),
]
Filters = Annotated[
    Literal["any", "pass"],
    typer.Option(help="Use records whatever their FILTER, or those alone that pass."),
]
Callable = Annotated[
    Path | None,
    typer.Option(
        "--callable",
        metavar="BED",
        help="Where a variable site would have been seen; windows without sites there are asked about. "
        "By default told from invariant records, or from gaps between the records.",
        show_default=False,
    ),
]
Fpr = Annotated[
    float,
    typer.Option("--fpr", help="Rate at which windows simulated without selection may be called."),
]
NullWindows = Annotated[
    int,
    typer.Option(
        "--null-windows",
        min=0,
        metavar="N",
        help="Simulate N windows without selection as the predictor's task has them, beside the scores that "
        "it carries; and N side by side, for the expected number of candidate regions.",
    ),
]
NullScores = Annotated[
    Path | None,
    typer.Option(
        "--null",
        metavar="FILE",
        help="Null scores of selbench null, beside those that the predictor carries.",
        show_default=False,
    ),
]
GenesFile = Annotated[
    Path | None,
    typer.Option(
        "--genes",
        metavar="GFF|BED",
        help="GFF3, GTF or BED file of genes, to name those in candidate regions.",
        show_default=False,
    ),
]
TruthFile = Annotated[
    Path | None,
    typer.Option(
        "--truth",
        metavar="BED",
        help="Labelled regions: count which windows are called in them, and which elsewhere. A window is "
        "positive if at least half of it lies in a region; one that is touched less is left out.",
        show_default=False,
    ),
]
BigWig = Annotated[
    bool, typer.Option("--bigwig", help="Write scan.bw as well: needs pyBigWig, an optional dependency.")
]
AllowPrograms = Annotated[
    bool,
    typer.Option(
        "--allow-programs", help="Let --null-windows start the program that simulated the predictor's task."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="Folder to write; by default scan/VCF.PREDICTOR. An older scan there is replaced."),
]


def scan(
    predictor: Method,
    vcf: Vcf,
    more: More = None,
    step_bp: StepBp = None,
    region: Stretch = None,
    individuals: Listed = None,
    draw: Drawn = None,
    seed: Annotated[int, typer.Option(help="Seed of the draw, and of null windows.")] = 1,
    polarise: Polarise = None,
    haploid: Haploid = False,
    filter: Filters = "any",
    callable_bed: Callable = None,
    fpr: Fpr = 0.01,
    null_windows: NullWindows = 0,
    null: NullScores = None,
    genes: GenesFile = None,
    truth: TruthFile = None,
    big_wig: BigWig = False,
    allow_programs: AllowPrograms = False,
    workers: Workers = 1,
    dask: Dask = None,
    out: Out = None,
) -> None:
    """Slide a trained method along a genome, window by window.

    Window length and number of haplotypes are the predictor's own. Written are:
    scan.csv, a row per window: chromosome, start, end (0-based, half-open, as
    in BED), sites, probability, p_sim, rank, whether it is called, q, why it was
    skipped, which of its statistics no class of the training windows had, and
    how far out they are (1 is the edge); regions.csv and regions.bed, called
    windows put together; scan.bedGraph; scan.html, a page with the track to
    zoom and the highest regions pictured; scan.png, scan.svg and manhattan.png;
    scan.json: who was scanned, the polarisation, a count of every record left
    out, and how the windows simulated without selection fit the genome.

    With several methods, tables have a first column method.

    p_sim is the share of windows simulated without selection under the history
    you gave that score as high; not the probability of neutrality.

    Windows begin at multiples of --step-bp along each chromosome, so that scans of
    two populations, or of a region and of all, share their windows.

    Examples:

        selbench scan runs/quickstart:logistic genome.vcf.gz --draw 24

        selbench scan runs/quickstart:logistic@2 genome.bcf --individuals who.txt --region 2:1-500000

        selbench scan runs/quickstart:logistic genome.vcf --draw 24 --polarise major --out my-scan

        selbench scan runs/quickstart:logistic genome.bcf --draw 24 --null-windows 20000 --genes genes.gff3

        selbench scan runs/quickstart:logistic --with runs/quickstart:tajimas-d genome.vcf --draw 24

        selbench scan runs/quickstart:logistic chr*.bcf --draw 24 --step-bp 10000 --workers 2
    """
    from selbench import bench
    from selbench.bench.scanning import default_folder
    from selbench.cli.console import stderr, tell

    folders = [bench.method_folder(name) for name in (predictor, *(more or ()))]
    beside = f"-and-{len(folders) - 1}-more" if more else ""
    out = out or default_folder(vcf, folders[0].with_name(folders[0].name + beside))
    how: dict[str, Any] = {
        "individuals": individuals, "draw": draw, "seed": seed, "polarise": polarise, "region": region,
        "step_bp": step_bp, "haploid": haploid, "filters": filter, "callable_bed": callable_bed, "fpr": fpr,
        "null_windows": null_windows, "null": null, "genes": genes, "truth": truth, "big_wig": big_wig,
        "allow_programs": allow_programs, "workers": workers, "dask": dask,
        "progress": bench.ConsoleWatch(stderr()),
    }  # fmt: skip
    done: bench.Scan | bench.Scans
    if more:
        done = bench.scan_several((predictor, *more), vcf, out=out, **how)
    else:
        done = bench.scan(folders[0], vcf, out=out, **how)
    tell(done.remarks)
    stderr().print(f"→ {out}")
