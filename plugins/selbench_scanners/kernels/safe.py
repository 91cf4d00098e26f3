"""SAFE and iSAFE (Akbari et al. 2018): which site of a sweep is the favoured one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from selbench_scanners.kernels.bits import Floats, Haplotypes, Wholes

MAX_FREQUENCY = 0.95
"""iSAFE has no value for sites that are more frequent: too few haplotypes are without them."""

_CANDIDATES = 15


def allele_frequency_scores(haplotypes: Haplotypes) -> Wholes:
    """Return HAF of each haplotype (Ronen et al. 2015), int64 (n,): Σ of x over its derived sites."""
    carriers = haplotypes.sum(axis=1, dtype=np.int64)
    scores: Wholes = carriers @ haplotypes.astype(np.int64)
    return scores


def phi_kappa(haplotypes: Haplotypes, scores: Wholes) -> tuple[Floats, Floats, Floats]:
    """Return φ, κ and f of each site, float64 (n_sites,) each.

    φ is the carriers' share of all HAF scores, κ their share of the distinct scores, f their share of
    the haplotypes.
    """
    carriers = haplotypes.sum(axis=1, dtype=np.int64)
    total = int(scores.sum())
    levels, level = np.unique(scores, return_inverse=True)
    phi = (haplotypes.astype(np.int64) @ scores) / max(total, 1)
    kappa = _distinct_levels(haplotypes, level.reshape(-1), len(levels)) / len(levels)
    return phi, kappa, carriers / haplotypes.shape[1]


@njit(cache=True)
def _distinct_levels(haplotypes: Haplotypes, level: Wholes, n_levels: int) -> Any:
    """Count the distinct levels among the carriers of each site, float64 (n_sites,)."""
    counts = np.zeros(len(haplotypes))
    seen_at = np.full(n_levels, -1, dtype=np.int64)
    for site in range(len(haplotypes)):
        for j in range(haplotypes.shape[1]):
            if haplotypes[site, j] and seen_at[level[j]] != site:
                seen_at[level[j]] = site
                counts[site] += 1
    return counts


def safe(haplotypes: Haplotypes, positions: Floats) -> dict[str, Floats]:
    """Return the SAFE score of every site.

    P₁ = (φ − κ)/√(κ(1 − κ)) and P₂ = (φ − κ)/√(f(1 − f)), a 0 under the root counting as 1;
    SAFE = (1 − ν)·P₁ + ν·P₂ with ν the frequency of the first site of the highest P₁.

    Parameters
    ----------
    haplotypes : uint8 (n_sites, n)
        Sites that vary: 0 or 1.
    positions : float64 (n_sites,)

    Returns
    -------
    columns : dict of str to float64 (n_sites,)
        ``position``, ``value``, ``frequency``, ``phi``, ``kappa``.
    """
    phi, kappa, frequency = phi_kappa(haplotypes, allele_frequency_scores(haplotypes))
    columns = {"frequency": frequency, "phi": phi, "kappa": kappa}
    return {"position": positions, "value": _safe(phi, kappa, frequency)} | columns


def _safe(phi: Floats, kappa: Floats, frequency: Floats) -> Floats:
    if len(phi) == 0:
        return np.empty(0)
    first = (phi - kappa) / _root(kappa)
    weight = frequency[int(first.argmax())]
    return np.asarray((1 - weight) * first + weight * (phi - kappa) / _root(frequency))


def _root(share: Floats) -> Floats:
    variance = share * (1 - share)
    return np.sqrt(np.where(variance > 0, variance, 1.0))


def isafe(
    haplotypes: Haplotypes,
    positions: Floats,
    *,
    window_sites: int = 300,
    step_sites: int = 150,
    top: int = 1,
) -> dict[str, Floats]:
    """Return the iSAFE score of the candidates: sites of high SAFE in windows that slide along the sequence.

    Each window puts its `top` sites by SAFE into a first set, and the rest of its best 15 into a
    second. ψ(site, window) = max(0, (φ − κ)/√(f(1 − f))) of a site, by the HAF scores of a window; window w
    weighs α_w = Σ_{first set} ψ over the sum of these; iSAFE = Σ_w α_w·ψ.

    Parameters
    ----------
    haplotypes : uint8 (n_sites, n)
        Sites that vary: 0 or 1.
    positions : float64 (n_sites,)
    window_sites, step_sites, top : int

    Returns
    -------
    columns : dict of str to float64 (n_candidates,)
        ``position``, ``value``, ``frequency``: candidates below a frequency of 0.95, in order of position.
    """
    starts = np.arange(0, max(0, len(positions) - window_sites), step_sites)
    scores, best, others = [], set(), set()
    for start in starts.tolist():
        window = haplotypes[start : start + window_sites]
        scores.append(allele_frequency_scores(window))
        values = _safe(*phi_kappa(window, scores[-1]))
        ranked = (start + np.argsort(-values, kind="stable")).tolist()
        best |= set(ranked[:top])
        others |= set(ranked[:_CANDIDATES])
    candidates = np.array(sorted(best | others), dtype=np.int64)
    psi = np.zeros((len(candidates), len(starts)))
    for column, of_window in enumerate(scores):
        phi, kappa, frequency = phi_kappa(haplotypes[candidates], of_window)
        psi[:, column] = np.maximum(0.0, (phi - kappa) / _root(frequency))
    weights = psi[np.isin(candidates, sorted(best))].sum(axis=0)
    values = psi @ (weights / weights.sum()) if weights.sum() > 0 else np.zeros(len(candidates))
    frequency = haplotypes[candidates].mean(axis=1) if len(candidates) else np.empty(0)
    kept = frequency < MAX_FREQUENCY
    return {"position": positions[candidates[kept]], "value": values[kept], "frequency": frequency[kept]}
