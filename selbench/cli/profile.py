"""``selbench profile``: a published statistic along a sequence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

ScannerText = Annotated[
    str,
    typer.Argument(metavar="SCANNER", help="With options, such as raisd[window_sites=50]: see plugins."),
]
Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="ms text, VCF or BCF, tree sequences, datasets, or counts: position x n folded; or gzip.",
    ),
]
More = Annotated[
    list[str] | None,
    typer.Option("--with", metavar="SCANNER", help="Another scanner beside it.", show_default=False),
]
Length = Annotated[
    int | None,
    typer.Option(min=1, metavar="BP", help="Length of a locus: ms text needs it, a VCF's last record else."),
]
Stretch = Annotated[
    str | None, typer.Option(help="Of a VCF: chr, chr:from- or chr:from-to, 1-based and inclusive.")
]
Listed = Annotated[
    Path | None,
    typer.Option(help="Of a VCF: text file with one individual per line.", show_default=False),
]
Polarise = Annotated[
    Literal["aa", "ref", "major"] | None,
    typer.Option(
        help="What a 0 is in a VCF: the ancestral allele of INFO/AA, the reference allele, which is then "
        "taken to be ancestral, or the more frequent allele. By default aa where the file has it, else "
        "nobody knows.",
        show_default=False,
    ),
]
Filters = Annotated[
    Literal["any", "pass"],
    typer.Option("--filter", help="Of a VCF: any record, or those whose FILTER is PASS."),
]
Background = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="Neutral simulations to learn the background from; by default all FILEs together.",
    ),
]
Spectrum = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The background itself: class and share per row.")
]
RecombinationMap = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Columns position, rate (cM from the row before); or chromosome, id, cM, position.",
    ),
]
BMap = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Columns position, bvalue: background selection.")
]
BDemography = Annotated[
    str,
    typer.Option(
        metavar="N1,N2,T",
        help="With a B map: ancestral and current diploid size, generations since the outgroup's split.",
    ),
]
Grid = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Positions to look at, one per row.", show_default=False),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="NAME.csv", help="Write this file and NAME.png; by default standard output."),
]


def profile(
    scanner: ScannerText,
    files: Files,
    more: More = None,
    sequence_length: Length = None,
    region: Stretch = None,
    individuals: Listed = None,
    polarise: Polarise = None,
    filters: Filters = "any",
    background: Background = None,
    spectrum: Spectrum = None,
    recombination_map: RecombinationMap = None,
    b_map: BMap = None,
    b_demography: BDemography = "10000,10000,200000",
    grid: Grid = None,
    out: Out = None,
) -> None:
    """Compute a published statistic along sequences, as its program does.

    A row per value: scanner, chromosome or replicate, position (1-based as in a VCF; of ms text the
    fraction times the length), value, then what else the scanner tells. What a scanner must know of
    neutrality, such as the site frequency spectrum, comes from all files together unless it is given.

    Examples:

        selbench profile raisd genome.vcf.gz --out raisd.csv

        selbench profile sweepfinder2[grid_points=200] counts.sf --spectrum genome.spectrum

        selbench profile ihs[bins=100] sweep.ms --sequence-length 1000000 --background neutral.ms --with h12
    """
    from selbench.cli.console import data, stderr, warn
    from selbench.plugin import Registry
    from selbench.scan.profile import Given, profile_files
    from selbench.scan.profile_plot import write_profiles
    from selbench.scan.stretches import Reading

    shelf = Registry.installed().scanners
    scanners = [shelf.build(text) for text in (scanner, *(more or ()))]
    reading = Reading.of(sequence_length, region, individuals, polarise, filters)
    given = Given.read(background or (), spectrum, recombination_map, b_map, b_demography, grid)
    result = profile_files(scanners, files, reading, given)
    for remark in result.remarks:
        warn(remark)
    if out is None:
        result.table().to_csv(data(), index=False)
    else:
        n_values, picture = write_profiles(result, out)
        stderr().print(f"{n_values:,} values → {out} and {picture}")
