"""Garud's H12, LASSI's T and saltiLASSI's Λ against the programs' tables and against counters."""

from __future__ import annotations

from collections import Counter
from math import exp, log
from typing import Any

import numpy as np
import pytest

from selbench import DataError
from selbench_scanners.kernels import h12, lassi

WINDOWS = [("neutral-a", 51, 10), ("sweep-b", 51, 10), ("sweep-d", 101, 25), ("neutral-e", 117, 12)]


@pytest.mark.parametrize("name", ["neutral-a", "sweep-b", "sweep-d"])
def test_garuds_scan_is_the_programs(reference: Any, name: str) -> None:
    haplotypes, positions = reference.vcf(name)
    columns = h12.homozygosity(haplotypes, positions, window_sites=100, step_sites=10)
    table = reference.table(f"garud-h12.{name}.tsv")
    for column, name_of in ((0, "position"), (1, "left"), (2, "right"), (3, "n_haplotypes")):
        np.testing.assert_array_equal(columns[name_of], [float(row[column]) for row in table])
    for column, name_of in ((6, "h1"), (7, "h2"), (8, "value"), (9, "h2_h1"), (10, "h123")):
        np.testing.assert_allclose(columns[name_of], [float(row[column]) for row in table], atol=1e-14)


@pytest.mark.parametrize(("window_sites", "step_sites"), [(40, 7), (8, 3), (3, 1)])
def test_h12_is_its_definition(simulated: Any, window_sites: int, step_sites: int) -> None:
    haplotypes, positions = simulated
    columns = h12.homozygosity(haplotypes, positions, window_sites=window_sites, step_sites=step_sites)
    n, half = haplotypes.shape[1], window_sites // 2
    centres = range(half, len(positions) - half - 1, step_sites)
    assert columns["position"].tolist() == [positions[c] for c in centres]
    for i, c in enumerate(centres):
        rows = haplotypes[c - half : c + half + 1].T
        counts = sorted(Counter(row.tobytes() for row in rows).values(), reverse=True)
        repeated = [count for count in counts if count > 1]
        h1 = sum((count / n) ** 2 for count in counts)
        expected = h1 + 2 * repeated[0] * repeated[1] / n**2 if len(repeated) > 1 else h1
        if not repeated:
            expected = (2 / n) ** 2 + (n - 2) / n**2
        assert columns["value"][i] == pytest.approx(expected, abs=1e-14)
        assert columns["n_haplotypes"][i] == len(counts)


@pytest.mark.parametrize(("name", "window_sites", "step_sites"), WINDOWS)
def test_spectra_t_and_lambda_are_lassips(
    reference: Any, name: str, window_sites: int, step_sites: int
) -> None:
    haplotypes, positions = reference.vcf(name)
    spectra = lassi.haplotype_spectra(haplotypes, positions, window_sites=window_sites, step_sites=step_sites)
    table = reference.numbers(f"lassip.{name}.spectra.tsv.gz", skip=2, first=1)
    parts = spectra.parts
    for column, part in ((0, "start"), (1, "end"), (3, "position"), (5, "n_haplotypes")):
        np.testing.assert_array_equal(parts[part], table[:, column])
    for column, part in ((6, "h12"), (7, "h2_h1")):
        np.testing.assert_allclose(parts[part], table[:, column], rtol=5.1e-6)
    np.testing.assert_array_equal(spectra.frequencies, table[:, 8:])
    sweeps = lassi.SweepSpectra.of(spectra.frequencies.mean(axis=0))
    t, m = lassi.t_statistic(spectra, sweeps)
    table_t = reference.table(f"lassip.{name}.lassi.tsv.gz", skip=1)
    assert [[f"{a:g}", f"{b:.6g}"] for a, b in zip(m, t, strict=True)] == [row[-2:] for row in table_t]
    value, m, footprint = lassi.lambda_statistic(spectra, sweeps)
    table_l = reference.table(f"lassip.{name}.salti.tsv.gz", skip=1)
    assert [f"{x:.6g}" for x in value] == [row[-1] for row in table_l]
    assert [f"{x:g}" for x in m] == [row[-3] for row in table_l]
    ties = sum(f"{x:.6g}" != row[-2] for x, row in zip(footprint, table_l, strict=True))
    assert ties <= 1


