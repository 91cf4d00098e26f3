"""Tasks: labelled scenarios, split into training, validation, test and threshold windows.

Splits and classes draw from streams of their own, so they can never share a
window by construction. Simulators drop nothing: the task does, by its stated
policy for windows without sites, and counts what it dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from selbench.errors import DataError, ExperimentError
from selbench.plugin import Simulator
from selbench.scenario import Scenario
from selbench.streams import stream_seed
from selbench.windows import Windows, WindowSpec

Split = Literal["train", "validation", "test", "threshold"]
SPLITS: tuple[Split, ...] = get_args(Split)
EmptyWindows = Literal["keep", "drop"]

BLOCK = 1000
"""Windows per block: the unit that is simulated, stored and sent to a worker."""

MAX_EMPTY_BLOCKS = 10
"""How many blocks are tried before giving up, where less than one window in a thousand is kept."""


@dataclass(frozen=True)
class WindowCounts:
    """How many windows each split has, per class; `threshold` is for the null class only.

    Training, validation and test windows are balanced over classes. The
    threshold windows fix the false-positive rate and serve nothing else.
    """

    train: int = 1000
    validation: int = 200
    test: int = 500
    threshold: int = 1000

    def __post_init__(self) -> None:
        for split in SPLITS:
            least = 1 if split in ("train", "test") else 0
            if getattr(self, split) < least:
                raise ExperimentError(f"{split}: expected at least {least}, found {getattr(self, split)}")

    def of(self, split: Split) -> int:
        """Return the number of windows per class in `split`."""
        return int(getattr(self, split))


@dataclass(frozen=True)
class ClassSource:
    """Where the windows of one class come from: a simulator and a scenario, or a dataset file."""

    simulator: Simulator | None = None
    scenario: Scenario | None = None
    dataset: Path | None = None


@dataclass(frozen=True)
class Task:
    """One classification problem.

    Parameters
    ----------
    name : str
    sources : mapping of str to ClassSource
        By class name; the null class first.
    positive : str
        The class that power and a scan's probability speak of.
    spec : WindowSpec
        Equal for all classes.
    windows : WindowCounts
    empty_windows : {"keep", "drop"}
        Whether windows without segregating sites stay. Dropped ones are
        replaced by further windows in index order, and counted.
    part_of : Task, optional
        The task that it differs from in nothing but fewer training windows:
        the first ones of that task's.
    """

    name: str
    sources: Mapping[str, ClassSource]
    positive: str
    spec: WindowSpec
    windows: WindowCounts = field(default_factory=WindowCounts)
    empty_windows: EmptyWindows = "keep"
    part_of: Task | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", dict(self.sources))
        if self.positive not in self.classes[1:]:
            raise ExperimentError(
                f"task {self.name!r}: expected as positive a class but the first "
                f"({', '.join(self.classes)}), found {self.positive!r}"
            )

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of their codes; the null class first."""
        return tuple(self.sources)

    @property
    def null(self) -> str:
        """The null class (neutral)."""
        return self.classes[0]

    @property
    def whole(self) -> Task:
        """The task that its windows belong to: itself, or the one that it is part of."""
        return self.part_of or self

    def with_training_size(self, n_windows: int) -> Task:
        """Return the task ``NAME@n_windows``: trained on the first windows of this one, all else equal."""
        return replace(
            self,
            name=f"{self.name}@{n_windows}",
            windows=replace(self.windows, train=n_windows),
            part_of=self.whole,
        )


@dataclass(frozen=True)
class Portion:
    """The windows of one class in one split of a task: the unit of simulation.

    Parameters
    ----------
    repetition : int or None
        Set only where every repetition trains on windows of its own.
    """

    task: Task
    label: str
    split: Split
    repetition: int | None = None

    @property
    def n_windows(self) -> int:
        """How many windows the portion must hold."""
        return self.task.windows.of(self.split)

    @property
    def source(self) -> ClassSource:
        """Where its windows come from."""
        return self.task.sources[self.label]

    def seed(self, experiment_seed: int) -> int:
        """Return the seed of this portion's own stream."""
        purpose = ("windows", self.task.whole.name, self.label, self.split)
        return stream_seed(experiment_seed, *purpose, *([] if self.repetition is None else [self.repetition]))


@dataclass(frozen=True)
class KeptWindows:
    """What a portion kept: windows, and how many were looked at for them."""

    windows: Windows
    attempted: int
    empty: int


def portions(task: Task, *, split: Split, repetition: int | None = None) -> list[Portion]:
    """Return the portions of one split, one per class (the null class alone for ``threshold``)."""
    labels = (task.null,) if split == "threshold" else task.classes
    return [Portion(task, label, split, repetition) for label in labels]


