"""``selbench import``: other people's simulations, as a dataset that an experiment can use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from selbench.windows import Windows


def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="ms text or tree sequences; either may be gzip.")
    ],
    label: Annotated[str, typer.Option(help="Class of these windows, as an experiment names it.")],
    out: Annotated[Path, typer.Option(help="Dataset to write, one Parquet file.")],
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
    """
    from selbench.cli.console import stderr, warn
    from selbench.formats.dataset import DatasetMetadata, write_dataset

    batches = _batches(files, sequence_length, ploidy, _chosen(population), time)
    first = next(batches)
    provenance = {"imported": [path.name for path in files]}
    metadata = DatasetMetadata(first.spec, first.polarisation, (label,), provenance)
    counter = _Counter()
    labelled = ((split or "", counter.seen(windows).with_label(label)) for windows in _chain(first, batches))
    with stderr().status("Reading …"):
        count = write_dataset(out, labelled, metadata)
    stderr().print(
        f"{count} windows of class {label!r}: {first.spec.n_haplotypes} haplotypes, "
        f"{first.spec.sequence_length} bp → {out}"
    )
    stderr().print(
        f"{counter.empty} without sites; left out: {counter.monomorphic} sites that do not vary, "
        f"{counter.multiallelic} with more than two alleles, {counter.indel} with alleles of several letters"
    )
    for warning in counter.warnings:
        warn(warning)
    stderr().print(
        f"split      all {split}" if split else "split      none: an experiment cuts the file in its order"
    )


class _Counter:
    """Counts what passes."""

    def __init__(self) -> None:
        self.empty = self.monomorphic = self.multiallelic = self.indel = 0
        self.populations = self.times = 1
        self.observed = 1.0

    def seen(self, windows: Windows) -> Windows:
        """Count a batch and hand it on."""
        self.empty += int((windows.n_sites == 0).sum())
        self.populations = max(self.populations, *windows.parameters.get("n_populations", [1]), 1)
        self.times = max(self.times, *windows.parameters.get("n_times", [1]), 1)
        self.observed = min(self.observed, float(windows.observed.min(initial=1.0)))
        for name in ("monomorphic", "multiallelic", "indel"):
            dropped = windows.parameters.get(f"n_{name}_dropped")
            if dropped is not None:
                setattr(self, name, getattr(self, name) + int(dropped.sum()))
        return windows

    @property
    def warnings(self) -> list[str]:
        """What a reader must know of samples that were put together, and of what was not there."""
        said = []
        if self.populations > 1:
            said.append(
                f"samples of {self.populations} populations are in one window; --population NAME takes one"
            )
        if self.times > 1:
            said.append(
                f"samples of {self.times} times are in one window; --time 0 takes those of the present"
            )
        if self.observed < 1:
            said.append(
                f"a window has no ancestry in a part of it ({1 - self.observed:.0%} at most), as where "
                "flanks were deleted: no site can be there"
            )
        return said


def _chosen(population: str | None) -> int | str | None:
    """Return the number of a population, or its name."""
    is_number = (
        population is not None and population.isascii() and population.isdigit() and len(population) < 10
    )
    return int(population) if population is not None and is_number else population


def _chain(first: Windows, rest: Iterable[Windows]) -> Iterator[Windows]:
    yield first
    yield from rest


def _batches(
    files: Sequence[Path],
    sequence_length: int | None,
    ploidy: int,
    population: int | str | None,
    time: float | None,
) -> Iterator[Windows]:
    from selbench.errors import DataError
    from selbench.formats.ms_text import read_ms
    from selbench.formats.tree_sequences import is_tree_sequence, read_tree_sequences

    trees = [path for path in files if is_tree_sequence(path)]
    if trees and len(trees) < len(files):
        raise DataError("expected either tree sequences or ms text, found both: import them one by one")
    if trees:
        windows = read_tree_sequences(trees, ploidy=ploidy, population=population, time=time)
        yield from _of_length(windows, sequence_length)
        return
    if population is not None or time is not None:
        raise DataError("--population, --time: are for tree sequences; ms text does not tell")
    if sequence_length is None:
        raise DataError("--sequence-length: ms text does not say how long its windows are: give it in bp")
    for path in files:
        yield from read_ms(path, sequence_length=sequence_length, ploidy=ploidy, drop_monomorphic=True)


def _of_length(batches: Iterable[Windows], sequence_length: int | None) -> Iterator[Windows]:
    from selbench.errors import DataError

    for windows in batches:
        if sequence_length not in (None, windows.spec.sequence_length):
            raise DataError(
                f"--sequence-length: expected {sequence_length} bp, "
                f"found a tree sequence of {windows.spec.sequence_length} bp"
            )
        yield windows
