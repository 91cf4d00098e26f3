"""Cecil and Sugden's images: sites sorted by haplotype, brought to one width in one of three ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, DesignedFor, Encoder, FeatureSpec, Windows, WindowSpec
from selbench.windows import (
    Placement,
    common_sites,
    haplotype_order,
    middle_sites,
    placed_haplotypes,
    sort_haplotypes,
    width_remarks,
)
from selbench_cecil.citations import CECIL

_HALF_OF_WHITE = 127.5


@dataclass(frozen=True)
class CecilImage(Encoder):
    """Minor alleles, haplotypes sorted by how often they occur, brought to one width in one of three ways.

    Every site is turned so that 1 is its minor allele. Then, for ``resize`` and
    ``zero-pad``: sites with a rarer minor allele than `least_frequency` are dropped, rows
    sorted, the width made. For ``trim``: the width is made first, rows sorted after, and
    rare alleles kept. The three let a network see different things of the same window,
    which is what the study is about. Alleles are 0 and 1.

    Parameters
    ----------
    width : {"resize", "zero-pad", "trim"}
        ``resize``: the image is resized to n_sites × n_sites (bilinear, with
        anti-aliasing) and cut at one half. ``zero-pad``: zeros on both sides (an odd one
        on the right). ``trim``: the middle sites. The study takes for ``zero-pad`` the
        widest and for ``trim`` the narrowest window of all its data, test windows
        included; here `n_sites` is given. A window that does not fit is trimmed or padded
        by the same rules, and the report says how many were.
    sort : bool
        Whether rows that are alike stand together, the most frequent first. Ties are
        settled by the patterns.
    n_sites : int
        Columns.
    least_frequency : float
        Of 128 haplotypes, 0.01 drops the singletons.
    """

    name: ClassVar[str] = "cecil"
    citations = (CECIL,)
    designed_for = DesignedFor(sequence_lengths=(80_000,))

    width: Literal["resize", "zero-pad", "trim"] = "resize"
    sort: bool = True
    n_sites: int = 128
    least_frequency: float = 0.01

    def __post_init__(self) -> None:
        if self.n_sites < 1:
            raise DataError(f"n_sites: expected at least 1, found {self.n_sites}")
        if not 0 <= self.least_frequency <= 0.5:
            raise DataError(
                f"least_frequency: expected a frequency in [0, 0.5], found {self.least_frequency}"
            )

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return uint8 (n_sites, n_sites) where resized, else (n_haplotypes, n_sites)."""
        n_rows = self.n_sites if self.width == "resize" else windows.n_haplotypes
        return FeatureSpec((n_rows, self.n_sites), "uint8", ("haplotype", "site"))

    def remarks(self, windows: Windows) -> tuple[str, ...]:
        """Say how many windows were padded or trimmed although the other was asked for."""
        if self.width == "resize":
            return ()
        n_sites = self._turned(windows).n_sites
        fits = np.maximum if self.width == "zero-pad" else np.minimum
        return width_remarks(fits(n_sites, self.n_sites), self.n_sites)

    def encode(self, windows: Windows) -> NDArray[np.uint8]:
        """Draw the images, uint8 (n_windows, n_rows, n_sites), of 0 and 1."""
        windows = self._turned(windows)
        if self.width == "trim":
            windows = _middle(windows, self.n_sites)
        if self.sort:
            windows = sort_haplotypes(windows, haplotype_order(windows, "frequency"))
        if self.width == "resize":
            return self._resized(windows)
        return placed_haplotypes(windows, _padded(windows.n_sites, self.n_sites), self.n_sites)

    def _turned(self, windows: Windows) -> Windows:
        least = 0.0 if self.width == "trim" else self.least_frequency
        return common_sites(windows, least, turn=True)

    def _resized(self, windows: Windows) -> NDArray[np.uint8]:
        from selbench.windows.resize import resize_alleles, resize_taps

        images = np.zeros((len(windows), self.n_sites, self.n_sites), dtype=np.uint8)
        rows = resize_taps(windows.spec.n_haplotypes, self.n_sites)
        for image, (haplotypes, _) in zip(images, windows, strict=True):
            if len(haplotypes):
                columns = resize_taps(len(haplotypes), self.n_sites)
                resize_alleles(haplotypes, *rows, *columns, _HALF_OF_WHITE, image)
        return images // np.uint8(255)


def _middle(windows: Windows, width: int) -> Windows:
    """Return the windows with their middle sites alone: the left half of what is too much goes left."""
    surplus = np.maximum(windows.n_sites - width, 0) // 2
    kept = np.minimum(windows.n_sites, width)
    place = np.arange(len(windows.positions)) - np.repeat(windows.offsets[:-1], windows.n_sites)
    start, stop = (np.repeat(bound, windows.n_sites) for bound in (surplus, surplus + kept))
    inside = (place >= start) & (place < stop)
    return replace(
        windows,
        haplotypes=windows.haplotypes[inside],
        positions=windows.positions[inside],
        offsets=np.append(0, np.cumsum(kept)).astype(np.int64),
    )


def _padded(n_sites: NDArray[np.int64], width: int) -> Placement:
    """Put sites into the middle: half of the empty columns before them, an odd one after."""
    placed = middle_sites(n_sites, width)
    surplus = np.maximum(n_sites - width, 0) // 2
    return Placement(surplus, placed.count, np.maximum(width - n_sites, 0) // 2)
