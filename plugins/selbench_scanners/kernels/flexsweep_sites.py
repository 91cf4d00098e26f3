"""Flex-sweep's statistics of a site and its neighbours (Lauterbur et al. 2023), all from one pass over pairs.

Each compares, at the sites around a focal one, the derived frequency among the focal site's derived
carriers, f_d of n_d, with that among the others, f_a of n_a, and with that in all, f_t.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from selbench_scanners.kernels.bits import Floats, Haplotypes, Wholes, Words, count_alleles, n_set, pack_sites

STATISTICS = ("dind", "hapdaf-o", "hapdaf-s", "sratio", "highfreq", "lowfreq")

MIN_FREQUENCY, MAX_FREQUENCY = 0.25, 0.95
"""Focal sites."""

_DIND_GUARD = 0.001
_RARE = 1e-7
_BOUND = 0.25  # of high and low frequencies, and of hapDAF-o
_STRICT_BOUND = 0.1  # of hapDAF-s


def site_statistics(
    haplotypes: Haplotypes, positions: Floats, *, window_bp: float = 50_000.0
) -> tuple[Wholes, Floats]:
    """Return the statistics of every focal site with a frequency from 0.25 to 0.95.

    Over the other sites at most half a window away:

    - ``dind`` (Barreiro et al. 2009): Σ f_a(1 − f_a)·n_a/(n_a − 1 + 0.001) over
      Σ f_d(1 − f_d)·n_d/(n_d − 1) + 0.001
    - ``hapdaf-o``, ``hapdaf-s``: mean of f_d² − f_a² where f_d > f_a, f_a ≤ b and f_t ≥ b, with
      b = 0.25 or 0.1
    - ``sratio``: Σ(1 + [0 < f_a < 1]) over Σ(1 + [0 < f_d < 1])
    - ``highfreq``: mean of f_d² where f_d > 0.25; ``lowfreq``: mean of (1 − f_d)² where f_d < 0.25

    Parameters
    ----------
    haplotypes : uint8 (n_sites, n)
        0 or 1.
    positions : float64 (n_sites,)
    window_bp : float

    Returns
    -------
    focal : int64 (n_focal,)
        Sites.
    values : float64 (n_focal, 6)
        As `STATISTICS`; NaN where no site around qualifies.
    """
    derived, _ = pack_sites(haplotypes)
    carriers, _ = count_alleles(haplotypes)
    n = haplotypes.shape[1]
    frequency = carriers / n
    focal = np.flatnonzero((frequency >= MIN_FREQUENCY) & (frequency <= MAX_FREQUENCY) & (carriers < n))
    first = np.searchsorted(positions, positions[focal] - window_bp / 2, side="left")
    last = np.searchsorted(positions, positions[focal] + window_bp / 2, side="right")
    return focal, _statistics(derived, carriers, n, focal, first, last)


@njit(cache=True, nogil=True)
def _statistics(derived: Words, carriers: Wholes, n: int, focal: Wholes, first: Wholes, last: Wholes) -> Any:
    values = np.full((len(focal), 6), np.nan)
    for row in range(len(focal)):
        site = focal[row]
        n_derived = carriers[site]
        n_ancestral = n - n_derived
        diversity_ancestral, diversity_derived = 0.0, 0.0
        varying_ancestral, varying_derived = 0, 0
        sums = np.zeros(4)  # hapDAF-o, hapDAF-s, highfreq, lowfreq
        counts = np.zeros(4)
        for other in range(first[row], last[row]):
            if other == site:
                continue
            both = 0
            for word in range(derived.shape[1]):
                both += n_set(derived[site, word] & derived[other, word])
            f_d = both / n_derived
            f_a = (carriers[other] - both) / n_ancestral
            f_t = carriers[other] / n
            diversity_ancestral += f_a * (1 - f_a) * n_ancestral / (n_ancestral - 1 + _DIND_GUARD)
            if n_derived > 1:
                diversity_derived += f_d * (1 - f_d) * n_derived / (n_derived - 1)
            varying_ancestral += 1 + (_RARE < f_a < 1)
            varying_derived += 1 + (_RARE < f_d < 1)
            for which in range(2):
                bound = _STRICT_BOUND if which else _BOUND
                if f_d > f_a and f_a <= bound and f_t >= bound:
                    sums[which] += f_d * f_d - f_a * f_a
                    counts[which] += 1
            if f_d > _BOUND:
                sums[2] += f_d * f_d
                counts[2] += 1
            if f_d < _BOUND:
                sums[3] += (1 - f_d) ** 2
                counts[3] += 1
        if last[row] - first[row] > 1:
            values[row, 0] = diversity_ancestral / (diversity_derived + _DIND_GUARD)
            values[row, 3] = varying_ancestral / varying_derived
        for which in range(4):
            if counts[which]:
                values[row, (1, 2, 4, 5)[which]] = sums[which] / counts[which]
    return values
