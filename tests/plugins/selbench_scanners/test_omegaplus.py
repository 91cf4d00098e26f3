"""OmegaPlus's ω against the program's tables and against correlations written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from selbench_scanners.kernels import omegaplus


@pytest.mark.parametrize(
    ("name", "length"), [("bottleneck-c", 3e5), ("neutral-a", 2e5), ("sweep-b", 2e5), ("sweep-d", 1e6)]
)
def test_borders_are_the_programs_and_omega_to_single_precision(
    reference: Any, name: str, length: float
) -> None:
    haplotypes, positions = reference.ms(name)
    whole = omegaplus.whole_positions(positions, length)
    columns = omegaplus.omega(
        haplotypes, whole, omegaplus.grid(whole, 51), min_window_bp=1_000, max_window_bp=50_000
    )
    table = reference.numbers(f"omegaplus.{name}.tsv", skip=1)
    valid = table[:, 4] == 1
    np.testing.assert_array_equal(columns["valid"], table[:, 4])
    np.testing.assert_allclose(columns["position"], table[:, 0], atol=5.1e-5)
    np.testing.assert_array_equal(columns["left"][valid], table[valid, 2])
    np.testing.assert_array_equal(columns["right"][valid], table[valid, 3])
    np.testing.assert_allclose(columns["value"][valid], table[valid, 1], rtol=4e-4)


def slow_omega(
    haplotypes: Any, positions: Any, point: float, near: float, far: float
) -> tuple[float, float, float]:
    """Try every pair of borders, with r² as numpy correlates."""
    n = haplotypes.shape[1]
    linked = n * np.corrcoef(haplotypes.astype(float)) ** 2
    left = [i for i, p in enumerate(positions) if int(point - far) <= p <= point]
    right = [i for i, p in enumerate(positions) if point < p <= int(point + far)]
    best = (-1.0, 0.0, 0.0)
    for a in reversed(left):
        for b in right:
            inner_left = [i for i in left if i >= a]
            inner_right = [i for i in right if i <= b]
            n_left, n_right = len(inner_left), len(inner_right)
            too_near = any(int(point - near) <= positions[i] for i in left if i < a)
            too_near |= any(positions[i] <= int(point + near) for i in right if i > b)
            if n_left < 5 or n_right < 5 or too_near:
                continue
            within = sum(linked[i, j] for i in inner_left for j in inner_left if i < j)
            within += sum(linked[i, j] for i in inner_right for j in inner_right if i < j)
            across = sum(linked[i, j] for i in inner_left for j in inner_right)
            omega = within / (n_left * (n_left - 1) / 2 + n_right * (n_right - 1) / 2)
            omega /= across / (n_left * n_right) + 1e-5
            if omega > best[0] * (1 + 1e-12):
                best = (omega, positions[a], positions[b])
    return best


@pytest.mark.parametrize(("near", "far"), [(500.0, 9_000.0), (2_500.0, 12_000.0)])
def test_omega_is_the_largest_over_all_borders(simulated: Any, near: float, far: float) -> None:
    haplotypes, positions = simulated
    points = np.array([40_000.0, 75_500.0, 101_000.0])
    columns = omegaplus.omega(haplotypes, positions, points, min_window_bp=near, max_window_bp=far)
    for i, point in enumerate(points):
        expected = slow_omega(haplotypes, positions, point, near, far)
        if expected[0] < 0:
            assert columns["valid"][i] == 0
        else:
            found = (columns["value"][i], columns["left"][i], columns["right"][i])
            assert found == pytest.approx(expected, rel=1e-9)


def test_points_with_too_few_sites_are_not_valid(simulated: Any) -> None:
    haplotypes, positions = simulated
    columns = omegaplus.omega(
        haplotypes, positions, np.array([0.0, 149_999.0]), min_window_bp=100, max_window_bp=5_000
    )
    assert np.isnan(columns["value"]).all()
    assert not columns["valid"].any()
    empty = omegaplus.omega(haplotypes[:0], positions[:0], np.array([5.0]), min_window_bp=1, max_window_bp=9)
    assert not empty["valid"].any()
