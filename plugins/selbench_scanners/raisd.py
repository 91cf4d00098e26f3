"""RAiSD's μ as a scanner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from selbench import DataError, Profile, Scanner, Stretch
from selbench.plugin import Learned
from selbench_scanners.citations import RAISD


@dataclass(frozen=True)
class Raisd(Scanner):
    """RAiSD's μ: diversity, spectrum and linkage of windows of SNPs (Alachiotis and Pavlidis 2018).

    Of windows in an experiment the number of sites per base pair is that of the null class:
    with each window's own, μ cannot see that diversity is lost over a whole window.

    Parameters
    ----------
    window_sites : int
        SNPs per window, even.
    edge : int
        Most carriers of the rarer allele at a site that counts as an edge of the spectrum.
    min_frequency : float
        Sites whose rarer allele is less frequent are left out; from 1/n on no edge is left.
    missing : {"drop", "keep", "joint"}
        Leave out sites with missing calls; or keep them, and compare patterns with the same calls missing,
        or among the haplotypes that both sites call (which depends on the order of the sites).
    diversity : {"null", "own"}
        Sites per base pair of the null class, or (unfair) of the window itself.
    """

    name: ClassVar[str] = "raisd"
    accepts_missing: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"grid"})
    pools: ClassVar[bool] = False
    citations = (RAISD,)

    window_sites: int = 50
    edge: int = 1
    min_frequency: float = 0.0
    missing: Literal["drop", "keep", "joint"] = "drop"
    diversity: Literal["null", "own"] = "null"

    def __post_init__(self) -> None:
        if self.window_sites < 6 or self.window_sites % 2:
            raise DataError(f"window_sites: expected an even number of at least 6, found {self.window_sites}")
        if self.edge < 1:
            raise DataError(f"edge: expected at least 1, found {self.edge}")
        if not 0 <= self.min_frequency < 0.5:
            raise DataError(f"min_frequency: expected 0 to below 0.5, found {self.min_frequency}")

    def background(self, stretches: Sequence[Stretch]) -> Learned:
        """Learn the sites per base pair."""
        if self.diversity == "own":
            return {}
        n_sites = sum(self._kept(stretch).n_sites for stretch in stretches)
        length = sum(stretch.length_bp for stretch in stretches)
        return {"sites_per_bp": np.array(n_sites / length)} if n_sites else {}

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return μ of every window of SNPs at its centre; with a grid, interpolated there."""
        from selbench_scanners.kernels import raisd

        kept = self._kept(stretch)
        assert kept.haplotypes is not None
        n_sites = float(kept.n_sites)
        if "sites_per_bp" in background and self.diversity == "null":
            n_sites = float(background["sites_per_bp"]) * stretch.length_bp
        columns = raisd.mu(
            kept.haplotypes,
            kept.positions,
            window_sites=self.window_sites,
            edge=self.edge,
            n_sites=n_sites,
            length_bp=stretch.length_bp,
            counts=(kept.derived, kept.called),
            joint=self.missing == "joint",
        )
        if stretch.grid is not None and len(columns["value"]):
            columns = raisd.at_grid(columns, stretch.grid)
        return Profile(columns.pop("position"), columns.pop("value"), columns)

    def _kept(self, stretch: Stretch) -> Stretch:
        varying = stretch.varying()
        frequency = varying.derived / np.maximum(varying.called, 1)
        kept = (frequency >= self.min_frequency) & (1 - frequency >= self.min_frequency)
        if self.missing == "drop" and varying.haplotypes is not None:
            kept &= varying.called == varying.haplotypes.shape[1]
        return varying.take(kept)
