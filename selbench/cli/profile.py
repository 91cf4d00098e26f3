"""``selbench profile``: a published statistic along a sequence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from selbench.scan.profile import Given, ProfileResult


def profile(
    scanner: Annotated[
        str,
        typer.Argument(metavar="SCANNER", help="With options, such as raisd[window_sites=50]: see plugins."),
    ],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="ms text, VCF or BCF, tree sequences, datasets, or counts: position x n folded; or gzip.",
        ),
    ],
    more: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="SCANNER", help="Another scanner beside it.", show_default=False),
    ] = None,
    sequence_length: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="BP", help="Length of a locus: ms text needs it, a VCF's last record else."
        ),
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="Of a VCF: chr, chr:from- or chr:from-to, 1-based and inclusive.")
    ] = None,
    individuals: Annotated[
        Path | None,
        typer.Option(help="Of a VCF: text file with one individual per line.", show_default=False),
    ] = None,
    polarise: Annotated[
        Literal["aa", "ref", "major"] | None,
        typer.Option(
            help="What a 0 is in a VCF: the ancestral allele of INFO/AA, the reference allele, which is then "
            "taken to be ancestral, or the more frequent allele. By default aa where the file has it, else "
            "nobody knows.",
            show_default=False,
        ),
    ] = None,
    filters: Annotated[
        Literal["any", "pass"],
        typer.Option("--filter", help="Of a VCF: any record, or those whose FILTER is PASS."),
    ] = "any",
    background: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Neutral simulations to learn the background from; by default all FILEs together.",
        ),
    ] = None,
    spectrum: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The background itself: class and share per row.")
    ] = None,
    recombination_map: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Columns position, rate (cM from the row before); or chromosome, id, cM, position.",
        ),
    ] = None,
    b_map: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Columns position, bvalue: background selection.")
    ] = None,
    b_demography: Annotated[
        str,
        typer.Option(
            metavar="N1,N2,T",
            help="With a B map: ancestral and current diploid size, generations since the outgroup's split.",
        ),
    ] = "10000,10000,200000",
    grid: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Positions to look at, one per row.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="NAME.csv", help="Write this file and NAME.png; by default standard output."),
    ] = None,
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
    from selbench.cli.console import warn
    from selbench.formats.individuals import read_individuals
    from selbench.formats.vcf_regions import Region
    from selbench.plugin import Registry
    from selbench.scan.profile import profile_files
    from selbench.scan.stretches import Reading

    shelf = Registry.installed().scanners
    scanners = [shelf.build(text) for text in (scanner, *(more or ()))]
    reading = Reading(
        sequence_length,
        None if region is None else Region.parse(region),
        None if individuals is None else read_individuals(individuals),
        polarise,
        filters,
    )
    given = _given(background or [], spectrum, recombination_map, b_map, b_demography, grid)
    result = profile_files(scanners, files, reading, given)
    for remark in result.remarks:
        warn(remark)
    _write(result, out)


def _given(
    background: list[Path],
    spectrum: Path | None,
    recombination_map: Path | None,
    b_map: Path | None,
    b_demography: str,
    grid: Path | None,
) -> Given:
    from selbench.errors import DataError
    from selbench.scan.profile import Given
    from selbench.scan.site_tables import read_b_map, read_grid, read_map, read_spectrum

    try:
        ancestral, current, generations = (float(word) for word in b_demography.split(","))
    except ValueError as problem:
        raise DataError(
            f"--b-demography: expected N1,N2,T, such as 10000,10000,200000, found {b_demography!r}"
        ) from problem
    return Given(
        background=tuple(background),
        spectrum=None if spectrum is None else read_spectrum(spectrum),
        map_cm=None if recombination_map is None else read_map(recombination_map),
        b_map=None if b_map is None else read_b_map(b_map),
        b_demography=(ancestral, current, generations),
        grid=None if grid is None else read_grid(grid),
    )


def _write(result: ProfileResult, out: Path | None) -> None:
    """Write the table to standard output, or to a file with its picture beside it."""
    from selbench.cli.console import data, stderr
    from selbench.errors import DataError
    from selbench.files import complete_file
    from selbench.scan.profile_plot import plot_profiles

    table = result.table()
    if out is None:
        table.to_csv(data(), index=False)
        return
    if out.suffix != ".csv":
        raise DataError(f"--out: expected a name that ends in .csv, found {out}")
    picture = out.with_suffix(".png")
    with complete_file(out) as temporary:
        table.to_csv(temporary, index=False)
    with complete_file(picture) as temporary:
        plot_profiles(result, temporary)
    stderr().print(f"{len(table):,} values → {out} and {picture}")
