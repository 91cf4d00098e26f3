"""One pass over audited data: some hundred bytes are remembered of every window, eight of every site."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from selbench.audit.audited import AuditedData, Batch, ReadProblem, split_rank
from selbench.audit.identity import Identities
from selbench.audit.sites import Sites
from selbench.statistics import brought_statistics, compute, site_frequency_spectra
from selbench.windows import Windows

SITES, DIVERSITY, HAPLOTYPES = "segregating_sites", "nucleotide_diversity", "distinct_haplotypes"
DERIVED_ALLELES = "derived_alleles"
SPECTRUM = ("rarest_sites", "rare_sites", "common_sites", "commonest_sites")
"""Numbers of sites in four parts of the site frequency spectrum."""

FULL_PRECISION = 9
"""Positions with this many decimals or more were not rounded."""

_FEW_SITES = 50
"""Fewer positions than this say nothing about how they were printed."""

_LARGEST_TOLD_FROM_WHOLE = 1e10
"""A larger float64 times a power of ten is too coarse to tell a whole number from another."""

Progress = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Group:
    """What is remembered of the windows of one class in one split, in the order they were read.

    Parameters
    ----------
    split, label : str
    identities : Identities
    statistics : mapping of str to float64 (n_windows,)
    n_sites : int64 (n_windows,)
        Rows of the matrix, monomorphic ones included.
    names : list of str
        Files, where windows have one each; else empty.
    n_haplotypes, sequence_lengths : int64 (n_windows,)
    heights : int64 (n_windows,) or None
        Of images.
    decimals : int64 (n_windows,)
        Digits of the positions, at most `FULL_PRECISION`; -1 where there is no telling.
    parameters : mapping of str to array (n_windows,)
        What the windows were made with.
    attempted, empty : int or None
        Windows looked at, and those among them without sites, where they were counted.
    sites : Sites
    """

    split: str
    label: str
    identities: Identities
    statistics: Mapping[str, NDArray[np.float64]]
    n_sites: NDArray[np.int64]
    names: list[str]
    n_haplotypes: NDArray[np.int64]
    sequence_lengths: NDArray[np.int64]
    heights: NDArray[np.int64] | None
    decimals: NDArray[np.int64]
    parameters: Mapping[str, NDArray[np.generic]]
    attempted: int | None
    empty: int | None
    sites: Sites

    def __len__(self) -> int:
        return len(self.n_sites)

    @property
    def place(self) -> str:
        """How the group is called in text."""
        return f"{self.split}/{self.label}"

    def name_of(self, index: int) -> str:
        """Return how a window is called in text: its file, or its number within the group."""
        return self.names[index] if self.names else f"{self.place} window {index:,}"

    @cached_property
    def brought(self) -> tuple[str, ...]:
        """Statistics that plugins bring."""
        own = {SITES, DIVERSITY, HAPLOTYPES, DERIVED_ALLELES, *SPECTRUM}
        return tuple(name for name in self.statistics if name not in own)

    @cached_property
    def has_sites(self) -> NDArray[np.bool_]:
        """Which windows have sites; those without are equal by nature."""
        return self.n_sites > 0


@dataclass(frozen=True, eq=False)
class Survey:
    """Everything that the checks need to know about audited data."""

    data: AuditedData
    groups: tuple[Group, ...]
    problems: tuple[ReadProblem, ...]
    site_bins: NDArray[np.int64] = field(default_factory=lambda: np.zeros(POSITION_BINS, np.int64))

    @property
    def splits(self) -> tuple[str, ...]:
        """Splits that hold windows, training first."""
        return tuple(sorted({group.split for group in self.groups}, key=split_rank))

    @property
    def labels(self) -> tuple[str, ...]:
        """Classes that hold windows, the null class first."""
        found = {group.label for group in self.groups}
        return tuple(label for label in self.data.classes if label in found)

    def group(self, split: str, label: str) -> Group | None:
        """Return the windows of a class in a split, if there are any."""
        return next((g for g in self.groups if (g.split, g.label) == (split, label)), None)

    def of_class(self, label: str) -> list[Group]:
        """Return the groups of a class, training first."""
        return [group for group in self.groups if group.label == label]

    @property
    def unevenness(self) -> float:
        """How much likelier two sites share a place than if they were spread evenly; 1 or more."""
        total = int(self.site_bins.sum())
        if total < 2:
            return 1.0
        pairs = float((self.site_bins * (self.site_bins - 1)).sum())
        return max(1.0, POSITION_BINS * pairs / (total * (total - 1)))


POSITION_BINS = 100
"""Parts of the window in which sites are counted, to see whether they are spread evenly."""


def take_survey(data: AuditedData, progress: Progress = lambda n: None) -> Survey:
    """Read audited data once, batch by batch.

    Parameters
    ----------
    progress : callable
        Told the number of windows after each batch.
    """
    builders: dict[tuple[str, str], _GroupBuilder] = {}
    problems: list[ReadProblem] = []
    bins = np.zeros(POSITION_BINS, dtype=np.int64)
    for item in data.batches():
        if isinstance(item, ReadProblem):
            problems.append(item)
            continue
        builders.setdefault((item.split, item.label), _GroupBuilder(item.split, item.label)).add(item)
        relative = item.windows.positions / item.windows.spec.sequence_length
        bins += np.bincount((relative * POSITION_BINS).astype(np.int64), minlength=POSITION_BINS)
        progress(len(item.windows))
    places = sorted(builders, key=lambda place: (split_rank(place[0]), data.classes.index(place[1])))
    groups = tuple(builders[place].build() for place in places if builders[place].n_windows)
    return Survey(data, groups, tuple(problems), bins)


class _GroupBuilder:
    """Gathers the batches of one class in one split."""

    def __init__(self, split: str, label: str) -> None:
        self.split, self.label = split, label
        self.batches: list[Batch] = []
        self.identities: list[Identities] = []
        self.sites: list[Sites] = []
        self.columns: dict[str, list[NDArray[np.generic]]] = {}
        self.parameters: dict[str, list[NDArray[np.generic]]] = {}
        self.names: list[str] = []
        self.n_windows = 0
        self.attempted: int | None = None
        self.empty: int | None = None

    def add(self, batch: Batch) -> None:
        windows = batch.windows
        self.identities.append(Identities.of(windows))
        self.sites.append(Sites.of(windows))
        for name, values in _columns(batch):
            self.columns.setdefault(name, []).append(values)
        for name, drawn in windows.parameters.items():
            known = self.parameters.setdefault(name, [])
            before = self.n_windows - sum(map(len, known))
            known += [np.full(before, np.nan), drawn] if before else [drawn]
        self.names += batch.names
        self.n_windows += len(windows)
        if batch.attempted is not None and batch.empty is not None:
            self.attempted = (self.attempted or 0) + batch.attempted
            self.empty = (self.empty or 0) + batch.empty

    def build(self) -> Group:
        columns = {name: np.concatenate(parts) for name, parts in self.columns.items()}
        integers = {name: columns.pop(name).astype(np.int64) for name in _INTEGERS if name in columns}
        parameters = {name: np.concatenate(parts) for name, parts in self.parameters.items()}
        return Group(
            split=self.split,
            label=self.label,
            identities=Identities.joined(self.identities),
            statistics={name: values.astype(np.float64) for name, values in columns.items()},
            n_sites=integers["n_sites"],
            names=self.names if len(self.names) == self.n_windows else [],
            n_haplotypes=integers["n_haplotypes"],
            sequence_lengths=integers["sequence_lengths"],
            heights=integers.get("heights"),
            decimals=integers["decimals"],
            parameters={name: values for name, values in parameters.items() if len(values) == self.n_windows},
            attempted=self.attempted,
            empty=self.empty,
            sites=Sites.joined(self.sites),
        )


_INTEGERS = ("n_sites", "n_haplotypes", "sequence_lengths", "heights", "decimals")


def _columns(batch: Batch) -> Iterator[tuple[str, NDArray[np.generic]]]:
    # where phase is not known, all classes are written alike, and their columns can be compared as they stand
    windows = replace(batch.windows, phased=True)
    n = len(windows)
    names = (SITES, DIVERSITY, HAPLOTYPES, *brought_statistics(windows.polarisation))
    yield from zip(names, compute(windows, names).T, strict=True)
    yield DERIVED_ALLELES, _sums(windows.haplotypes.sum(axis=1, dtype=np.int64), windows)
    yield from zip(SPECTRUM, _parts_of_spectrum(windows).T, strict=True)
    yield "n_sites", windows.n_sites
    yield "n_haplotypes", np.full(n, windows.spec.n_haplotypes)
    yield "sequence_lengths", np.full(n, windows.spec.sequence_length)
    yield "decimals", np.full(n, _decimals(windows) if batch.decimals is None else batch.decimals)
    if batch.heights is not None:
        yield "heights", batch.heights


def _sums(per_site: NDArray[np.int64], windows: Windows) -> NDArray[np.int64]:
    total = np.concatenate([[0], np.cumsum(per_site)])
    sums: NDArray[np.int64] = total[windows.offsets[1:]] - total[windows.offsets[:-1]]
    return sums


def _parts_of_spectrum(windows: Windows) -> NDArray[np.int64]:
    """Count sites by how many haplotypes carry the allele: once, to a quarter, to a half, and above.

    Where ancestral states are unknown, by the rarer allele: once, to an eighth,
    to a quarter, and above.
    """
    folded = windows.polarisation != "ancestral"
    spectra = site_frequency_spectra(windows, folded=folded)
    width = windows.spec.n_haplotypes / (2 if folded else 1)
    carriers = np.arange(1, spectra.shape[1] + 1)
    part = np.where(carriers == 1, 0, 1 + (carriers > width / 4) + (carriers > width / 2))
    return np.stack([spectra[:, part == i].sum(axis=1) for i in range(len(SPECTRUM))], axis=1)


def _decimals(windows: Windows) -> int:
    """Return how many decimals the positions have, as base pairs or as shares of the window; -1 if few."""
    positions = windows.positions
    if len(positions) < _FEW_SITES:
        return -1
    relative = positions / windows.spec.sequence_length
    return min(_digits(positions), _digits(relative))


def _digits(numbers: NDArray[np.float64]) -> int:
    for digits in range(FULL_PRECISION):
        scaled = numbers * 10.0**digits
        if scaled.max() > _LARGEST_TOLD_FROM_WHOLE:
            break
        if np.abs(scaled - np.round(scaled)).max() < 1e-5:
            return digits
    return FULL_PRECISION
