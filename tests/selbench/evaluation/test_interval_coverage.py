from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from selbench.evaluation import ClassRoles
from selbench.evaluation.bootstrap import Resamples
from selbench.evaluation.intervals import (
    influence_degrees_of_freedom,
    log_interval,
    logit_interval,
    proportion_interval,
    t_quantile,
    wilson,
)
from selbench.evaluation.predictions import MethodPredictions, TaskPredictions
from selbench.evaluation.results import _estimates, split_of

ROLES = ClassRoles(("neutral", "sweep"), "neutral", "sweep")


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (50, 60), (60, 60)])
def test_wilsons_interval_is_scipys(hits, n):
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((expected.low, expected.high))


def test_a_share_counts_for_as_many_windows_as_its_variance_tells():
    assert proportion_interval(0.3, 0.3 * 0.7 / 40, 100) == pytest.approx(wilson(0.3, 40))
    assert proportion_interval(0.3, 1e-9, 100) == wilson(0.3, 100), "never for more than there are"
    assert proportion_interval(1.0, 0.0, 100) == wilson(1.0, 100)


@given(value=st.floats(0, 1), variance=st.floats(0, 0.25), n=st.integers(2, 5000), df=st.floats(1, 1e4))
def test_intervals_hold_their_value_and_have_a_width(value, variance, n, df):
    for low, high in (
        logit_interval(value, variance, n, df),
        log_interval(value, variance, n, df),
        proportion_interval(value, variance, n),
    ):
        assert 0 <= low <= high <= 1
        assert low - 1e-12 <= value <= high + 1e-12
        if variance == 0 or variance > 1e-12:
            assert low < high


def test_what_does_not_exist_is_nan():
    assert all(map(isnan, logit_interval(0.7, float("nan"), 1)))
    assert all(map(isnan, log_interval(0.7, 0.1, 1)))
    assert all(map(isnan, wilson(0.0, 0)))


def test_degrees_of_freedom_are_few_where_few_windows_carry_the_variance():
    even = np.ones(100)
    assert influence_degrees_of_freedom(even) == pytest.approx(200)
    assert influence_degrees_of_freedom(np.eye(1, 100)[0]) == pytest.approx(2)
    assert influence_degrees_of_freedom(np.zeros(5)) == np.inf
    assert t_quantile(np.inf) == pytest.approx(norm.ppf(0.975))


def binormal_task(rng, *, auc, n, n_threshold=2000):
    """Test and threshold windows of a calibrated method whose scores are normal in both classes."""
    shift = norm.ppf(auc) * np.sqrt(2)
    labels = np.repeat([0, 1], n)
    said = norm_probability(rng.normal(shift * labels), shift)
    aside = norm_probability(rng.normal(size=n_threshold), shift)
    method = MethodPredictions(
        "a", (0,), np.stack([1 - said, said], -1)[None], np.stack([1 - aside, aside], -1)[None]
    )
    truth = {
        "roc_auc": auc,
        "power_at_5_percent": norm.sf(norm.isf(0.05) - shift),
        "power_at_5_percent_interpolated": norm.sf(norm.isf(0.05) - shift),
        "accuracy": norm.cdf(shift / 2),
    }
    return TaskPredictions("t", "t", ROLES, labels, (method,)), truth


def norm_probability(score, shift):
    return 1 / (1 + np.exp(-shift * (score - shift / 2)))


def coverage(n_sets, *, auc, n, seed):
    rng = np.random.default_rng(seed)
    covered: dict[str, int] = {}
    narrowest = 1.0
    for index in range(n_sets):
        task, truth = binormal_task(rng, auc=auc, n=n)
        ((_, found), *_) = _estimates(split_of(task, n_resamples=100, seed=index), task.methods[0])
        estimates = dict(found)
        for metric, value in truth.items():
            at = estimates[metric, ""]
            covered[metric] = covered.get(metric, 0) + (at.low <= value <= at.high)
        narrowest = min(narrowest, *(e.high - e.low for e in estimates.values() if e.interval))
    return {metric: times / n_sets for metric, times in covered.items()}, narrowest


@pytest.mark.slow
@pytest.mark.parametrize(("auc", "n"), [(0.9, 100), (0.999, 100)])
def test_intervals_cover_the_truth_as_often_as_they_say(auc, n):
    covered, narrowest = coverage(600, auc=auc, n=n, seed=3)
    # 600 sets: a standard error of 0.9 points at 95 %
    assert min(covered.values()) >= 0.93, covered
    assert narrowest > 0


def test_resamples_are_shared_by_methods():
    labels = np.repeat([0, 1], 5)
    a, b = (Resamples.draw(labels, 7, n_resamples=3, seed=1, task="t") for _ in range(2))
    np.testing.assert_array_equal(a.threshold, b.threshold)
