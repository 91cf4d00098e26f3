"""Near copies: windows that are those of another split but for a genotype, a site, a shift or a direction.

Three neighbouring sites, told by how many haplotypes carry each and by the base
pairs between them, are the same in both directions, wherever they stand, in any
order of haplotypes. Two windows that share such triples are held against
chance as an alignment of sequences is: by the number of pairs of windows that
would share as much (Karlin & Altschul, 1990).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import inf, log

import numpy as np
from numpy.typing import NDArray

from selbench.audit.coincidence import FALSE_ALARM, MARGIN
from selbench.audit.sites import Sites
from selbench.audit.survey import Group, Survey
from selbench.run_folder import Finding

FEWEST_TRIPLES = 2
SMALLEST_SHARE = 0.05
"""Two windows are looked at where they share so many triples, and this share of those of the second."""

MOST_WINDOWS = 50
"""A triple that more windows have than this tells nothing about any."""

N_EXAMPLES = 3

_CHECK = "Near copies across splits"


@dataclass(frozen=True, eq=False)
class Rarity:
    """How often chance puts the same beside each other: logarithms of frequencies.

    Parameters
    ----------
    of_gap : mapping of int to float
        Of exactly this many base pairs, where many gaps are; else by their order of magnitude.
    of_octave : float64 (32,)
        Of a gap, by the number of binary digits of its length.
    of_triple : mapping of (carriers, carriers, carriers) to float
    """

    of_gap: dict[int, float]
    of_octave: NDArray[np.float64]
    of_triple: dict[tuple[int, int, int], float]
    of_unseen: float

    @classmethod
    def among(cls, sides: tuple[Sites, Sites]) -> Rarity:
        """Count gaps and carriers among the windows themselves."""
        gaps = np.concatenate([side.gaps[side.has_next] for side in sides])
        values, counts = np.unique(gaps, return_counts=True)
        octaves = np.bincount(_octave(gaps), minlength=33)[:33] + 1.0
        widths = 2.0 ** np.maximum(np.arange(33) - 1, 0)
        triples = np.concatenate([_carriers_of_triples(side) for side in sides])
        kinds, seen = np.unique(triples, axis=0, return_counts=True)
        total = len(triples) + 1
        return cls(
            {int(g): log(n / len(gaps)) for g, n in zip(values, counts, strict=True)},
            np.log(octaves / octaves.sum() / widths),
            {(a, b, c): log((n + 1) / total) for (a, b, c), n in zip(kinds.tolist(), seen, strict=True)},
            log(1 / total),
        )

    def of_run(self, sites: Sites, first: int, n_triples: int) -> float:
        """Return the logarithm of the chance that a run of triples is found where one begins.

        Carriers of the first triple, and every gap: what further sites carry is much the same as before,
        and so is a gap that repeats the one before it, as where positions are a row's number.
        """
        gaps = sites.gaps[first : first + n_triples + 1]
        carriers = sites.carriers[first : first + 3]
        a, b, c = min(carriers.tolist(), carriers[::-1].tolist())
        gaps = gaps[np.diff(gaps, prepend=-1) != 0]
        of_gaps = sum(
            max(self.of_gap.get(int(gap), -inf), float(self.of_octave[octave]))
            for gap, octave in zip(gaps, _octave(gaps), strict=True)
        )
        return self.of_triple.get((a, b, c), self.of_unseen) + of_gaps


@dataclass(frozen=True)
class NearCopy:
    """A window of one group that is much like a window of another.

    Parameters
    ----------
    window, partner : int
    n_shared, n_triples : int
    chance : float
        Pairs of windows that would share as much, by chance.
    """

    window: int
    partner: int
    n_shared: int
    n_triples: int
    chance: float


def near_copies_finding(survey: Survey) -> Finding:
    """Windows of two splits of a class that share runs of sites beyond chance."""
    lines: list[str] = []
    worst: tuple[float, str] = (0.0, "")
    n_examined = 0
    for label in survey.labels:
        for first, second in combinations(survey.of_class(label), 2):
            n_examined += len(second)
            copies = beyond_chance(near_copies(first, second))
            if copies:
                n = len({copy.window for copy in copies})
                share = n / len(second)
                said = f"{n:,} of {len(second):,} windows of {second.place} ({share:.1%})"
                worst = max(worst, (share, f"{said} are much like windows of {first.place}."))
                lines += [f"{said} share runs of sites with windows of {first.place}"]
                lines += [_said(copy, first, second) for copy in copies[:N_EXAMPLES]]
    if not lines:
        return Finding(_CHECK, "green", "No window shares more sites with another split than chance gives.")
    return Finding(
        _CHECK,
        "red",
        worst[1],
        tuple(lines),
        "A copy with a genotype or a site changed, shifted, mirrored or cut elsewhere is still a window that "
        "a method has learned by heart.",
        "Split first, by replicate or by region, then cut, augment or perturb windows.",
    )


def near_copies(first: Group, second: Group) -> list[NearCopy]:
    """Find the windows of the second group that share triples with one of the first, least by chance first.

    Windows that are identical altogether are left to the check that counts those.
    """
    a, b = first.sites, second.sites
    at_a, of_a = a.triples()
    at_b, of_b = b.triples()
    if not len(of_a) or not len(of_b):
        return []
    window_a, window_b = _window_of(a, at_a), _window_of(b, at_b)
    left, right = _shared(of_a, of_b)
    exact = first.identities.exact, second.identities.exact
    pairs = window_b[right] * np.int64(len(first)) + window_a[left]
    once = np.unique(np.stack([pairs, at_b[right]]), axis=1)  # however often a triple is there
    codes, starts, counts = np.unique(once[0], return_index=True, return_counts=True)
    windows, partners = codes // len(first), codes % len(first)
    n_triples = np.bincount(window_b, minlength=len(second))[windows]
    many = (counts >= FEWEST_TRIPLES) & (counts >= SMALLEST_SHARE * n_triples)
    many &= exact[1][windows] != exact[0][partners]
    if not many.any():
        return []
    rarity = Rarity.among((a, b))
    found = []
    for i in np.flatnonzero(many):
        shared = once[1, starts[i] : starts[i] + counts[i]]
        chance = log(len(first) * len(second)) + _chance(b, shared, rarity, a.n_sites[partners[i]])
        pair = int(windows[i]), int(partners[i])
        found.append(NearCopy(*pair, int(counts[i]), int(n_triples[i]), float(np.exp(min(chance, 50.0)))))
    return sorted(found, key=lambda copy: copy.chance)


def beyond_chance(copies: list[NearCopy]) -> list[NearCopy]:
    """Return those, of least chance first, that are together more than chance gives.

    So many pairs of at most such a chance have a probability below `FALSE_ALARM` (Poisson, with a margin).
    """
    from scipy.special import gammainc

    if not copies:
        return []
    counts = np.arange(1, len(copies) + 1)
    unlikely = gammainc(counts, MARGIN * np.array([copy.chance for copy in copies])) < FALSE_ALARM
    return copies[: int(np.flatnonzero(unlikely)[-1]) + 1] if unlikely.any() else []


def _chance(sites: Sites, shared: NDArray[np.int64], rarity: Rarity, n_partner: int) -> float:
    """Return the logarithm of the chance that two windows share a run of triples as rare as these hold.

    Parameters
    ----------
    shared : int64 (n_shared,)
        The first sites of the triples, sorted: a run goes from site to site.
    n_partner : int
        Sites of the other window.
    """
    places = log(2 * len(shared) * max(int(n_partner), 1))  # where it may begin in the other, two directions
    runs = np.split(shared, np.flatnonzero(np.diff(shared) != 1) + 1)
    return places + min(rarity.of_run(sites, int(run[0]), len(run)) for run in runs)


def _shared(
    of_a: NDArray[np.uint64], of_b: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the indices of equal digests, all pairs of them, but for digests that are all over."""
    order = np.argsort(of_a, kind="stable")
    low = np.searchsorted(of_a[order], of_b, side="left")
    counts = np.searchsorted(of_a[order], of_b, side="right") - low
    counts[counts > MOST_WINDOWS] = 0
    right = np.repeat(np.arange(len(of_b)), counts)
    within = np.arange(len(right)) - np.repeat(np.cumsum(counts) - counts, counts)
    return order[np.repeat(low, counts) + within], right


def _window_of(sites: Sites, at: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(np.searchsorted(sites.offsets, at, side="right") - 1, dtype=np.int64)


def _carriers_of_triples(sites: Sites) -> NDArray[np.uint32]:
    """Return the carriers of every triple, the smaller of both directions: uint32 (n_triples, 3)."""
    at = sites.starts
    triples = np.stack([sites.carriers[at], sites.carriers[at + 1], sites.carriers[at + 2]], axis=1)
    turned = triples[:, 0] > triples[:, 2]
    triples[turned] = triples[turned][:, ::-1]
    return triples


def _octave(gaps: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the number of binary digits of each gap: gaps of one octave are about equally likely."""
    return np.asarray(np.frexp(gaps.astype(np.float64))[1], dtype=np.int64)


def _said(copy: NearCopy, first: Group, second: Group) -> str:
    return (
        f"  {second.name_of(copy.window)} ~ {first.name_of(copy.partner)}: {copy.n_shared:,} of "
        f"{copy.n_triples:,} runs of three sites"
    )
