"""RAiSD's μ against the program's tables and against its definition, window by window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from selbench_scanners.kernels import raisd

COLUMNS = ("mu_var", "mu_sfs", "mu_ld", "value")


def as_printed(columns: dict[str, Any]) -> list[list[str]]:
    rows = zip(*(columns[name] for name in ("position", "start", "end", *COLUMNS)), strict=True)
    return [[*(f"{x:.0f}" for x in row[:3]), *(f"{x:.3e}" for x in row[3:])] for row in rows]


@pytest.mark.parametrize("name", ["bottleneck-c", "neutral-a", "neutral-e", "sweep-b", "sweep-d"])
def test_every_row_of_ms_input_is_the_programs(reference: Any, name: str) -> None:
    haplotypes, positions = reference.ms(name)
    length = {"n": 200_000, "s": 200_000, "b": 300_000}[name[0]] if name[-1] in "abc" else 1_000_000
    columns = raisd.mu(haplotypes, positions, n_sites=len(positions), length_bp=length)
    assert as_printed(columns) == reference.table(f"raisd.{name}.tsv.gz")


@pytest.mark.parametrize(("table", "length"), [("vcf", None), ("vcfB", 200_000)])
def test_every_row_of_vcf_input_is_the_programs(reference: Any, table: str, length: int | None) -> None:
    haplotypes, positions = reference.vcf("sweep-b")
    columns = raisd.mu(haplotypes, positions, n_sites=len(positions), length_bp=length or positions[-1])
    assert as_printed(columns) == reference.table(f"raisd.sweep-b-{table}.tsv.gz")


def test_other_windows_and_a_wider_edge_are_the_programs(reference: Any) -> None:
    haplotypes, positions = reference.ms("sweep-b")
    columns = raisd.mu(
        haplotypes, positions, window_sites=20, edge=2, n_sites=len(positions), length_bp=200_000
    )
    assert as_printed(columns) == reference.table("raisd.sweep-b-w20c2.tsv.gz")


def test_points_between_windows_are_interpolated_as_the_program_does(reference: Any) -> None:
    haplotypes, positions = reference.ms("sweep-b")
    columns = raisd.mu(haplotypes, positions, n_sites=len(positions), length_bp=200_000)
    points = np.linspace(columns["position"][0], columns["position"][-1], 51)[1:]
    assert as_printed(raisd.at_grid(columns, points)) == reference.table("raisd.sweep-b-G.tsv.gz")


@pytest.mark.parametrize("kept", ["M0", "M2", "M3"])
def test_missing_calls_are_dropped_or_kept_as_the_program_does(reference: Any, kept: str) -> None:
    haplotypes, positions = reference.vcf("sweep-b-missing")
    derived, called = (haplotypes == 1).sum(axis=1), (haplotypes <= 1).sum(axis=1)
    is_kept = called == haplotypes.shape[1] if kept == "M0" else (derived > 0) & (derived < called)
    columns = raisd.mu(
        haplotypes[is_kept],
        positions[is_kept],
        n_sites=int(is_kept.sum()),
        length_bp=positions[-1],
        joint=kept == "M3",
    )
    assert as_printed(columns) == reference.table(f"raisd.sweep-b-miss-{kept}.tsv.gz")


def slow_joint_ids(matrix: Any) -> list[int]:
    """Compare every site with the first of each pattern, among the haplotypes that both call."""
    firsts: list[Any] = []
    ids = []
    for site in matrix:
        equal = [(site == first)[(site <= 1) & (first <= 1)] for first in firsts]
        alike = [pattern for pattern, same in enumerate(equal) if same.all() or not same.any()]
        ids.append(alike[0] if alike else len(firsts))
        if not alike:
            firsts.append(site)
    return ids


@pytest.mark.parametrize("n_haplotypes", [7, 70])
def test_patterns_are_compared_among_jointly_called_haplotypes(n_haplotypes: int) -> None:
    from selbench_scanners.kernels.bits import jointly_called_ids, pack_sites, pattern_ids

    rng = np.random.default_rng(5)
    kinds = rng.integers(0, 2, size=(6, n_haplotypes), dtype=np.uint8)
    sites = kinds[rng.integers(0, 6, size=60)] ^ rng.integers(0, 2, size=(60, 1), dtype=np.uint8)
    np.testing.assert_array_equal(jointly_called_ids(*pack_sites(sites)), pattern_ids(*pack_sites(sites)))
    sites[rng.random(sites.shape) < 0.3] = 255
    assert jointly_called_ids(*pack_sites(sites)).tolist() == slow_joint_ids(sites)


def slow_mu(
    matrix: Any, positions: Any, w: int, k: int, n_sites: int, length: float
) -> list[tuple[float, ...]]:
    """Write out the definition with Python's own sets of text, in double precision."""
    n = matrix.shape[1]
    text = ["".join(map(str, row)) for row in matrix.tolist()]
    patterns = [min(row, row.translate(str.maketrans("01", "10"))) for row in text]
    rows = []
    for i in range(len(positions) - w + 1):
        left, right = patterns[i : i + w // 2], patterns[i + w // 2 : i + w]
        only_left, only_right = set(left) - set(right), set(right) - set(left)
        shared = len(only_left) * sum(p in only_left for p in left)
        shared += len(only_right) * sum(p in only_right for p in right)
        ld = shared / (len(set(left)) * len(set(right))) or 1e-10
        edges = sum(row.count("1") <= k or row.count("1") >= n - k for row in text[i : i + w]) or 1e-10
        var = (positions[i + w - 1] - positions[i]) / length * n_sites / w
        sfs = edges * sum(1 / j for j in range(1, n)) / w
        rows.append((var, sfs, ld, var * sfs * ld))
    return rows


@pytest.mark.parametrize(("window_sites", "edge"), [(50, 1), (30, 2), (6, 3)])
def test_mu_is_its_definition(simulated: Any, window_sites: int, edge: int) -> None:
    haplotypes, positions = simulated
    columns = raisd.mu(
        haplotypes, positions, window_sites=window_sites, edge=edge, n_sites=90, length_bp=140_000
    )
    expected = slow_mu(haplotypes, positions, window_sites, edge, 90, 140_000)
    np.testing.assert_allclose(np.column_stack([columns[name] for name in COLUMNS]), expected, rtol=1e-5)


def test_fewer_sites_than_a_window_give_no_row(simulated: Any) -> None:
    haplotypes, positions = simulated
    for n_sites in (0, 1, 49):
        columns = raisd.mu(haplotypes[:n_sites], positions[:n_sites], n_sites=n_sites, length_bp=1e5)
        assert all(len(column) == 0 for column in columns.values())
