"""What is remembered of the sites of windows: how many carry each, and how far it is to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.windows import Windows

MOST_SITES = 4000
"""Sites of a window that are held against others: its first ones."""

_MIX = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], dtype=np.uint64)


@dataclass(frozen=True, eq=False)
class Sites:
    """The sites of many windows, end to end.

    Parameters
    ----------
    carriers : uint32 (n_sites,)
        Haplotypes that carry the derived allele.
    gaps : int32 (n_sites,)
        Base pairs to the next site of the window; 0 at its last one.
    offsets : int64 (n_windows + 1,)
    """

    carriers: NDArray[np.uint32]
    gaps: NDArray[np.int32]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, windows: Windows) -> Sites:
        """Take the sites of a batch, at most `MOST_SITES` of each window."""
        n_sites = np.minimum(windows.n_sites, MOST_SITES)
        offsets = np.concatenate([[0], np.cumsum(n_sites)])
        kept = np.repeat(windows.offsets[:-1] - offsets[:-1], n_sites) + np.arange(offsets[-1])
        positions = windows.positions[kept]
        gaps = np.zeros(len(kept), dtype=np.int32)
        if len(kept):
            gaps[:-1] = np.round(np.minimum(np.maximum(np.diff(positions), 0), 2**31 - 1))
            gaps[offsets[1:][n_sites > 0] - 1] = 0
        carriers = (windows.haplotypes[kept] == 1).sum(axis=1, dtype=np.uint32)
        return cls(carriers, gaps, offsets.astype(np.int64))

    @staticmethod
    def joined(parts: list[Sites]) -> Sites:
        """Put the sites of batches end to end."""
        starts = np.cumsum([0, *(len(part.carriers) for part in parts)])
        offsets = [part.offsets[:-1] + start for part, start in zip(parts, starts, strict=False)]
        return Sites(
            np.concatenate([part.carriers for part in parts]),
            np.concatenate([part.gaps for part in parts]),
            np.concatenate([*offsets, starts[-1:]]).astype(np.int64),
        )

    @property
    def n_sites(self) -> NDArray[np.int64]:
        """Sites of each window, int64 (n_windows,)."""
        return np.diff(self.offsets)

    @property
    def starts(self) -> NDArray[np.int64]:
        """First sites of all triples, int64 (n_triples,)."""
        inside = np.ones(len(self.carriers), dtype=bool)
        for back in (1, 2):
            ends = self.offsets[1:] - back
            inside[ends[ends >= self.offsets[:-1]]] = False
        return np.flatnonzero(inside)

    def triples(self) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """Return the first site and the digest of every triple; a triple and its mirror image have one."""
        at = self.starts
        c, g = self.carriers.astype(np.uint64), self.gaps.astype(np.uint64)
        forward = _mixed(c[at], c[at + 1], c[at + 2], g[at], g[at + 1])
        backward = _mixed(c[at + 2], c[at + 1], c[at], g[at + 1], g[at])
        return at, np.minimum(forward, backward)

    @property
    def has_next(self) -> NDArray[np.bool_]:
        """Which sites another one of their window follows, bool (n_sites,)."""
        has_next = np.ones(len(self.gaps), dtype=bool)
        has_next[self.offsets[1:][self.n_sites > 0] - 1] = False
        return has_next


def _mixed(*parts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix numbers into one digest each, by SplitMix64's rounds (Steele et al., 2014)."""
    state = np.zeros_like(parts[0])
    for part in parts:
        state = (state ^ part) * _MIX[1] + _MIX[0]
        state = (state ^ (state >> np.uint64(27))) * _MIX[2]
        state ^= state >> np.uint64(31)
    return state