def simulate_block(portion: Portion, *, block: int, experiment_seed: int) -> Windows:
    """Simulate one block of a portion: windows ``block · 1000`` and on, none dropped.

    A simulator whose windows depend on their index alone is asked only for as
    many as a portion without an empty-window policy needs.
    """
    simulator, scenario = portion.source.simulator, portion.source.scenario
    if simulator is None or scenario is None:
        raise TypeError(f"class {portion.label!r} of task {portion.task.name!r} is read from a dataset")
    start, stop = block * BLOCK, (block + 1) * BLOCK
    if simulator.independent_windows and portion.task.empty_windows == "keep":
        stop = min(stop, portion.n_windows)
    windows = simulator.simulate(scenario, windows=range(start, stop), seed=portion.seed(experiment_seed))
    if len(windows) != stop - start or windows.spec != portion.task.spec:
        raise DataError(
            f"simulator {simulator.name}: asked for {stop - start} windows of {portion.task.spec}, "
            f"got {len(windows)} of {windows.spec}"
        )
    return windows


def no_windows(portion: Portion) -> Windows:
    """Return a batch without windows, of the portion's shape and label."""
    spec = portion.task.spec
    none = Windows.from_arrays(
        [], [], sequence_length=spec.sequence_length, ploidy=spec.ploidy, n_haplotypes=spec.n_haplotypes
    )
    return none.with_label(portion.label)


def keep(portion: Portion, blocks: Iterable[Windows]) -> KeptWindows | None:
    """Take the portion's windows from its blocks, in index order; None if they do not suffice."""
    taken: list[Windows] = []
    missing, attempted, empty = portion.n_windows, 0, 0
    if missing == 0:
        return KeptWindows(no_windows(portion), 0, 0)
    for block in blocks:
        wanted = np.ones(len(block), bool) if portion.task.empty_windows == "keep" else block.n_sites > 0
        chosen = np.flatnonzero(wanted)[:missing]
        enough = len(chosen) == missing
        looked_at = int(chosen[-1]) + 1 if enough else len(block)
        attempted += looked_at
        empty += int((block.n_sites[:looked_at] == 0).sum())
        taken.append(block.take(chosen))
        missing -= len(chosen)
        if enough:
            return KeptWindows(Windows.concatenate(taken).with_label(portion.label), attempted, empty)
    return None


def blocks_needed(portion: Portion, read: Callable[[int], Windows], done: int) -> int:
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
            'windows has a site, and empty_windows = "drop" keeps no others; raise the mutation rate or the '
            "length, or keep them"
        )
    missing = portion.n_windows - kept
    return done + min(done, -(-missing * done // kept) if kept else done)


def complete_portion(portion: Portion, *, experiment_seed: int) -> KeptWindows:
    """Simulate (or read) a whole portion in this process, as a run would store it."""
    if portion.source.dataset is not None:
        return kept_portion(portion)
    blocks: list[Windows] = []
    while True:
        needed = blocks_needed(portion, blocks.__getitem__, len(blocks))
        blocks += [
            simulate_block(portion, block=block, experiment_seed=experiment_seed)
            for block in range(len(blocks), needed)
        ]
        kept = keep(portion, blocks)
        if kept is not None:
            return kept


def read_portion(portion: Portion) -> Windows:
    """Read the windows of one class and split from the class's dataset file: those of `kept_portion`."""
    return kept_portion(portion).windows


def kept_portion(portion: Portion) -> KeptWindows:
    """Read one class and split from the class's dataset file, and count what was looked at for it.

    Windows that the file assigns to the split are taken in file order. A file
    without splits is cut: its windows of the class go, in file order, to
    training, validation, test and threshold, so that no window serves twice.

    Raises
    ------
    DataError
        If the file holds too few windows.
    """
    from selbench.formats.dataset import dataset_counts, read_dataset

    task, path = portion.task, portion.source.dataset
    if path is None:
        raise TypeError(f"class {portion.label!r} of task {task.name!r} is simulated")
    if portion.n_windows == 0:
        return KeptWindows(no_windows(portion), 0, 0)
    has_splits = any(split for split, _ in dataset_counts(path))
    windows = read_dataset(path, split=portion.split if has_splits else None, label=portion.label)
    start = 0 if has_splits else sum(map(task.whole.windows.of, SPLITS[: SPLITS.index(portion.split)]))
    usable = np.flatnonzero(windows.n_sites > 0) if task.empty_windows == "drop" else np.arange(len(windows))
    chosen = usable[start : start + portion.n_windows]
    if len(chosen) < portion.n_windows:
        raise DataError(
            f"{path}: expected {portion.n_windows} {portion.split} windows of class {portion.label!r}, "
            f"found {len(chosen)}"
        )
    looked_at = windows.take(range(usable[start - 1] + 1 if start else 0, chosen[-1] + 1))
    empty = int((looked_at.n_sites == 0).sum())
    return KeptWindows(windows.take(chosen).with_label(portion.label), len(looked_at), empty)
