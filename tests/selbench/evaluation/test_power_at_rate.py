from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench.evaluation.bootstrap import draw_counts
from selbench.evaluation.power import call_threshold, interpolated_power, windows_needed
from selbench.evaluation.roc import RankedScores

tied_scores = st.lists(st.integers(0, 12).map(float), min_size=1, max_size=60)
rates = st.sampled_from([0.01, 0.05, 0.1, 0.3, 0.7])


def once(scores):
    return RankedScores.of(np.array(scores), np.ones((1, len(scores))))


def power_of_the_rule(positive, null, alpha):
    """The rule, said plainly: the lowest score of a null window that calls at most k of them."""
    most = floor(alpha * (len(null) + 1) + 1e-9)
    called = {t: sum(score >= t for score in null) for t in null}
    fitting = [t for t, n in called.items() if n <= most]
    if most == 0:
        return 0.0, 0.0
    if not fitting:
        return sum(score > max(null) for score in positive) / len(positive), 0.0
    threshold = min(fitting)
    return sum(score >= threshold for score in positive) / len(positive), called[threshold] / len(null)


def power_on_the_line(positive, null, alpha):
    points = [(0.0, sum(score > max(null) for score in positive) / len(positive))] + [
        (sum(s >= t for s in null) / len(null), sum(s >= t for s in positive) / len(positive))
        for t in sorted(set(null), reverse=True)
    ]
    return np.interp(alpha, *zip(*points, strict=True))


@given(positive=tied_scores, null=tied_scores, alpha=rates, seed=st.integers(0, 99))
def test_power_of_every_resample_follows_the_rule(positive, null, alpha, seed):
    rng = np.random.default_rng(seed)
    counts = [draw_counts(len(scores), 5, rng) for scores in (positive, null)]
    ranked = [RankedScores.of(np.array(s), c) for s, c in zip((positive, null), counts, strict=True)]
    thresholds, reached = call_threshold(ranked[1], alpha)
    power, interpolated = ranked[0].share_at_least(thresholds), interpolated_power(*ranked, alpha)
    for resample in range(6):
        drawn = [np.repeat(s, c[resample]).tolist() for s, c in zip((positive, null), counts, strict=True)]
        assert (power[resample], reached[resample]) == pytest.approx(power_of_the_rule(*drawn, alpha))
        assert interpolated[resample] == pytest.approx(power_on_the_line(*drawn, alpha))


def test_without_ties_the_threshold_is_the_kth_largest_null_score():
    null = once(np.random.default_rng(0).permutation(1000) / 1000)
    threshold, reached = call_threshold(null, 0.05)
    assert threshold == 0.950
    assert reached == 0.05


def test_tied_windows_are_called_together_or_not_at_all():
    null = once([5.0] * 30 + [4.0] * 40 + [3.0] * 930)
    threshold, reached = call_threshold(null, 0.05)
    assert (threshold, reached) == (5.0, 0.03)
    positive = once([6.0, 5.0, 4.0, 4.0])
    assert positive.share_at_least(threshold) == 0.5
    # half of the way from a rate of .03 to one of .07: half of the windows at 4 count
    assert interpolated_power(positive, null, 0.05) == pytest.approx(0.75)


def test_where_the_highest_score_already_calls_too_many_only_higher_ones_are_called():
    null = once([1.0] * 500 + [0.0] * 500)
    threshold, reached = call_threshold(null, 0.05)
    assert reached == 0
    assert once([1.0, 1.5]).share_at_least(threshold) == 0.5


def test_too_few_null_windows_for_a_rate_call_nothing():
    threshold, reached = call_threshold(once([0.1, 0.2, 0.3]), 0.05)
    assert (threshold, reached) == (np.inf, 0)


def test_ranking_only_the_top_chooses_the_same_thresholds():
    rng = np.random.default_rng(5)
    scores, counts = rng.normal(size=800).round(1), draw_counts(800, 200, rng)
    everything = RankedScores.of(scores, counts)
    top = RankedScores.of(scores, counts, more_than=0.05 * 801)
    positive = RankedScores.of(rng.normal(2, size=50), draw_counts(50, 200, rng))
    for alpha in (0.05, 0.01):
        np.testing.assert_array_equal(call_threshold(top, alpha), call_threshold(everything, alpha))
        np.testing.assert_array_equal(
            interpolated_power(positive, top, alpha), interpolated_power(positive, everything, alpha)
        )


def test_new_null_windows_are_called_at_the_rate_asked_for():
    rng = np.random.default_rng(1)
    called = []
    for _ in range(400):
        threshold, _ = call_threshold(once(rng.normal(size=windows_needed(0.05))), 0.05)
        called.append((rng.normal(size=2000) >= threshold).mean())
    # exchangeable windows: the expected rate is k / (m + 1) = 20 / 401, standard deviation of a rate 0.0119
    assert np.mean(called) == pytest.approx(20 / 401, abs=5.5 * 0.0119 / np.sqrt(400))
