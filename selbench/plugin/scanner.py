"""Scanners: published statistics along a sequence, a value per site, window of sites or point of a grid."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, UnsupportedError
from selbench.plugin.components import Component, Learned
from selbench.windows import Polarisation, Windows, WindowSpec

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Stretch:
    """A stretch of sequence as a scanner sees it: its sites, and whatever else is known about them.

    Parameters
    ----------
    positions : float64 (n_sites,)
        In order, in the coordinates that the profile shall have; sites may share one.
    length_bp : float
        Of the whole stretch.
    haplotypes : uint8 (n_sites, n_haplotypes), optional
        0, 1, or 255 where there is no call. Without them there are counts alone.
    derived, called : int64 (n_sites,)
        Derived and called alleles; counted in the haplotypes where not given.
    folded : bool (n_sites,), optional
        Sites of which nobody knows which allele is derived; by default none or, where
        `polarisation` is not ``"ancestral"``, all.
    polarisation : {"ancestral", "ref", "major"}
    phased : bool
        Whether the alleles of a column lie on one chromosome.
    map_cm : float64 (n_sites,), optional
        Genetic positions, cM.
    b_values : float64 (n_sites,), optional
        How much linked selection has lowered diversity at each site, 0 to 1.
    b_demography : tuple of float
        Ancestral and current size (diploid individuals), and generations since the split from
        the outgroup that substitutions were counted against.
    grid : float64 (n_points,), optional
        Where a scanner that works on points shall look, instead of on its own grid.

    Raises
    ------
    DataError
        If positions fall, or an array is of another length.
    """

    positions: Floats
    length_bp: float
    haplotypes: NDArray[np.uint8] | None = None
    derived: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    called: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    folded: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    polarisation: Polarisation = "ancestral"
    phased: bool = True
    map_cm: Floats | None = None
    b_values: Floats | None = None
    b_demography: tuple[float, float, float] = (10_000.0, 10_000.0, 200_000.0)
    grid: Floats | None = None

    def __post_init__(self) -> None:
        n_sites = len(self.positions)
        if self.haplotypes is not None and len(self.derived) != n_sites:
            calls = self.haplotypes <= 1
            called = calls.sum(axis=1, dtype=np.int64)
            object.__setattr__(self, "called", called)
            derived = (self.haplotypes == 1).sum(axis=1, dtype=np.int64)
            object.__setattr__(self, "derived", derived)
        if len(self.folded) != n_sites:
            object.__setattr__(self, "folded", np.full(n_sites, self.polarisation != "ancestral"))
        for name in ("haplotypes", "derived", "called", "map_cm", "b_values"):
            array = getattr(self, name)
            if array is not None and len(array) != n_sites:
                raise DataError(f"{name}: expected a row for each of {n_sites:,} sites, found {len(array):,}")
        falls = np.flatnonzero(np.diff(self.positions) < 0)
        if len(falls):
            raise DataError(
                f"site {falls[0] + 2}: expected positions in order, found {self.positions[falls[0] + 1]:g} "
                f"after {self.positions[falls[0]]:g}; sort the sites"
            )

    @classmethod
    def of(cls, windows: Windows, index: int) -> Stretch:
        """Return one window of a batch, at its own positions: base pairs from 0."""
        from selbench.windows.columns import count_derived

        haplotypes, positions = windows.window(index)
        derived = called = np.empty(0, dtype=np.int64)  # left to be counted, where calls may be missing
        if not windows.missing:
            derived = count_derived(haplotypes)
            called = np.full(len(positions), windows.spec.n_haplotypes, dtype=np.int64)
        return cls(
            positions,
            windows.spec.sequence_length,
            haplotypes,
            derived,
            called,
            polarisation=windows.polarisation,
            phased=windows.phased,
        )

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return len(self.positions)

    def take(self, kept: NDArray[np.bool_]) -> Stretch:
        """Return the stretch with the marked sites alone."""
        if kept.all():
            return self
        return Stretch(
            self.positions[kept],
            self.length_bp,
            None if self.haplotypes is None else self.haplotypes[kept],
            self.derived[kept],
            self.called[kept],
            self.folded[kept],
            self.polarisation,
            self.phased,
            None if self.map_cm is None else self.map_cm[kept],
            None if self.b_values is None else self.b_values[kept],
            self.b_demography,
            self.grid,
        )

    def complete(self) -> Stretch:
        """Return the sites at which every haplotype has a call; all of them where there are counts alone."""
        if self.haplotypes is None:
            return self
        return self.take(self.called == self.haplotypes.shape[1])

    def varying(self) -> Stretch:
        """Return the sites that vary among their calls."""
        return self.take((self.derived > 0) & (self.derived < self.called))


@dataclass(frozen=True, eq=False)
class Profile:
    """A value along a sequence.

    Parameters
    ----------
    positions, values : float64 (n_rows,)
        In order of position; a value that is undefined is NaN.
    parts : mapping of str to float64 (n_rows,)
        What else the scanner tells of each row, such as the borders of its window.
    is_defined : bool (n_rows,), optional
        Rows whose value counts; by default those that are not NaN.

    Raises
    ------
    DataError
        If an array is of another length.
    """

    positions: Floats
    values: Floats
    parts: Mapping[str, Floats] = field(default_factory=dict)
    is_defined: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_))

    def __post_init__(self) -> None:
        if len(self.is_defined) != len(self.values):
            object.__setattr__(self, "is_defined", np.isfinite(self.values))
        for name, array in (("values", self.values), *self.parts.items()):
            if len(array) != len(self.positions):
                raise DataError(
                    f"profile: expected {len(self.positions)} {name}, one per position, found {len(array)}"
                )

    def __len__(self) -> int:
        return len(self.positions)


class Scanner(Component):
    """A value along a sequence. Each is also a method, ``scan-NAME[options]``.

    The larger a window's `score`, the more it speaks for selection: that direction is the scanner's own, and
    no method turns it round. A window's profile depends on that window and the background alone.
    """

    needs_ancestral: ClassVar[bool] = False
    """Whether it must know which allele is derived."""

    needs_phase: ClassVar[bool] = True
    """Whether it must know which alleles lie on one chromosome."""

    accepts_missing: ClassVar[bool] = False
    """Whether it has a rule for alleles without a call."""

    takes_counts: ClassVar[bool] = False
    """Whether counts of alleles are enough for it."""

    takes: ClassVar[frozenset[str]] = frozenset()
    """What else of a `Stretch` it looks at: ``map_cm``, ``b_values``, ``grid``; and ``spectrum``, where its
    background is one that may be given."""

    pools: ClassVar[bool] = True
    """Whether the sequences that are scanned together are their own background, where none is given."""

    def background(self, stretches: Sequence[Stretch]) -> Learned:
        """Learn what must be known of neutral sequences, such as their site frequency spectrum."""
        return {}

    @abstractmethod
    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return the value along one stretch, no row where there are too few sites.

        Parameters
        ----------
        stretch : Stretch
        background : mapping of str to array
            What `background` has learned; empty where the stretch is to be its own.
        """

    def score(self, profile: Profile, background: Learned) -> float | None:
        """Sum up a window by one number, None where it has no defined value; by default the largest.

        Larger numbers are evidence of selection, whatever training windows say. Change the sign of a
        value that selection lowers, in `profile` or here.
        """
        values = profile.values[profile.is_defined]
        return float(values.max()) if len(values) else None

    def unsupported(self, windows: WindowSpec, polarisation: Polarisation) -> str | None:
        """Say why windows like these cannot be scanned, or None."""
        if self.needs_ancestral and polarisation != "ancestral":
            return f"needs ancestral states; these windows are polarised by {polarisation}"
        return None


