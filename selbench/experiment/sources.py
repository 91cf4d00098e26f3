"""Sources of classes: simulated block by block, or read from a dataset file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, ExperimentError
from selbench.experiment.digests import file_digest
from selbench.experiment.observation import ObservationSettings
from selbench.experiment.task import SPLITS, ClassSource, KeptWindows, Portion
from selbench.plugin import Component, Reader, Simulator, spelling
from selbench.scenario import Scenario
from selbench.tables import to_table
from selbench.windows import Polarisation, Windows, WindowSpec

if TYPE_CHECKING:
    from selbench.formats.dataset import DatasetMetadata

BLOCK = 1000
"""Windows per block: the unit that is simulated, stored and sent to a worker."""

MAX_EMPTY_BLOCKS = 10
"""How many blocks are tried before giving up, where less than one window in a thousand is kept."""


def block_range(simulator: Simulator, block: int, *, n_windows: int | None = None) -> range:
    """Return the indices that a simulator is asked for as one block: windows ``block · 1000`` and on.

    One whose windows depend on their index alone is asked only for as many as
    are needed; the bytes of others hang on the range, so theirs is always whole.

    Parameters
    ----------
    n_windows : int, optional
        How many windows are needed in all; None where that is not known before they are looked at.
    """
    start, stop = block * BLOCK, (block + 1) * BLOCK
    if simulator.independent_windows and n_windows is not None:
        stop = min(stop, n_windows)
    return range(start, stop)


def simulate_in_blocks(
    simulator: Simulator, scenario: Scenario, *, n_windows: int, seed: int
) -> Iterator[Windows]:
    """Simulate the first `n_windows` windows of a scenario, block by block, none dropped."""
    for block in range(-(-n_windows // BLOCK)):
        asked = block_range(simulator, block, n_windows=n_windows)
        windows = _simulated(simulator, scenario, scenario.window_spec, asked, seed)
        yield windows.take(slice(0, n_windows - asked.start))


def _simulated(
    simulator: Simulator, scenario: Scenario, spec: WindowSpec, asked: range, seed: int
) -> Windows:
    """Ask a simulator for windows, and look at what it returns.

    Raises
    ------
    DataError
        If they are other windows than those asked for.
    """
    windows: object = simulator.simulate(scenario, windows=asked, seed=seed)
    title = f"simulator {spelling(simulator)}"
    if not isinstance(windows, Windows):
        raise DataError(f"{title}: simulate returned {type(windows).__name__}, expected Windows")
    if len(windows) != len(asked) or windows.spec != spec:
        raise DataError(
            f"{title}: asked for {len(asked)} windows of {spec}, got {len(windows)} of {windows.spec}"
        )
    return windows


@dataclass(frozen=True)
class SimulatedClass(ClassSource):
    """Windows of a scenario, made by a simulator, and seen as a genome was where that is asked for."""

    simulator: Simulator
    scenario: Scenario
    observed_as: ObservationSettings | None = None

    makes_more = True

    @property
    def spec(self) -> WindowSpec:
        """The shape of its windows."""
        return self.scenario.window_spec

    @property
    def polarisation(self) -> Polarisation:
        """Simulations know the ancestral state, unless it is taken away."""
        return "ancestral" if self.observed_as is None else self.observed_as.polarisation

    @property
    def phased(self) -> bool:
        """Whether it is known which alleles lie on one chromosome."""
        return self.observed_as is None or self.observed_as.phased

    @property
    def spelling(self) -> str:
        """The simulator, with its options."""
        return spelling(self.simulator)

    @property
    def simulators(self) -> tuple[Simulator, ...]:
        """The simulator."""
        return (self.simulator,)

    @property
    def scenario_table(self) -> dict[str, Any]:
        """The scenario as plain tables."""
        table: dict[str, Any] = to_table(self.scenario)
        return table

    @property
    def observation_table(self) -> dict[str, Any]:
        """How its windows are seen, as a plain table; empty where that is whole."""
        table: dict[str, Any] = {} if self.observed_as is None else to_table(self.observed_as)
        return table

    @property
    def share_lost(self) -> float:
        """Share of the sites that are left out of its windows as a genome's were."""
        return 0.0 if self.observed_as is None else self.observed_as.observation(self.spec).share_lost

    def identity(
        self,
        portion: Portion,
        *,
        experiment_seed: int,
        identify: Callable[[Component], Mapping[str, Any]],
    ) -> dict[str, Any]:
        """Return simulator, scenario and seed, and how the windows are seen."""
        seen = {} if self.observed_as is None else {"observation": self.observed_as.identity()}
        return seen | {
            "kind": "windows",
            "simulator": dict(identify(self.simulator)),
            "scenario": self.scenario_table,
            "seed": portion.seed(experiment_seed),
        }

    def prepare(self) -> None:
        """Read the genome that its windows are seen as.

        Raises
        ------
        DataError
            If it is damaged, or does not fit the windows.
        """
        if self.observed_as is not None:
            self.observed_as.observation(self.spec)

    def block_range(self, portion: Portion, block: int) -> range:
        """Return the indices of the windows of a block."""
        keeps_all = portion.task.empty_windows == "keep"
        return block_range(self.simulator, block, n_windows=portion.n_windows if keeps_all else None)

    def simulate(self, portion: Portion, *, block: int, experiment_seed: int) -> Windows:
        """Simulate one block of a portion, none of its windows dropped.

        Raises
        ------
        DataError
            If the simulator gives other windows than those asked for.
        """
        asked = self.block_range(portion, block)
        seed = portion.seed(experiment_seed)
        windows = _simulated(self.simulator, self.scenario, portion.task.spec, asked, seed)
        if self.observed_as is None:
            return windows
        return self.observed_as.observation(windows.spec).laid_on(windows, indices=asked, seed=seed)

    def kept(self, portion: Portion, blocks: Iterable[Windows]) -> KeptWindows | None:
        """Take the portion's windows from its blocks, in index order; None if they do not suffice."""
        return keep(portion, blocks)

    def blocks_needed(self, portion: Portion, read: Callable[[int], Windows], done: int) -> int:
        """Return how many blocks a portion seems to need, given that the first `done` exist.

        At most twice as many as exist: the share of windows that are kept is only
        guessed from them.

        Raises
        ------
        ExperimentError
            If nearly every window is dropped, so that the portion would never fill.
        """
        if portion.task.empty_windows == "keep" or done == 0:
            return -(-portion.n_windows // BLOCK)
        kept = sum(int((read(block).n_sites > 0).sum()) for block in range(done))
        if kept >= portion.n_windows:
            return done
        if done >= MAX_EMPTY_BLOCKS and kept < done:
            raise ExperimentError(
                f"task {portion.task.name!r}, class {portion.label!r}: {kept or 'none'} of {done * BLOCK:,} "
                'windows has a site, and empty_windows = "drop" keeps no others; raise the mutation rate or '
                "the length, or keep them"
            )
        missing = portion.n_windows - kept
        return done + min(done, -(-missing * done // kept) if kept else done)

    def complete(self, portion: Portion, *, experiment_seed: int) -> KeptWindows:
        """Simulate a whole portion in this process, as a run would store it."""
        blocks: list[Windows] = []
        while True:
            needed = self.blocks_needed(portion, blocks.__getitem__, len(blocks))
            blocks += [
                self.simulate(portion, block=block, experiment_seed=experiment_seed)
                for block in range(len(blocks), needed)
            ]
            kept = keep(portion, blocks)
            if kept is not None:
                return kept

    def negative_control(self) -> ClassSource | str:
        """Return the scenario with the favoured allele absent, by the same simulator."""
        if self.scenario.selection is None:
            return "its scenario has no selection to take away"
        without_allele = self.simulator.placebo(self.scenario)
        if without_allele is None:
            return f"simulator {self.simulator.name} offers no negative control"
        reason = self.simulator.unsupported(without_allele)
        if reason:
            return f"simulator {self.simulator.name}: {reason}"
        return replace(self, scenario=without_allele)


@dataclass(frozen=True)
class DatasetClass(ClassSource):
    """Windows of a class in a dataset file.

    Windows that the file assigns to a split are taken in file order. A file
    without splits is cut: its windows of the class go, in file order, to
    training, validation, test, threshold and target, so that no window serves twice.

    Parameters
    ----------
    path : Path
    reader : Reader, optional
        Of a file or folder in another format; windows without labels are of the class that names it.
    """

    path: Path
    reader: Reader | None = None

    makes_more = False

    @property
    def readers(self) -> tuple[Reader, ...]:
        """The reader, if it has one."""
        return () if self.reader is None else (self.reader,)

    @cached_property
    def _first(self) -> Windows:
        assert self.reader is not None
        from selbench.formats.readers import read_windows

        return next(read_windows(self.reader, self.path))[1]

    @cached_property
    def _metadata(self) -> DatasetMetadata:
        from selbench.formats.dataset import dataset_metadata

        return dataset_metadata(self.path)

    @property
    def spec(self) -> WindowSpec:
        """The shape of the windows in the file."""
        return self._metadata.spec if self.reader is None else self._first.spec

    @property
    def polarisation(self) -> Polarisation:
        """What a 0 means in the file."""
        return self._metadata.polarisation if self.reader is None else self._first.polarisation

    @property
    def spelling(self) -> str:
        """The name of the file."""
        return f"dataset {self.path.name}"

    def identity(
        self,
        portion: Portion,
        *,
        experiment_seed: int,
        identify: Callable[[Component], Mapping[str, Any]],
    ) -> dict[str, Any]:
        """Return the file's bytes, and which of its windows these are; and by whom they are read."""
        read_by = {} if self.reader is None else {"reader": dict(identify(self.reader))}
        return read_by | {
            "kind": "windows",
            "dataset": file_digest(self.path),
            "split": portion.split,
            "cut": to_table(portion.task.whole.windows),
        }

    def kept(self, portion: Portion, blocks: Iterable[Windows] = ()) -> KeptWindows:
        """Read one class and split from the file, and count what was looked at for it.

        Raises
        ------
        DataError
            If the file holds too few windows.
        """
        task = portion.task
        if portion.n_windows == 0:
            return KeptWindows.none(portion)
        windows, has_splits = self._read(portion)
        earlier = SPLITS if portion.split == "target" else SPLITS[: SPLITS.index(portion.split)]
        start = 0 if has_splits else sum(map(task.whole.windows.of, earlier))
        drops = task.empty_windows == "drop"
        usable = np.flatnonzero(windows.n_sites > 0) if drops else np.arange(len(windows))
        chosen = usable[start : start + portion.n_windows]
        if len(chosen) < portion.n_windows:
            raise DataError(
                f"{self.path}: expected {portion.n_windows} {portion.split} windows of class "
                f"{portion.label!r}, found {len(chosen)}"
            )
        looked_at = windows.take(range(usable[start - 1] + 1 if start else 0, chosen[-1] + 1))
        empty = int((looked_at.n_sites == 0).sum())
        return KeptWindows(windows.take(chosen).with_label(portion.label), len(looked_at), empty)

    def _read(self, portion: Portion) -> tuple[Windows, bool]:
        """Read the windows of a class, of one split where the file has any; and whether it has."""
        if self.reader is None:
            from selbench.formats.dataset import dataset_counts, read_dataset

            has_splits = any(split for split, _ in dataset_counts(self.path))
            wanted = portion.split if has_splits else None
            return read_dataset(self.path, split=wanted, label=portion.label), has_splits
        from selbench.formats.readers import read_windows

        found: dict[str, list[Windows]] = {}
        for split, windows in read_windows(self.reader, self.path):
            of_class = slice(None) if windows.labels is None else windows.labels == portion.label
            found.setdefault(split, []).append(windows.take(of_class))
        has_splits = any(found)
        taken = found.get(portion.split if has_splits else "", [])
        if not taken:
            splits = ", ".join(found)
            raise DataError(f"{self.path}: expected windows of split {portion.split!r}, found {splits}")
        return Windows.concatenate(taken), has_splits

    def complete(self, portion: Portion, *, experiment_seed: int) -> KeptWindows:
        """Read a whole portion."""
        return self.kept(portion)

    def negative_control(self) -> ClassSource | str:
        """Say why there is none."""
        return "it is read from a file, and what made it is not known"


def kept_of_block(portion: Portion, n_sites: NDArray[np.int64], missing: int) -> NDArray[np.int64]:
    """Return which windows of a block a portion keeps that still lacks so many, by their numbers of sites."""
    keeps_all = portion.task.empty_windows == "keep"
    return np.flatnonzero(np.ones(len(n_sites), bool) if keeps_all else n_sites > 0)[:missing]


def keep(portion: Portion, blocks: Iterable[Windows]) -> KeptWindows | None:
    """Take the portion's windows from its blocks, in index order; None if they do not suffice."""
    taken: list[Windows] = []
    missing, attempted, empty = portion.n_windows, 0, 0
    if missing == 0:
        return KeptWindows.none(portion)
    for block in blocks:
        chosen = kept_of_block(portion, block.n_sites, missing)
        enough = len(chosen) == missing
        looked_at = int(chosen[-1]) + 1 if enough else len(block)
        attempted += looked_at
        empty += int((block.n_sites[:looked_at] == 0).sum())
        taken.append(block if len(chosen) == len(block) else block.take(chosen))
        missing -= len(chosen)
        if enough:
            return KeptWindows(Windows.concatenate(taken).with_label(portion.label), attempted, empty)
    return None
