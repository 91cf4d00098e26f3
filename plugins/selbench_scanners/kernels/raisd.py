"""RAiSD's μ (Alachiotis and Pavlidis 2018): diversity, spectrum and linkage of a window of SNPs."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import njit

from selbench_scanners.kernels.bits import (
    Floats,
    Haplotypes,
    Wholes,
    count_alleles,
    jointly_called_ids,
    pack_sites,
    pattern_ids,
)

_NONE = np.float32(1e-10)
"""What a count of 0 is replaced by, so that the product of the three factors tells windows apart."""


def mu(
    haplotypes: Haplotypes,
    positions: Floats,
    *,
    window_sites: int = 50,
    edge: int = 1,
    n_sites: float,
    length_bp: float,
    counts: tuple[Wholes, Wholes] | None = None,
    joint: bool = False,
) -> dict[str, Floats]:
    """Slide windows of SNPs over the sites and return μ and its factors, a row per window.

    μ = μ_var · μ_sfs · μ_ld, with n haplotypes, w SNPs per window, a₁ = Σ_{i<n} 1/i:
    μ_var = (p_last − p_first) · S/L / w; μ_sfs = c · a₁ / w with c sites whose rarer allele has
    at most `edge` carriers; μ_ld = (U_L·E_L + U_R·E_R) / (D_L·D_R), where a half of the window has
    D distinct patterns, U of them absent from the other half, which E of its SNPs have. In
    single precision, as in the program (version 2.9).

    Parameters
    ----------
    haplotypes : uint8 (n_sites, n)
        Sites that vary among their calls; 255 where there is no call.
    positions : float64 (n_sites,)
        Base pairs.
    window_sites : int
        SNPs per window; even.
    edge : int
        Most carriers of the rarer allele at a site that counts for μ_sfs.
    n_sites, length_bp : float
        S and L: of the sequence that the windows slide over, or of a neutral one.
    counts : int64 (n_sites,) twice, optional
        Derived and called alleles, where they are known.
    joint : bool
        Compare patterns among the haplotypes that both sites call, not with those that miss as well.

    Returns
    -------
    columns : dict of str to float64 (n_sites - window_sites + 1,)
        ``position`` (centre, whole bp), ``value`` (μ), ``start``, ``end``, ``mu_var``, ``mu_sfs``, ``mu_ld``.
    """
    n_rows = max(0, len(positions) - window_sites + 1)
    first, last = positions[:n_rows], positions[window_sites - 1 :][:n_rows]
    derived, called = count_alleles(haplotypes) if counts is None else counts
    is_edge = (derived <= edge) | (derived >= called - edge)
    # every operation rounds to single precision: another order prints other digits
    w = np.float32(window_sites)
    mu_var = (last - first).astype(np.float32) / np.float32(length_bp) / w * np.float32(n_sites)
    n_edge = _moving_sum(is_edge, window_sites)
    mu_sfs = np.maximum(n_edge.astype(np.float32), _NONE) * _a1(haplotypes.shape[1]) / w
    number = jointly_called_ids if joint else pattern_ids
    mu_ld = _linkage(number(*pack_sites(haplotypes)), window_sites // 2)
    return {
        "position": np.floor((first + last) / 2 + 0.5),
        "value": (mu_var * mu_sfs * mu_ld).astype(np.float64),
        "start": first,
        "end": last,
        "mu_var": mu_var.astype(np.float64),
        "mu_sfs": mu_sfs.astype(np.float64),
        "mu_ld": mu_ld.astype(np.float64),
    }


@cache
def _a1(n: int) -> np.float32:
    """Return Σ_{i<n} 1/i, added up in single precision."""
    total = np.float32(0)
    for i in range(1, n):
        total += np.float32(1) / np.float32(i)
    return total


def _moving_sum(is_edge: Any, window_sites: int) -> Wholes:
    """Count the sites that are marked in every window of `window_sites`."""
    sums = np.concatenate([[0], np.cumsum(is_edge)])
    return np.asarray(sums[window_sites:] - sums[: max(0, len(sums) - window_sites)], dtype=np.int64)


@njit(cache=True)
def _linkage(ids: Wholes, half: int) -> Any:
    """Return μ_ld of every window of 2·half sites, float32; both halves' counts move by one site a step."""
    n_rows = max(0, len(ids) - 2 * half + 1)
    mu_ld = np.empty(n_rows, dtype=np.float32)
    if n_rows == 0:
        return mu_ld
    counts = np.zeros((2, ids.max() + 1), dtype=np.int64)  # of each pattern in the left and the right half
    state = np.zeros((2, 3), dtype=np.int64)  # of each half: D, U, E
    for site in range(half):
        _change(counts, state, 0, ids[site], 1)
        _change(counts, state, 1, ids[site + half], 1)
    for row in range(n_rows):
        if row:
            _change(counts, state, 0, ids[row - 1], -1)
            _change(counts, state, 1, ids[row + half - 1], -1)
            _change(counts, state, 0, ids[row + half - 1], 1)
            _change(counts, state, 1, ids[row + 2 * half - 1], 1)
        shared = state[0, 1] * state[0, 2] + state[1, 1] * state[1, 2]
        mu_ld[row] = (
            np.float32(shared) / np.float32(state[0, 0] * state[1, 0]) if shared else np.float32(1e-10)
        )
    return mu_ld


@njit(cache=True)
def _change(counts: Wholes, state: Wholes, half: int, pattern: int, by: int) -> None:
    """Add one SNP of a pattern to a half, or take it away."""
    other = 1 - half
    before, after, elsewhere = counts[half, pattern], counts[half, pattern] + by, counts[other, pattern]
    counts[half, pattern] = after
    if elsewhere == 0:
        state[half, 2] += by
    if before == 0:
        state[half, 0] += 1
        if elsewhere == 0:
            state[half, 1] += 1
        else:
            state[other, 1] -= 1
            state[other, 2] -= elsewhere
    elif after == 0:
        state[half, 0] -= 1
        if elsewhere == 0:
            state[half, 1] -= 1
        else:
            state[other, 1] += 1
            state[other, 2] += elsewhere


def at_grid(columns: dict[str, Floats], points: Floats) -> dict[str, Floats]:
    """Interpolate μ and its factors linearly at points between the centres of windows.

    Of ``G`` evenly spaced points from the first centre to the last, the program prints all but the first.
    """
    inside = points[(points >= columns["position"].min()) & (points <= columns["position"].max())]
    at = {
        name: np.interp(inside, columns["position"], columns[name]) for name in ("mu_var", "mu_sfs", "mu_ld")
    }
    value = np.interp(inside, columns["position"], columns["value"])
    nothing = np.zeros(len(inside))
    return {"position": inside, "value": value, "start": nothing, "end": nothing} | at
