"""SweepNet's image: haplotypes around their medoid, sites by how many carry them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, DesignedFor, Encoder, FeatureSpec, Windows, WindowSpec
from selbench.windows import (
    Placement,
    medoid_order,
    middle_sites,
    placed_haplotypes,
    sort_haplotypes,
    width_remarks,
)
from selbench_sweepnet.citations import SWEEPNET

WHITE = 255


@dataclass(frozen=True)
class SweepnetImage(Encoder):
    """The middle sites as an image, derived alleles black, its rows and columns both reordered.

    Rows are sorted by differences from their medoid, the haplotype with the least sum of
    differences to all others (ties settled by the patterns), then columns by how many
    haplotypes carry the derived allele, the most first. So where the sites lie is lost.
    A window with fewer sites leaves white columns at the right.

    Parameters
    ----------
    n_sites : int
    rows, columns : {"sorted", "given"}
        The original's script knows thirteen orders; its default sorts both.
    """

    name: ClassVar[str] = "sweepnet"
    citations = (SWEEPNET,)
    designed_for = DesignedFor(n_sites=128)
    needs_ancestral = True

    n_sites: int = 128
    rows: Literal["sorted", "given"] = "sorted"
    columns: Literal["sorted", "given"] = "sorted"

    def __post_init__(self) -> None:
        if self.n_sites < 1:
            raise DataError(f"n_sites: expected at least 1, found {self.n_sites}")

    def unsupported(self, windows: WindowSpec, polarisation: str) -> str | None:
        """Decline windows without ancestral states."""
        if polarisation != "ancestral":
            return f"black is the derived allele; these windows are polarised by {polarisation}"
        return None

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return uint8 (n_haplotypes, n_sites), 0 and 255."""
        return FeatureSpec((windows.n_haplotypes, self.n_sites), "uint8", ("haplotype", "site"))

    def remarks(self, windows: Windows) -> tuple[str, ...]:
        """Say how many windows have fewer sites than columns, and how many more."""
        return width_remarks(windows.n_sites, self.n_sites)

    def encode(self, windows: Windows) -> NDArray[np.uint8]:
        """Draw the images, uint8 (n_windows, n_haplotypes, n_sites)."""
        windows = _middle(windows, self.n_sites)
        if self.rows == "sorted":
            windows = sort_haplotypes(windows, medoid_order(windows))
        if self.columns == "sorted":
            carriers = windows.haplotypes.sum(axis=1, dtype=np.int64)
            window_of_site = np.repeat(np.arange(len(windows)), windows.n_sites)
            order = np.lexsort((-carriers, window_of_site))  # stable: equal counts keep their order
            windows = replace(windows, haplotypes=windows.haplotypes[order])
        at_left = Placement(*(np.zeros(len(windows), dtype=np.int64) for _ in range(3)))
        placed = replace(at_left, count=windows.n_sites)
        return WHITE * (1 - placed_haplotypes(windows, placed, self.n_sites))


def _middle(windows: Windows, width: int) -> Windows:
    """Return the windows with the `width` sites around the middle one."""
    placed = middle_sites(windows.n_sites, width)
    place = np.arange(len(windows.positions)) - np.repeat(windows.offsets[:-1], windows.n_sites)
    first = np.repeat(placed.first, windows.n_sites)
    inside = (place >= first) & (place < first + width)
    return replace(
        windows,
        haplotypes=windows.haplotypes[inside],
        positions=windows.positions[inside],
        offsets=np.append(0, np.cumsum(placed.count)).astype(np.int64),
    )
