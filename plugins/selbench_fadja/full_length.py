"""The full-length image of a window: one row per base pair, one column per haplotype."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, DesignedFor, Encoder, FeatureSpec, Windows, WindowSpec
from selbench.formats.image_rows import rows_of_their_own
from selbench.windows import haplotype_order
from selbench_fadja.citations import STUDY

WHITE = 255
"""The pixel of a derived allele, as in the study's images; 0 is black."""


@dataclass(frozen=True)
class FullLength(Encoder):
    """Image of the whole window: a row per base pair, a column per haplotype, derived alleles white.

    The image of Nguembang Fadja et al. (2021), uint8 with pixels 0 and 255.

    Parameters
    ----------
    rows : {"floor", "study"}
        ``floor``: the base pair of a site is floor(position). ``study``: the
        position is first rounded to the digits that the study printed (3 decimals
        of the window for 1,000 bp, 4 for 10,000), then
        row = round(position) − 1, with 0 staying 0.
    collisions : {"shift", "merge", "error"}
        What happens when sites share a row. ``shift``: the later one moves to the
        next free row, and may push others on; none is lost, for sites that would
        leave the image move up instead (the study's images grew longer).
        ``merge``: one row, white where any of them is derived. ``error``: a
        DataError. `count_collisions` counts them.
    columns : {"unsorted", "similarity", "frequency"}
        ``unsorted``: the order of the haplotypes in the windows, as in the study.
        ``frequency``: the most frequent haplotype first. ``similarity``: by the
        number of differences from the most frequent haplotype. For ties see
        `selbench.windows.orderings`.
    """

    name: ClassVar[str] = "full-length"
    citations = (STUDY,)
    designed_for = DesignedFor(sequence_lengths=(1000, 10_000))

    rows: Literal["floor", "study"] = "floor"
    collisions: Literal["shift", "merge", "error"] = "shift"
    columns: Literal["unsorted", "similarity", "frequency"] = "unsorted"

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return uint8 (sequence_length, n_haplotypes)."""
        return FeatureSpec(
            (windows.sequence_length, windows.n_haplotypes), "uint8", ("position", "haplotype")
        )

    def encode(self, windows: Windows) -> NDArray[Any]:
        """Draw the images.

        Returns
        -------
        images : uint8 (n_windows, sequence_length, n_haplotypes)

        Raises
        ------
        DataError
            If sites share a row and `collisions` is ``error``, or a window has
            more sites than rows and `collisions` is ``shift``.
        """
        alleles = self._sorted_haplotypes(windows)
        window_of_site = np.repeat(np.arange(len(windows)), windows.n_sites)
        rows = self._rows(windows)
        if self.collisions == "merge":
            firsts = np.flatnonzero(_starts_row(rows, window_of_site))
            alleles = np.maximum.reduceat(alleles, firsts, axis=0) if len(firsts) else alleles
            window_of_site, rows = window_of_site[firsts], rows[firsts]
        elif self.collisions == "shift":
            rows = rows_of_their_own(rows, windows)
        else:
            self._refuse_collisions(rows, window_of_site)
        images = np.zeros((len(windows), *self.feature_spec(windows.spec).shape), dtype=np.uint8)
        images[window_of_site, rows] = alleles * np.uint8(WHITE)
        return images

    def remarks(self, windows: Windows) -> tuple[str, ...]:
        """Say how many sites share a row, and what became of them."""
        shared = self.count_collisions(windows)
        if not shared.any():
            return ()
        fate = "drawn on the next free row" if self.collisions == "shift" else "merged into one row"
        return (
            f"{shared.sum():,} of {len(windows.positions):,} sites of the training windows share a row with "
            f"the site before, in {np.count_nonzero(shared):,} of {len(windows):,} windows: {fate}",
        )

    def count_collisions(self, windows: Windows) -> NDArray[np.int64]:
        """Count the sites that share their row with the site before them, int64 (n_windows,)."""
        window_of_site = np.repeat(np.arange(len(windows)), windows.n_sites)
        shares = ~_starts_row(self._rows(windows), window_of_site)
        return np.bincount(window_of_site[shares], minlength=len(windows)).astype(np.int64)

    def _rows(self, windows: Windows) -> NDArray[np.int64]:
        if self.rows == "floor":
            return np.floor(windows.positions).astype(np.int64)
        length = windows.spec.sequence_length
        steps = 10 ** len(str(length - 1))
        printed = np.rint(windows.positions / length * steps) / steps
        rows: NDArray[np.int64] = np.maximum(np.rint(printed * length).astype(np.int64) - 1, 0)
        return rows

    def _sorted_haplotypes(self, windows: Windows) -> NDArray[np.uint8]:
        if self.columns == "unsorted":
            return windows.haplotypes
        order = haplotype_order(windows, "frequency" if self.columns == "frequency" else "distance")
        columns = [haplotypes[:, order[i]] for i, (haplotypes, _) in enumerate(windows)]
        return np.concatenate([windows.haplotypes[:0], *columns])

    def _refuse_collisions(self, rows: NDArray[np.int64], window_of_site: NDArray[np.int64]) -> None:
        shares = ~_starts_row(rows, window_of_site)
        if shares.any():
            site = int(shares.argmax())
            raise DataError(
                f"full-length: {np.count_nonzero(shares)} sites share a row with another, the first in "
                f"window {window_of_site[site]} at row {rows[site]}; choose collisions=shift or merge"
            )


def _starts_row(rows: NDArray[np.int64], window_of_site: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell for each site whether it is the first on its row of its window."""
    starts = np.ones(len(rows), dtype=np.bool_)
    starts[1:] = (np.diff(rows) != 0) | (np.diff(window_of_site) != 0)
    return starts