def profiled(scanner: Scanner, stretch: Stretch, learned: Learned) -> Profile:
    """Ask a scanner for its profile.

    Raises
    ------
    DataError
        If it returns something else.
    """
    found: object = scanner.profile(stretch, learned)
    if not isinstance(found, Profile):
        raise DataError(
            f"scanner {scanner.name}: profile returned {type(found).__name__}, expected a Profile"
        )
    return found


def checked(scanner: Scanner, stretch: Stretch) -> Stretch:
    """Return the stretch, or refuse what a scanner cannot take, by name.

    Raises
    ------
    UnsupportedError
        If it lacks ancestral states, phase or haplotypes that the scanner needs.
    DataError
        If it has alleles without a call that the scanner has no rule for.
    """
    if scanner.needs_ancestral and stretch.polarisation != "ancestral":
        raise UnsupportedError(
            f"{scanner.name}: needs ancestral states, found sites polarised by {stretch.polarisation!r}; "
            "say which allele is ancestral (selbench profile --polarise ref takes the reference for it)"
        )
    if stretch.haplotypes is None and not scanner.takes_counts:
        raise UnsupportedError(f"{scanner.name}: needs haplotypes, found counts of alleles alone")
    if scanner.needs_phase and not stretch.phased:
        raise UnsupportedError(
            f"{scanner.name}: needs phased genotypes, found unphased ones; phase them, "
            "or leave sites with unphased heterozygous calls out"
        )
    if not scanner.accepts_missing and stretch.haplotypes is not None:
        missing = np.flatnonzero(stretch.called < stretch.haplotypes.shape[1])
        if len(missing):
            raise DataError(
                f"{scanner.name}: has no rule for alleles without a call, found {len(missing):,} sites with "
                f"such, the first at {stretch.positions[missing[0]]:g}; leave them out or impute them"
            )
    return stretch
