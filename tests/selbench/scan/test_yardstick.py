"""Scores held against null scores: p_sim, threshold, rank, q, and candidate regions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selbench.errors import DataError
from selbench.formats.genes import Genes
from selbench.formats.genome_windows import Places
from selbench.scan.regions import candidate_regions, regions_table, runs_of
from selbench.scan.yardstick import (
    Yardstick,
    judge,
    needed_null_windows,
    q_values,
    threshold_at,
    windows_apart,
)


def places(*starts: int, window_bp: int = 100, chromosome: int = 0) -> Places:
    return Places(
        np.full(len(starts), chromosome, dtype=np.int64), np.array(starts, dtype=np.int64), window_bp
    )


@pytest.mark.parametrize("m", [9, 99, 250])
@pytest.mark.parametrize("fpr", [0.01, 0.1, 0.3])
def test_a_window_is_called_just_where_p_sim_is_at_most_the_rate(m: int, fpr: float) -> None:
    rng = np.random.default_rng(m)
    null = np.sort(rng.integers(0, 40, m) / 40)  # with ties
    scores = rng.integers(0, 41, 500) / 40
    by_hand = np.array([(1 + sum(null >= score)) / (m + 1) for score in scores])
    yardstick = Yardstick(null, fpr)
    np.testing.assert_allclose(yardstick.p_sim(scores), by_hand)
    called = np.zeros(500, bool) if yardstick.threshold is None else scores > yardstick.threshold
    assert called.tolist() == (by_hand <= fpr + 1e-12).tolist()


def test_null_windows_are_called_at_the_rate_itself() -> None:
    rng = np.random.default_rng(1)
    shares = []
    for _ in range(400):
        threshold = threshold_at(np.sort(rng.random(199)), 0.02)
        assert threshold is not None
        shares.append(1 - threshold)
    assert abs(np.mean(shares) - 0.02) < 4 * np.std(shares) / 20


def test_skipped_windows_have_no_p_no_rank_and_are_not_called() -> None:
    scores = np.array([0.9, np.nan, 0.9, 0.1])
    found = judge(Yardstick(np.zeros(99), 0.05), places(0, 100, 200, 300), scores, step_bp=100)
    assert found.rank.tolist() == [1, 0, 1, 3]
    assert np.isnan(found.p_sim).tolist() == np.isnan(found.q).tolist() == [False, True, False, False]
    assert found.called.tolist() == [True, False, True, True]
    assert found.apart.tolist() == [True, False, True, True]


def test_windows_apart_share_no_base_pair_on_any_chromosome() -> None:
    two = Places(np.array([0] * 7 + [1] * 5), np.r_[np.arange(50, 260, 30), np.arange(0, 150, 30)], 100)
    chosen = windows_apart(two, 30)
    assert two.start[chosen].tolist() == [50, 170, 0, 120]
    assert two.chromosome[chosen].tolist() == [0, 0, 1, 1]
    assert windows_apart(places(0, 300, 600), 300).all()


def test_q_is_the_least_rate_at_which_benjamini_and_hochberg_call_a_window() -> None:
    p = np.round(np.random.default_rng(3).random(30) ** 2, 2)
    q, order = q_values(p), np.sort(p)
    for level in np.linspace(0.01, 1, 60):
        kept = [k for k in range(1, 31) if order[k - 1] <= level * k / 30 + 1e-12]
        limit = order[kept[-1] - 1] if kept else -1
        assert ((q <= level + 1e-9) == (p <= limit)).all()


def test_q_is_given_only_where_the_null_windows_can_reach_it() -> None:
    n_windows = 20
    scores = np.r_[0.99, np.linspace(0, 0.5, n_windows - 1)]
    at = places(*range(0, 100 * n_windows, 100))
    needed = needed_null_windows(n_windows, 1)
    assert 1 / (needed + 1) <= 0.05 / n_windows < 1 / needed
    few = judge(Yardstick(np.linspace(0, 0.9, needed - 1), 0.01), at, scores, step_bp=100)
    assert few.why_no_q.startswith(f"needs m ≥ {needed} null windows for one call among 20 windows")
    enough = judge(Yardstick(np.linspace(0, 0.9, needed), 0.01), at, scores, step_bp=100)
    assert not enough.why_no_q
    assert enough.q[0] == pytest.approx(0.05)
    misfit = judge(Yardstick(np.linspace(0, 0.9, needed), 0.01), at, scores, step_bp=100, misfits=("why",))
    assert "do not fit" in misfit.why_no_q
    assert np.isnan(misfit.q).all()


def test_with_too_few_null_windows_nothing_is_called() -> None:
    yardstick = Yardstick(np.linspace(0, 0.5, 50), 0.01)
    assert yardstick.threshold is None
    assert not judge(yardstick, places(0), np.array([1.0]), step_bp=100).called.any()
    with pytest.raises(DataError, match="fpr: expected a rate"):
        Yardstick(np.zeros(1), 0.0)


def test_called_windows_that_touch_are_one_region_named_by_its_peak() -> None:
    at = Places(np.array([0] * 6 + [1]), np.array([0, 50, 100, 150, 200, 300, 300]), 100)
    scores = np.array([0.2, 0.8, 0.9, 0.1, 0.2, 0.95, 0.97])
    judgement = judge(Yardstick(np.linspace(0, 0.7, 99), 0.01), at, scores, step_bp=50)
    assert [run.tolist() for run in runs_of(judgement.called, at)] == [[1, 2], [5], [6]]
    genes = Genes({"1": np.array([[0, 60], [10, 50], [199, 205]])}, {"1": ("first", "before", "second")})
    regions = candidate_regions(judgement, at, scores, ["1", "2"], genes)
    assert [(r.chromosome, r.start, r.end, r.n_windows, r.rank) for r in regions] == [
        ("2", 300, 400, 1, 1),
        ("1", 300, 400, 1, 2),
        ("1", 50, 200, 2, 3),
    ]
    assert (regions[2].peak_start, regions[2].peak) == (100, 0.9)
    assert regions[2].genes == ("first", "second")
    assert regions[0].expected_windows_as_high == pytest.approx(7 / 100)
    assert math.isnan(regions[0].expected_regions_as_high)
    assert regions_table(regions)["genes"].tolist() == ["", "", "first,second"]
    assert regions_table(())["peak"].tolist() == []


def test_expected_regions_are_those_of_neutral_stretches_as_high() -> None:
    yardstick = Yardstick(np.zeros(99), 0.01, peaks=np.array([0.6, 0.7, 0.9]), n_in_stretches=300)
    assert yardstick.regions_as_high(0.7, 1000) == pytest.approx(2 / 300 * 1000)
    assert yardstick.regions_as_high(0.95, 1000) == 0
