"""The statistics: one function each, with its formula, its paper and its value where undefined.

Notation: n haplotypes, S segregating sites, ξᵢ sites whose derived allele is
carried by i haplotypes, a₁ = Σ1/i and a₂ = Σ1/i² for i from 1 to n − 1, and
p₁ ≥ p₂ ≥ … the frequencies of the distinct haplotypes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from selbench.plugin import Statistic, statistic
from selbench.plugin.statistics import described
from selbench.statistics.measurements import Floats, Measurements


def _ratio(numerator: Floats, denominator: Floats, undefined: float = 0.0) -> Floats:
    """Divide where the denominator is positive; elsewhere the value is `undefined`."""
    ratio = np.full(np.broadcast(numerator, denominator).shape, undefined)
    np.divide(numerator, denominator, out=ratio, where=denominator > 0)
    return ratio


@statistic("Watterson 1975, Theoretical Population Biology 7:256", needs_phase=False)
def segregating_sites(m: Measurements) -> Floats:
    """Number of segregating sites.

    S = Σ ξᵢ.
    """
    return m.sites.sites.astype(np.float64)


@statistic("Tajima 1983, Genetics 105:437, eq. A3", needs_phase=False)
def nucleotide_diversity(m: Measurements) -> Floats:
    """Mean number of differences between two haplotypes.

    π = Σ 2i(n − i)ξᵢ / (n(n − 1)).
    """
    return 2 * (m.n * m.sites.sum_i - m.sites.sum_i_squared) / (m.n * (m.n - 1))


@statistic("Watterson 1975, Theoretical Population Biology 7:256", needs_phase=False)
def theta_w(m: Measurements) -> Floats:
    """Watterson's estimator of θ.

    θ_W = S / a₁.
    """
    return m.sites.sites / m.a1


@statistic("Fay and Wu 2000, Genetics 155:1405", needs_ancestral=True, needs_phase=False)
def theta_h(m: Measurements) -> Floats:
    """Fay and Wu's estimator of θ, weighted towards common derived alleles.

    θ_H = Σ 2i²ξᵢ / (n(n − 1)).
    """
    return 2 * m.sites.sum_i_squared / (m.n * (m.n - 1))


@statistic("Zeng et al. 2006, Genetics 174:1431, eq. 8", needs_ancestral=True, needs_phase=False)
def theta_l(m: Measurements) -> Floats:
    """Estimator of θ from the mean number of derived alleles.

    θ_L = Σ iξᵢ / (n − 1).
    """
    return m.sites.sum_i / (m.n - 1)


@statistic("Tajima 1989, Genetics 123:585, eq. 38", needs_phase=False)
def tajimas_d(m: Measurements) -> Floats:
    """Tajima's D: nucleotide diversity against the number of sites.

    D = (π − θ_W) / √(e₁S + e₂S(S − 1)). Undefined where S = 0 or n < 4.
    """
    n, a1, a2, s = m.n, m.a1, m.a2, m.sites.sites
    if n < 4:
        return np.zeros(len(s))
    c1 = (n + 1) / (3 * (n - 1)) - 1 / a1
    c2 = 2 * (n**2 + n + 3) / (9 * n * (n - 1)) - (n + 2) / (a1 * n) + a2 / a1**2
    variance = c1 / a1 * s + c2 / (a1**2 + a2) * s * (s - 1)
    return _ratio(nucleotide_diversity(m) - theta_w(m), np.sqrt(variance))


@statistic("Fay and Wu 2000, Genetics 155:1405", needs_ancestral=True, needs_phase=False)
def fay_wu_h(m: Measurements) -> Floats:
    """Fay and Wu's H, not normalised: negative after a sweep.

    H = π − θ_H = 2(π − θ_L).
    """
    return nucleotide_diversity(m) - theta_h(m)


@statistic("Zeng et al. 2006, Genetics 174:1431, eq. 14", needs_ancestral=True, needs_phase=False)
def zeng_e(m: Measurements) -> Floats:
    """Zeng's E: common derived alleles against the number of sites.

    E = (θ_L − θ_W) / √V with t = S/a₁, t₂ = S(S − 1)/(a₁² + a₂) and
    V = [n/(2(n − 1)) − 1/a₁]t + [a₂/a₁² + 2a₂(n/(n − 1))² − 2(na₂ − n + 1)/((n − 1)a₁)
    − (3n + 1)/(n − 1)]t₂. Undefined where S = 0 or n < 3.
    """
    n, a1, a2, s = m.n, m.a1, m.a2, m.sites.sites
    if n < 3:
        return np.zeros(len(s))
    linear = n / (2 * (n - 1)) - 1 / a1
    quadratic = (
        a2 / a1**2
        + 2 * a2 * (n / (n - 1)) ** 2
        - 2 * (n * a2 - n + 1) / ((n - 1) * a1)
        - (3 * n + 1) / (n - 1)
    )
    variance = linear * s / a1 + quadratic * s * (s - 1) / (a1**2 + a2)
    return _ratio(theta_l(m) - theta_w(m), np.sqrt(variance))


@statistic("Fu and Li 1993, Genetics 133:693", needs_ancestral=True, needs_phase=False)
def singletons(m: Measurements) -> Floats:
    """Number of sites whose derived allele is carried once.

    ξ₁.
    """
    return m.sites.singletons.astype(np.float64)


@statistic("Li 2011, Molecular Biology and Evolution 28:365", needs_ancestral=True, needs_phase=False)
def largest_derived_frequency(m: Measurements) -> Floats:
    """Largest frequency of a derived allele.

    max i / n over the segregating sites. Undefined where S = 0.
    """
    return m.sites.largest_i / m.n


@statistic("Depaulis and Veuille 1998, Molecular Biology and Evolution 15:1788", undefined_value=1.0)
def distinct_haplotypes(m: Measurements) -> Floats:
    """Number of distinct haplotypes.

    K = number of different columns; 1 where S = 0.
    """
    return m.haplotypes.groups.astype(np.float64)


@statistic("Nei and Tajima 1981, Genetics 97:145")
def haplotype_diversity(m: Measurements) -> Floats:
    """Probability that two haplotypes differ.

    n/(n − 1) · (1 − Σp²); 0 where S = 0.
    """
    return (1 - h1(m)) * (m.n / (m.n - 1))


@statistic("Garud et al. 2015, PLoS Genetics 11:e1005004", undefined_value=1.0)
def h1(m: Measurements) -> Floats:
    """Haplotype homozygosity.

    H1 = Σp²; 1 where S = 0.
    """
    return m.haplotypes.sum_of_squares / m.n**2


@statistic("Garud et al. 2015, PLoS Genetics 11:e1005004", undefined_value=1.0)
def h12(m: Measurements) -> Floats:
    """Haplotype homozygosity with the two most frequent haplotypes as one.

    H12 = (p₁ + p₂)² + Σp² over the others; 1 where S = 0.
    """
    groups = m.haplotypes
    return (groups.sum_of_squares + 2 * groups.largest * groups.second) / m.n**2


@statistic("Garud et al. 2015, PLoS Genetics 11:e1005004", undefined_value=1.0)
def h123(m: Measurements) -> Floats:
    """Haplotype homozygosity with the three most frequent haplotypes as one.

    H123 = (p₁ + p₂ + p₃)² + Σp² over the others; 1 where S = 0.
    """
    groups = m.haplotypes
    first_two = groups.largest + groups.second
    return h12(m) + 2 * (first_two * groups.third) / m.n**2


@statistic("Garud et al. 2015, PLoS Genetics 11:e1005004")
def h2_h1(m: Measurements) -> Floats:
    """Share of haplotype homozygosity outside the most frequent haplotype.

    H2/H1 = (H1 − p₁²) / H1; 0 where S = 0.
    """
    squares, largest = m.haplotypes.sum_of_squares, m.haplotypes.largest
    return (squares - largest * largest) / squares


@statistic("Kelly 1997, Genetics 146:1197")
def kelly_zns(m: Measurements) -> Floats:
    """Kelly's Zns: mean linkage disequilibrium.

    Mean r² over all S(S − 1)/2 pairs of sites. Undefined where S < 2.
    """
    return m.linkage.mean_r_squared


@statistic("Kim and Nielsen 2004, Genetics 167:1513")
def kim_nielsen_omega(m: Measurements) -> Floats:
    """Kim and Nielsen's ω: linkage within the sides of a split against linkage across it.

    The largest, over splits after site ℓ = 2 … S − 2, of (mean r² of pairs on the
    same side) / (mean r² of pairs across); splits whose mean across is 0 are
    skipped. Undefined where S < 4 or every split is skipped.
    """
    return m.linkage.omega


@statistic("Kern and Schrider 2018, G3 8:1959")
def kim_nielsen_omega_inner(m: Measurements) -> Floats:
    """Kim and Nielsen's ω as diploS/HIC takes it, without splits next to the ends.

    As kim_nielsen_omega over splits after site ℓ = 3 … S − 3. Undefined where S < 6 or
    every split is skipped.
    """
    return m.linkage.omega_inner


@statistic("Ferrer-Admetlla et al. 2014, Molecular Biology and Evolution 31:1275", needs_ancestral=True)
def max_nsl(m: Measurements) -> Floats:
    """Largest absolute nSL, not standardised.

    max |ln(SL₁/SL₀)| over sites whose minor allele has frequency 0.05 or more; runs
    that reach the window's edge are counted as they are. Undefined where no such
    site has two carriers of both alleles.
    """
    return m.max_nsl


@statistic("Voight et al. 2006, PLoS Biology 4:e72", needs_ancestral=True)
def max_ihs(m: Measurements) -> Floats:
    """Largest absolute iHS, not standardised.

    max |ln(iHH₁/iHH₀)| over sites whose minor allele has frequency 0.05 or more,
    integrated to EHH 0.05 or the window's edge; gaps above 20 kb are scaled down to
    20 kb, none is bridged above 200 kb. Undefined where no site has a finite ratio.
    """
    return m.max_ihs


@statistic("Harpending 1994, Human Biology 66:591", undefined_value=1.0)
def raggedness(m: Measurements) -> Floats:
    """Raggedness of the mismatch distribution.

    Σ (xⱼ − xⱼ₋₁)² for j from 1 to one past the largest number of differences, xⱼ the
    share of pairs of haplotypes that differ at j sites; 1 where S = 0.
    """
    return m.mismatches.raggedness


@statistic("Kern and Schrider 2018, G3 8:1959")
def pairwise_difference_variance(m: Measurements) -> Floats:
    """Variance of the number of differences between two haplotypes.

    Σ (d − π)² / (P − 1) over the P = n(n − 1)/2 pairs, d sites apart. Undefined where n < 3.
    """
    return m.mismatches.variance


@statistic("Kern and Schrider 2018, G3 8:1959")
def pairwise_difference_skewness(m: Measurements) -> Floats:
    """Skewness of the number of differences between two haplotypes.

    m₃ / m₂^1.5 with mₖ = Σ (d − π)ᵏ / P over the P pairs. Undefined where all pairs
    differ at as many sites.
    """
    return m.mismatches.skewness


@statistic("Kern and Schrider 2018, G3 8:1959")
def pairwise_difference_kurtosis(m: Measurements) -> Floats:
    """Excess kurtosis of the number of differences between two haplotypes.

    m₄ / m₂² − 3 with mₖ = Σ (d − π)ᵏ / P over the P pairs. Undefined where all pairs
    differ at as many sites.
    """
    return m.mismatches.kurtosis


SHIPPED = (
    segregating_sites,
    nucleotide_diversity,
    theta_w,
    theta_h,
    theta_l,
    tajimas_d,
    fay_wu_h,
    zeng_e,
    singletons,
    largest_derived_frequency,
    distinct_haplotypes,
    haplotype_diversity,
    h1,
    h12,
    h123,
    h2_h1,
    kelly_zns,
    kim_nielsen_omega,
    kim_nielsen_omega_inner,
    max_nsl,
    max_ihs,
    raggedness,
    pairwise_difference_variance,
    pairwise_difference_skewness,
    pairwise_difference_kurtosis,
)
"""The functions that selbench ships, in the order of the documentation."""

STATISTICS: Mapping[str, Statistic] = MappingProxyType(dict(described(SHIPPED)))
"""Every shipped statistic by name; `known_statistics` adds those of installed plugins."""
