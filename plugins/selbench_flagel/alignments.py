"""The alignment of Flagel et al. (2019): haplotypes around their medoid, and where the sites lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, DesignedFor, Encoder, FeatureSpec, Windows, WindowSpec
from selbench.windows import medoid_order, middle_sites, sort_haplotypes, width_remarks
from selbench_flagel.citations import FLAGEL


@dataclass(frozen=True)
class FlagelAlignment(Encoder):
    """Sites by haplotypes, haplotypes sorted by distance to their medoid, and one more column of positions.

    The medoid is the haplotype with the least sum of differences to the others; ties are
    settled by the patterns. Rows beyond the window's sites are 0, their positions −1;
    positions are fractions of the window. The original drops windows with more sites
    than rows without a word, which biases what is left; here the middle sites stay, and
    the report says of how many windows.

    Parameters
    ----------
    n_sites : int
        Rows; 5,000 in the original.
    alleles : {"0/1", "-1/+1"}
        As the original's later, or its earlier script.
    """

    name: ClassVar[str] = "flagel"
    citations = (FLAGEL,)
    designed_for = DesignedFor(sequence_lengths=(1_100_000,), n_sites=5000)

    n_sites: int = 5000
    alleles: Literal["0/1", "-1/+1"] = "0/1"

    def __post_init__(self) -> None:
        if self.n_sites < 1:
            raise DataError(f"n_sites: expected at least 1, found {self.n_sites}")

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return float32 (n_sites, n_haplotypes + 1); the last column holds positions."""
        shape = (self.n_sites, windows.n_haplotypes + 1)
        return FeatureSpec(shape, "float32", ("site", "haplotype and position"))

    def remarks(self, windows: Windows) -> tuple[str, ...]:
        """Say how many windows have more sites than rows."""
        return width_remarks(np.maximum(windows.n_sites, self.n_sites), self.n_sites)

    def encode(self, windows: Windows) -> NDArray[np.float32]:
        """Return the alignments, float32 (n_windows, n_sites, n_haplotypes + 1)."""
        windows = sort_haplotypes(windows, medoid_order(windows))
        placed = middle_sites(windows.n_sites, self.n_sites)
        alignments = np.zeros((len(windows), *self.feature_spec(windows.spec).shape), dtype=np.float32)
        alignments[:, :, -1] = -1
        fractions = windows.positions / windows.spec.sequence_length
        for i, alignment in enumerate(alignments):
            start = windows.offsets[i] + placed.first[i]
            kept = slice(start, start + placed.count[i])
            rows = alignment[: placed.count[i]]
            rows[:, :-1] = windows.haplotypes[kept]
            if self.alleles == "-1/+1":
                rows[:, :-1] = 2 * rows[:, :-1] - 1
            rows[:, -1] = fractions[kept]
        return alignments
