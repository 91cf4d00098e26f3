"""iHS and nSL, with and without bins of frequency, against selscan's tables and against counted pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from selbench_scanners.kernels.extended_homozygosity import common_sites, integrated
from selbench_scanners.kernels.frequency_bins import FrequencyBins, bin_of


def scores(reference: Any, name: str, statistic: str, keep_edges: bool) -> dict[str, Any]:
    haplotypes, positions = reference.vcf(name)
    common = common_sites(haplotypes.sum(axis=1), haplotypes.shape[1])
    return integrated(
        haplotypes[common], positions[common], by_sites=statistic == "nsl", keep_edges=keep_edges
    )


@pytest.mark.parametrize("keep_edges", [False, True])
@pytest.mark.parametrize("statistic", ["ihs", "nsl"])
@pytest.mark.parametrize("name", ["neutral-a", "sweep-b", "neutral-e", "sweep-d"])
def test_every_score_is_selscans(reference: Any, name: str, statistic: str, keep_edges: bool) -> None:
    columns = scores(reference, name, statistic, keep_edges)
    table = reference.numbers(
        f"selscan.{name}.{'trunc.' if keep_edges else ''}{statistic}.tsv.gz", skip=1, first=2
    )
    table = table.reshape(-1, 5)
    np.testing.assert_array_equal(columns["position"], table[:, 0])
    np.testing.assert_allclose(columns["frequency"], table[:, 1])
    np.testing.assert_allclose(columns["ihh1"], table[:, 2], rtol=5.1e-6)
    np.testing.assert_allclose(columns["ihh0"], table[:, 3], rtol=5.1e-6)
    np.testing.assert_allclose(columns["value"], table[:, 4], atol=5e-6)


@pytest.mark.parametrize("statistic", ["ihs", "nsl"])
def test_scores_of_two_files_together_are_normalised_as_selscan_does(reference: Any, statistic: str) -> None:
    files = {name: scores(reference, name, statistic, True) for name in ("neutral-e", "sweep-d")}
    bins = FrequencyBins.of(
        np.concatenate([columns["value"] for columns in files.values()]),
        np.concatenate([columns["frequency"] for columns in files.values()]),
        100,
    )
    for name, columns in files.items():
        z = bins.z_scores(columns["value"], columns["frequency"])
        known = np.isfinite(z)
        table = reference.numbers(f"selscan.{name}.trunc.{statistic}.norm.tsv.gz", skip=1, first=2)
        np.testing.assert_array_equal(columns["position"][known], table[:, 0])
        np.testing.assert_allclose(z[known], table[:, 5], atol=5e-6)
        np.testing.assert_array_equal(np.abs(z[known]) >= 2, table[:, 6] == 1)


def slow_area(
    matrix: Any, positions: Any, core: int, allele: int, side: int, by_sites: bool
) -> tuple[float, bool]:
    """Integrate one allele on one side by comparing its carriers pair by pair; tell whether the end was met.

    Both alleles are followed together, since either keeps the walk going.
    """
    carriers = [[j for j in range(matrix.shape[1]) if matrix[core, j] == a] for a in (0, 1)]

    def alike(a: int, site: int) -> float:
        low, high = sorted((core, site))
        text = [matrix[low : high + 1, j].tobytes() for j in carriers[a]]
        pairs = [(i, j) for i in range(len(text)) for j in range(len(text)) if i != j]
        return sum(text[i] == text[j] for i, j in pairs) / len(pairs)

    area, ehh, site = 0.0, [1.0, 1.0], core
    while True:
        following = site + side
        if not 0 <= following < len(positions):
            return area, True
        if max(ehh) <= 0.05:
            return area, False
        now = [alike(a, following) for a in (0, 1)]
        gap = abs(positions[following] - positions[site])
        step = (1.0 if by_sites else gap * 1e-6) * (min(1.0, 20_000 / gap))
        if ehh[allele] > 0.05:
            area += step * (ehh[allele] + now[allele]) / 2
        ehh, site = now, following
        if by_sites and abs(site - core) >= 100:
            return area, False


@pytest.mark.parametrize("by_sites", [False, True])
def test_scores_are_pairs_counted_one_by_one(simulated: Any, by_sites: bool) -> None:
    haplotypes, positions = simulated
    common = common_sites(haplotypes.sum(axis=1), haplotypes.shape[1], min_frequency=0.1)
    haplotypes, positions = haplotypes[common], positions[common] * 3
    kept = integrated(haplotypes, positions, by_sites=by_sites, keep_edges=True)
    dropped = integrated(haplotypes, positions, by_sites=by_sites)
    for core in range(0, len(positions), 9):
        areas = {
            (allele, side): slow_area(haplotypes, positions, core, allele, side, by_sites)
            for allele in (0, 1)
            for side in (-1, 1)
        }
        row = int(np.flatnonzero(kept["position"] == positions[core])[0])
        for allele, name in ((0, "ihh0"), (1, "ihh1")):
            assert kept[name][row] == pytest.approx(areas[allele, -1][0] + areas[allele, 1][0])
        complete = not any(end for _, end in areas.values())
        assert (positions[core] in dropped["position"]) == complete


def test_a_genetic_map_replaces_distance(simulated: Any) -> None:
    haplotypes, positions = simulated
    common = common_sites(haplotypes.sum(axis=1), haplotypes.shape[1])
    plain = integrated(haplotypes[common], positions[common], keep_edges=True)
    mapped = integrated(
        haplotypes[common], positions[common], map_cm=positions[common] * 3e-6, keep_edges=True
    )
    np.testing.assert_allclose(mapped["ihh1"], 3 * plain["ihh1"])
    np.testing.assert_allclose(mapped["value"], plain["value"], atol=1e-12)


def test_a_bin_is_the_first_whose_upper_bound_exceeds_the_frequency() -> None:
    assert bin_of(np.array([0.06, 0.29, 0.5, 0.999, 1.0]), 100).tolist() == [6, 29, 50, 99, 99]
    assert bin_of(np.array([0.0, 0.049, 0.05]), 20).tolist() == [0, 0, 1]


def test_a_bin_of_few_scores_has_no_z(simulated: Any) -> None:
    rng = np.random.default_rng(4)
    scores, frequencies = rng.normal(3, 2, 119), np.repeat([0.15, 0.55], [100, 19])
    bins = FrequencyBins.of(scores, frequencies, 10)
    z = bins.z_scores(scores, frequencies)
    assert np.isnan(z[100:]).all()
    assert z[:100].mean() == pytest.approx(0, abs=1e-6)
    assert z[:100].std(ddof=1) == pytest.approx(1, abs=1e-6)


def test_sites_without_two_carriers_of_each_allele_have_no_score() -> None:
    haplotypes = np.zeros((5, 10), dtype=np.uint8)
    haplotypes[:, 0] = 1
    assert len(integrated(haplotypes, np.arange(5.0), keep_edges=True)["value"]) == 0
    assert len(integrated(haplotypes[:0], np.empty(0))["value"]) == 0
