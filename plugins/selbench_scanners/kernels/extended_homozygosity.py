"""iHS and nSL: how far from a site its carriers stay alike, against the others (as selscan 3.0.0)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from selbench_scanners.kernels.bits import Floats, Haplotypes, Wholes

LEAST_HOMOZYGOSITY = 0.05
"""An allele's homozygosity is integrated until it falls to this (Voight et al. 2006)."""

_GAP_SCALE_BP = 20_000.0
"""A longer gap between sites is weighed down as if it were this long."""

_FURTHEST_BP = 1_000_000.0
_FURTHEST_SITES = 100
_UNBROKEN = np.iinfo(np.int64).max


def common_sites(carriers: Any, n: int, *, min_frequency: float = 0.05) -> Any:
    """Mark the sites whose rarer allele is frequent enough to be looked at, bool (n_sites,)."""
    frequency = carriers / n
    return np.minimum(frequency, 1 - frequency) >= min_frequency


def integrated(
    haplotypes: Haplotypes,
    positions: Floats,
    *,
    map_cm: Floats | None = None,
    by_sites: bool = False,
    keep_edges: bool = False,
) -> dict[str, Floats]:
    """Integrate the homozygosity of the carriers of either allele away from every common site.

    EHH of n_a carriers = Σ c(c − 1)/(n_a(n_a − 1)) over their kinds of c alike haplotypes from the core
    site to where one stands. iHH is the area under it by trapezia, on both sides, up to the step on
    which it falls to 0.05; within 1 Mb, or (nSL) 100 sites. A gap beyond 20 kb is scaled down to it.

    Parameters
    ----------
    haplotypes : uint8 (n_sites, n)
        Common sites alone: 0 or 1.
    positions : float64 (n_sites,)
        Base pairs.
    map_cm : float64 (n_sites,), optional
        Genetic positions; by default 1 cM per Mb.
    by_sites : bool
        Count sites instead of distance (nSL).
    keep_edges : bool
        Whether a site has a score though an integral reached the first or the last site.

    Returns
    -------
    columns : dict of str to float64 (n_scored,)
        ``position``, ``value`` (log₁₀ iHH₁/iHH₀, 1 derived), ``frequency`` (of the derived allele),
        ``ihh1``, ``ihh0``.
    """
    at = positions * 1e-6 if map_cm is None else map_cm
    steps = np.ones(max(len(positions) - 1, 0)) if by_sites else np.abs(np.diff(at))
    gaps = np.diff(positions)
    steps = steps * np.minimum(1.0, np.divide(_GAP_SCALE_BP, gaps, out=np.ones_like(gaps), where=gaps > 0))
    areas, complete = _areas(haplotypes, positions, steps, by_sites)
    scored = (areas > 0).all(axis=1) & (complete | keep_edges)
    carriers = haplotypes.sum(axis=1, dtype=np.int64)
    ihh0, ihh1 = areas[scored, 0], areas[scored, 1]
    return {
        "position": positions[scored],
        "value": np.log10(ihh1 / ihh0),
        "frequency": carriers[scored] / haplotypes.shape[1],
        "ihh1": ihh1,
        "ihh0": ihh0,
    }


@njit(cache=True, nogil=True)
def _areas(haplotypes: Haplotypes, positions: Floats, steps: Floats, by_sites: bool) -> Any:
    """Return iHH of both alleles, float64 (n_sites, 2), and whether no side met the end, bool (n_sites,).

    Pairs of haplotypes are never compared site by site. The positional Burrows–Wheeler transform (Durbin
    2014, algorithm 2) sorts haplotypes by what lies on one side of a site, so that the sites which a pair
    shares without a break are the fewest that neighbours between the two share.
    """
    n_sites, n = haplotypes.shape
    areas, complete = np.zeros((n_sites, 2)), np.zeros(n_sites, dtype=np.bool_)
    sharing = np.zeros(
        (2, n_sites + 2), dtype=np.int64
    )  # pairs of either allele, by the sites that they share
    stack = np.empty(n + 1, dtype=np.int64)
    for direction in (-1, 1):
        order, shared = np.arange(n), np.zeros(n, dtype=np.int64)
        next_order, next_shared = np.empty_like(order), np.empty_like(shared)
        for passed in range(n_sites):
            core = passed if direction < 0 else n_sites - 1 - passed
            n_ancestral = _sort_by_allele(haplotypes[core], order, shared, next_order, next_shared)
            order, next_order = next_order, order
            shared, next_shared = next_shared, shared
            if n_ancestral < 2 or n - n_ancestral < 2:
                continue
            _count_pairs(shared[:n_ancestral], stack, sharing[0], True)
            _count_pairs(shared[n_ancestral:], stack, sharing[1], True)
            reached_end = _integrate(
                core,
                direction,
                n_ancestral,
                n - n_ancestral,
                sharing,
                positions,
                steps,
                by_sites,
                areas[core],
            )
            complete[core] = not reached_end and (direction < 0 or complete[core])
            _count_pairs(shared[:n_ancestral], stack, sharing[0], False)
            _count_pairs(shared[n_ancestral:], stack, sharing[1], False)
    return areas, complete


