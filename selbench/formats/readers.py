"""The formats that selbench reads, as readers; and which of the installed ones a path is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from selbench.errors import DataError, PluginError
from selbench.plugin import Reader, Registry
from selbench.plugin.faults import fault_in, title_of
from selbench.windows import Windows

if TYPE_CHECKING:
    from selbench.formats.dataset import DatasetMetadata

Batches = Iterator[tuple[str, Windows]]
"""(split, windows)."""


@dataclass(frozen=True)
class Dataset(Reader):
    """The dataset file that selbench writes."""

    name: ClassVar[str] = "dataset"

    def reads(self, path: Path) -> bool:
        """Tell by the ending."""
        return path.suffix == ".parquet"

    def read(self, path: Path) -> Iterator[tuple[str, Windows]]:
        """Yield its row groups."""
        from selbench.formats.dataset import iterate_dataset

        return iterate_dataset(path)


@dataclass(frozen=True)
class MsText(Reader):
    """Output of ms, mssel, msms, discoal, scrm and mspms; it tells no classes.

    Parameters
    ----------
    sequence_length : int
        Length of the locus in bp, which the text does not say; it must be given.
    ploidy : int
        Haplotypes per individual.
    """

    name: ClassVar[str] = "ms-text"
    sequence_length: int = 0
    ploidy: int = 2

    def reads(self, path: Path) -> bool:
        """Tell by the ending: .ms or .msout, and either with .gz."""
        return path.name.endswith((".ms", ".ms.gz", ".msout", ".msout.gz"))

    def read(self, path: Path) -> Iterator[tuple[str, Windows]]:
        """Yield batches without sites that do not vary."""
        from selbench.formats.ms_text import read_ms

        if self.sequence_length < 1:
            raise DataError(
                f"{path}: ms text does not say how long its windows are: give it in bp, "
                "--sequence-length or ms-text[sequence_length=1000]"
            )
        found = read_ms(path, sequence_length=self.sequence_length, ploidy=self.ploidy, drop_monomorphic=True)
        for windows in found:
            yield "", windows


@dataclass(frozen=True)
class TreeSequences(Reader):
    """A tree sequence of tskit; it tells no classes.

    Parameters
    ----------
    ploidy : int
        Haplotypes per individual.
    population : str or None
        The samples of this population alone, by number or name.
    time : float or None
        The samples that lived so many time units ago alone.
    """

    name: ClassVar[str] = "tree-sequence"
    ploidy: int = 2
    population: str | None = None
    time: float | None = None

    def reads(self, path: Path) -> bool:
        """Tell by what it begins with."""
        from selbench.formats.tree_sequences import is_tree_sequence

        return path.is_file() and is_tree_sequence(path)

    def read(self, path: Path) -> Iterator[tuple[str, Windows]]:
        """Yield one window per file."""
        from selbench.formats.tree_sequences import read_tree_sequences

        chosen = _number_or_name(self.population)
        found = read_tree_sequences([path], ploidy=self.ploidy, population=chosen, time=self.time)
        for windows in found:
            yield "", windows


@dataclass(frozen=True)
class PngFolder(Reader):
    """A folder TRAIN, VALID, TEST / CLASS / *.png: a row is a base pair, a column a haplotype, white derived.

    Parameters
    ----------
    ploidy : int
        Haplotypes per individual; images do not tell.
    """

    name: ClassVar[str] = "png-folder"
    ploidy: int = 2

    def reads(self, path: Path) -> bool:
        """Tell by an image three folders down."""
        return path.is_dir() and next(path.glob("*/*/*.png"), None) is not None

    def read(self, path: Path) -> Iterator[tuple[str, Windows]]:
        """Yield its images, split by split."""
        from selbench.formats.png_folder import read_png_folder

        return read_png_folder(path, ploidy=self.ploidy)


SHIPPED: tuple[type[Reader], ...] = (Dataset, MsText, TreeSequences, PngFolder)
"""As `register_readers` takes them."""


def reader_of(path: Path, registry: Registry, named: str = "") -> Reader:
    """Return the reader of a file or folder: the one that is named, or the one that says it is its format.

    A file that nobody claims is taken for a dataset.

    Raises
    ------
    PluginError
        If there is no reader of that name, two claim the path, or one fails to tell.
    """
    if named:
        return registry.readers.build(named)
    classes = dict.fromkeys((*SHIPPED, *(entry.value for entry in registry.readers.entries())))
    claims = [reader for kind in classes if (reader := _built(kind)) is not None and _claims(reader, path)]
    if len(claims) > 1:
        names = " or ".join(reader.name for reader in claims)
        raise PluginError(f"{path}: is claimed by the readers {names}: say which, as in reader = {names!r}")
    return claims[0] if claims else Dataset()


def read_windows(reader: Reader, path: Path) -> Iterator[tuple[str, Windows]]:
    """Read a path, and name the reader where it fails otherwise than in words, or changes its shape.

    Raises
    ------
    DataError
        If the file is malformed, or batches are not all of one shape and polarisation.
    PluginError
        If the reader fails.
    """
    first: Windows | None = None
    try:
        for read in reader.read(path):
            split, windows = _as_promised(read)
            first = windows if first is None else first
            if (windows.spec, windows.polarisation) != (first.spec, first.polarisation):
                raise DataError(
                    f"{path}: reader {reader.name}: expected windows of one shape, found {first.spec}, "
                    f"{first.polarisation} and {windows.spec}, {windows.polarisation}"
                )
            yield split, windows
    except (DataError, OSError):
        raise
    except (Exception, SystemExit) as problem:
        title, words = title_of(reader), fault_in(problem)
        whose = "" if words.startswith(title) else f"{title}: "
        raise PluginError(f"{path}: {whose}{words}") from problem
    if first is None:
        raise DataError(f"{path}: reader {reader.name}: expected windows, found none")


def opened(path: Path, registry: Registry, batch_size: int) -> tuple[DatasetMetadata, Batches]:
    """Open a dataset file, or what a reader knows: what its windows share, and all of them batch by batch.

    Raises
    ------
    DataError
        If it is malformed.
    PluginError
        If two readers claim it.
    """
    from selbench.formats.dataset import DatasetMetadata, dataset_metadata, iterate_dataset

    reader = reader_of(path, registry)
    if type(reader) is Dataset:
        return dataset_metadata(path), iterate_dataset(path, batch_size=batch_size)
    batches = read_windows(reader, path)
    first = next(batches)
    return DatasetMetadata(first[1].spec, first[1].polarisation), chain([first], batches)


def _built(kind: type[Reader]) -> Reader | None:
    """Return a reader with the options that it has by itself, None where one must be given."""
    try:
        return kind()
    except TypeError:
        return None


def _as_promised(read: object) -> tuple[str, Windows]:
    """Return what a reader yielded, where that is a split and windows."""
    if isinstance(read, tuple) and len(read) == 2 and isinstance(read[1], Windows):
        return read
    raise TypeError(f"read: expected pairs (split, windows), found {read!r}")


def _claims(reader: Reader, path: Path) -> bool:
    try:
        return bool(reader.reads(path))
    except (Exception, SystemExit) as problem:
        raise PluginError(f"{path}: {fault_in(problem)}") from problem


def _number_or_name(population: str | None) -> int | str | None:
    is_number = (
        population is not None and population.isascii() and population.isdigit() and len(population) < 10
    )
    return int(population) if population is not None and is_number else population
