"""What scikit-allel does not define equals the definition, written out slowly."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations

import numpy as np
import pytest
import scipy.stats

from selbench import Windows
from selbench.statistics import STATISTICS, compute, site_frequency_spectra
from selbench.testing import random_windows

Matrix = np.ndarray


def segregating(haplotypes: Matrix) -> Matrix:
    carriers = haplotypes.sum(axis=1)
    return haplotypes[(carriers > 0) & (carriers < haplotypes.shape[1])].astype(float)


def theta_pi(sites: Matrix) -> float:
    columns = sites.T
    return float(np.mean([np.abs(a - b).sum() for a, b in combinations(columns, 2)]))


def theta_h(sites: Matrix) -> float:
    n = sites.shape[1]
    return float(sum(i**2 for i in sites.sum(axis=1)) / (n * (n - 1) / 2))


def theta_l(sites: Matrix) -> float:
    return float(sites.sum() / (sites.shape[1] - 1))


def zeng_e(sites: Matrix) -> float:
    """Zeng et al. 2006, eq. 13 and 14, with their bₙ₊₁ = Σ 1/i² up to n and unbiased θ, θ²."""
    n, s = sites.shape[1], len(sites)
    if s == 0:
        return 0.0
    a = sum(1 / i for i in range(1, n))
    b = sum(1 / i**2 for i in range(1, n))
    theta, theta_squared = s / a, s * (s - 1) / (a**2 + b)
    variance = (n / (2 * (n - 1)) - 1 / a) * theta + (
        b / a**2 + 2 * (n / (n - 1)) ** 2 * b - 2 * (n * b - n + 1) / ((n - 1) * a) - (3 * n + 1) / (n - 1)
    ) * theta_squared
    return float((theta_l(sites) - theta) / variance**0.5)


def r_squared(sites: Matrix) -> Matrix:
    return np.corrcoef(sites) ** 2 if len(sites) > 1 else np.ones((len(sites), len(sites)))


def zns(sites: Matrix) -> float:
    above = r_squared(sites)[np.triu_indices(len(sites), 1)]
    return float(above.mean()) if len(above) else 0.0


def omega(sites: Matrix, fewest: int = 2) -> float:
    table, n_sites = r_squared(sites), len(sites)
    best = 0.0
    for split in range(fewest, n_sites - fewest + 1):
        left = table[:split, :split][np.triu_indices(split, 1)]
        right = table[split:, split:][np.triu_indices(n_sites - split, 1)]
        across = table[:split, split:].mean()
        if across > 1e-12:
            best = max(best, np.concatenate([left, right]).mean() / across)
    return float(best)


def differences_between(sites: Matrix) -> Matrix:
    return np.array([np.abs(a - b).sum() for a, b in combinations(sites.T, 2)])


def moment_of_differences(name: str, sites: Matrix) -> float:
    differences = differences_between(sites)
    if np.ptp(differences) == 0:
        return 0.0
    if name == "variance":
        return float(np.var(differences, ddof=1))
    return float(getattr(scipy.stats, name)(differences))


def raggedness(sites: Matrix) -> float:
    differences = [int(np.abs(a - b).sum()) for a, b in combinations(sites.T, 2)]
    shares = np.bincount(differences, minlength=1) / len(differences)
    return float(np.sum(np.diff(np.append(shares, 0)) ** 2))


PLAIN: dict[str, Callable[[Matrix], float]] = {
    "nucleotide_diversity": theta_pi,
    "theta_h": theta_h,
    "theta_l": theta_l,
    "fay_wu_h": lambda sites: theta_pi(sites) - theta_h(sites),
    "zeng_e": zeng_e,
    "singletons": lambda sites: float((sites.sum(axis=1) == 1).sum()),
    "distinct_haplotypes": lambda sites: float(len({tuple(column) for column in sites.T})),
    "kelly_zns": zns,
    "kim_nielsen_omega": omega,
    "kim_nielsen_omega_inner": partial(omega, fewest=3),
    "raggedness": raggedness,
    "largest_derived_frequency": lambda sites: float(max(sites.mean(axis=1), default=0.0)),
    "pairwise_difference_variance": partial(moment_of_differences, "variance"),
    "pairwise_difference_skewness": partial(moment_of_differences, "skew"),
    "pairwise_difference_kurtosis": partial(moment_of_differences, "kurtosis"),
}


BY_SITE = (
    "theta_h",
    "theta_l",
    "zeng_e",
    "singletons",
    "distinct_haplotypes",
    "kelly_zns",
    "kim_nielsen_omega",
    "kim_nielsen_omega_inner",
    "largest_derived_frequency",
)
"""Those whose plain formula does not visit every pair of haplotypes."""


@pytest.fixture(scope="module", params=[(12, 8.0), (65, 30.0), (130, 90.0)], ids=str)
def windows(request: pytest.FixtureRequest) -> Windows:
    """Haplotypes of all shapes: fewer, and more, than the bits of a machine word."""
    n_haplotypes, mean_sites = request.param
    return random_windows(12, seed=9, n_haplotypes=n_haplotypes, ploidy=1, mean_sites=mean_sites)


@pytest.mark.parametrize("name", PLAIN)
def test_equals_the_plain_formula(windows: Windows, name: str) -> None:
    expected = [PLAIN[name](segregating(haplotypes)) for haplotypes, _ in windows]
    np.testing.assert_allclose(compute(windows, [name])[:, 0], expected, rtol=1e-9, atol=1e-9)


def test_fay_and_wus_h_is_twice_pi_less_theta_l(windows: Windows) -> None:
    h, pi, theta_l = compute(windows, ["fay_wu_h", "nucleotide_diversity", "theta_l"]).T
    np.testing.assert_allclose(h, 2 * (pi - theta_l), atol=1e-12)


def test_linked_blocks_have_infinite_omega_skipped_and_finite_ones_kept() -> None:
    """Two blocks of identical sites, unlinked exactly: r² within is 1, across 0."""
    first, second = [1, 1, 0, 0], [1, 0, 1, 0]
    blocks = Windows.from_arrays([[first] * 3 + [second] * 3], [range(6)], sequence_length=6)
    zns, omega = compute(blocks, ["kelly_zns", "kim_nielsen_omega"])[0]
    assert zns == pytest.approx(6 / 15)
    # The split between the blocks has nothing across and is skipped. After site 2: one pair on the
    # left and 3 of 6 pairs on the right are linked, 2 of 8 across.
    assert omega == pytest.approx((4 / 7) / (2 / 8))


@pytest.mark.parametrize(
    ("sites", "expected"), [("AB", 0), ("AAB", 0), ("ABB", 0), ("AAFB", 0), ("AABB", 3), ("AAFBB", 3)]
)
def test_omega_needs_four_segregating_sites(sites: str, expected: float) -> None:
    """r² is 1 between equal sites and (4·2 − 2·3)² / (2·2·3·1) = 1/3 between A and B; F does not vary."""
    alleles = {"A": [1, 1, 0, 0], "B": [1, 1, 1, 0], "F": [1, 1, 1, 1]}
    window = Windows.from_arrays([[alleles[site] for site in sites]], [range(len(sites))], sequence_length=9)
    zns, omega = compute(window, ["kelly_zns", "kim_nielsen_omega"])[0]
    assert zns > 0
    assert omega == pytest.approx(expected, rel=1e-12)
    assert STATISTICS["kim_nielsen_omega"].undefined_value == 0


def test_carriers_above_255_are_counted_in_full() -> None:
    n, carriers = 600, [1, 2, 44, 255, 256, 257, 300, 511, 512, 513, 556, 598, 599]
    rng = np.random.default_rng(4)
    sites = np.array([rng.permutation(np.arange(n) < i) for i in carriers], dtype=np.uint8)
    windows = Windows.from_arrays([sites], [range(len(sites))], sequence_length=20)
    expected = {name: PLAIN[name](sites.astype(float)) for name in BY_SITE}
    expected["segregating_sites"] = len(carriers)
    expected["nucleotide_diversity"] = sum(2 * i * (n - i) for i in carriers) / (n * (n - 1))
    expected["fay_wu_h"] = expected["nucleotide_diversity"] - expected["theta_h"]
    np.testing.assert_allclose(compute(windows, list(expected))[0], list(expected.values()), rtol=1e-9)
    spectrum = [carriers.count(i) for i in range(1, n)]
    assert site_frequency_spectra(windows)[0].tolist() == spectrum
    folded = [carriers.count(i) + (carriers.count(n - i) if 2 * i < n else 0) for i in range(1, n // 2 + 1)]
    assert site_frequency_spectra(windows, folded=True)[0].tolist() == folded


def test_every_statistic_is_checked_somewhere() -> None:
    """A statistic added without a test of its value fails here."""
    by_scikit_allel = {
        *("segregating_sites", "theta_w", "tajimas_d", "haplotype_diversity"),
        *("h1", "h12", "h123", "h2_h1", "max_nsl", "max_ihs"),
    }
    assert set(STATISTICS) == by_scikit_allel | set(PLAIN)
