"""``selbench scan``: slide a trained method along a real genome."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

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
    Path, typer.Argument(metavar="VCF", help="Phased genotypes: .vcf, .vcf.gz or .bcf, index or not.")
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
Out = Annotated[
    Path | None,
    typer.Option(help="Folder to write; by default scan/VCF.PREDICTOR. An older scan there is replaced."),
]


def scan(
    predictor: Method,
    vcf: Vcf,
    step_bp: StepBp = None,
    region: Stretch = None,
    individuals: Listed = None,
    draw: Drawn = None,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 1,
    polarise: Polarise = None,
    haploid: Haploid = False,
    filter: Filters = "any",
    callable_bed: Callable = None,
    out: Out = None,
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
    from selbench import bench
    from selbench.bench.scanning import default_folder
    from selbench.cli.console import stderr, warn

    folder = bench.method_folder(predictor)
    out = out or default_folder(vcf, folder)
    done = bench.scan(
        folder, vcf, individuals=individuals, draw=draw, seed=seed, polarise=polarise, region=region,
        step_bp=step_bp, haploid=haploid, filters=filter, callable_bed=callable_bed, out=out,
        progress=bench.ConsoleWatch(stderr()),
    )  # fmt: skip
    for remark in done.remarks:
        if remark.is_warning:
            warn(remark.words)
        else:
            stderr().print(remark.words)
    stderr().print(f"→ {out}")
