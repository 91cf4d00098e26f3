"""How many windows would be the same by chance alone.

Short windows with few sites are alike without any leak: many have one site,
carried once. What counts is what is left beyond that.

With positions, chance is computed: two windows of S sites stand at the same
base pairs with probability uˢ / C(L, S), where L is the length and u ≥ 1 tells
how unevenly sites are spread, and then have the same matrix as often as windows
of S sites *within* splits do, positions aside. Without positions, chance is what
shuffling tells: training and test windows of one class are exchangeable, so
their labels are dealt anew and matches are counted again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from selbench.audit.identity import Digests

FALSE_ALARM = 1e-6
"""Chance that one comparison of clean windows is called a leak."""

MARGIN = 2.0
"""How many times the computed number of coincidences is still put down to chance."""

N_DEALS = 200
"""How often labels are dealt anew."""

LARGEST_Z = 6.0
"""Matches further than this many standard deviations above those of dealt labels are no chance."""

SITE_STRATA = (1, 3, 5, 9)
"""Windows with 1–2, 3–4, 5–8 and more sites are dealt with apart: the rich ones have next to no
coincidences, so that a leak among them shows."""


_BOUNDS = (*SITE_STRATA, int(np.iinfo(np.int64).max))


@dataclass(frozen=True, eq=False)
class Side:
    """One of two sets of windows that are compared, arrays (n_windows,)."""

    n_sites: NDArray[np.int64]
    positioned: Digests
    matrix: Digests

    def where(self, mask: NDArray[np.bool_]) -> Side:
        """Return the windows that `mask` chooses."""
        return Side(self.n_sites[mask], self.positioned[mask], self.matrix[mask])


def expected_with_positions(
    first: Side, second: Side, *, sequence_length: int, unevenness: float, same: bool = False
) -> dict[int, float]:
    """Return the pairs of windows that chance puts at the same base pairs with the same matrix.

    Parameters
    ----------
    first, second : Side
        With as `matrix` the digests that ignore positions.
    same : bool
        Both are one set: each pair counts once.

    Returns
    -------
    expected : dict of int to float
        By number of sites.
    """
    expected: dict[int, float] = {}
    for n_sites in np.intersect1d(first.n_sites, second.n_sites):
        if n_sites == 0:
            continue
        a, b = _stratum(first, n_sites, n_sites), _stratum(second, n_sites, n_sites)
        n_pairs = len(a) * (len(a) - 1) / 2 if same else len(a) * len(b)
        alike = _rate_within([first] if same else [first, second], int(n_sites))
        expected[int(n_sites)] = n_pairs * _same_places(int(n_sites), sequence_length, unevenness) * alike
    return expected


def is_beyond_chance(n_sites: NDArray[np.int64], expected: Mapping[int, float]) -> bool:
    """Whether so many matches have a probability below `FALSE_ALARM` (Poisson, with a margin).

    Matches of windows with many sites are judged apart from those with few:
    one of them is no chance, however many coincidences there are among the others.

    Parameters
    ----------
    n_sites : int64 (n_matches,)
        Of the windows that were found twice.
    expected : mapping of int to float
        Matches by chance, by number of sites.
    """
    from scipy.special import gammainc

    for low, high in pairwise(_BOUNDS):
        observed = int(((n_sites >= low) & (n_sites < high)).sum())
        chance = sum(n for sites, n in expected.items() if low <= sites < high)
        if observed and gammainc(observed, MARGIN * chance) < FALSE_ALARM:  # P(Poisson ≥ observed)
            return True
    return False


@dataclass(frozen=True)
class DealtMatches:
    """Matches of matrices without positions.

    Parameters
    ----------
    observed, expected, deviation : float
        Windows of the second set whose matrix is in the first; the mean and the
        standard deviation of that number when labels are dealt anew.
    sites : str
        The stratum of numbers of sites.
    """

    observed: int
    expected: float
    deviation: float
    sites: str

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the matches exceed what exchangeable windows give."""
        excess = self.observed - self.expected
        return excess > LARGEST_Z * max(self.deviation, 1.0)


def dealt_matches(first: Side, second: Side, rng: np.random.Generator) -> list[DealtMatches]:
    """Count matches of `matrix` per stratum of sites, and what dealing the labels anew gives."""
    found = []
    for low, high in pairwise(_BOUNDS):
        a, b = _stratum(first, low, high - 1), _stratum(second, low, high - 1)
        if len(a) == 0 or len(b) == 0:
            continue
        sites = f"{low} or more sites" if high == _BOUNDS[-1] else f"{low}–{high - 1} sites"
        observed = int(np.isin(b, a).sum())
        counts = _dealt_counts(a, b, rng) if observed else np.zeros(1)
        found.append(DealtMatches(observed, float(counts.mean()), float(counts.std()), sites))
    return found


def _dealt_counts(a: Digests, b: Digests, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return, per deal, how many of len(b) windows drawn from both sets find a match in the rest."""
    _, codes, sizes = np.unique(np.concatenate([a, b]), return_inverse=True, return_counts=True)
    repeated = sizes[codes] > 1
    codes = np.unique(codes[repeated], return_inverse=True)[1]
    clusters = np.bincount(codes)
    n_single = len(a) + len(b) - len(codes)
    counts = np.empty(N_DEALS)
    for i in range(N_DEALS):
        n_repeated = rng.hypergeometric(len(codes), n_single, len(b)) if n_single else len(b)
        drawn = np.bincount(rng.permutation(codes)[:n_repeated], minlength=len(clusters))
        counts[i] = drawn[drawn < clusters].sum()
    return counts


def _stratum(side: Side, low: int, high: int) -> Digests:
    """Return the matrix digests of the windows with `low` to `high` sites."""
    return side.matrix[(side.n_sites >= low) & (side.n_sites <= high)]


def _rate_within(sides: list[Side], n_sites: int) -> float:
    """Return how often two windows of a set have the same matrix, copies of a window aside; at most 1.

    Where there are too few pairs to tell, as if one of them were alike.
    """
    equal = n_pairs = 0.0
    for side in sides:
        chosen = side.n_sites == n_sites
        _, firsts = np.unique(side.positioned[chosen], return_index=True)
        sizes = np.unique(side.matrix[chosen][firsts], return_counts=True)[1]
        equal += float((sizes * (sizes - 1) / 2).sum())
        n_pairs += len(firsts) * (len(firsts) - 1) / 2
    return min(1.0, (equal + 1) / (n_pairs + 1))


def _same_places(n_sites: int, sequence_length: int, unevenness: float) -> float:
    """Return the chance that two windows have their sites at the same base pairs."""
    from scipy.special import gammaln

    if n_sites >= sequence_length:
        return 1.0
    ways = gammaln(sequence_length + 1) - gammaln(n_sites + 1) - gammaln(sequence_length - n_sites + 1)
    return float(min(1.0, np.exp(n_sites * np.log(unevenness) - ways)))
