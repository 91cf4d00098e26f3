"""Flex-sweep's statistics of sites and regions against its scripts' tables and against plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from selbench_scanners.kernels import flexsweep_regions, flexsweep_sites

SCRIPTS = {"DIND": 0, "hapDAF-o": 1, "hapDAF-s": 2, "Sratio": 3, "highfreq": 4, "lowfreq": 5}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("name", ["neutral-a", "sweep-b", "flex-f"])
def test_every_site_is_the_scripts(reference: Any, name: str, script: str) -> None:
    haplotypes, positions = reference.vcf(name)
    focal, values = flexsweep_sites.site_statistics(haplotypes, positions)
    value = values[:, SCRIPTS[script]]
    table = reference.numbers(f"flexsweep.{name}.{script}.txt", skip=1)
    known = np.isfinite(value)
    np.testing.assert_array_equal(positions[focal[known]], table[:, 0])
    np.testing.assert_allclose(value[known], table[:, 1], rtol=1e-13)


def test_regions_are_the_scripts(reference: Any) -> None:
    haplotypes, positions = reference.vcf("flex-f")
    for size, expected in ((1_200_000, 5.76801588567227), (500_000, 6.17056547970765)):
        inside = flexsweep_regions.within(positions, 600_000, size)
        score = flexsweep_regions.high_allele_frequency_score(haplotypes[inside])
        assert score == pytest.approx(expected, abs=1e-13)
    for size, expected in ((1_200_000, 0.0016), (500_000, 0.0025), (50_000, 0.4489)):
        inside = flexsweep_regions.within(positions, 600_000, size)
        h12 = flexsweep_regions.joined_h12(haplotypes[inside], positions[inside], 600_000)
        assert h12 == pytest.approx(expected, abs=1e-14)


def slow_statistics(matrix: Any, positions: Any, site: int, window_bp: float) -> list[float]:
    n = matrix.shape[1]
    has = [j for j in range(n) if matrix[site, j]]
    lacks = [j for j in range(n) if not matrix[site, j]]
    others = [
        i for i in range(len(positions)) if i != site and abs(positions[i] - positions[site]) <= window_bp / 2
    ]
    f = [
        (
            sum(matrix[i, j] for j in has) / len(has),
            sum(matrix[i, j] for j in lacks) / len(lacks),
            sum(matrix[i]) / n,
        )
        for i in others
    ]

    def mean(values: list[float]) -> float:
        return sum(values) / len(values) if values else float("nan")

    d, a = len(has), len(lacks)
    dind = sum(fa * (1 - fa) for _, fa, _ in f) * a / (a - 1 + 0.001)
    dind /= sum(fd * (1 - fd) for fd, _, _ in f) * d / (d - 1) + 0.001
    sratio = sum(2 if 0 < fa < 1 else 1 for _, fa, _ in f) / sum(2 if 0 < fd < 1 else 1 for fd, _, _ in f)
    return [
        dind,
        mean([fd**2 - fa**2 for fd, fa, ft in f if fd > fa and fa <= 0.25 and ft >= 0.25]),
        mean([fd**2 - fa**2 for fd, fa, ft in f if fd > fa and fa <= 0.1 and ft >= 0.1]),
        sratio,
        mean([fd**2 for fd, _, _ in f if fd > 0.25]),
        mean([(1 - fd) ** 2 for fd, _, _ in f if fd < 0.25]),
    ]


@pytest.mark.parametrize("window_bp", [50_000.0, 8_000.0])
def test_statistics_are_their_definitions(simulated: Any, window_bp: float) -> None:
    haplotypes, positions = simulated
    focal, values = flexsweep_sites.site_statistics(haplotypes, positions, window_bp=window_bp)
    frequency = haplotypes.mean(axis=1)
    assert focal.tolist() == np.flatnonzero((frequency >= 0.25) & (frequency <= 0.95)).tolist()
    whole = haplotypes.astype(int)
    for row in range(0, len(focal), 5):
        expected = slow_statistics(whole, positions, int(focal[row]), window_bp)
        np.testing.assert_allclose(values[row], expected, rtol=1e-12)


def test_a_lone_site_has_no_statistics() -> None:
    site = np.array([[1, 1, 0, 0]], dtype=np.uint8)
    _, values = flexsweep_sites.site_statistics(site, np.array([5.0]))
    assert np.isnan(values).all()
    focal, _ = flexsweep_sites.site_statistics(site[:0], np.empty(0))
    assert len(focal) == 0
