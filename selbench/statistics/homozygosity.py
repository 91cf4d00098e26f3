"""Kernels for the decay of haplotype homozygosity around a site: nSL and iHS.

Pairs of haplotypes are never visited one by one. The positional Burrows–Wheeler
transform (Durbin 2014, algorithm 2) keeps haplotypes sorted by what precedes a
site, so that the sites which a pair shares without a break are the smallest of
the lengths shared by the neighbours between them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

MIN_FREQUENCY = 0.05
"""Sites whose minor allele is rarer have no score."""

MIN_EHH = 0.05
"""Homozygosity is integrated until it falls to this (Voight et al. 2006)."""

GAP_SCALE_BP = 20_000.0
"""Longer gaps between sites count as this long (Voight et al. 2006)."""

MAX_GAP_BP = 200_000.0
"""An integral that would bridge a longer gap is undefined (Voight et al. 2006)."""

_UNBROKEN = np.iinfo(np.int64).max


def largest_nsl(haplotypes: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return max |ln(SL₁/SL₀)| of every window (Ferrer-Admetlla et al. 2014); 0 where undefined.

    Parameters
    ----------
    haplotypes : uint8 (total_sites, n)
        Segregating sites only.
    offsets : int64 (n_windows + 1,)

    Returns
    -------
    largest : float64 (n_windows,)
    """
    return _largest_log(_extreme_ratios(haplotypes, np.empty(0), offsets))


