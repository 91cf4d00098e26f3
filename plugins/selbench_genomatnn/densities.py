"""genomatnn's density image: minor alleles of each haplotype, counted in bins along the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, DesignedFor, Encoder, FeatureSpec, Windows, WindowSpec
from selbench.windows import common_sites
from selbench_genomatnn.citations import GENOMATNN


@dataclass(frozen=True)
class GenomatnnDensity(Encoder):
    """Minor alleles counted in 256 bins of equal length, haplotypes sorted by distance to their mean.

    Sites whose minor allele has a frequency below `least_frequency` are left out. Columns
    are sorted by squared Euclidean distance to the mean column, the nearest first; equal
    ones keep their order. The original takes the mean of the population that genes came
    from and sorts within each; windows here have one population, which takes its own.
    At a site where both alleles have one half the original draws which is the minor one;
    here it is the derived. Counts are not scaled; above 255 they stay at 255.

    Parameters
    ----------
    bins : int
    least_frequency : float
    phased : bool
        False adds the two haplotypes of each individual up before sorting (an odd last one
        is left out).
    """

    name: ClassVar[str] = "genomatnn"
    citations = (GENOMATNN,)
    designed_for = DesignedFor(sequence_lengths=(100_000,))

    bins: int = 256
    least_frequency: float = 0.05
    phased: bool = True

    def __post_init__(self) -> None:
        if self.bins < 1:
            raise DataError(f"bins: expected at least 1, found {self.bins}")
        if not 0 <= self.least_frequency <= 0.5:
            raise DataError(
                f"least_frequency: expected a frequency in [0, 0.5], found {self.least_frequency}"
            )

    @property
    def needs_phase(self) -> bool:
        """Whether haplotypes are told apart."""
        return self.phased

    def unsupported(self, windows: WindowSpec, polarisation: str) -> str | None:
        """Decline windows shorter than their bins."""
        if self.bins > windows.sequence_length:
            return f"{windows.sequence_length} bp cannot be cut into {self.bins} bins"
        return None

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return uint8 (bins, n_haplotypes), or (bins, n_individuals) without phase."""
        n_columns = windows.n_haplotypes if self.phased else windows.n_haplotypes // 2
        return FeatureSpec((self.bins, n_columns), "uint8", ("position", "haplotype"))

    def encode(self, windows: Windows) -> NDArray[np.uint8]:
        """Draw the images, uint8 (n_windows, bins, n_columns)."""
        from selbench_genomatnn.binning import draw_densities

        common = common_sites(windows, self.least_frequency, turn=True)
        bins = (common.positions * self.bins / windows.spec.sequence_length).astype(np.int64)
        images = np.zeros((len(windows), *self.feature_spec(windows.spec).shape), dtype=np.uint8)
        draw_densities(
            common.haplotypes,
            np.minimum(bins, self.bins - 1),
            common.offsets,
            1 if self.phased else 2,
            images,
        )
        return images
