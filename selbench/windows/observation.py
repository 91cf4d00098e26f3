"""How windows of a genome were seen, laid on simulated ones: gaps, lost sites, phase, inbreeding."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from selbench.streams import generator, window_uniforms
from selbench.windows.contract import Polarisation
from selbench.windows.windows import Windows

BOUNDS = (0.25, 0.5, 0.75, 0.95)
"""Least observed shares of the classes of windows that are compared with each other."""

WHOLE = len(BOUNDS) - 1
"""The class of windows that count as observed from end to end."""


def class_of(observed: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the class of each window by the share of it that was observed: −1 under a quarter.

    Examples
    --------
    >>> class_of(np.array([0.1, 0.3, 0.96, 1.0])).tolist()
    [-1, 0, 3, 3]
    """
    return np.searchsorted(BOUNDS, observed, side="right") - 1


@dataclass(frozen=True, eq=False)
class SeenWindow:
    """How one window of a genome was seen.

    Parameters
    ----------
    observed : int64 (n_stretches, 2)
        Where a variable site would have been seen: bp from its start, half-open, rising and apart.
    lost : bool (n_variable,)
        Which of the sites that vary among the individuals were left out, because a call is missing or for
        another reason; along the window.
    """

    observed: NDArray[np.int64]
    lost: NDArray[np.bool_]

    @property
    def observed_bp(self) -> int:
        """How many base pairs were observed."""
        return int((self.observed[:, 1] - self.observed[:, 0]).sum())

    def observes(self, positions: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which sites lie in what was observed.

        Parameters
        ----------
        positions : float64 (n_sites,)

        Examples
        --------
        >>> seen = SeenWindow(np.array([[0, 60]]), np.array([False, True]))
        >>> seen.observes(np.array([5.0, 59.5, 60.0])).tolist()
        [True, True, False]
        """
        stretch = np.searchsorted(self.observed[:, 0], positions, side="right") - 1
        inside: NDArray[np.bool_] = stretch >= 0
        if len(self.observed):
            inside &= positions < self.observed[stretch, 1]
        return inside


@dataclass(frozen=True, eq=False)
class Observation:
    """What simulated windows are to look like.

    Parameters
    ----------
    seen : tuple of SeenWindow
        Windows of a genome; each simulated one takes the gaps and losses of one of them. None: all is seen.
        Losses are taken in order, site by site, and where a simulated window has more sites, those of the
        next window follow. So sites are lost in stretches where the genome's were; and none is lost because
        its neighbour is, which would make the number of sites vary more than the genome's does.
    phased : bool
        Whether it is known which alleles lie on one chromosome.
    inbreeding : float
        Probability that the two haplotypes of an individual are one, in a window.
    polarisation : {"ancestral", "ref", "major"}
        What a 0 means: the ancestral allele; that of a reference haplotype, for which one of the window's
        own stands; or the more frequent one (the ancestral at ½).
    site_loss : float
        Probability that a site is left out, whatever was seen around it.
    mispolarised : float
        Probability that the ancestral allele of a site is taken for the derived one.
    """

    seen: tuple[SeenWindow, ...] = ()
    phased: bool = True
    inbreeding: float = 0.0
    polarisation: Polarisation = "ancestral"
    site_loss: float = 0.0
    mispolarised: float = 0.0

    @property
    def share_lost(self) -> float:
        """Share of the variable sites that are left out: of the windows it was taken from, and by chance."""
        n_variable = sum(len(each.lost) for each in self.seen)
        of_seen = sum(int(each.lost.sum()) for each in self.seen) / n_variable if n_variable else 0.0
        return of_seen + (1 - of_seen) * self.site_loss

    def laid_on(self, windows: Windows, *, indices: range, seed: int) -> Windows:
        """Return simulated windows as if seen like this; sites that no longer vary are gone.

        Parameters
        ----------
        windows : Windows
            Phased, 0 ancestral, no call missing.
        indices : range
            Of the windows: what is laid on one depends on (seed, index) alone.
        """
        haplotypes = self._inbred(windows, indices, seed)
        observed, kept = self._shown(windows, indices, seed)
        if self.site_loss:
            kept &= _site_uniforms(windows, indices, seed, "lost") >= self.site_loss
        if self.inbreeding:
            carriers = haplotypes.sum(axis=1, dtype=np.int64)
            kept &= (carriers > 0) & (carriers < haplotypes.shape[1])
        haplotypes = self._turned(haplotypes, windows, indices, seed)[kept]
        if not self.phased:
            pairs = haplotypes.reshape(len(haplotypes), -1, windows.spec.ploidy)
            haplotypes = np.sort(pairs, axis=2).reshape(haplotypes.shape)
        return replace(
            windows,
            haplotypes=haplotypes,
            positions=windows.positions[kept],
            offsets=np.concatenate([[0], np.cumsum(kept)])[windows.offsets],
            polarisation=self.polarisation,
            phased=self.phased and windows.phased,
            observed=observed,
        )

    def _shown(
        self, windows: Windows, indices: range, seed: int
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the share of each window that is observed, and which sites are kept."""
        kept = np.ones(len(windows.positions), dtype=bool)
        observed = np.ones(len(windows))
        if not self.seen:
            return observed, kept
        chosen = (window_uniforms(seed, indices, "seen as") * len(self.seen)).astype(np.int64)
        lost = np.concatenate([each.lost for each in self.seen])
        first = np.cumsum([0, *(len(each.lost) for each in self.seen)])
        for window, number in enumerate(chosen.tolist()):
            rows = slice(int(windows.offsets[window]), int(windows.offsets[window + 1]))
            inside = self.seen[number].observes(windows.positions[rows])
            if lost.any():
                taken = np.arange(first[number], first[number] + inside.sum())
                inside[inside] = ~lost.take(taken, mode="wrap")
            kept[rows] = inside
            observed[window] = self.seen[number].observed_bp / windows.spec.sequence_length
        return observed, kept

    def _inbred(self, windows: Windows, indices: range, seed: int) -> NDArray[np.uint8]:
        """Return the haplotypes, those of an inbred individual all as its first one."""
        if not self.inbreeding:
            return windows.haplotypes
        ploidy = windows.spec.ploidy
        individuals = range(windows.spec.n_haplotypes // ploidy)
        drawn = np.array([window_uniforms(seed, indices, "inbred", i) for i in individuals])
        is_inbred = np.repeat((drawn < self.inbreeding).T, windows.n_sites, axis=0)
        calls = windows.haplotypes.reshape(len(windows.haplotypes), -1, ploidy)
        made_one = np.where(is_inbred[..., np.newaxis], calls[..., :1], calls)
        return made_one.reshape(windows.haplotypes.shape)

    def _turned(
        self, haplotypes: NDArray[np.uint8], windows: Windows, indices: range, seed: int
    ) -> NDArray[np.uint8]:
        """Return the haplotypes with 0 for what it is to mean."""
        if self.polarisation == "ancestral" and not self.mispolarised:
            return haplotypes
        if self.polarisation == "ancestral":
            is_derived = _site_uniforms(windows, indices, seed, "mispolarised") < self.mispolarised
        elif self.polarisation == "major":
            is_derived = 2 * haplotypes.sum(axis=1, dtype=np.int64) > haplotypes.shape[1]
        else:
            of_window = window_uniforms(seed, indices, "reference") * haplotypes.shape[1]
            column = np.repeat(of_window.astype(np.int64), windows.n_sites)
            is_derived = haplotypes[np.arange(len(haplotypes)), column] == 1
        turned: NDArray[np.uint8] = haplotypes ^ is_derived[:, np.newaxis].astype(np.uint8)
        return turned


def _site_uniforms(windows: Windows, indices: range, seed: int, purpose: str) -> NDArray[np.float64]:
    """Return a uniform number for each site, from (seed, window index, number of the site) alone."""
    drawn = [
        generator(seed, purpose, index).random(n) for index, n in zip(indices, windows.n_sites, strict=True)
    ]
    return np.concatenate([np.empty(0), *drawn])
