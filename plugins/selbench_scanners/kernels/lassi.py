"""LASSI's T (Harris and DeGiorgio 2020) and saltiLASSI's Λ (DeGiorgio and Szpiech 2022), as lassip 1.2.1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from selbench import DataError
from selbench_scanners.kernels.bits import Floats, Haplotypes
from selbench_scanners.kernels.digits import six_digits
from selbench_scanners.kernels.haplotype_classes import class_sizes

_STEPS = 100
"""Into how many parts 1/K is cut to try ε."""

Distortion = Literal[1, 2, 3, 4, 5]


@dataclass(frozen=True, eq=False)
class HaplotypeSpectra:
    """The frequencies of the K commonest haplotypes, window by window.

    Parameters
    ----------
    frequencies : float64 (n_windows, K)
        Of the K largest counts, over their own sum, to 6 digits: the program's second stage reads these.
    n : int
        Haplotypes sampled.
    parts : dict of str to float64 (n_windows,)
        ``position`` (the window's centre), ``start``, ``end``, ``n_haplotypes`` (different ones),
        ``h12``, ``h2_h1``.
    """

    frequencies: Floats
    n: int
    parts: dict[str, Floats]


def haplotype_spectra(
    haplotypes: Haplotypes, positions: Floats, *, window_sites: int, step_sites: int, n_classes: int = 10
) -> HaplotypeSpectra:
    """Count haplotypes in windows of SNPs; a last, incomplete window is dropped."""
    starts = np.arange(0, max(0, len(positions) - window_sites + 1), step_sites)
    n = haplotypes.shape[1]
    sizes = class_sizes(haplotypes, starts, window_sites)
    p = sizes / n
    h1 = (p**2).sum(axis=1)
    second = p[:, 1] if n > 1 else np.zeros(len(p))
    largest = np.zeros((len(sizes), n_classes))
    largest[:, : min(n, n_classes)] = sizes[:, :n_classes]
    shares = largest / largest.sum(axis=1, keepdims=True)
    first, last = positions[starts], positions[starts + window_sites - 1]
    parts = {
        "position": first + (last - first + 1) / 2,
        "start": first,
        "end": last,
        "n_haplotypes": (sizes > 0).sum(axis=1).astype(np.float64),
        "h12": h1 + 2 * p[:, 0] * second,
        "h2_h1": (h1 - p[:, 0] ** 2) / h1,
    }
    return HaplotypeSpectra(six_digits(shares), n, parts)


@dataclass(frozen=True, eq=False)
class SweepSpectra:
    """All spectra that a sweep may have made of the null one: m haplotypes hold what the others lost.

    Parameters
    ----------
    n_sweeping : int64 (n_spectra,)
        m, from 1 to K − 1; and ε within each, rising.
    log_ratios : float64 (n_spectra, K)
        ln qᵢ − ln pᵢ.
    """

    n_sweeping: np.ndarray[tuple[int], np.dtype[np.int64]]
    log_ratios: Floats

    @classmethod
    def of(cls, null: Floats, *, distortion: Distortion = 4) -> SweepSpectra:
        """Distort a null spectrum p (K,), falling, with U = p_K.

        Class i > m keeps q_i = U − (i − m − 1)/(K − m − 1)·(U − ε), and class i ≤ m gains a share f_i of
        what they lost, f ∝ e^{−i} (or 1, 1/i, 1/i², e^{−i²}: `distortion` 1, 2, 3, 5). ε = s, 2s, … U with
        s = 1/(100 K).

        Raises
        ------
        DataError
            If U is below s: the windows have too few different haplotypes.
        """
        k = len(null)
        least, step = null[-1], 1 / (_STEPS * k)
        if not least >= step:
            raise DataError(
                f"null spectrum: expected the {k}th haplotype at a frequency of {step:g} or more, found "
                f"{least:g}; take more sites per window or fewer classes"
            )
        i = np.arange(1, k + 1, dtype=np.float64)
        weights = {1: i**0, 2: 1 / i, 3: 1 / i**2, 4: np.exp(-i), 5: np.exp(-(i**2))}[distortion]
        floors = np.cumsum(np.full(_STEPS + 1, step))
        floors = floors[floors <= least]
        sweeping, spectra = [], []
        for m in range(1, k):
            gain = weights[:m] / weights[:m].sum()
            for floor in floors:
                q = null.copy()
                if m == k - 1:
                    q[-1] = floor
                else:
                    q[m:] = least - (i[m:] - m - 1) / (k - m - 1) * (least - floor)
                q[:m] += gain * (null[m:] - q[m:]).sum()
                sweeping.append(m)
                spectra.append(q)
        return cls(np.array(sweeping), np.log(np.array(spectra)) - np.log(null))


def t_statistic(spectra: HaplotypeSpectra, sweeps: SweepSpectra) -> tuple[Floats, Floats]:
    """Return T = 2·max ln(L(q)/L(p)) of each window, and the m of its q; 0 and 0 where p fits best."""
    if len(spectra.frequencies) == 0:
        return np.empty(0), np.empty(0)
    ratios = spectra.n * (spectra.frequencies @ sweeps.log_ratios.T)
    best = ratios.argmax(axis=1)
    highest = ratios[np.arange(len(ratios)), best]
    sweeping = highest > 0
    return np.where(sweeping, 2 * highest, 0.0), np.where(sweeping, sweeps.n_sweeping[best], 0).astype(float)


def lambda_statistic(
    spectra: HaplotypeSpectra, sweeps: SweepSpectra, *, max_distance_bp: float = 100_000.0
) -> tuple[Floats, Floats, Floats]:
    """Return Λ of each window with the m and the footprint 1/A of the sweep that maximises it.

    Λ = 2·max Σ_v e^{−A·d_v}·ln(L_v(q)/L_v(p)) over q and A, with v the windows whose centres lie within
    `max_distance_bp`, and one more on each side, at distances d_v.
    """
    centres = spectra.parts["position"]
    ratios = spectra.n * (spectra.frequencies @ sweeps.log_ratios.T)
    values, sweeping, footprints = np.zeros(len(centres)), np.zeros(len(centres)), np.zeros(len(centres))
    decays = _decays(centres)
    first = np.maximum(np.searchsorted(centres, centres - max_distance_bp, side="left") - 1, 0)
    last = np.minimum(np.searchsorted(centres, centres + max_distance_bp, side="right"), len(centres) - 1)
    for window in range(len(centres)):
        near = slice(first[window], last[window] + 1)
        weights = np.exp(-np.outer(decays, np.abs(centres[near] - centres[window])))
        sums = weights @ ratios[near]
        best = int(sums.argmax())
        decay, spectrum = divmod(best, sums.shape[1])
        if sums[decay, spectrum] > 0:
            values[window] = 2 * sums[decay, spectrum]
            sweeping[window], footprints[window] = sweeps.n_sweeping[spectrum], 1 / decays[decay]
    return values, sweeping, footprints


def _decays(centres: Floats) -> Floats:
    """Return A in a hundred steps of ln A, from a sweep that reaches all windows to one that reaches none."""
    gaps = np.diff(centres)
    gaps = gaps[gaps > 0]
    nearest = gaps.min() if len(gaps) else 1.0
    low, high = np.log(-np.log(0.99999) / nearest), np.log(-np.log(0.00001) / nearest)
    logs = np.cumsum(np.concatenate([[low], np.full(_STEPS, (high - low) / _STEPS)]))
    return np.asarray(np.exp(logs[logs <= high]))
