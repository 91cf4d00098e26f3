"""iHS and nSL: how far from a site its carriers stay alike, against the others (as selscan 3.0.0)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from selbench_scanners.kernels.bits import Floats, Haplotypes

LEAST_HOMOZYGOSITY = 0.05
"""An allele's homozygosity is integrated until it falls to this (Voight et al. 2006)."""

_GAP_SCALE_BP = 20_000.0
"""A longer gap between sites is weighed down as if it were this long."""

_FURTHEST_BP = 1_000_000.0
_FURTHEST_SITES = 100


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
    """Return iHH of both alleles, float64 (n_sites, 2), and whether no side met the end, bool (n_sites,)."""
    n_sites, n = haplotypes.shape
    areas, complete = np.zeros((n_sites, 2)), np.zeros(n_sites, dtype=np.bool_)
    order, spare = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    stops, spare_stops = np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int64)
    for core in range(n_sites):
        carriers = 0
        for j in range(n):
            carriers += haplotypes[core, j]
        if carriers < 2 or n - carriers < 2:
            continue
        complete[core] = True
        for direction in (-1, 1):
            reached_end = _walk(
                core, direction, carriers, haplotypes, positions, steps, by_sites,
                areas[core], order, spare, stops, spare_stops,
            )  # fmt: skip
            if reached_end:
                complete[core] = False
    return areas, complete


@njit(cache=True)
def _walk(
    core: int,
    direction: int,
    carriers: int,
    haplotypes: Haplotypes,
    positions: Floats,
    steps: Floats,
    by_sites: bool,
    areas: Floats,
    order: Any,
    spare: Any,
    stops: Any,
    spare_stops: Any,
) -> bool:
    """Add the areas on one side of a core site; tell whether the walk ended at the end of the sequence.

    Haplotypes stand in groups that are alike so far, those with the ancestral allele first. At each
    site a group parts into two; a haplotype that is alone, or whose allele is done, is left out.
    """
    n_sites, n = haplotypes.shape
    zero, one = 0, n - carriers
    for j in range(n):
        if haplotypes[core, j]:
            order[one] = j
            one += 1
        else:
            order[zero] = j
            zero += 1
    stops[0], stops[1] = n - carriers, n
    n_groups, n_ancestral_groups = 2, 1
    pairs_ancestral = float((n - carriers) * (n - carriers - 1))
    pairs_derived = float(carriers * (carriers - 1))
    ancestral, derived = 1.0, 1.0
    site = core
    while True:
        following = site + direction
        if following < 0 or following >= n_sites:
            return True
        if ancestral <= LEAST_HOMOZYGOSITY and derived <= LEAST_HOMOZYGOSITY:
            return False
        alike_ancestral, alike_derived = 0, 0
        start, placed, new_groups, new_ancestral_groups = 0, 0, 0, 0
        for group in range(n_groups):
            is_ancestral = group < n_ancestral_groups
            stop = stops[group]
            if (ancestral if is_ancestral else derived) <= LEAST_HOMOZYGOSITY:
                start = stop
                continue
            zero, one = placed, stop - start
            for k in range(start, stop):
                one -= haplotypes[following, order[k]]
            n_zero = one
            one += placed
            for k in range(start, stop):
                if haplotypes[following, order[k]]:
                    spare[one] = order[k]
                    one += 1
                else:
                    spare[zero] = order[k]
                    zero += 1
            n_one = stop - start - n_zero
            alike = n_zero * (n_zero - 1) + n_one * (n_one - 1)
            if is_ancestral:
                alike_ancestral += alike
            else:
                alike_derived += alike
            if n_zero == 1:  # a haplotype that is alone makes no pair any more
                for k in range(placed, placed + n_one):
                    spare[k] = spare[k + 1]
            if n_zero > 1:
                placed += n_zero
                spare_stops[new_groups] = placed
                new_groups += 1
                new_ancestral_groups += is_ancestral
            if n_one > 1:
                placed += n_one
                spare_stops[new_groups] = placed
                new_groups += 1
                new_ancestral_groups += is_ancestral
            start = stop
        order, spare = spare, order
        stops, spare_stops = spare_stops, stops
        n_groups, n_ancestral_groups = new_groups, new_ancestral_groups
        step = steps[min(site, following)]
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
            if abs(site - core) >= _FURTHEST_SITES:
                return False
        elif abs(positions[site] - positions[core]) >= _FURTHEST_BP:
            return False
