"""FAST-NN's features: for each site of a stretch, the distance to the next and the derived frequency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, DesignedFor, Encoder, FeatureSpec, Windows, WindowSpec
from selbench.windows import middle_sites, width_remarks
from selbench_fasternn.citations import FAST_NN, FASTER_NN


@dataclass(frozen=True)
class FrequencyTrack(Encoder):
    """A stretch of sites around a target: distance to the next site and derived allele frequency.

    Site c is the one nearest to the target that leaves half of the stretch on either
    side; sites c − n/2 to c + n/2 − 1 are taken. Distances are in bp, divided by
    `distance_bp`; that of the last site is 0. A window with fewer than n + 1 sites has
    no such c, and the original makes no features of it: here the sites that it has
    stand in the middle, zeros around them, and the report says of how many windows.

    Parameters
    ----------
    n_sites : int
        Sites of a stretch, n: 128 for FAST-NN, 512 for FASTER-NN.
    channels : {"distance-frequency", "frequency"}
    target_bp : float or None
        Base pair around which the sites lie; None: the middle of the window.
    distance_bp : float
        Distances are divided by it.
    """

    name: ClassVar[str] = "frequency-track"
    citations = (FAST_NN, FASTER_NN)
    needs_phase = False
    needs_ancestral = True

    n_sites: int = 128
    channels: Literal["distance-frequency", "frequency"] = "distance-frequency"
    target_bp: float | None = None
    distance_bp: float = 200.0

    def __post_init__(self) -> None:
        if self.n_sites < 2:
            raise DataError(f"n_sites: expected at least 2, found {self.n_sites}")
        if not self.distance_bp > 0:
            raise DataError(f"distance_bp: expected a number above 0, found {self.distance_bp}")

    @property
    def designed_for(self) -> DesignedFor:
        """Windows of 100 kb: 128 sites for FAST-NN, 512 for FASTER-NN."""
        return DesignedFor(sequence_lengths=(100_000,), n_sites=512 if self.n_sites == 512 else 128)

    def unsupported(self, windows: WindowSpec, polarisation: str) -> str | None:
        """Decline windows without ancestral states, and a target outside."""
        if polarisation != "ancestral":
            return f"derived frequencies need ancestral states; these windows are polarised by {polarisation}"
        if self.target_bp is not None and not 0 <= self.target_bp < windows.sequence_length:
            return f"target_bp {self.target_bp:g} lies outside of {windows.sequence_length} bp"
        return None

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return float32 (n_sites, 2), or (n_sites, 1) with frequencies alone."""
        names = ("distance", "derived_frequency")[self.channels == "frequency" :]
        return FeatureSpec((self.n_sites, len(names)), "float32", ("site", "channel"), names)

    def remarks(self, windows: Windows) -> tuple[str, ...]:
        """Say how many windows have fewer sites than the stretch."""
        return width_remarks(np.minimum(windows.n_sites, self.n_sites), self.n_sites)

    def encode(self, windows: Windows) -> NDArray[np.float32]:
        """Return the tracks, float32 (n_windows, n_sites, n_channels)."""
        from selbench_fasternn.tracks import draw_tracks, nearest_stretches

        placed = middle_sites(windows.n_sites, self.n_sites)
        target = windows.spec.sequence_length / 2 if self.target_bp is None else self.target_bp
        first = nearest_stretches(windows.positions, windows.offsets, target, self.n_sites)
        tracks = np.zeros((len(windows), self.n_sites, 2), dtype=np.float32)
        draw_tracks(
            windows.haplotypes,
            windows.positions,
            windows.offsets[:-1] + first,
            placed.count,
            placed.column,
            self.distance_bp,
            tracks,
        )
        return np.ascontiguousarray(tracks[:, :, 1:]) if self.channels == "frequency" else tracks
