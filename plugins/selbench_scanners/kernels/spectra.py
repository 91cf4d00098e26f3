"""Sites as counts, and the spectrum of counts that a genome has: what SweepFinder and SweeD work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import lgamma
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DataError
from selbench_scanners.kernels.bits import Floats, Wholes

Mode = Literal[0, 1, 2]
"""Which classes of sites a spectrum knows: 0 varying ones, 1 substitutions too, 2 monomorphic ones too."""


@dataclass(frozen=True, eq=False)
class SiteCounts:
    """Derived alleles among called ones, site by site, in order of position.

    Parameters
    ----------
    positions : float64 (n_sites,)
        Base pairs; several sites may share one.
    derived, called : int64 (n_sites,)
        x of n; a site without any call is left out.
    folded : bool (n_sites,)
        Whether nobody knows which allele is derived: x may be n − x.
    weights : float64 (n_sites,)
        How many sites a row stands for; by default 1.
    """

    positions: Floats
    derived: Wholes
    called: Wholes
    folded: NDArray[np.bool_]
    weights: Floats = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        if len(self.weights) != len(self.positions):
            object.__setattr__(self, "weights", np.ones(len(self.positions)))

    @classmethod
    def of(
        cls, positions: Floats, derived: Wholes, called: Wholes, folded: NDArray[np.bool_] | None = None
    ) -> SiteCounts:
        """Check counts, and leave out sites without any call.

        Raises
        ------
        DataError
            If positions fall, or x is not among 0 … n; the message names the site.
        """
        falls = np.flatnonzero(np.diff(positions) < 0)
        if len(falls):
            raise DataError(
                f"site {falls[0] + 2}: expected positions in order, found {positions[falls[0] + 1]:g} "
                f"after {positions[falls[0]]:g}; sort the sites"
            )
        wrong = np.flatnonzero((derived < 0) | (derived > called))
        if len(wrong):
            raise DataError(
                f"site {wrong[0] + 1}: expected 0 to {called[wrong[0]]} derived alleles, "
                f"found {derived[wrong[0]]}"
            )
        kept = called > 0
        folded = np.zeros(len(positions), dtype=np.bool_) if folded is None else folded
        return cls(positions[kept], derived[kept], called[kept], folded[kept])

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def n(self) -> int:
        """N, the most alleles that any site has; 0 without sites."""
        return int(self.called.max(initial=0))

    def mode(self) -> Mode:
        """Tell which classes of sites there are."""
        if ((self.derived == 0) | (self.folded & (self.derived == self.called))).any():
            return 2
        return 1 if (self.derived == self.called).any() else 0

    @staticmethod
    def concatenate(parts: Sequence[SiteCounts]) -> SiteCounts:
        """Join the sites of several sequences, for their spectrum: positions then say nothing."""
        empty = np.empty(0, dtype=np.int64)
        return SiteCounts(
            np.zeros(sum(len(part) for part in parts)),
            np.concatenate([empty, *(part.derived for part in parts)]),
            np.concatenate([empty, *(part.called for part in parts)]),
            np.concatenate([empty.astype(np.bool_), *(part.folded for part in parts)]),
            np.concatenate([np.empty(0), *(part.weights for part in parts)]),
        )

    def with_invariant(self, length_bp: float, n: int, block_bp: int) -> SiteCounts:
        """Add the base pairs without a site as monomorphic ones of n calls, a row per block at its middle."""
        edges = np.append(np.arange(0, length_bp, block_bp), length_bp)
        occupied = np.histogram(np.unique(np.floor(self.positions)), bins=edges)[0]
        weights = np.maximum(np.diff(edges) - occupied, 0)
        kept = weights > 0
        middles = ((edges[1:] + edges[:-1]) / 2)[kept]
        nothing = np.zeros(len(middles), dtype=np.int64)
        order = np.argsort(np.concatenate([self.positions, middles]), kind="stable")
        return SiteCounts(
            np.concatenate([self.positions, middles])[order],
            np.concatenate([self.derived, nothing])[order],
            np.concatenate([self.called, nothing + n])[order],
            np.concatenate([self.folded, nothing.astype(np.bool_)])[order],
            np.concatenate([self.weights, weights[kept]])[order],
        )


def log_choose(n: int) -> Floats:
    """Return ln C(a, b) for 0 ≤ b ≤ a ≤ n, float64 (n + 1, n + 1); −inf elsewhere."""
    logs = np.array([lgamma(i + 1) for i in range(n + 1)])
    a, b = np.arange(n + 1)[:, None], np.arange(n + 1)[None, :]
    return np.where(b <= a, logs[a] - logs[b] - logs[np.maximum(a - b, 0)], -np.inf)


def sampling_weights(n: int, called: int) -> Floats:
    """Return the chance C(i, x)·C(n − i, m − x)/C(n, m) that m of n alleles show x of i, (m + 1, n + 1)."""
    logs = log_choose(n)
    x, i = np.arange(called + 1)[:, None], np.arange(n + 1)[None, :]
    rest = called - x
    possible = (x <= i) & (rest <= n - i)
    exponent = logs[i, np.minimum(x, i)] + logs[n - i, np.minimum(rest, n - i)] - logs[n, called]
    return np.where(possible, np.exp(exponent), 0.0)


def classes_of(counts: SiteCounts) -> tuple[NDArray[np.int64], Wholes]:
    """Return the different (x, n, folded), int64 (n_classes, 3), and the class of each site.

    A folded x stands for n − x too, and is filed under the smaller. Where all sites have the same n and are
    folded or not, these are all classes that could be: so that tables of them serve other sites too.
    """
    derived = np.where(
        counts.folded, np.minimum(counts.derived, counts.called - counts.derived), counts.derived
    )
    n, folded = counts.n, bool(counts.folded.any())
    if (counts.called == n).all() and (counts.folded == folded).all():
        x = np.arange(n + 1)
        return np.column_stack([x, np.full(n + 1, n), np.full(n + 1, int(folded))]), derived
    keys = np.column_stack([derived, counts.called, counts.folded]).astype(np.int64)
    distinct, inverse = np.unique(keys, axis=0, return_inverse=True)
    return distinct, np.asarray(inverse, dtype=np.int64).reshape(-1)


def class_probabilities(classes: NDArray[np.int64], spectrum: Floats) -> Floats:
    """Return the probability of each class (x, n, folded) under a spectrum of N + 1 classes.

    Parameters
    ----------
    classes : int64 (n_classes, 3)
    spectrum : float64 (N + 1,) or (N + 1, n_columns)

    Returns
    -------
    probabilities : float64 (n_classes,) or (n_classes, n_columns)
    """
    n = len(spectrum) - 1
    rows = np.empty((len(classes), n + 1))
    for row, (x, called, folded) in zip(rows, classes.tolist(), strict=True):
        if called == n:
            weights = np.eye(n + 1)
        else:
            weights = sampling_weights(n, called)
        row[:] = weights[x]
        if folded and called - x != x:
            row += weights[called - x]
    probabilities: Floats = rows @ spectrum
    return probabilities


def estimate_spectrum(counts: SiteCounts, mode: Mode, *, rounds: int = 10_000) -> Floats:
    """Return the most likely share of sites by derived alleles of N, float64 (N + 1,), summing to 1.

    Missing calls and folded sites are averaged over by expectation and maximisation, which starts
    from equal shares; for complete unfolded data this is the plain share of each class.

    Parameters
    ----------
    counts : SiteCounts
    mode : {0, 1, 2}
        Classes that cannot occur stay 0: no derived allele in modes 0 and 1, all in mode 0.
    rounds : int
        At most.
    """
    n = counts.n
    if n < 2:
        raise DataError(f"expected sites with at least 2 called alleles, found {n}")
    classes, of_site = classes_of(counts)
    n_sites = np.bincount(of_site, counts.weights, minlength=len(classes))
    classes, n_sites = classes[n_sites > 0], n_sites[n_sites > 0]
    spectrum = np.ones(n + 1)
    spectrum[[*([0] if mode < 2 else []), *([n] if mode < 1 else [])]] = 0
    spectrum /= spectrum.sum()
    weights = class_probabilities(classes, np.eye(n + 1))
    for _ in range(rounds):
        joint = weights * spectrum
        totals = joint.sum(axis=1)
        if (totals <= 0).any():
            x, called, _ = classes[int(np.argmin(totals))].tolist()
            raise DataError(
                f"spectrum: {x} derived alleles of {called} cannot occur without monomorphic sites"
            )
        update = (joint * (n_sites / totals)[:, None]).sum(axis=0) / n_sites.sum()
        done = np.abs(update - spectrum).max() < 1e-12
        spectrum = update
        if done:
            break
    return spectrum
