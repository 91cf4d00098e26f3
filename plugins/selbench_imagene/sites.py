"""The plain matrix of variable sites, padded or trimmed to a fixed number of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, Encoder, FeatureSpec, WindowSpec
from selbench_imagene.citations import FLAGEL

WHITE = 255


@dataclass(frozen=True)
class Sites(Encoder):
    """Variable sites only, as they are: the first or the central ones, padded with zeros or trimmed.

    The plain alternative in the literature (Flagel et al. 2019). Everything is on
    the scale of pixels, 0 to 255, as in the other images.

    Parameters
    ----------
    n_sites : int
        Number of sites kept, k.
    keep : {"first", "central"}
        ``first``: the first k sites, zeros after them if there are fewer.
        ``central``: the middle k in the order of sites, or zeros on both sides (an
        odd one on the right).
    row : {"none", "positions", "distances"}
        One more row below the haplotypes. ``positions``: position / sequence
        length. ``distances``: distance in bp from the site before (the first one
        from the start of the window) / sequence length. Padding is 0.
    """

    name: ClassVar[str] = "sites"
    citations = (FLAGEL,)

    n_sites: int = 64
    keep: Literal["first", "central"] = "first"
    row: Literal["none", "positions", "distances"] = "none"

    def __post_init__(self) -> None:
        if self.n_sites < 1:
            raise DataError(f"n_sites: expected at least 1, found {self.n_sites}")

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return (n_haplotypes, n_sites): uint8, or float32 with one more row."""
        if self.row == "none":
            return FeatureSpec((windows.n_haplotypes, self.n_sites), "uint8", ("haplotype", "site"))
        axes = (f"haplotype and {self.row}", "site")
        return FeatureSpec((windows.n_haplotypes + 1, self.n_sites), "float32", axes)

    def encode_window(
        self, haplotypes: NDArray[np.uint8], positions: NDArray[np.float64], spec: WindowSpec
    ) -> NDArray[Any]:
        """Encode one window."""
        wanted = self.feature_spec(spec)
        features = np.zeros(wanted.shape, dtype=wanted.dtype)
        surplus = len(positions) - self.n_sites
        skipped = surplus // 2 if self.keep == "central" and surplus > 0 else 0
        start = -surplus // 2 if self.keep == "central" and surplus < 0 else 0
        kept = slice(skipped, skipped + self.n_sites)
        columns = slice(start, start + min(len(positions), self.n_sites))
        features[: spec.n_haplotypes, columns] = WHITE * haplotypes[kept].T
        if self.row == "positions":
            features[-1, columns] = WHITE * positions[kept] / spec.sequence_length
        elif self.row == "distances":
            distances = np.diff(positions, prepend=0.0)
            features[-1, columns] = WHITE * distances[kept] / spec.sequence_length
        return features