@njit(cache=True)
def _sort_by_allele(
    row: Haplotypes, order: Wholes, shared: Wholes, next_order: Wholes, next_shared: Wholes
) -> int:
    """Advance the transform by one site, and return how many haplotypes have a 0 there."""
    n = len(row)
    zero, one = 0, n
    for j in range(n):
        one -= row[j]
    n_ancestral = one
    since_zero, since_one = -1, -1
    for k in range(n):
        since_zero, since_one = min(since_zero, shared[k]), min(since_one, shared[k])
        if row[order[k]]:
            next_order[one], next_shared[one] = order[k], since_one + 1
            since_one = _UNBROKEN
            one += 1
        else:
            next_order[zero], next_shared[zero] = order[k], since_zero + 1
            since_zero = _UNBROKEN
            zero += 1
    return n_ancestral


@njit(cache=True)
def _count_pairs(shared: Wholes, stack: Wholes, sharing: Wholes, counting: bool) -> None:
    """Count into ``sharing[l]`` the pairs that share exactly l sites; or set the same entries back to 0.

    A neighbour's number is the least around it for as many pairs as the haplotypes make that stand between
    the next smaller one before it and that after it.
    """
    top = 0
    stack[0] = 0
    for k in range(1, len(shared) + 1):
        limit = shared[k] if k < len(shared) else -1
        while top > 0 and shared[stack[top]] >= limit:
            at = stack[top]
            top -= 1
            if counting:
                sharing[shared[at]] += (at - stack[top]) * (k - at)
            else:
                sharing[shared[at]] = 0
        top += 1
        stack[top] = k


@njit(cache=True)
def _integrate(
    core: int,
    direction: int,
    n_ancestral: int,
    n_derived: int,
    sharing: Wholes,
    positions: Floats,
    steps: Floats,
    by_sites: bool,
    areas: Floats,
) -> bool:
    """Add the areas on one side of a core site; tell whether the walk ended at the end of the sequence."""
    n_sites = len(positions)
    pairs_ancestral, pairs_derived = n_ancestral * (n_ancestral - 1) // 2, n_derived * (n_derived - 1) // 2
    alike_ancestral, alike_derived = pairs_ancestral, pairs_derived
    ancestral, derived = 1.0, 1.0
    distance, site = 0, core
    while True:
        following = site + direction
        if following < 0 or following >= n_sites:
            return True
        if ancestral <= LEAST_HOMOZYGOSITY and derived <= LEAST_HOMOZYGOSITY:
            return False
        distance += 1
        step = steps[min(site, following)]
        alike_ancestral -= sharing[0, distance]
        alike_derived -= sharing[1, distance]
        if ancestral > LEAST_HOMOZYGOSITY:
            now = alike_ancestral / pairs_ancestral
            areas[0] += step * (ancestral + now) / 2
            ancestral = now
        if derived > LEAST_HOMOZYGOSITY:
            now = alike_derived / pairs_derived
            areas[1] += step * (derived + now) / 2
            derived = now
        site = following
        if by_sites:
            if distance >= _FURTHEST_SITES:
                return False
        elif abs(positions[site] - positions[core]) >= _FURTHEST_BP:
            return False
