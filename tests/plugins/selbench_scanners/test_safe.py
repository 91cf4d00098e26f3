"""SAFE and iSAFE against the program's tables and against their definitions in plain Python."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pytest

from selbench_scanners.kernels import safe


@pytest.mark.parametrize("name", ["neutral-a", "sweep-b", "neutral-e", "sweep-d"])
def test_safe_is_the_programs(reference: Any, name: str) -> None:
    columns = safe.safe(*reference.vcf(name))
    table = reference.numbers(f"safe.{name}.tsv.gz", skip=1)
    for column, name_of in enumerate(("position", "value", "frequency", "phi", "kappa")):
        np.testing.assert_allclose(columns[name_of], table[:, column], atol=1e-15)


@pytest.mark.parametrize("name", ["neutral-e", "sweep-d"])
def test_isafe_is_the_programs(reference: Any, name: str) -> None:
    columns = safe.isafe(*reference.vcf(name))
    table = reference.numbers(f"isafe.{name}.tsv", skip=1)
    for column, name_of in enumerate(("position", "value", "frequency")):
        np.testing.assert_allclose(columns[name_of], table[:, column], atol=1e-15)


def slow_phi_kappa(rows: list[list[int]], haf: list[int]) -> list[tuple[float, float, float]]:
    return [
        (
            sum(h for h, allele in zip(haf, row, strict=True) if allele) / sum(haf),
            len({h for h, allele in zip(haf, row, strict=True) if allele}) / len(set(haf)),
            sum(row) / len(row),
        )
        for row in rows
    ]


def root(share: float) -> float:
    return sqrt(share * (1 - share)) or 1.0


def slow_safe(rows: list[list[int]]) -> tuple[list[int], list[float]]:
    haf = [sum(sum(row) for row in rows if row[j]) for j in range(len(rows[0]))]
    three = slow_phi_kappa(rows, haf)
    first = [(phi - kappa) / root(kappa) for phi, kappa, _ in three]
    weight = three[first.index(max(first))][2]
    values = [
        (1 - weight) * p1 + weight * (phi - kappa) / root(f)
        for p1, (phi, kappa, f) in zip(first, three, strict=True)
    ]
    return haf, values


def test_safe_is_its_definition(simulated: Any) -> None:
    haplotypes, positions = simulated
    _, expected = slow_safe(haplotypes.tolist())
    np.testing.assert_allclose(safe.safe(haplotypes, positions)["value"], expected, atol=1e-12)


@pytest.mark.parametrize(("window", "step", "top"), [(60, 30, 1), (45, 20, 2)])
def test_isafe_is_its_definition(simulated: Any, window: int, step: int, top: int) -> None:
    haplotypes, positions = simulated
    rows = haplotypes.tolist()
    starts = [start for start in range(0, len(rows), step) if start + window < len(rows)]
    first: set[int] = set()
    second: set[int] = set()
    hafs = []
    for start in starts:
        haf, values = slow_safe(rows[start : start + window])
        ranked = sorted(range(window), key=lambda i, v=values: -v[i])  # type: ignore[misc]
        first |= {start + i for i in ranked[:top]}
        second |= {start + i for i in ranked[:15]}
        hafs.append(haf)
    sites = sorted(first | second)
    psi = [
        [max(0.0, (phi - kappa) / root(f)) for phi, kappa, f in slow_phi_kappa([rows[s] for s in sites], haf)]
        for haf in hafs
    ]
    alpha = [sum(value for s, value in zip(sites, row, strict=True) if s in first) for row in psi]
    expected = {
        positions[s]: sum(a * row[i] for a, row in zip(alpha, psi, strict=True)) / sum(alpha)
        for i, s in enumerate(sites)
        if sum(rows[s]) / len(rows[s]) < 0.95
    }
    columns = safe.isafe(haplotypes, positions, window_sites=window, step_sites=step, top=top)
    assert columns["position"].tolist() == list(expected)
    np.testing.assert_allclose(columns["value"], list(expected.values()), atol=1e-12)


def test_fewer_sites_than_a_window_give_no_candidates(simulated: Any) -> None:
    haplotypes, positions = simulated
    assert len(safe.isafe(haplotypes[:60], positions[:60], window_sites=60)["value"]) == 0
    assert len(safe.safe(haplotypes[:0], positions[:0])["value"]) == 0
