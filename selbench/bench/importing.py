"""Other people's simulations, as a dataset that an experiment can use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from selbench.bench.watching import Watch, watch_of
from selbench.errors import DataError
from selbench.formats.dataset import DatasetMetadata, write_dataset
from selbench.formats.ms_text import read_ms
from selbench.formats.tree_sequences import is_tree_sequence, read_tree_sequences
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

    def with_batch(self, windows: Windows) -> ImportedWindows:
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
            **dropped,
        )

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


def import_windows(
    files: Sequence[Path],
    label: str,
    out: Path,
    *,
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
        ms text or tree sequences; either may be gzip.
    label : str
        Class of these windows.
    out : Path
        One Parquet file.
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
        If a file is malformed, or an option does not fit its kind.
    """
    batches = _batches(files, sequence_length, ploidy, _chosen(population), time)
    first = next(batches)
    metadata = DatasetMetadata(
        first.spec, first.polarisation, (label,), {"imported": [path.name for path in files]}
    )
    done = ImportedWindows(first.spec)

    def labelled() -> Iterator[tuple[str, Windows]]:
        nonlocal done
        for windows in chain([first], batches):
            done = done.with_batch(windows)
            yield split or "", windows.with_label(label)

    with watch_of(progress).wait("Reading …"):
        write_dataset(out, labelled(), metadata)
    return done


def _chosen(population: str | None) -> int | str | None:
    """Return the number of a population, or its name."""
    is_number = (
        population is not None and population.isascii() and population.isdigit() and len(population) < 10
    )
    return int(population) if population is not None and is_number else population


def _batches(
    files: Sequence[Path],
    sequence_length: int | None,
    ploidy: int,
    population: int | str | None,
    time: float | None,
) -> Iterator[Windows]:
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
    for windows in batches:
        if sequence_length not in (None, windows.spec.sequence_length):
            raise DataError(
                f"--sequence-length: expected {sequence_length} bp, "
                f"found a tree sequence of {windows.spec.sequence_length} bp"
            )
        yield windows
