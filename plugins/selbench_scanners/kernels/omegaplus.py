"""OmegaPlus's ω (Kim and Nielsen 2004; Alachiotis et al. 2012): linkage within sides, not across."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from selbench_scanners.kernels.bits import Floats, Haplotypes, Wholes, Words, count_alleles, n_set, pack_sites
from selbench_scanners.kernels.sweed import whole_positions

__all__ = ["grid", "omega", "whole_positions"]

_FEWEST_SITES = 5
_GUARD = 1e-5


def grid(positions: Floats, n_points: int) -> Floats:
    """Return points from the first to the last site, added up step by step in single precision."""
    if len(positions) == 0:
        return np.empty(0)
    points = np.full(max(1, n_points), np.float32(positions[0]), dtype=np.float32)
    if n_points > 1:
        points[1:] = np.float32((positions[-1] - positions[0]) / (n_points - 1))
    return np.cumsum(points, dtype=np.float32).astype(np.float64)


def omega(
    haplotypes: Haplotypes, positions: Floats, points: Floats, *, min_window_bp: float, max_window_bp: float
) -> dict[str, Floats]:
    """Return the largest ω at each point, over left and right borders.

    ω = [(Σ_L + Σ_R)/(C(l, 2) + C(m, 2))] / [Σ_LR/(l·m) + 1e-5], with Σ of n·r² over the pairs of the l
    sites left of the point, of the m right of it, and across: so the guard is 1e-5/n in r².

    Parameters
    ----------
    haplotypes : uint8 (n_sites, n)
        0 or 1 throughout; r² with a site that does not vary is 0.
    positions : float64 (n_sites,)
        Base pairs.
    points : float64 (n_points,)
    min_window_bp, max_window_bp : float
        How far from the point a border lies on its side, at least and at most.

    Returns
    -------
    columns : dict of str to float64 (n_points,)
        ``position``, ``value`` (ω; NaN where a side has fewer than 5 sites within reach), ``left`` and
        ``right`` (border sites), ``valid`` (1 or 0).
    """
    derived, _ = pack_sites(haplotypes)
    carriers, _ = count_alleles(haplotypes)
    borders = _borders(points, positions, min_window_bp, max_window_bp)
    values, left, right = _largest(derived, carriers, haplotypes.shape[1], borders)
    valid = left >= 0
    at = np.append(positions, 0.0)
    return {
        "position": points,
        "value": np.where(valid, values, np.nan),
        "left": np.where(valid, at[left], np.nan),
        "right": np.where(valid, at[right], np.nan),
        "valid": valid.astype(np.float64),
    }


def _borders(points: Floats, positions: Floats, min_window_bp: float, max_window_bp: float) -> Wholes:
    """Return the sites (o, a₀, a₁, b₁, b₀) of each point, int64 (n_points, 5); −1 where there are too few.

    o is the last site at or before the point; left borders run from a₁ out to a₀, right ones from b₁ to b₀.
    """
    last = np.searchsorted(positions, points, side="right") - 1
    outer_left = np.searchsorted(positions, np.trunc(points - max_window_bp), side="left")
    outer_right = np.searchsorted(positions, np.trunc(points + max_window_bp), side="right") - 1
    inner_left = np.searchsorted(positions, np.trunc(points - min_window_bp), side="left")
    inner_right = np.searchsorted(positions, np.trunc(points + min_window_bp), side="right") - 1
    inner_left = np.minimum(inner_left, last - _FEWEST_SITES + 1)
    inner_right = np.maximum(inner_right, last + _FEWEST_SITES)
    invalid = (
        (inner_left < outer_left)
        | (inner_right > outer_right)
        | (last + 1 >= outer_right)
        | (last <= outer_left)
    )
    borders = np.column_stack([last, outer_left, inner_left, inner_right, outer_right])
    borders[invalid] = -1
    return np.asarray(borders, dtype=np.int64)


@njit(cache=True)
def _largest(derived: Words, carriers: Wholes, n: int, borders: Wholes) -> Any:
    """Return the largest ω of each point and its border sites; −1 where there is none."""
    n_points = len(borders)
    values = np.zeros(n_points)
    left, right = np.full(n_points, -1, dtype=np.int64), np.full(n_points, -1, dtype=np.int64)
    for point in range(n_points):
        last, outer_left, inner_left, inner_right, outer_right = borders[point]
        if last < 0:
            continue
        sums = _pair_sums(derived, carriers, n, outer_left, outer_right)
        middle = last - outer_left
        best = -1.0
        for a in range(inner_left - outer_left, -1, -1):
            sum_left = sums[middle, a]
            n_left = middle - a + 1
            pairs_left = n_left * (n_left - 1) // 2
            for b in range(inner_right - outer_left, outer_right - outer_left + 1):
                sum_right = sums[b, middle + 1]
                n_right = b - middle
                across = (sums[b, a] - sum_left - sum_right) / (n_left * n_right) + _GUARD
                within = (sum_left + sum_right) / (pairs_left + n_right * (n_right - 1) // 2)
                value = within / across
                if value > best:
                    best = value
                    left[point], right[point] = outer_left + a, outer_left + b
        values[point] = best
    return values, left, right


@njit(cache=True)
def _pair_sums(derived: Words, carriers: Wholes, n: int, first: int, last: int) -> Floats:
    """Return Σ n·r² over the pairs of the sites j … i for j ≤ i, float64 (n_sites, n_sites), rows i."""
    size = last - first + 1
    sums = np.zeros((size, size))
    for i in range(1, size):
        running = 0.0  # over the pairs of site i with those from j on
        for j in range(i - 1, -1, -1):
            running += n * r_squared(derived, carriers, n, first + i, first + j)
            sums[i, j] = sums[i - 1, j] + running
    return sums


@njit(cache=True)
def r_squared(derived: Words, carriers: Wholes, n: int, i: int, j: int) -> float:
    """Return r² of two sites (Hill and Robertson 1968); 0 if either does not vary."""
    variance = float(carriers[i] * (n - carriers[i])) * float(carriers[j] * (n - carriers[j]))
    if variance == 0:
        return 0.0
    both = 0
    for word in range(derived.shape[1]):
        both += n_set(derived[i, word] & derived[j, word])
    covariance = float(n * both - carriers[i] * carriers[j])
    return covariance * covariance / variance
