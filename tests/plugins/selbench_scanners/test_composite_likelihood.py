"""SweepFinder2's and SweeD's likelihood ratios against the programs' tables and against direct sums."""

from __future__ import annotations

from math import comb, exp, expm1, log
from typing import Any

import numpy as np
import pytest

from selbench import DataError
from selbench_scanners.kernels import sweed, sweepfinder2
from selbench_scanners.kernels.spectra import SiteCounts, estimate_spectrum

SWEEPFINDER = [
    "bottleneck-c",
    "neutral-a",
    "sweep-b",
    "sweep-d",
    "c-missing",
    "c-folded",
    "c-subst",
    "c-subst-mono",
]


def counts_of(reference: Any, name: str) -> SiteCounts:
    table = reference.columns(f"{name}.sf")
    return SiteCounts.of(table[:, 0], table[:, 1].astype(int), table[:, 2].astype(int), table[:, 3] == 1)


def spectrum_of(reference: Any, table: str, n: int) -> Any:
    printed = reference.numbers(table)[:, 1]
    return np.concatenate([printed, np.zeros(n + 1 - len(printed))])


def assert_ratios(columns: dict[str, Any], table: Any) -> None:
    np.testing.assert_allclose(columns["position"], table[:, 0], atol=1e-6)
    np.testing.assert_allclose(columns["value"], table[:, 1], atol=5.1e-7)
    np.testing.assert_allclose(columns["alpha"], table[:, 2], rtol=5e-6)


@pytest.mark.parametrize("name", SWEEPFINDER)
def test_sweepfinder_ratios_are_the_programs(reference: Any, name: str) -> None:
    counts = counts_of(reference, name)
    table = reference.numbers(f"sf2.{name}.tsv", skip=1)
    spectrum = spectrum_of(reference, f"sf2.{name}.spectrum.txt", counts.n)
    points = sweepfinder2.grid(counts, n_points=len(table))
    assert_ratios(sweepfinder2.likelihood_ratios(counts, spectrum, points, mode=counts.mode()), table)


def test_a_grid_by_spacing_is_the_programs(reference: Any) -> None:
    counts = counts_of(reference, "bottleneck-c")
    spectrum = spectrum_of(reference, "sf2.bottleneck-c.spectrum.txt", counts.n)
    points = sweepfinder2.grid(counts, spacing_bp=10_000)
    table = reference.numbers("sf2.bottleneck-c.sg10000.tsv", skip=1)
    assert_ratios(sweepfinder2.likelihood_ratios(counts, spectrum, points, mode=0), table)


@pytest.mark.parametrize(("with_map", "with_b"), [(True, False), (False, True), (True, True)])
def test_maps_of_recombination_and_b_are_the_programs(reference: Any, with_map: bool, with_b: bool) -> None:
    counts = counts_of(reference, "c-subst")
    spectrum = spectrum_of(reference, "sf2.c-subst.spectrum.txt", counts.n)
    columns = sweepfinder2.likelihood_ratios(
        counts,
        spectrum,
        sweepfinder2.grid(counts, n_points=31),
        mode=1,
        map_cm=np.cumsum(reference.columns("c-subst.recmap")[:, 1]) if with_map else None,
        background_selection=(
            sweepfinder2.BackgroundSelection(reference.columns("c-subst.bmap")[:, 1], 1e4, 1e4, 2e5)
            if with_b
            else None
        ),
    )
    name = "-".join(["recmap"] * with_map + ["bmap"] * with_b)
    assert_ratios(columns, reference.numbers(f"sf2.c-subst.{name}.tsv", skip=1))


@pytest.mark.parametrize("name", SWEEPFINDER)
def test_estimated_spectra_are_the_programs_nearly(reference: Any, name: str) -> None:
    counts = counts_of(reference, name)
    printed = spectrum_of(reference, f"sf2.{name}.spectrum.txt", counts.n)
    np.testing.assert_allclose(estimate_spectrum(counts, counts.mode()), printed, atol=2e-5)


@pytest.mark.parametrize(
    ("name", "length"), [("bottleneck-c", 3e5), ("neutral-a", 2e5), ("sweep-b", 2e5), ("sweep-d", 1e6)]
)
def test_sweed_ratios_are_the_programs(reference: Any, name: str, length: float) -> None:
    haplotypes, positions = reference.ms(name)
    n = haplotypes.shape[1]
    carriers = haplotypes.sum(axis=1, dtype=np.int64)
    counts = SiteCounts.of(sweed.whole_positions(positions, length), carriers, np.full(len(carriers), n))
    assert_sweed(reference, counts, f"sweed.{name}.tsv", f"sweed.{name}.sfs.txt", 51)


def test_sweed_with_substitutions_is_the_programs(reference: Any) -> None:
    counts = counts_of(reference, "c-subst")
    assert_sweed(reference, counts, "sweed.c-subst.monomorphic.tsv", "sf2.c-subst.spectrum.txt", 31)


def assert_sweed(reference: Any, counts: SiteCounts, name: str, spectrum: str, n_points: int) -> None:
    table = reference.numbers(name, skip=3)
    columns = sweed.likelihood_ratios(
        counts, spectrum_of(reference, spectrum, counts.n), sweed.grid(counts, n_points)
    )
    np.testing.assert_allclose(columns["position"], table[:, 0], atol=5.1e-5)
    np.testing.assert_allclose(columns["value"], table[:, 1], rtol=2e-6, atol=1e-9)
    np.testing.assert_allclose(columns["alpha"], table[:, 2], rtol=1e-6)
    borders = np.column_stack([columns["start"], columns["end"]])
    # a site whose scaled distance rounds to 12 may fall on either side
    assert (borders != table[:, 3:]).any(axis=1).sum() <= 5


