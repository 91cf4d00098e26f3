"""Statistics of whole windows that come along with the scanners, and those of balancing selection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench import statistic

Floats = NDArray[np.float64]

_BITARELLO = "Bitarello et al. 2018, Genome Biology and Evolution 10:939"
_HARRIS = "Harris, Garud and DeGiorgio 2018, Genetics 210:1429"


def _ncd1(m: Any, target: float) -> Floats:
    from selbench.statistics import site_frequency_spectra

    counts = site_frequency_spectra(m.windows, folded=True)
    frequency = np.arange(1, counts.shape[1] + 1) / m.n
    distances = (counts * (frequency - target) ** 2).sum(axis=1)
    sites = counts.sum(axis=1)
    mean = np.full(len(sites), target**2)
    np.divide(distances, sites, out=mean, where=sites > 0)
    return np.asarray(np.sqrt(mean))


@statistic(_BITARELLO, needs_phase=False, undefined_value=0.3)
def ncd1_30(m: Any) -> Floats:
    """Distance of minor allele frequencies from 0.3: small under balancing selection.

    NCD1 = √(Σ(MAFᵢ − t)²/S) with t = 0.3. Undefined where S = 0, and then t, as with rare alleles alone.
    """
    return _ncd1(m, 0.3)


@statistic(_BITARELLO, needs_phase=False, undefined_value=0.4)
def ncd1_40(m: Any) -> Floats:
    """Distance of minor allele frequencies from 0.4: small under balancing selection.

    NCD1 = √(Σ(MAFᵢ − t)²/S) with t = 0.4. Undefined where S = 0, and then t, as with rare alleles alone.
    """
    return _ncd1(m, 0.4)


@statistic(_BITARELLO, needs_phase=False, undefined_value=0.5)
def ncd1_50(m: Any) -> Floats:
    """Distance of minor allele frequencies from 0.5: small under balancing selection.

    NCD1 = √(Σ(MAFᵢ − t)²/S) with t = 0.5. Undefined where S = 0, and then t, as with rare alleles alone.
    """
    return _ncd1(m, 0.5)


def _each(m: Any, value: Callable[[NDArray[np.uint8], Floats], float]) -> Floats:
    """Return a value of the varying sites of each window; 0 for one without."""
    values = np.zeros(len(m.windows))
    for i, (haplotypes, positions) in enumerate(m.windows):
        carriers = np.count_nonzero(haplotypes, axis=1)
        varies = (carriers > 0) & (carriers < m.n)
        if varies.any():
            values[i] = value(haplotypes[varies], positions[varies])
    return values


@statistic("Ronen et al. 2015, PLoS Genetics 11:e1005527", needs_ancestral=True)
def max_haf(m: Any) -> Floats:
    """Largest HAF score of a haplotype, per haplotype sampled.

    max over haplotypes of Σ x/n, with x the carriers of each allele that is derived in it. Undefined
    where S = 0.
    """

    def value(haplotypes: NDArray[np.uint8], positions: Floats) -> float:
        from selbench_scanners.kernels.safe import allele_frequency_scores

        return float(allele_frequency_scores(haplotypes).max() / m.n)

    return _each(m, value)


@statistic("Akbari et al. 2018, Nature Methods 15:279", needs_ancestral=True)
def max_phi_kappa(m: Any) -> Floats:
    """Largest excess of a site's share of HAF scores over its share of their distinct values.

    max over sites of φ − κ (see SAFE). Undefined where S = 0.
    """

    def value(haplotypes: NDArray[np.uint8], positions: Floats) -> float:
        from selbench_scanners.kernels.safe import allele_frequency_scores, phi_kappa

        phi, kappa, _ = phi_kappa(haplotypes, allele_frequency_scores(haplotypes))
        return float((phi - kappa).max())

    return _each(m, value)


@statistic("Barreiro et al. 2009, PLoS Genetics 5:e1000562", needs_ancestral=True)
def max_dind(m: Any) -> Floats:
    """Largest ratio of diversity among ancestral to that among derived carriers of a site.

    max of DIND over sites with a derived frequency from 0.25 to 0.95, of all other sites of the window.
    Undefined where there is no such site, or no other.
    """

    def value(haplotypes: NDArray[np.uint8], positions: Floats) -> float:
        from selbench_scanners.kernels.flexsweep_sites import site_statistics

        _, values = site_statistics(haplotypes, positions, window_bp=np.inf)
        known = values[np.isfinite(values[:, 0]), 0]
        return float(known.max()) if len(known) else 0.0

    return _each(m, value)


def _genotype_frequencies(m: Any) -> Floats:
    """Return the frequencies of distinct multilocus genotypes, falling, (n_windows, n_individuals)."""
    ploidy = m.windows.spec.ploidy
    n = m.n // ploidy
    frequencies = np.zeros((len(m.windows), n))
    for i, (haplotypes, _) in enumerate(m.windows):
        genotypes = haplotypes.reshape(len(haplotypes), n, ploidy).sum(axis=2, dtype=np.uint8).T
        rows = np.ascontiguousarray(genotypes).view(np.dtype((np.void, max(1, genotypes.shape[1]))))
        if genotypes.shape[1] == 0:
            frequencies[i, 0] = 1.0
            continue
        counts = np.unique(rows, return_counts=True)[1]
        frequencies[i, : len(counts)] = np.sort(counts)[::-1] / n
    return frequencies


@statistic(_HARRIS, needs_phase=False, undefined_value=1.0)
def g123(m: Any) -> Floats:
    """Homozygosity of unphased multilocus genotypes, the three commonest as one.

    G123 = (q₁ + q₂ + q₃)² + Σ_{i>3} qᵢ² with q₁ ≥ q₂ ≥ … their frequencies among individuals; 1 where
    S = 0.
    """
    q = _genotype_frequencies(m)
    return np.asarray(q[:, :3].sum(axis=1) ** 2 + (q[:, 3:] ** 2).sum(axis=1))


@statistic(_HARRIS, needs_phase=False)
def g2_g1(m: Any) -> Floats:
    """Homozygosity of unphased multilocus genotypes without the commonest, over that of all.

    G2/G1 = (Σ qᵢ² − q₁²) / Σ qᵢ² with q₁ ≥ q₂ ≥ … their frequencies among individuals; 0 where S = 0.
    """
    q = _genotype_frequencies(m)
    g1 = (q**2).sum(axis=1)
    return np.asarray((g1 - q[:, 0] ** 2) / g1)


SHIPPED = (ncd1_30, ncd1_40, ncd1_50, max_haf, max_phi_kappa, max_dind, g123, g2_g1)
