"""Gaps and lost sites of a genome, laid on simulated windows."""

from __future__ import annotations

import numpy as np
import pytest

from selbench.scan.observation import WHOLE, Observation
from selbench.scan.sliding import Places
from selbench.scan.yardstick import Yardstick, judge
from selbench.windows import Windows

N_SITES = 40


def windows_of(n_windows: int) -> Windows:
    rng = np.random.default_rng(2)
    return Windows.from_arrays(
        [rng.integers(0, 2, (N_SITES, 4)).astype(np.uint8) for _ in range(n_windows)],
        [np.sort(rng.random(N_SITES) * 1000) for _ in range(n_windows)],
        sequence_length=1000,
    )


def test_a_window_takes_the_gaps_of_one_of_the_genomes_windows() -> None:
    masks = (np.array([[0, 300], [700, 800]]), np.array([[500, 900]]))
    windows = windows_of(60)
    laid = Observation(masks={1: masks}).laid_on(windows, 1, np.random.default_rng(1))
    taken = set()
    for (haplotypes, positions), (before, at) in zip(laid, windows, strict=True):
        inside = [((at[:, None] >= mask[:, 0]) & (at[:, None] < mask[:, 1])).any(axis=1) for mask in masks]
        (chosen,) = [i for i, kept in enumerate(inside) if np.array_equal(at[kept], positions)]
        np.testing.assert_array_equal(haplotypes, before[inside[chosen]])
        taken.add(chosen)
    assert taken == {0, 1}


def test_sites_are_lost_at_the_genomes_rate_and_a_window_without_gaps_loses_no_more() -> None:
    windows = windows_of(200)
    laid = Observation(lost=0.3).laid_on(windows, WHOLE, np.random.default_rng(1))
    assert laid.n_sites.mean() == pytest.approx(0.7 * N_SITES, rel=0.05)
    same = Observation().laid_on(windows, WHOLE, np.random.default_rng(1))
    np.testing.assert_array_equal(same.positions, windows.positions)


def test_p_compares_windows_that_were_observed_alike() -> None:
    yardstick = Yardstick(np.linspace(0, 0.5, 99), 0.05, partly={1: np.linspace(0.5, 1, 99)})
    places = Places(np.zeros(3, dtype=np.int64), np.array([0, 100, 200]), 100)
    observed = np.array([1.0, 0.6, 0.3])
    found = judge(yardstick, places, np.full(3, 0.75), step_bp=100, observed=observed)
    assert found.p_sim[0] == 0.01
    assert found.p_sim[1] == pytest.approx(0.5, abs=0.02)
    assert np.isnan(found.p_sim[2])
    assert found.called.tolist() == [True, False, False]
    assert found.apart.tolist() == [True, True, False]
