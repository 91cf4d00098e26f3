"""Tasks: labelled scenarios, split into training, validation, test and threshold windows.

Splits and classes draw from streams of their own, so they can never share a
window by construction. Simulators drop nothing: the task does, by its stated
policy for windows without sites, and counts what it dropped.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Literal

from selbench.errors import DataError, ExperimentError
from selbench.plugin import Component, Reader, Simulator
from selbench.streams import stream_seed
from selbench.windows import Classes, Polarisation, Windows, WindowSpec

Split = Literal["train", "validation", "test", "threshold", "target"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test", "threshold")
"""The splits that every task has. Windows of the split ``target`` are drawn where a task names one."""

EmptyWindows = Literal["keep", "drop"]

MOST_POSITIVE = 0.2
"""Of a target's windows, how many may be positive: with more, the target tells the classes apart."""

MOST_WINDOWS = 10_000_000
"""Windows per class and split that an experiment may ask for: more is a slip of the finger."""


@dataclass(frozen=True)
class WindowCounts:
    """How many windows each split has, per class; `threshold` is for the null class only.

    Training, validation and test windows are balanced over classes. The
    threshold windows fix the false-positive rate and serve nothing else. None
    at all (`NO_WINDOWS`) are those of a genome, which has the windows that it has.
    """

    train: int = 1000
    validation: int = 200
    test: int = 500
    threshold: int = 1000

    def __post_init__(self) -> None:
        if not any(map(self.of, SPLITS)):
            return
        for split in SPLITS:
            least, found = 1 if split in ("train", "test") else 0, getattr(self, split)
            if found < least:
                raise ExperimentError(f"{split}: expected at least {least}, found {found}")
            if found > MOST_WINDOWS:
                raise ExperimentError(f"{split}: expected at most {MOST_WINDOWS:,}, found {found:,}")

    def of(self, split: Split) -> int:
        """Return the number of windows per class in `split`."""
        return int(getattr(self, split))


NO_WINDOWS = WindowCounts(0, 0, 0, 0)
"""What a task asks for that has the windows of a genome."""


@dataclass(frozen=True)
class GenomeLabels:
    """What labelled regions say of a genome's windows.

    Parameters
    ----------
    loci : tuple of int
        The locus of each positive window, in genome order: windows of one share its history.
    left_out : int
        Windows less than half of which lies in a region.
    skipped : int
        Windows of which less than a quarter was observed.
    regions_outside : int
        Regions that no window touches.
    """

    loci: tuple[int, ...]
    left_out: int = 0
    skipped: int = 0
    regions_outside: int = 0


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
    differ_by : tuple of str
        What, beside selection, its classes differ in on purpose: names of a scenario's keys.
    target : Target, optional
        Unlabelled windows of another task, for models that adapt to them.
    test_digest : str
        That of the test windows that it is published with, as `selbench digest` prints it; "" where none is.
    """

    name: str
    sources: Mapping[str, ClassSource]
    positive: str
    spec: WindowSpec
    windows: WindowCounts = field(default_factory=WindowCounts)
    empty_windows: EmptyWindows = "keep"
    part_of: Task | None = None
    differ_by: tuple[str, ...] = ()
    target: Target | None = None
    test_digest: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", dict(self.sources))
        try:
            _ = self.roles
        except DataError as problem:
            raise ExperimentError(f"task {self.name!r}: {problem}") from problem

    @cached_property
    def roles(self) -> Classes:
        """The classes and what they stand for."""
        return Classes(tuple(self.sources), self.positive)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of their codes; the null class first."""
        return self.roles.names

    @property
    def null(self) -> str:
        """The null class (neutral)."""
        return self.roles.null

    @property
    def polarisation(self) -> Polarisation:
        """What a 0 means in its windows."""
        return self.sources[self.null].polarisation

    @property
    def phased(self) -> bool:
        """Whether it is known which alleles of its windows lie on one chromosome."""
        return all(source.phased for source in self.sources.values())

    @property
    def genome_labels(self) -> GenomeLabels | None:
        """What labelled regions say of its windows; None where they are no genome's."""
        return self.sources[self.null].genome_labels

    @property
    def is_genome(self) -> bool:
        """Whether its windows are those of a genome, which are tested on and never trained on."""
        return self.windows == NO_WINDOWS

    def has(self, split: Split) -> bool:
        """Whether there are any windows in a split."""
        return any(portion.n_windows for portion in portions(self, split=split))

    @property
    def simulators(self) -> tuple[Simulator, ...]:
        """What simulates its classes; nothing for those that are read."""
        return tuple(part for source in self.sources.values() for part in source.simulators)

    @property
    def readers(self) -> tuple[Reader, ...]:
        """What reads its classes, where that is not a dataset file."""
        return tuple(part for source in self.sources.values() for part in source.readers)

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
        Set only where every repetition has windows of its own: see `Experiment.portions`.
    count : int or None
        Set only where it is not the task's own number of windows for the split.
    """

    task: Task
    label: str
    split: Split
    repetition: int | None = None
    count: int | None = None

    @property
    def n_windows(self) -> int:
        """How many windows the portion must hold."""
        return self.task.windows.of(self.split) if self.count is None else self.count

    @property
    def source(self) -> ClassSource:
        """Where its windows come from."""
        return self.task.sources[self.label]

    @property
    def name(self) -> str:
        """How the portion is called in messages."""
        return f"task {self.task.name!r}, class {self.label!r}, {self.split} windows"

    def seed(self, experiment_seed: int) -> int:
        """Return the seed of this portion's own stream."""
        purpose = ("windows", self.task.whole.name, self.label, self.split)
        return stream_seed(experiment_seed, *purpose, *([] if self.repetition is None else [self.repetition]))


