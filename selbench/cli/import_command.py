"""``selbench import``: other people's simulations, as a dataset that an experiment can use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="ms text or tree sequences, either may be gzip; a folder of images; or what a plugin reads.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Dataset to write, one Parquet file.")],
    label: Annotated[
        str | None,
        typer.Option(
            help="Class of these windows, as an experiment names it; folders of images name theirs.",
            show_default=False,
        ),
    ] = None,
    reader: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Read FILE by this reader, with options in brackets; by default the one that knows it.",
            show_default=False,
        ),
    ] = None,
    sequence_length: Annotated[
        int | None, typer.Option(min=1, metavar="BP", help="Length of the locus; tree sequences know theirs.")
    ] = None,
    ploidy: Annotated[int, typer.Option(min=1, help="Haplotypes per individual.")] = 2,
    population: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Of tree sequences, the samples of this population.", show_default=False
        ),
    ] = None,
    time: Annotated[
        float | None,
        typer.Option(
            metavar="T",
            help="Of tree sequences, the samples that lived T time units ago; 0: those of the present.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option(metavar="NAME", help="Put all windows into this split.", show_default=False)
    ] = None,
) -> None:
    """Bring windows simulated elsewhere into a labelled dataset.

    ms text is read from ms, mssel, msms, discoal, scrm and mspms, strictly: a malformed
    line is refused with its number; any allele but 0 is derived (msms numbers the origins of a
    marked one). Sites that do not vary among the haplotypes are left
    out and counted. Without --split, an experiment cuts the file in its order: the first
    windows of the class are for training, the next for validation, test and threshold, so
    that none serves twice. An experiment's class then says dataset = "sweep.parquet" instead
    of a simulator.

    Examples:

        selbench import neutral.ms --label neutral --sequence-length 1000 --out neutral.parquet

        selbench import sweep-*.ms.gz --label sweep --sequence-length 1000 --out sweep.parquet

        selbench import sweep-*.trees --label sweep --out sweep.parquet

        selbench import images --out study.parquet
    """
    from selbench.bench import ConsoleWatch, import_windows
    from selbench.cli.console import stderr, warn

    done = import_windows(
        files, label, out, sequence_length=sequence_length, ploidy=ploidy, population=population, time=time,
        split=split, reader=reader or "", progress=ConsoleWatch(stderr()),
    )  # fmt: skip
    classes = ", ".join(map(repr, sorted(done.classes)))
    stderr().print(
        f"{done.n_windows} windows of class {classes}: {done.spec.n_haplotypes} haplotypes, "
        f"{done.spec.sequence_length} bp → {out}"
    )
    stderr().print(
        f"{done.empty} without sites; left out: {done.monomorphic} sites that do not vary, "
        f"{done.multiallelic} with more than two alleles, {done.indel} with alleles of several letters"
    )
    for warning in done.warnings:
        warn(warning)
    stderr().print(
        f"split      {', '.join(sorted(done.splits))}"
        if done.splits
        else "split      none: an experiment cuts the file in its order"
    )
