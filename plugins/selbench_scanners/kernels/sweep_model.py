"""What a complete sweep makes of a spectrum at a distance (Nielsen et al. 2005), and where that fits best.

Shared by SweepFinder2 and SweeD, which differ in knots, interpolation and rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from selbench_scanners.kernels.bits import Floats, Wholes
from selbench_scanners.kernels.spectra import log_choose

FURTHEST = 12.0
"""A site is touched by a sweep of strength α up to the distance D where αD reaches this."""

FIRST_VALUES = 100
LATER_VALUES = 5
"""How many α are tried from the faintest sweep to the narrowest, and then between neighbours of the best."""

_PRECISION = 1e-6


def subsampled(spectrum: Floats) -> Floats:
    """Return P(j, s), the chance of j derived among s of the N alleles, float64 (N + 1, N + 1), rows s.

    Leaving out one allele at a time: P(j, s) = [P(j, s + 1)·(s + 1 − j) + P(j + 1, s + 1)·(j + 1)]/(s + 1),
    which is Σ_i p_i C(i, j)·C(N − i, s − j)/C(N, s).
    """
    n = len(spectrum) - 1
    chances = np.zeros((n + 1, n + 1))
    chances[n] = spectrum
    j = np.arange(n)
    for s in range(n - 1, -1, -1):
        chances[s, :-1] = (chances[s + 1, :-1] * (s + 1 - j) + chances[s + 1, 1:] * (j + 1)) / (s + 1)
        chances[s, s + 1 :] = 0
    return chances


def after_sweep(spectrum: Floats, scaled_distances: Floats) -> Floats:
    """Return the spectrum at scaled distances d = αD from a sweep that has just been completed.

    Each of N lineages escapes with probability 1 − e^{−d}. With k escaped ones the sample descends from
    k + 1 lineages before the sweep (Nielsen et al. 2005, eq. 6), one of which N − k alleles are copies of.

    Parameters
    ----------
    spectrum : float64 (N + 1,)
    scaled_distances : float64 (n_distances,)

    Returns
    -------
    spectra : float64 (n_distances, N + 1)
        Summing to what `spectrum` sums to, sites that the sweep made monomorphic included.
    """
    n = len(spectrum) - 1
    chances = subsampled(spectrum)
    given_escaped = np.zeros((n + 1, n + 1))  # row k, column b
    given_escaped[n] = spectrum
    b = np.arange(n + 1)
    for k in range(n):  # escaped
        ancestors = k + 1
        swept_derived = b + 1 - n + k  # ancestral lineages that are derived, where the swept one is
        possible = (swept_derived >= 1) & (swept_derived <= ancestors)
        j = np.where(possible, swept_derived, 0)
        given_escaped[k] = np.where(possible, chances[ancestors, j] * j / ancestors, 0)
        j = np.minimum(b, ancestors)
        given_escaped[k] += np.where(b <= k, chances[ancestors, j] * (ancestors - j) / ancestors, 0)
    d = np.asarray(scaled_distances)[:, None]
    escaped = np.arange(n + 1)[None, :]
    escaping = np.exp(log_choose(n)[n][None, :] + escaped * np.log(-np.expm1(-d)) - d * (n - escaped))
    spectra: Floats = escaping @ given_escaped
    return spectra


@dataclass(frozen=True, eq=False)
class DistanceTable:
    """Probabilities of classes of sites as piecewise polynomials of the scaled distance.

    Parameters
    ----------
    knots : float64 (n_knots,)
    polynomials : float64 (n_knots - 1, n_rows, 4)
        Coefficients of 1, u, u², u³ with u = 0 … 1 between a knot and the next.
    """

    knots: Floats
    polynomials: Floats

    @property
    def inverse_widths(self) -> Floats:
        """1 over the distance from each knot to the next, float64 (n_knots - 1,)."""
        return np.asarray(1 / np.diff(self.knots))

    @classmethod
    def cubic(cls, knots: Floats, values: Floats) -> DistanceTable:
        """Interpolate values (n_knots, n_rows) by natural cubic splines; (0, 1) is left by none."""
        from scipy.interpolate import CubicSpline

        widths = np.diff(knots)[:, None]
        falling = CubicSpline(knots, values, axis=0, bc_type="natural").c  # (4, n_knots - 1, n_rows)
        return cls(knots, np.stack([falling[3 - power] * widths**power for power in range(4)], axis=-1))

    @classmethod
    def linear(cls, knots: Floats, values: Floats) -> DistanceTable:
        """Interpolate values (n_knots, n_rows) by straight lines."""
        nothing = np.zeros_like(values[:-1])
        return cls(knots, np.stack([values[:-1], np.diff(values, axis=0), nothing, nothing], axis=-1))


class Evidence(NamedTuple):
    """What a point of a grid is judged by.

    Attributes
    ----------
    sites : float64 (n_sites,)
        Coordinates in order, as those of the points.
    rows : int64 (n_sites,)
        Row of the table for each site.
    inverse_background : float64 (n_sites,)
        1 over the probability of each site without a sweep.
    weights : float64 (n_sites,)
        How many sites each stands for.
    knots, inverse_widths, polynomials
        A `DistanceTable`.
    nearest : float
        Distances are no shorter.
    """

    sites: Floats
    rows: Wholes
    inverse_background: Floats
    weights: Floats
    knots: Floats
    inverse_widths: Floats
    polynomials: Floats
    nearest: float


@njit(cache=True, nogil=True)
def scan_points(points: Floats, evidence: Evidence, extension: int) -> Any:
    """Find at every point the strength α of a sweep there that the sites make most likely.

    Parameters
    ----------
    points : float64 (n_points,)
    evidence : Evidence
    extension : int
        By how many steps the first 100 α are extended to wider sweeps where the widest fits best.

    Returns
    -------
    ratios, strengths : float64 (n_points,)
        ln of the likelihood ratio, and α.
    """
    ratios, strengths = np.zeros(len(points)), np.zeros(len(points))
    for i in range(len(points)):
        middle = np.searchsorted(evidence.sites, points[i])
        ratios[i], strengths[i] = _most_likely(points[i], middle, evidence, extension)
    return ratios, strengths


@njit(cache=True)
def _distances(point: float, evidence: Evidence) -> Any:
    """Return the mean, the smallest and the largest distance of sites from a point."""
    total, n_sites, closest, furthest = 0.0, 0.0, np.inf, 0.0
    for site in range(len(evidence.sites)):
        distance = max(abs(evidence.sites[site] - point), evidence.nearest)
        total += evidence.weights[site] * distance
        n_sites += evidence.weights[site]
        closest, furthest = min(closest, distance), max(furthest, distance)
    return total / n_sites, closest, furthest


@njit(cache=True)
def _most_likely(point: float, middle: int, evidence: Evidence, extension: int) -> Any:
    """Return the highest log ratio and its α: 100 values, then 5 between the neighbours of the best."""
    n_values = FIRST_VALUES
    values, ratios = np.empty(n_values), np.empty(n_values)
    mean, closest, furthest = _distances(point, evidence)
    low, high = FURTHEST / mean, 13.0 / closest
    while True:
        step = np.log(high / low) / (n_values - 1)
        best = 0
        for i in range(n_values):
            values[i] = low * np.exp(i * step)
            ratios[i] = log_ratio(values[i], point, middle, evidence)
            if ratios[i] > ratios[best]:
                best = i
        if (high - low) / ((high + low) / 2) <= _PRECISION:
            return ratios[best], values[best]
        if best == 0 and values[0] * furthest < evidence.knots[0]:
            return ratios[0], values[0]  # a sweep so wide that all sites are alike: wider ones are too
        if best == 0:
            low, high = values[0] * np.exp(-extension * step), values[1]
        elif best == n_values - 1:
            low, high = values[best - 1], values[best] + (values[best] - values[best - 1])
        else:
            low, high = values[best - 1], values[best + 1]
        n_values = extension = LATER_VALUES


@njit(cache=True)
def log_ratio(strength: float, point: float, middle: int, evidence: Evidence) -> float:
    """Return Σ ln(p*/p) over the sites within reach of a sweep of one strength at one point.

    Outwards on either side the scaled distance grows, so the interval of the table is never
    searched for. Ratios are multiplied, and a logarithm is taken only where a product gets extreme.
    """
    sites, rows, weights = evidence.sites, evidence.rows, evidence.weights
    knots, widths, polynomials = evidence.knots, evidence.inverse_widths, evidence.polynomials
    inverse_background, nearest = evidence.inverse_background, evidence.nearest
    n_sites, lowest = len(sites), knots[0]
    total, product = 0.0, 1.0
    for side in range(2):
        site, step = (middle, 1) if side else (middle - 1, -1)
        interval, start, end, inverse_width = 0, lowest, knots[1], widths[0]
        while 0 <= site < n_sites:
            scaled = strength * max((sites[site] - point) * step, nearest)
            if scaled >= FURTHEST:
                break
            if scaled > end:
                while scaled > knots[interval + 1]:
                    interval += 1
                start, end, inverse_width = knots[interval], knots[interval + 1], widths[interval]
            row = rows[site]
            u = max(scaled - start, 0.0) * inverse_width
            probability = polynomials[interval, row, 0] + u * (
                polynomials[interval, row, 1]
                + u * (polynomials[interval, row, 2] + u * polynomials[interval, row, 3])
            )
            if not 0.0 < probability < 1.0:
                a = polynomials[interval, row]
                probability = a[0] + u * (a[1] + a[2] + a[3])
            ratio = probability * inverse_background[site]
            if weights[site] == 1.0:
                product *= ratio
                if not 1e-200 < product < 1e200:
                    total += np.log(product)
                    product = 1.0
            else:
                total += weights[site] * np.log(ratio)
            site += step
    return float(total + np.log(product))