def slow_sweeps(null: list[float]) -> list[tuple[int, list[float]]]:
    k = len(null)
    sweeps, step = [], 1 / (100 * k)
    for m in range(1, k):
        floor = step
        while floor <= null[-1]:
            q = list(null)
            for i in range(m + 1, k + 1):
                share = (i - m - 1) / (k - m - 1) if m < k - 1 else 1.0
                q[i - 1] = null[-1] - share * (null[-1] - floor)
            lost = sum(null[m:]) - sum(q[m:])
            for i in range(1, m + 1):
                q[i - 1] = null[i - 1] + lost * exp(-i) / sum(exp(-j) for j in range(1, m + 1))
            sweeps.append((m, q))
            floor += step
    return sweeps


def test_t_and_lambda_are_their_definitions(simulated: Any) -> None:
    haplotypes, positions = simulated
    k = 6
    spectra = lassi.haplotype_spectra(haplotypes, positions, window_sites=17, step_sites=9, n_classes=k)
    n, centres = haplotypes.shape[1], spectra.parts["position"]
    for start, of_window in zip(range(0, len(positions), 9), spectra.frequencies, strict=False):
        counts = Counter(row.tobytes() for row in haplotypes[start : start + 17].T).most_common(k)
        top = [count for _, count in counts] + [0] * (k - len(counts))
        np.testing.assert_allclose(of_window, np.array(top) / sum(top), rtol=1e-5)
    null = spectra.frequencies.mean(axis=0).tolist()
    sweeps = slow_sweeps(null)
    ratios = [
        [n * sum(h * log(q / p) for h, q, p in zip(row, sweep, null, strict=True)) for _, sweep in sweeps]
        for row in spectra.frequencies.tolist()
    ]
    fast = lassi.SweepSpectra.of(np.array(null))
    t, m = lassi.t_statistic(spectra, fast)
    np.testing.assert_allclose(t, [2 * max(0.0, *row) for row in ratios], atol=1e-9)
    assert m.tolist() == [sweeps[int(np.argmax(row))][0] if max(row) > 0 else 0 for row in ratios]
    value, _, footprint = lassi.lambda_statistic(spectra, fast, max_distance_bp=20_000)
    for w in range(0, len(centres), 5):
        if value[w] > 0:
            near = [v for v in range(len(centres)) if abs(centres[v] - centres[w]) <= 20_000]
            near = [v for v in range(near[0] - 1, near[-1] + 2) if 0 <= v < len(centres)]
            weights = [exp(-abs(centres[v] - centres[w]) / footprint[w]) for v in near]
            sums = [
                sum(a * ratios[v][q] for a, v in zip(weights, near, strict=True)) for q in range(len(sweeps))
            ]
            assert value[w] == pytest.approx(2 * max(sums), rel=1e-9)


def test_too_few_haplotypes_for_so_many_classes_are_refused(simulated: Any) -> None:
    haplotypes, positions = simulated
    spectra = lassi.haplotype_spectra(haplotypes, positions, window_sites=2, step_sites=2)
    with pytest.raises(DataError, match="null spectrum: expected the 10th haplotype at a frequency"):
        lassi.SweepSpectra.of(spectra.frequencies.mean(axis=0))


def test_fewer_sites_than_a_window_give_no_row(simulated: Any) -> None:
    haplotypes, positions = simulated
    assert len(h12.homozygosity(haplotypes[:100], positions[:100], window_sites=400)["value"]) == 0
    spectra = lassi.haplotype_spectra(haplotypes[:5], positions[:5], window_sites=6, step_sites=1)
    assert len(spectra.frequencies) == 0
