"""OmegaPlus's ω as a scanner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from selbench import DataError, Profile, Scanner, Stretch
from selbench.plugin import Learned, expect_above_zero
from selbench_scanners.citations import KIM_NIELSEN, OMEGAPLUS


@dataclass(frozen=True)
class OmegaPlus(Scanner):
    """OmegaPlus's ω: linkage is high within both sides of a sweep, and low across (Alachiotis et al. 2012).

    A point with fewer than 5 sites within reach on a side is not valid, and does not count; its value
    is 0, as the program prints it.

    Parameters
    ----------
    grid_points : int
        Evenly spaced from the first to the last site.
    min_window_bp, max_window_bp : float
        Least and largest distance of the border sites from a point, on either side.
    """

    name: ClassVar[str] = "omegaplus"
    takes: ClassVar[frozenset[str]] = frozenset({"grid"})
    pools: ClassVar[bool] = False
    citations = (KIM_NIELSEN, OMEGAPLUS)

    grid_points: int = 51
    min_window_bp: float = 1_000.0
    max_window_bp: float = 50_000.0

    def __post_init__(self) -> None:
        expect_above_zero(grid_points=self.grid_points, max_window_bp=self.max_window_bp)
        if not 0 <= self.min_window_bp <= self.max_window_bp:
            raise DataError(
                f"min_window_bp: expected 0 to max_window_bp = {self.max_window_bp:g}, "
                f"found {self.min_window_bp:g}"
            )

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return the largest ω at every point of the grid, with its border sites."""
        from selbench_scanners.kernels import omegaplus

        sites = stretch.varying()
        assert sites.haplotypes is not None
        positions = omegaplus.whole_positions(sites.positions, stretch.length_bp)
        points = omegaplus.grid(positions, self.grid_points) if stretch.grid is None else stretch.grid
        if len(positions) == 0:
            points = points[:0]
        columns = omegaplus.omega(
            sites.haplotypes,
            positions,
            points,
            min_window_bp=self.min_window_bp,
            max_window_bp=self.max_window_bp,
        )
        valid = columns["valid"] == 1
        for name in ("value", "left", "right"):
            columns[name][~valid] = 0.0
        return Profile(columns.pop("position"), columns.pop("value"), columns, valid)