def test_a_few_ratios_hold_without_the_reference() -> None:
    positions = np.array([10.0, 420.0, 1_000.0, 1_450.0, 1_460.0, 2_300.0, 4_000.0])
    counts = SiteCounts.of(positions, np.array([1, 5, 7, 7, 6, 3, 1]), np.array([8, 8, 8, 8, 7, 8, 8]))
    spectrum = np.array([0, 0.4, 0.15, 0.1, 0.08, 0.07, 0.07, 0.13, 0])
    points = np.array([900.0, 1_440.0])
    columns = sweepfinder2.likelihood_ratios(counts, spectrum, points, mode=0)
    for point, value, strength in zip(points, columns["value"], columns["alpha"], strict=True):
        assert value == pytest.approx(slow_ratio(counts, spectrum, point, strength), abs=2e-3)
        tried = [slow_ratio(counts, spectrum, point, a) for a in np.geomspace(1e-3, 1, 60)]
        assert max(tried) <= value + 2e-3


def slow_ratio(counts: SiteCounts, spectrum: Any, point: float, strength: float) -> float:
    """Return ln p*/p summed over sites, from binomial coefficients and without a table."""
    total = 0.0
    for position, x, n in zip(counts.positions, counts.derived, counts.called, strict=True):
        scaled = strength * max(abs(position - point), 0.01)
        if scaled < 12:
            swept = [slow_swept(spectrum, b, scaled + 1e-7) for b in range(len(spectrum))]
            seen = 1 - swept[0] - swept[-1]
            total += log(sampled([p / seen for p in swept], x, n) / sampled(spectrum, x, n))
    return total


def sampled(spectrum: Any, x: int, n: int) -> float:
    size = len(spectrum) - 1
    return sum(p * comb(i, x) * comb(size - i, n - x) for i, p in enumerate(spectrum) if i >= x) / comb(
        size, n
    )


def slow_swept(spectrum: Any, b: int, d: float) -> float:
    size = len(spectrum) - 1
    total = spectrum[b] * (-expm1(-d)) ** size
    for k in range(size):
        escape = comb(size, k) * (-expm1(-d)) ** k * exp(-d * (size - k))
        swept_derived = b + 1 - size + k
        both = 0.0
        if 0 < swept_derived <= k + 1:
            both += sampled(spectrum, swept_derived, k + 1) * swept_derived / (k + 1)
        if b <= k:
            both += sampled(spectrum, b, k + 1) * (k + 1 - b) / (k + 1)
        total += escape * both
    return total


def test_folded_sites_count_both_classes(simulated: Any) -> None:
    haplotypes, positions = simulated
    n, carriers = haplotypes.shape[1], haplotypes.sum(axis=1, dtype=np.int64)
    called = np.full(len(carriers), n)
    minor = np.minimum(carriers, n - carriers)
    counts = SiteCounts.of(positions, minor, called, np.ones(len(carriers), dtype=np.bool_))
    other = SiteCounts.of(positions, n - minor, called, np.ones(len(carriers), dtype=np.bool_))
    unfolded = SiteCounts.of(positions, carriers, called)
    symmetric = estimate_spectrum(unfolded, 0)
    symmetric = (symmetric + symmetric[::-1]) / 2
    points = np.linspace(0, 150_000, 12)
    ratios = [
        sweep.likelihood_ratios(each, symmetric, points, **mode)["value"]
        for each in (counts, other)
        for sweep, mode in ((sweepfinder2, {"mode": 0}), (sweed, {}))
    ]
    np.testing.assert_array_equal(ratios[0], ratios[2])
    np.testing.assert_allclose(ratios[0], ratios[1], atol=0.05)
    assert ratios[1].max() > 0


def test_substitutions_change_with_divergence() -> None:
    spectrum = np.array([0, 0.3, 0.1, 0.1, 0.5])
    b = sweepfinder2.BackgroundSelection(np.array([0.5, 1.0]), 20_000, 10_000, 100_000)
    halved, same = b.spectra(spectrum, b.values)
    scale = (100_000 + 2 * 0.5 * (20_000 - 10_000 * 0.75)) / (100_000 + 2 * (20_000 - 10_000 * 0.75))
    expected = np.array([0, 0.15, 0.05, 0.05, 0.5 * scale])
    np.testing.assert_allclose(halved, expected / expected.sum())
    np.testing.assert_allclose(same, spectrum)


def test_wrong_counts_and_spectra_are_refused_by_name() -> None:
    at, x, n = np.array([1.0, 5.0, 3.0]), np.array([1, 2, 1]), np.array([4, 4, 4])
    with pytest.raises(DataError, match=r"site 3: expected positions in order, found 3 after 5"):
        SiteCounts.of(at, x, n)
    with pytest.raises(DataError, match=r"site 2: expected 0 to 4 derived alleles, found 9"):
        SiteCounts.of(np.sort(at), np.array([1, 9, 1]), n)
    counts = SiteCounts.of(np.sort(at), x, n)
    with pytest.raises(DataError, match="spectrum: expected one of at least 4 alleles"):
        sweepfinder2.likelihood_ratios(counts, np.array([0, 0.5, 0.5, 0]), at, mode=0)
    with pytest.raises(DataError, match="no site with 2 of 4 derived alleles"):
        sweepfinder2.likelihood_ratios(counts, np.array([0, 0.5, 0, 0.5, 0]), at, mode=0)


def test_no_sites_give_no_ratio() -> None:
    nothing = SiteCounts.of(np.empty(0), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    spectrum = np.array([0, 0.6, 0.4, 0])
    for columns in (
        sweepfinder2.likelihood_ratios(nothing, spectrum, np.array([5.0]), mode=0),
        sweed.likelihood_ratios(nothing, spectrum, np.array([5.0])),
    ):
        assert np.isnan(columns["value"]).all()