def largest_ihs(
    haplotypes: NDArray[np.uint8], positions: NDArray[np.float64], offsets: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return max |ln(iHH₁/iHH₀)| of every window (Voight et al. 2006); 0 where undefined.

    Parameters
    ----------
    haplotypes : uint8 (total_sites, n)
        Segregating sites only.
    positions : float64 (total_sites,)
        Base pairs.
    offsets : int64 (n_windows + 1,)

    Returns
    -------
    largest : float64 (n_windows,)
    """
    gaps = np.append(np.diff(positions), 0.0)[: len(positions)]
    long, too_long = gaps > GAP_SCALE_BP, gaps > MAX_GAP_BP
    gaps[long] *= GAP_SCALE_BP / gaps[long]
    gaps[too_long] = -1
    return _largest_log(_extreme_ratios(haplotypes, gaps, offsets))


def _largest_log(ratios: NDArray[np.float64]) -> NDArray[np.float64]:
    # one logarithm of each extreme, by numpy: the same bits as the logarithm of every site's ratio
    largest: NDArray[np.float64] = np.abs(np.log(ratios)).max(axis=1)
    return largest


@njit(cache=True)
def _extreme_ratios(
    haplotypes: NDArray[np.uint8], gaps: NDArray[np.float64], offsets: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the smallest (1 at most) and the largest (1 at least) ratio, float64 (n_windows, 2).

    `gaps` (total_sites,) leads from each site to the next; without any, sites are
    counted (nSL) instead of base pairs (iHS).
    """
    n_windows = len(offsets) - 1
    ratios = np.ones((n_windows, 2))
    for window in range(n_windows):
        rows = haplotypes[offsets[window] : offsets[window + 1]]
        window_gaps = gaps[offsets[window] : offsets[window + 1]]
        n_sites = len(rows)
        scores = np.zeros((2, n_sites))
        _scan(rows, window_gaps, False, scores)
        _scan(rows, window_gaps, True, scores)
        for site in range(n_sites):
            ancestral, derived = scores[0, site], scores[1, site]
            if ancestral > 0 and derived > 0:
                ratio = derived / ancestral
                ratios[window, 0] = min(ratios[window, 0], ratio)
                ratios[window, 1] = max(ratios[window, 1], ratio)
    return ratios


@njit(cache=True)
def _scan(
    rows: NDArray[np.uint8], gaps: NDArray[np.float64], backward: bool, scores: NDArray[np.float64]
) -> None:
    """Add to `scores` (2, n_sites) what each allele's carriers share on one side of each common site."""
    n_sites, n = rows.shape
    order, shared = np.arange(n), np.zeros(n, dtype=np.int64)
    next_order, next_shared = np.empty_like(order), np.empty_like(shared)
    stack = np.empty(n + 1, dtype=np.int64)
    pairs_sharing = np.zeros(n_sites + 1, dtype=np.int64)
    for step in range(n_sites):
        site = n_sites - 1 - step if backward else step
        n_ancestral = _sort_by_allele(rows[site], order, shared, next_order, next_shared)
        order, next_order = next_order, order
        shared, next_shared = next_shared, shared
        if min(n_ancestral, n - n_ancestral) / n < MIN_FREQUENCY:
            continue
        for allele, first, last in ((0, 0, n_ancestral), (1, n_ancestral, n)):
            n_pairs = (last - first) * (last - first - 1) // 2
            if n_pairs == 0:
                scores[allele, site] = np.nan
            elif len(gaps) == 0:
                scores[allele, site] += _total_shared(shared[first:last], stack) / n_pairs
            else:
                _count_pairs_sharing(shared[first:last], stack, pairs_sharing[: step + 2])
                scores[allele, site] += _integrated_homozygosity(
                    pairs_sharing, n_pairs, gaps, site, step, backward
                )


@njit(cache=True)
def _sort_by_allele(
    row: NDArray[np.uint8],
    order: NDArray[np.int64],
    shared: NDArray[np.int64],
    next_order: NDArray[np.int64],
    next_shared: NDArray[np.int64],
) -> Any:
    """Advance the transform by one site; return how many haplotypes carry a 0.

    ``shared[k]`` is the number of sites up to here that haplotypes ``order[k]``
    and ``order[k - 1]`` share without a break.
    """
    n = len(row)
    n_ancestral = n - np.int64(row.sum())
    zero, one = 0, n_ancestral
    since_zero, since_one = -1, -1
    for k in range(n):
        since_zero = min(since_zero, shared[k])
        since_one = min(since_one, shared[k])
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
def _total_shared(shared: NDArray[np.int64], stack: NDArray[np.int64]) -> int:
    """Sum the shared lengths of all pairs: for each entry, its value times the pairs it limits."""
    total, top = 0, 0
    stack[0] = 0
    for k in range(1, len(shared) + 1):
        limit = shared[k] if k < len(shared) else -1
        while top > 0 and shared[stack[top]] >= limit:
            at = stack[top]
            top -= 1
            total += shared[at] * (at - stack[top]) * (k - at)
        top += 1
        stack[top] = k
    return total


@njit(cache=True)
def _count_pairs_sharing(
    shared: NDArray[np.int64], stack: NDArray[np.int64], pairs_sharing: NDArray[np.int64]
) -> None:
    """Count the pairs that share exactly ℓ sites into ``pairs_sharing[ℓ]``."""
    pairs_sharing[:] = 0
    top = 0
    stack[0] = 0
    for k in range(1, len(shared) + 1):
        limit = shared[k] if k < len(shared) else -1
        while top > 0 and shared[stack[top]] >= limit:
            at = stack[top]
            top -= 1
            pairs_sharing[shared[at]] += (at - stack[top]) * (k - at)
        top += 1
        stack[top] = k


@njit(cache=True)
def _integrated_homozygosity(
    pairs_sharing: NDArray[np.int64],
    n_pairs: int,
    gaps: NDArray[np.float64],
    site: int,
    step: int,
    backward: bool,
) -> Any:
    """Integrate the share of pairs still alike, by trapezia, away from a site.

    Stops where it falls to `MIN_EHH`, or at the window's edge; NaN across a gap
    that is too long.
    """
    area, previous, alike = 0.0, 1.0, n_pairs
    for distance in range(1, step + 1):
        alike -= pairs_sharing[distance]
        homozygosity = alike / n_pairs
        gap = gaps[site + distance - 1] if backward else gaps[site - distance]
        if gap < 0:
            return np.nan
        area += gap * (homozygosity + previous) / 2
        if homozygosity <= MIN_EHH:
            break
        previous = homozygosity
    return area
