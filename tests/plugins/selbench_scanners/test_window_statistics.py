"""The statistics that come with the scanners keep their contract and their formulas."""

from __future__ import annotations

from collections import Counter
from math import sqrt

import numpy as np
import pytest

from selbench import Windows
from selbench.plugin import Registry
from selbench.statistics import compute
from selbench.testing import StatisticContract, random_windows
from selbench_scanners import window_statistics
from selbench_scanners.window_statistics import SHIPPED

for _statistic in SHIPPED:
    _name = f"Test{_statistic.__name__}"
    globals()[_name] = type(_name, (StatisticContract,), {"statistic": staticmethod(_statistic)})

del StatisticContract, _statistic

WINDOWS = random_windows(9, seed=4, mean_sites=12.0)


@pytest.fixture(autouse=True)
def loaded() -> Registry:
    return Registry.installed()


@pytest.mark.parametrize("percent", [30, 40, 50])
def test_ncd1_is_the_distance_of_frequencies_from_its_target(percent: int) -> None:
    target = percent / 100
    for windows, value in zip(WINDOWS, compute(WINDOWS, [f"ncd1_{percent}"])[:, 0], strict=True):
        minor = [min(row.mean(), 1 - row.mean()) for row in windows.haplotypes]
        expected = sqrt(sum((f - target) ** 2 for f in minor) / len(minor)) if minor else target
        assert value == pytest.approx(expected)


def test_haf_is_summed_over_the_sites_that_a_haplotype_has() -> None:
    for (haplotypes, _), value in zip(WINDOWS, compute(WINDOWS, ["max_haf"])[:, 0], strict=True):
        scores = [sum(row.mean() for row in haplotypes if row[j]) for j in range(WINDOWS.spec.n_haplotypes)]
        assert value == pytest.approx(max(scores, default=0))


def test_genotypes_are_counted_by_individual_whatever_their_phase() -> None:
    swapped = WINDOWS.haplotypes.copy()
    swapped[:, [0, 1]] = swapped[:, [1, 0]]
    other = Windows(WINDOWS.spec, swapped, WINDOWS.positions, WINDOWS.offsets)
    found = compute(WINDOWS, ["g123", "g2_g1"])
    np.testing.assert_array_equal(found, compute(other, ["g123", "g2_g1"]))
    for (haplotypes, _), (g123, ratio) in zip(WINDOWS, found, strict=True):
        pairs = haplotypes[:, ::2].astype(int) + haplotypes[:, 1::2]
        counts = sorted(Counter(map(tuple, pairs.T.tolist())).values(), reverse=True)
        q = [count / sum(counts) for count in counts]
        assert g123 == pytest.approx(sum(q[:3]) ** 2 + sum(x * x for x in q[3:]))
        assert ratio == pytest.approx(1 - q[0] ** 2 / sum(x * x for x in q))


def test_names_do_not_claim_to_be_phased_ones() -> None:
    assert {"g123", "g2_g1"} <= {function.__name__ for function in window_statistics.SHIPPED}
