"""Other people's simulations, as a dataset that an experiment can use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from selbench.bench.watching import Watch, watch_of
from selbench.errors import DataError
from selbench.formats.dataset import DatasetMetadata, write_dataset
from selbench.formats.readers import Dataset, MsText, PngFolder, TreeSequences, read_windows, reader_of
from selbench.formats.tree_sequences import is_tree_sequence
from selbench.plugin import Registry
from selbench.tables import check_name
from selbench.windows import Windows, WindowSpec


@dataclass(frozen=True)
class ImportedWindows:
    """What was imported, counted.

    Parameters
    ----------
    n_windows : int
    empty : int
        Windows without sites.
    monomorphic, multiallelic, indel : int
        Sites that were left out.
    populations, times : int
        The most of which one window has samples.
    observed : float
        The smallest share of a window that has an ancestry.
    classes, splits : frozenset of str
        Of its windows.
    """

    spec: WindowSpec
    n_windows: int = 0
    empty: int = 0
    monomorphic: int = 0
    multiallelic: int = 0
    indel: int = 0
    populations: int = 1
    times: int = 1
    observed: float = 1.0
    classes: frozenset[str] = frozenset()
    splits: frozenset[str] = frozenset()

    def with_batch(self, split: str, windows: Windows) -> ImportedWindows:
        """Count a batch as well."""
        told = windows.parameters
        dropped = {
            name: getattr(self, name) + int(told[f"n_{name}_dropped"].sum())
            for name in ("monomorphic", "multiallelic", "indel")
            if f"n_{name}_dropped" in told
        }
        return replace(
            self,
            n_windows=self.n_windows + len(windows),
            empty=self.empty + int((windows.n_sites == 0).sum()),
            populations=max(self.populations, *told.get("n_populations", [1]), 1),
            times=max(self.times, *told.get("n_times", [1]), 1),
            observed=min(self.observed, float(windows.observed.min(initial=1.0))),
            classes=self.classes | set([] if windows.labels is None else windows.labels.tolist()),
            splits=self.splits | ({split} if split else set()),
            **dropped,
        )

    @property
    def warnings(self) -> list[str]:
        """What a reader must know of samples that were put together, and of what was not there."""
        from selbench.formats.tree_sequences import pooling_told

        return pooling_told(self.populations, self.times, self.observed)


def import_windows(
    files: Sequence[Path],
    label: str | None,
    out: Path,
    *,
    reader: str = "",
    registry: Registry | None = None,
    sequence_length: int | None = None,
    ploidy: int = 2,
    population: str | None = None,
    time: float | None = None,
    split: str | None = None,
    progress: bool | Watch | None = None,
) -> ImportedWindows:
    """Bring windows simulated elsewhere into a labelled dataset.

    Parameters
    ----------
    files : sequence of Path
        ms text or tree sequences, either may be gzip; or files and folders that a reader knows.
    label : str or None
        Class of these windows; None where the format tells it.
    out : Path
        One Parquet file.
    reader : str
        By name and options; by default the one that knows the format.
    sequence_length : int, optional
        bp; ms text needs it.
    population : str, optional
        Of tree sequences, the samples of this one: its number or name.
    time : float, optional
        Of tree sequences, the samples that lived so many time units ago.
    split : str, optional
        Of all windows; by default an experiment cuts the file in its order.

    Raises
    ------
    DataError
        If a file is malformed, an option does not fit its kind, or the label cannot be a name.
    """
    if label is not None:
        check_name(label, where="label", error=DataError)
    options = _Options(sequence_length, ploidy, population, time)
    batches = _batches(files, options, reader, registry or Registry.installed())
    begun = next(batches)
    first = begun[1]
    classes = () if label is None else (label,)
    metadata = DatasetMetadata(
        first.spec, first.polarisation, classes, {"imported": [path.name for path in files]}
    )
    done = ImportedWindows(first.spec)

    def labelled() -> Iterator[tuple[str, Windows]]:
        nonlocal done
        for found, windows in chain([begun], batches):
            named = windows if label is None else windows.with_label(label)
            if named.labels is None:
                raise DataError("--label: these windows have no class of their own: say which they are of")
            done = done.with_batch(split or found, named)
            yield split or found, named

    with watch_of(progress).wait("Reading …"):
        write_dataset(out, labelled(), metadata)
    return done


@dataclass(frozen=True)
class _Options:
    """What was said of ms text and tree sequences."""

    sequence_length: int | None
    ploidy: int
    population: str | None
    time: float | None


def _batches(
    files: Sequence[Path], options: _Options, named: str, registry: Registry
) -> Iterator[tuple[str, Windows]]:
    """Read the files one after the other, each by the reader that is named or that knows it."""
    trees = [path for path in files if path.is_file() and is_tree_sequence(path)]
    if trees and len(trees) < len(files):
        raise DataError("expected either tree sequences or ms text, found both: import them one by one")
    if (options.population, options.time) != (None, None) and not trees:
        raise DataError("--population, --time: are for tree sequences; ms text does not tell")
    for path in files:
        reader = reader_of(path, registry, named)
        if named:
            yield from read_windows(reader, path)
        elif type(reader) is TreeSequences:
            chosen = TreeSequences(options.ploidy, options.population, options.time)
            yield from _of_length(read_windows(chosen, path), options.sequence_length)
        elif type(reader) is PngFolder:
            yield from read_windows(PngFolder(options.ploidy), path)
        elif type(reader) is MsText or (type(reader) is Dataset and not reader.reads(path)):
            yield from _ms_text(path, options)
        else:
            yield from read_windows(reader, path)


def _ms_text(path: Path, options: _Options) -> Iterator[tuple[str, Windows]]:
    if options.sequence_length is None:
        raise DataError("--sequence-length: ms text does not say how long its windows are: give it in bp")
    return read_windows(MsText(options.sequence_length, options.ploidy), path)


def _of_length(
    batches: Iterable[tuple[str, Windows]], sequence_length: int | None
) -> Iterator[tuple[str, Windows]]:
    for split, windows in batches:
        if sequence_length not in (None, windows.spec.sequence_length):
            raise DataError(
                f"--sequence-length: expected {sequence_length} bp, "
                f"found a tree sequence of {windows.spec.sequence_length} bp"
            )
        yield split, windows