@dataclass(frozen=True)
class Target:
    """Unlabelled windows of another task, which models that adapt may see in training.

    Parameters
    ----------
    task : Task
        Whose windows they are: drawn as that task draws its own, from a stream that serves
        nothing else.
    windows : int
    positive_share : float
        How many of them are of that task's positive class; no model is told. Few, as in a
        genome: a target that is half and half tells what is to be found out.
    """

    task: Task
    windows: int
    positive_share: float = 0.02

    def __post_init__(self) -> None:
        if not 2 <= self.windows <= MOST_WINDOWS:
            raise ExperimentError(f"windows: expected from 2 to {MOST_WINDOWS:,}, found {self.windows}")
        if not 0 <= self.positive_share <= MOST_POSITIVE:
            raise ExperimentError(
                f"positive_share: expected a share from 0 to {MOST_POSITIVE:g}, found {self.positive_share:g}"
            )

    def portions(self) -> list[Portion]:
        """Return the portions that the windows are drawn from: null ones, and some positive ones."""
        n_positive = round(self.windows * self.positive_share)
        counts = {self.task.null: self.windows - n_positive, self.task.positive: n_positive}
        return [Portion(self.task, label, "target", count=count) for label, count in counts.items() if count]


def portions(task: Task, *, split: Split) -> list[Portion]:
    """Return the portions of one split, one per class (the null class alone for ``threshold``)."""
    labels = (task.null,) if split == "threshold" else task.classes
    return [Portion(task, label, split, count=task.sources[label].n_held(split)) for label in labels]


@dataclass(frozen=True)
class KeptWindows:
    """What a portion kept: windows, and how many were looked at for them."""

    windows: Windows
    attempted: int
    empty: int

    @classmethod
    def none(cls, portion: Portion) -> KeptWindows:
        """Return no windows, of the portion's shape and label."""
        spec = portion.task.spec
        windows = Windows.from_arrays(
            [], [], sequence_length=spec.sequence_length, ploidy=spec.ploidy, n_haplotypes=spec.n_haplotypes
        )
        return cls(windows.with_label(portion.label), 0, 0)


class ClassSource(ABC):
    """Where the windows of one class come from. Nobody asks which kind it is; each does the same in its way.

    What simulates hands out blocks, which are stored and sent to workers; what reads has none.
    """

    makes_more: ClassVar[bool]
    """Whether there is no end to its windows."""

    @property
    @abstractmethod
    def spec(self) -> WindowSpec:
        """The shape of its windows."""

    @property
    @abstractmethod
    def polarisation(self) -> Polarisation:
        """What a 0 means in its windows."""

    @property
    @abstractmethod
    def spelling(self) -> str:
        """What makes the windows, as reports call it."""

    @property
    def simulators(self) -> tuple[Simulator, ...]:
        """What simulates the windows; nothing where they are read."""
        return ()

    @property
    def readers(self) -> tuple[Reader, ...]:
        """What reads the windows, where that is not a dataset file."""
        return ()

    @property
    def phased(self) -> bool:
        """Whether it is known which alleles lie on one chromosome."""
        return True

    @property
    def scenario_table(self) -> dict[str, Any]:
        """The scenario as plain tables; empty where it is not known."""
        return {}

    @property
    def observation_table(self) -> dict[str, Any]:
        """How its windows are seen, as a plain table; empty where that is whole, or not known."""
        return {}

    @property
    def share_lost(self) -> float:
        """Share of the sites that are left out of its windows as a genome's were."""
        return 0.0

    @property
    def genome_labels(self) -> GenomeLabels | None:
        """What labelled regions say of its windows; None where they are no genome's."""
        return None

    @property
    def files(self) -> Mapping[str, str]:
        """The files that it is read from, and what they hold, where the source says it."""
        return {}

    def n_held(self, split: Split) -> int | None:
        """Return how many windows it has in a split, where that is not for the task to say."""
        return None

    @abstractmethod
    def identity(
        self,
        portion: Portion,
        *,
        experiment_seed: int,
        identify: Callable[[Component], Mapping[str, Any]],
    ) -> dict[str, Any]:
        """Return everything that decides what the windows of a portion are, apart from how many.

        Parameters
        ----------
        identify : callable
            What a simulator or a reader is: options, code, programs.
        """

    @abstractmethod
    def kept(self, portion: Portion, blocks: Iterable[Windows]) -> KeptWindows | None:
        """Take the portion's windows, from its blocks in index order or from where they are read.

        Returns None if the blocks do not suffice.
        """

    @abstractmethod
    def complete(self, portion: Portion, *, experiment_seed: int) -> KeptWindows:
        """Make or read a whole portion in this process, as a run would store it."""

    def blocks_needed(self, portion: Portion, read: Callable[[int], Windows], done: int) -> int:
        """Return how many blocks a portion seems to need, given that the first `done` exist."""
        return 0

    def prepare(self) -> None:
        """Look at what its windows need beside the simulator, so that a fault is told before work begins."""
        return

    def block_range(self, portion: Portion, block: int) -> range:
        """Return the indices of the windows of a block."""
        raise TypeError(f"{portion.name}: {self.spelling} has no blocks")

    def simulate(self, portion: Portion, *, block: int, experiment_seed: int) -> Windows:
        """Simulate one block of a portion, none of its windows dropped."""
        raise TypeError(f"{portion.name}: {self.spelling} has no blocks")

    @abstractmethod
    def negative_control(self) -> ClassSource | str:
        """Return a source of neutral windows made by the same program and path, or why there is none."""
