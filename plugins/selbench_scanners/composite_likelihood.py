"""SweepFinder2's and SweeD's composite likelihood ratios as scanners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, Profile, Scanner, Stretch
from selbench.plugin import Learned, expect_above_zero
from selbench_scanners.citations import HUBER, NIELSEN, SWEED, SWEEPFINDER2

if TYPE_CHECKING:
    from selbench_scanners.kernels.spectra import SiteCounts

_BLOCK_BP = 100
_UNSEEN_SITES = 0.5
"""How many sites a class counts for that no site of the background has."""


@dataclass(frozen=True)
class SweepFinder2(Scanner):
    """SweepFinder2's CLR: does the spectrum change with distance as after a sweep? (DeGiorgio et al. 2016)

    Sites of windows that nobody polarised count as folded. A table of counts may hold substitutions and
    monomorphic sites; of windows only sites that vary are looked at, unless `invariant` says else.

    Parameters
    ----------
    grid_points : int
        Evenly spaced from the first to the last site.
    grid_bp : float, optional
        Instead, roughly the distance between points.
    invariant : bool
        Whether every base pair without a site counts as a monomorphic one (in blocks of 100), so that lost
        diversity is seen.
    """

    name: ClassVar[str] = "sweepfinder2"
    needs_phase: ClassVar[bool] = False
    accepts_missing: ClassVar[bool] = True
    takes_counts: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"map_cm", "b_values", "grid", "spectrum"})
    citations = (NIELSEN, SWEEPFINDER2, HUBER)

    grid_points: int = 51
    grid_bp: float | None = None
    invariant: bool = False

    def __post_init__(self) -> None:
        _check_grid(self.grid_points)
        if self.grid_bp is not None:
            expect_above_zero(grid_bp=self.grid_bp)

    def background(self, stretches: Sequence[Stretch]) -> Learned:
        """Learn the spectrum of sites, averaging over missing calls and folded sites."""
        return _spectrum([_counts(stretch, self.invariant) for stretch in stretches])

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return the likelihood ratio at every point of the grid, with the α that maximises it."""
        from selbench_scanners.kernels import sweepfinder2

        counts = _counts(stretch, self.invariant)
        if len(counts) == 0:
            return _empty("alpha")
        spectrum = _padded((background or self.background([stretch]))["spectrum"], counts.n)
        points = stretch.grid
        if points is None:
            points = sweepfinder2.grid(counts, n_points=self.grid_points, spacing_bp=self.grid_bp)
        columns = sweepfinder2.likelihood_ratios(
            counts,
            spectrum,
            points,
            mode=2 if spectrum[0] > 0 else 1 if spectrum[-1] > 0 else 0,
            map_cm=stretch.map_cm,
            background_selection=(
                None
                if stretch.b_values is None
                else sweepfinder2.BackgroundSelection(stretch.b_values, *stretch.b_demography)
            ),
        )
        return Profile(columns.pop("position"), columns.pop("value"), columns)


@dataclass(frozen=True)
class Sweed(Scanner):
    """SweeD's CLR: SweepFinder's, on whole base pairs (Pavlidis et al. 2013).

    Folded sites count both of their classes, with and without a sweep.

    Parameters
    ----------
    grid_points : int
        Evenly spaced from the first to the last site.
    """

    name: ClassVar[str] = "sweed"
    needs_phase: ClassVar[bool] = False
    accepts_missing: ClassVar[bool] = True
    takes_counts: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"grid", "spectrum"})
    citations = (NIELSEN, SWEED)

    grid_points: int = 51

    def __post_init__(self) -> None:
        _check_grid(self.grid_points)

    def background(self, stretches: Sequence[Stretch]) -> Learned:
        """Learn the spectrum of sites."""
        return _spectrum([_counts(stretch, False) for stretch in stretches])

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return the likelihood ratio at every point of the grid, with α and the sites that it touches."""
        from selbench_scanners.kernels import sweed
        from selbench_scanners.kernels.spectra import SiteCounts

        counts = _counts(stretch, False)
        if len(counts) == 0:
            return _empty("alpha", "start", "end")
        spectrum = _padded((background or self.background([stretch]))["spectrum"], counts.n)
        whole = sweed.whole_positions(counts.positions, stretch.length_bp)
        counts = SiteCounts(whole, counts.derived, counts.called, counts.folded)
        points = sweed.grid(counts, self.grid_points) if stretch.grid is None else stretch.grid
        columns = sweed.likelihood_ratios(counts, spectrum, points)
        return Profile(columns.pop("position"), columns.pop("value"), columns)


def _check_grid(grid_points: int) -> None:
    if grid_points < 1:
        raise DataError(f"grid_points: expected at least 1, found {grid_points}")


def _empty(*parts: str) -> Profile:
    return Profile(np.empty(0), np.empty(0), {name: np.empty(0) for name in parts})


def _counts(stretch: Stretch, invariant: bool) -> SiteCounts:
    from selbench_scanners.kernels.spectra import SiteCounts

    sites = stretch if stretch.haplotypes is None else stretch.varying()
    counts = SiteCounts.of(sites.positions, sites.derived, sites.called, sites.folded)
    if not invariant:
        return counts
    if stretch.haplotypes is None:
        raise DataError(
            "sweepfinder2: invariant = true is for haplotypes; a table of counts holds its own sites"
        )
    return counts.with_invariant(stretch.length_bp, stretch.haplotypes.shape[1], _BLOCK_BP)


def _spectrum(counts: list[SiteCounts]) -> Learned:
    from selbench_scanners.kernels.spectra import SiteCounts, estimate_spectrum

    together = SiteCounts.concatenate(counts)
    if len(together) == 0:
        raise DataError("background: expected sites to learn a spectrum from, found none")
    mode = together.mode()
    spectrum = estimate_spectrum(together, mode)
    # a class that nobody saw is rare, not impossible: other sequences may have it
    observable = spectrum[(1 if mode < 2 else 0) : len(spectrum) - (1 if mode < 1 else 0)]
    np.maximum(observable, _UNSEEN_SITES / together.weights.sum(), out=observable)
    return {"spectrum": spectrum / spectrum.sum()}


def _padded(spectrum: NDArray[Any], n: int) -> NDArray[np.float64]:
    values = np.asarray(spectrum, dtype=np.float64)
    return np.concatenate([values, np.zeros(max(0, n + 1 - len(values)))])
