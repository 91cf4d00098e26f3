"""ImaGene's image of a window: its variable sites, sorted and resized (Torada et al. 2019)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, DesignedFor, Encoder, FeatureSpec, Windows, WindowSpec
from selbench.windows import Order, common_sites, haplotype_order, site_order, sort_haplotypes
from selbench_imagene.citations import IMAGENE

WHITE = 255
_THRESHOLD = 128.0


@dataclass(frozen=True)
class ImaGeneImage(Encoder):
    """ImaGene's image: variable sites only, sorted and resized to a square, black and white.

    Rows are haplotypes, columns sites. The steps are those of Torada et al.
    (2019), in their order: polarise, filter rare alleles, sort rows, sort columns,
    resize, threshold. Pixels are uint8, 0 and 255; ImaGene feeds its networks
    with pixels / 255, and so does `imagene-cnn`.

    Parameters
    ----------
    sort : {"none", "rows", "columns", "both"}
        ``both``: rows first.
    by : {"frequency", "distance"}
        ``frequency``: by how often a row (or column) occurs, most frequent first.
        ``distance``: by mean difference from the most frequent one. ImaGene's
        order within ties depends on the processor; here ties are settled by the
        pattern itself (see `selbench.windows.orderings`).
    maf : float
        Sites whose minor allele frequency is lower are left out.
    polarise : {"major", "given"}
        ``major``: a site whose derived allele exceeds one half is flipped, so that
        white is the minor allele. ``given``: as in the windows.
    size : int
        Pixels along each side (``crop-or-pad``: along the columns).
    mode : {"resize", "crop-or-pad"}
        ``resize``: bilinear with Gaussian anti-aliasing to (size, size), equal to
        ``skimage.transform.resize(order=1, mode="reflect", anti_aliasing=True)``.
        ``crop-or-pad``: rows stay, and the central `size` sites are kept, or black
        columns added on both sides (an odd one on the right).
    threshold : bool
        Whether pixels of the resized image below 128 become 0 and others 255.

    Notes
    -----
    A window without sites is all black.
    """

    name: ClassVar[str] = "imagene"
    citations = (IMAGENE,)
    designed_for = DesignedFor(sequence_lengths=(80_000,))

    sort: Literal["none", "rows", "columns", "both"] = "rows"
    by: Order = "frequency"
    maf: float = 0.01
    polarise: Literal["major", "given"] = "major"
    size: int = 128
    mode: Literal["resize", "crop-or-pad"] = "resize"
    threshold: bool = True

    @property
    def needs_ancestral(self) -> bool:
        """Whether pixels are the derived allele as given, not the minor one."""
        return self.polarise == "given"

    def __post_init__(self) -> None:
        if not 0 <= self.maf <= 0.5:
            raise DataError(f"maf: expected a frequency in [0, 0.5], found {self.maf}")
        if self.size < 1:
            raise DataError(f"size: expected at least 1 pixel, found {self.size}")

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return uint8 (size, size), or (n_haplotypes, size) where rows are not resized."""
        n_rows = self.size if self.mode == "resize" else windows.n_haplotypes
        return FeatureSpec((n_rows, self.size), "uint8", ("haplotype", "site"))

    def encode(self, windows: Windows) -> NDArray[Any]:
        """Draw the images, uint8 (n_windows, \\*shape)."""
        prepared = self.prepare(windows)
        return self._resized(prepared) if self.mode == "resize" else self._cropped(prepared)

    def prepare(self, windows: Windows) -> Windows:
        """Return the windows that go into the resize: polarised, filtered and sorted.

        Positions stay in rising order, for a window's positions must; after
        sorting columns they no longer belong to the site beside them.
        """
        windows = common_sites(windows, self.maf, turn=self.polarise == "major")
        if self.sort in ("rows", "both"):
            windows = sort_haplotypes(windows, haplotype_order(windows, self.by))
        if self.sort in ("columns", "both"):
            windows = replace(windows, haplotypes=windows.haplotypes[site_order(windows, self.by)])
        return windows

    def _resized(self, windows: Windows) -> NDArray[np.uint8]:
        from selbench.windows.resize import resize_alleles, resize_taps

        images = np.zeros((len(windows), self.size, self.size), dtype=np.uint8)
        rows = resize_taps(windows.spec.n_haplotypes, self.size)
        for image, (haplotypes, _) in zip(images, windows, strict=True):
            if len(haplotypes):
                columns = resize_taps(len(haplotypes), self.size)
                resize_alleles(haplotypes, *rows, *columns, _THRESHOLD if self.threshold else 0.0, image)
        return images

    def _cropped(self, windows: Windows) -> NDArray[np.uint8]:
        images = np.zeros((len(windows), windows.spec.n_haplotypes, self.size), dtype=np.uint8)
        for image, (haplotypes, _) in zip(images, windows, strict=True):
            surplus = len(haplotypes) - self.size
            if surplus >= 0:
                image[:] = haplotypes[surplus // 2 : surplus // 2 + self.size].T
            else:
                image[:, -surplus // 2 : -surplus // 2 + len(haplotypes)] = haplotypes.T
        return images * np.uint8(WHITE)
