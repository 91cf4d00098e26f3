"""BaSe's image: haplotypes parted by the allele at a site, resized to a square."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, Encoder, ExperimentError, FeatureSpec, Windows, WindowSpec
from selbench.windows import haplotype_order, sort_haplotypes
from selbench_base.citations import BASE

WHITE = 255


@dataclass(frozen=True)
class BaseImage(Encoder):
    """Haplotypes parted by the allele that they carry at a site, the ancestral on top, as a square image.

    Within each part haplotypes that are alike stand together, the most frequent first
    (ties settled by the patterns). Derived alleles are black. The image is resized by
    Pillow. The site is known in the original; neutral windows are centred on one whose
    derived allele has a frequency of 0.4 to 0.6. Here it is, for every class alike, the
    site of such a frequency next to the focal base pair, or else the site next to it: a
    rule that differed between classes would tell them apart.

    Parameters
    ----------
    focal_bp : float or None
        None: the middle of the window.
    lowest, highest : float
        Derived frequencies of the site that parts the haplotypes.
    size : int
        Pixels along each side.
    filter : {"bicubic", "nearest"}
        The original calls Pillow without one, and Pillow's own choice was ``nearest``
        before version 7 and is ``bicubic`` since.
    """

    name: ClassVar[str] = "base"
    citations = (BASE,)
    needs_ancestral = True

    focal_bp: float | None = None
    lowest: float = 0.4
    highest: float = 0.6
    size: int = 128
    filter: Literal["bicubic", "nearest"] = "bicubic"

    def __post_init__(self) -> None:
        if self.size < 1:
            raise DataError(f"size: expected at least 1 pixel, found {self.size}")
        if not 0 <= self.lowest <= self.highest <= 1:
            raise ExperimentError(
                f"lowest, highest: expected frequencies in order, found {self.lowest} and {self.highest}"
            )

    def unsupported(self, windows: WindowSpec, polarisation: str) -> str | None:
        """Decline windows without ancestral states, and a focal base pair outside."""
        if polarisation != "ancestral":
            return f"parts haplotypes by the derived allele; these windows are polarised by {polarisation}"
        if self.focal_bp is not None and not 0 <= self.focal_bp < windows.sequence_length:
            return f"focal_bp {self.focal_bp:g} lies outside of {windows.sequence_length} bp"
        return None

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return uint8 (size, size)."""
        return FeatureSpec((self.size, self.size), "uint8", ("haplotype", "site"))

    def remarks(self, windows: Windows) -> tuple[str, ...]:
        """Say how many windows have no site of the frequency asked for."""
        without = sum(not self._near(haplotypes).any() for haplotypes, _ in windows)
        if not without:
            return ()
        return (
            f"{without} of {len(windows)} training windows have no site with a derived frequency of "
            f"{self.lowest:g} to {self.highest:g}: another site next to the focal base pair parts haplotypes",
        )

    def encode(self, windows: Windows) -> NDArray[np.uint8]:
        """Draw the images, uint8 (n_windows, size, size); a window without sites is white."""
        from PIL import Image

        windows = sort_haplotypes(windows, haplotype_order(windows, "frequency"))
        focal_bp = windows.spec.sequence_length / 2 if self.focal_bp is None else self.focal_bp
        resampling = {"bicubic": Image.Resampling.BICUBIC, "nearest": Image.Resampling.NEAREST}[self.filter]
        images = np.full((len(windows), self.size, self.size), WHITE, dtype=np.uint8)
        for image, (haplotypes, positions) in zip(images, windows, strict=True):
            if len(positions):
                focal = self._focal_site(haplotypes, positions, focal_bp)
                parted = haplotypes[:, np.argsort(haplotypes[focal], kind="stable")]
                pixels = Image.fromarray(np.ascontiguousarray(WHITE * (1 - parted.T)))
                image[:] = np.asarray(pixels.resize((self.size, self.size), resampling))
        return images

    def _near(self, haplotypes: NDArray[np.uint8]) -> NDArray[np.bool_]:
        frequency = haplotypes.mean(axis=1) if len(haplotypes) else np.empty(0)
        near: NDArray[np.bool_] = (frequency >= self.lowest) & (frequency <= self.highest)
        return near

    def _focal_site(
        self, haplotypes: NDArray[np.uint8], positions: NDArray[np.float64], focal_bp: float
    ) -> int:
        """Return the site that parts the haplotypes: the nearest of the frequency asked for, or of any."""
        distance = np.abs(positions - focal_bp)
        near = self._near(haplotypes)
        return int(np.where(near, distance, np.inf).argmin() if near.any() else distance.argmin())
