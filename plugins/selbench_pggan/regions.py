"""pg-gan's regions: the middle sites of a window, minor alleles against major ones, with distances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, DesignedFor, Encoder, FeatureSpec, Windows, WindowSpec
from selbench.windows import middle_sites, width_remarks
from selbench_pggan.citations import DISCRIMINATORS, PG_GAN


@dataclass(frozen=True)
class PgGanRegion(Encoder):
    """pg-gan's region: the 36 middle sites, minor allele +1 and major −1, and distances between sites.

    Sites S//2 − n/2 to S//2 + n/2 − 1 of S are taken; fewer stand in the middle, zeros
    around them. A site whose derived allele exceeds one half is turned over. The second
    channel holds, in every row alike, the distance from the site before, in units of the
    window; that of the window's first site is 0. Needs no ancestral states.

    Parameters
    ----------
    n_sites : int
    """

    name: ClassVar[str] = "pg-gan"
    citations = (PG_GAN, DISCRIMINATORS)
    designed_for = DesignedFor(sequence_lengths=(50_000,), n_sites=36)

    n_sites: int = 36

    def __post_init__(self) -> None:
        if self.n_sites < 1:
            raise DataError(f"n_sites: expected at least 1, found {self.n_sites}")

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return float32 (n_haplotypes, n_sites, 2)."""
        shape = (windows.n_haplotypes, self.n_sites, 2)
        names = ("minor_allele", "distance")
        return FeatureSpec(shape, "float32", ("haplotype", "site", "channel"), names)

    def remarks(self, windows: Windows) -> tuple[str, ...]:
        """Say how many windows have fewer sites than the region."""
        return width_remarks(np.minimum(windows.n_sites, self.n_sites), self.n_sites)

    def encode(self, windows: Windows) -> NDArray[np.float32]:
        """Return the regions, float32 (n_windows, n_haplotypes, n_sites, 2)."""
        from selbench_pggan.drawing import draw_regions

        placed = middle_sites(windows.n_sites, self.n_sites)
        regions = np.zeros((len(windows), windows.spec.n_haplotypes, self.n_sites, 2), dtype=np.float32)
        draw_regions(
            windows.haplotypes,
            windows.positions,
            windows.offsets,
            placed.first,
            placed.count,
            placed.column,
            float(windows.spec.sequence_length),
            regions,
        )
        return regions
