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
_SPARE_SITES = 512
_BLOCK_SHARE = 12
"""Right borders are ruled out together that add one site in so many to their side."""
_NEARLY = 1 - 1e-9
"""Rounding never rules out the largest ω."""


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


@njit(cache=True, nogil=True)
def _largest(derived: Words, carriers: Wholes, n: int, borders: Wholes) -> Any:
    """Return the largest ω of each point and its border sites; −1 where there is none.

    Points share pairs of sites: sums are kept from point to point while their reach overlaps.
    """
    n_points = len(borders)
    values = np.zeros(n_points)
    left, right = np.full(n_points, -1, dtype=np.int64), np.full(n_points, -1, dtype=np.int64)
    widest = 0
    for point in range(n_points):
        widest = max(widest, borders[point, 4] - borders[point, 1] + 1)
    size = min(widest + _SPARE_SITES, len(carriers))
    sums = np.empty((size, size))  # of the pairs of sites from j (column) to i (row), from a first site on
    origin, filled = 0, 0  # the site of the first row, and that up to which rows are known
    reciprocals = 1 / np.maximum(carriers * (n - carriers), 1).astype(np.float64)
    reciprocals[(carriers == 0) | (carriers == n)] = 0.0
    trial, like = np.empty(widest), np.zeros(2, dtype=np.int64)
    for point in range(n_points):
        last, outer_left, inner_left, inner_right, outer_right = borders[point]
        if last < 0:
            continue
        if outer_left > filled:
            origin, filled = outer_left, outer_left
        elif outer_right - origin >= size:
            shift, n_kept = outer_left - origin, filled - outer_left + 1
            sums[:n_kept, :n_kept] = sums[shift : shift + n_kept, shift : shift + n_kept].copy()
            origin = outer_left
        _extend(sums, origin, filled, outer_left, outer_right, derived, carriers, reciprocals, n)
        filled = max(filled, outer_right)
        values[point], left[point], right[point] = _best_borders(
            sums, last - origin, inner_left - origin, outer_left - origin, inner_right - origin,
            outer_right - origin, trial, like - origin,
        )  # fmt: skip
        left[point] += origin
        right[point] += origin
        like[0], like[1] = left[point], right[point]
    return values, left, right


@njit(cache=True)
def _best_borders(
    sums: Floats,
    last: int,
    inner_left: int,
    outer_left: int,
    inner_right: int,
    outer_right: int,
    trial: Floats,
    like: Wholes,
) -> Any:
    """Return the largest ω over both borders, and these: of equal ones those nearest to the point.

    Right borders are looked at one by one only where some left border may reach the largest ω so far, or
    that at the borders `like` (those of the point before).
    """
    n_trials = inner_left - outer_left + 1
    lefts = sums[last, outer_left : inner_left + 1]
    pairs_left, share_left = np.empty(n_trials), np.empty(n_trials)
    for k in range(n_trials):
        n_left = last - outer_left + 1 - k
        pairs_left[k], share_left[k] = n_left * (n_left - 1) / 2, 1 / n_left
    guess = min(max(like[0], outer_left), inner_left) - outer_left
    row = min(max(like[1], inner_right), outer_right)
    _try_left_borders(sums, row, last, outer_left, lefts, pairs_left, share_left, trial)
    least = trial[guess] * _NEARLY
    best, best_left, best_right = -1.0, 0, 0
    b = inner_right
    while b <= outer_right:
        block = min(b + (b - last) // _BLOCK_SHARE, outer_right)
        if _highest_excess(sums, b, block, last, outer_left, lefts, pairs_left, share_left, least) < 0:
            b = block + 1
            continue
        for row in range(b, block + 1):
            _try_left_borders(sums, row, last, outer_left, lefts, pairs_left, share_left, trial)
            if _highest(trial, n_trials) < best:
                continue
            for k in range(n_trials - 1, -1, -1):
                if trial[k] > best or (trial[k] == best and outer_left + k > best_left):
                    best, best_left, best_right = trial[k], outer_left + k, row
        least = max(least, best * _NEARLY)
        b = block + 1
    return best, best_left, best_right


@njit(cache=True)
def _try_left_borders(
    sums: Floats,
    b: int,
    last: int,
    outer_left: int,
    lefts: Floats,
    pairs_left: Floats,
    share_left: Floats,
    trial: Floats,
) -> None:
    """Write ω of every left border with the right border b."""
    m = float(b - last)
    pairs_right, share_right, sum_right = m * (m - 1) / 2, 1 / m, sums[b, last + 1]
    across = sums[b, outer_left : outer_left + len(lefts)]
    for k in range(len(lefts)):
        within = lefts[k] + sum_right
        mean_across = (across[k] - within) * share_left[k] * share_right
        trial[k] = within / ((pairs_left[k] + pairs_right) * (mean_across + _GUARD))


@njit(cache=True, fastmath={"nnan", "nsz", "reassoc", "contract"})
def _highest_excess(
    sums: Floats,
    first: int,
    block: int,
    last: int,
    outer_left: int,
    lefts: Floats,
    pairs_left: Floats,
    share_left: Floats,
    least: float,
) -> float:
    """Return a number below 0 where no right border from `first` to `block` has an ω of `least`.

    Sums only grow with the right border: of these ω none exceeds that with the linkage within sides and
    the number of pairs across of the last, and the linkage across and the pairs within sides of the first.
    """
    m = float(first - last)
    pairs_right, share_right = m * (m - 1) / 2, 1 / float(block - last)
    right_of_first, right_of_block = sums[first, last + 1], sums[block, last + 1]
    across = sums[first, outer_left : outer_left + len(lefts)]
    highest = -1.0
    for k in range(len(lefts)):
        mean_across = (across[k] - lefts[k] - right_of_first) * share_left[k] * share_right
        lowest = (pairs_left[k] + pairs_right) * (mean_across + _GUARD)
        highest = max(highest, lefts[k] + right_of_block - least * lowest)
    return highest


@njit(cache=True, fastmath={"nnan", "nsz", "reassoc"})
def _highest(values: Floats, n_values: int) -> float:
    """Return the largest of some numbers, none of which is NaN: so it is done four at a time."""
    highest = -1.0
    for k in range(n_values):
        highest = max(highest, values[k])
    return highest


@njit(cache=True)
def _extend(
    sums: Floats,
    origin: int,
    filled: int,
    first: int,
    last: int,
    derived: Words,
    carriers: Wholes,
    reciprocals: Floats,
    n: int,
) -> None:
    """Add the rows of sites after `filled`, up to `last`: Σ n·r² over the pairs from column j on.

    r² = (n·n₁₁ − ab)²/(a(n − a)·b(n − b)) of sites with a and b carriers, n₁₁ of both (Hill and Robertson
    1968); 0 if either does not vary.
    """
    if filled == first:
        sums[first - origin, first - origin] = 0.0
    for i in range(filled + 1, last + 1):
        running = 0.0  # over the pairs of site i with those from j on
        row, previous = sums[i - origin], sums[i - origin - 1]
        row[i - origin] = 0.0
        scale = n * reciprocals[i]
        for j in range(i - 1, first - 1, -1):
            both = 0
            for word in range(derived.shape[1]):
                both += n_set(derived[i, word] & derived[j, word])
            covariance = float(n * both - carriers[i] * carriers[j])
            running += covariance * covariance * reciprocals[j] * scale
            row[j - origin] = previous[j - origin] + running
