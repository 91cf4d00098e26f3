"""Neutral windows against what coalescent theory says of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.integrate import quad

from selbench import Epoch, Locus, Population, Prior, Sample, Scenario, Windows
from selbench.statistics import compute, site_frequency_spectra
from selbench_coalescent.ms import Ms

N_HAPLOTYPES, LENGTH, SIZE = 20, 1000, 10_000.0
MUTATION_RATE = 2e-7
THETA = 4 * SIZE * MUTATION_RATE * LENGTH
HARMONIC = sum(1 / i for i in range(1, N_HAPLOTYPES))
SEED = 1990


def scenario(population: Population | None = None, recombination_rate: float = 2e-7) -> Scenario:
    locus = Locus(LENGTH, MUTATION_RATE, recombination_rate)
    return Scenario(Sample(N_HAPLOTYPES), locus, population or Population(SIZE))


def simulated(scenario: Scenario, n_windows: int = 20_000) -> Windows:
    return Ms().simulate(scenario, windows=range(n_windows), seed=SEED)


def assert_mean(values: NDArray[np.float64], expected: float) -> None:
    """Within 5.5 standard errors: a false alarm in 26 million."""
    standard_error = values.std(ddof=1) / np.sqrt(len(values))
    assert abs(values.mean() - expected) < 5.5 * standard_error


@pytest.mark.parametrize("recombination_rate", [0.0, 2e-8, 1e-6])
def test_expected_sites_and_diversity(recombination_rate: float) -> None:
    """E[S] = θa₁ and E[π] = θ, whatever the recombination."""
    windows = simulated(scenario(recombination_rate=recombination_rate), 8_000)
    sites, diversity = compute(windows, ["segregating_sites", "nucleotide_diversity"]).T
    assert_mean(sites, THETA * HARMONIC)
    assert_mean(diversity, THETA)


def test_variance_of_sites_without_recombination() -> None:
    """Var[S] = θa₁ + θ²a₂ (Watterson 1975)."""
    sites = simulated(scenario(recombination_rate=0.0)).n_sites.astype(float)
    squares = sum(1 / i**2 for i in range(1, N_HAPLOTYPES))
    assert_mean((sites - THETA * HARMONIC) ** 2, THETA * HARMONIC + THETA**2 * squares)


def test_site_frequency_spectrum_falls_as_one_over_i() -> None:
    spectra = site_frequency_spectra(simulated(scenario())).astype(float)
    counts = spectra[:, -(N_HAPLOTYPES - 1) :] if spectra.shape[1] >= N_HAPLOTYPES else spectra
    for i, values in enumerate(counts.T, start=1):
        assert_mean(values, THETA / i)


def test_positions_are_uniform_and_sorted() -> None:
    windows = simulated(scenario(recombination_rate=1e-6), 4_000)
    assert stats.kstest(windows.positions[::40] / LENGTH, "uniform").pvalue > 1e-7
    assert (np.diff(windows.positions[windows.offsets[0] : windows.offsets[1]]) >= 0).all()


def test_haplotypes_are_exchangeable() -> None:
    carried = simulated(scenario(), 4_000).haplotypes.sum(axis=0)
    share = carried / carried.sum()
    assert abs(share - 1 / N_HAPLOTYPES).max() < 0.05 / N_HAPLOTYPES


def test_recombination_breaks_up_pairs_of_sites_as_expected() -> None:
    """Cov of the pairwise differences of two halves falls with ρ: (ρ+18)/(ρ²+13ρ+18) between points."""
    rate = 5e-6
    locus = Locus(LENGTH, 2e-6, rate)
    windows = Ms().simulate(Scenario(Sample(2), locus, Population(SIZE)), windows=range(40_000), seed=SEED)
    index = np.repeat(np.arange(len(windows)), windows.n_sites)
    ends = [
        np.bincount(index[inside], minlength=len(windows)).astype(float)
        for inside in (windows.positions < 50, windows.positions >= LENGTH - 50)
    ]
    rho = 4 * SIZE * rate

    def point(distance: float) -> float:
        r = rho * distance
        return (r + 18) / (r * r + 13 * r + 18)

    mean, _ = quad(lambda u: point(LENGTH - 100 + u) * min(u, 100 - u) / 50**2, 0, 100, points=[50])
    theta = 4 * SIZE * 2e-6 * 50
    products = (ends[0] - theta) * (ends[1] - theta)
    assert_mean(products, theta**2 * mean)


GROWTH = Population(SIZE, 0.002, (Epoch(800.0, 3_000.0, -0.001), Epoch(1500.0, 20_000.0)))
HISTORIES = {
    "bottleneck": Population(SIZE, 0.0, (Epoch(500.0, 500.0), Epoch(900.0, 15_000.0))),
    "growth": GROWTH,
    "shrinking without end": Population(SIZE, 1e-4),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_expected_diversity_under_size_changes(name: str) -> None:
    """E[π] = 2μL·E[T₂], with E[T₂] the integral of the survival of a pair's ancestors."""
    population = HISTORIES[name]
    pieces = [(0.0, population.size, population.growth_rate)]
    pieces += [(epoch.start, epoch.size, epoch.growth_rate) for epoch in population.epochs]
    expected, surviving = 0.0, 1.0
    for (begin, size, growth), end in zip(pieces, [p[0] for p in pieces[1:]] + [np.inf], strict=True):

        def hazard(t: float, size: float = size, growth: float = growth) -> float:
            return t / (2 * size) if growth == 0 else np.expm1(growth * t) / growth / (2 * size)

        last = min(end - begin, 60 * size)
        expected += surviving * quad(lambda t: np.exp(-hazard(t)), 0, last, limit=500, epsabs=1e-3)[0]
        surviving *= np.exp(-hazard(end - begin)) if end < np.inf else 0.0
    windows = simulated(scenario(population))
    assert_mean(compute(windows, ["nucleotide_diversity"])[:, 0], 2 * MUTATION_RATE * LENGTH * expected)


def test_a_prior_gives_each_window_its_own_rate() -> None:
    locus = replace(scenario().locus, mutation_rate=Prior("log_uniform", 1e-8, 1e-6))
    windows = simulated(replace(scenario(), locus=locus), 8_000)
    rates = windows.parameters["locus.mutation_rate"]
    assert (rates >= 1e-8).all()
    assert (rates <= 1e-6).all()
    assert_mean(windows.n_sites - 4 * SIZE * rates * LENGTH * HARMONIC, 0.0)


def test_long_windows_and_large_samples() -> None:
    """5 Mb of 40 haplotypes and 100 kb of 2,000, at human rates: the expected number of sites."""
    for n, length, spread in ((40, 5_000_000, 0.06), (2_000, 100_000, 0.2)):
        locus = Locus(length, 1.25e-8, 1e-8)
        windows = Ms().simulate(Scenario(Sample(n), locus, Population(SIZE)), windows=range(2), seed=SEED)
        expected = 4 * SIZE * 1.25e-8 * length * sum(1 / i for i in range(1, n))
        assert abs(windows.n_sites.mean() / expected - 1) < spread
