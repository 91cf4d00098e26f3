"""The variance of a claim, on methods whose true difference is known."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selbench.evaluation.delong import auc_difference, placements
from selbench.evaluation.measures import sampled_areas
from selbench.evaluation.predictions import MethodPredictions
from selbench.evaluation.sampled import Sampled, contrast, moderated
from selbench.evaluation.significance import normal_p_value
from selbench.evaluation.simultaneous import Family

N_WINDOWS = 300
"""Test windows per class."""


def made_methods(rng, signals, *, n_repetitions, spread=0.2):
    """Methods whose trainings weigh three features of the windows anew: scores u + signal · y + b · f.

    What all methods see, u, is far larger than what a training adds: so are real windows.
    """
    labels = np.repeat([0, 1], N_WINDOWS)
    seen, features = rng.normal(size=len(labels)), rng.normal(size=(3, len(labels)))
    for signal in signals:
        weights = rng.normal(0, spread, size=(n_repetitions, 3))
        scores = seen + signal * labels + weights @ features
        method = MethodPredictions(
            "m", tuple(range(n_repetitions)), np.stack([-scores, scores], -1), np.empty((n_repetitions, 0, 2))
        )
        yield method, labels


def sampled_of(rng, signals, **options):
    return [sampled_areas(method, labels) for method, labels in made_methods(rng, signals, **options)]


def test_the_variance_is_the_published_formula():
    """I, T, V and the degrees of freedom, computed from variances rather than deviations."""
    rng = np.random.default_rng(1)
    a, b = sampled_of(rng, [1.8, 2.0], n_repetitions=4)

    def over_windows(x):
        return (x**2).sum()

    spreads, by_windows = [], []
    for m in (a, b):
        of_single = np.mean([over_windows(d) for d in m.deviations])
        by_windows.append(4 / 3 * (of_single - over_windows(m.deviations.mean(axis=0))))
        spreads.append(np.var(m.values, ddof=1))
    total = sum(spreads) / 4
    windows = over_windows(a.deviations.mean(axis=0) - b.deviations.mean(axis=0))
    variance = windows + max(0, total - sum(by_windows) / 4)
    degrees = total**2 / sum((s / 4) ** 2 / 3 for s in spreads) * (variance / total) ** 2
    found = contrast(a, b)
    assert (found.variance, found.over_windows) == pytest.approx((variance, windows))
    assert found.degrees_of_freedom == pytest.approx(degrees)
    assert found.interval()[0] < found.value < found.interval()[1]


def test_without_a_spread_of_trainings_the_p_value_is_delongs():
    rng = np.random.default_rng(2)
    (a, labels), (b, _) = made_methods(rng, [1.8, 2.1], n_repetitions=1)
    alike = [
        MethodPredictions("m", (0, 1, 2), np.repeat(m.test, 3, axis=0), np.empty((3, 0, 2))) for m in (a, b)
    ]
    found = contrast(*(sampled_areas(m, labels) for m in alike))
    expected = normal_p_value(*auc_difference(placements(a, labels), placements(b, labels)))
    assert found.p_value == pytest.approx(expected)
    assert found.degrees_of_freedom > 1e9


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), r=st.integers(1, 6), other_r=st.integers(1, 6))
def test_the_variance_is_never_below_that_of_windows_and_intervals_agree_with_p(seed, r, other_r):
    rng = np.random.default_rng(seed)
    a, b = (
        Sampled(rng.normal(0.9, rng.random() * 0.02, n), rng.normal(0, 0.001, (n, 20))) for n in (r, other_r)
    )
    found = contrast(a, b)
    assert found.variance >= found.over_windows
    low, high = found.interval()
    assert (found.p_value < 0.05) == (low > 0 or high < 0)
    family = Family.of([a, b], [(0, 1)], rng)
    (together,) = family.contrasts
    low, high = together.interval(family.tail)
    assert (family.adjusted(together.p_value) <= 0.05) == (low > 0 or high < 0)


def test_what_others_of_the_same_kind_spread_counts_as_one_more_training():
    rng = np.random.default_rng(3)
    steady = Sampled(np.array([0.899, 0.901]), np.zeros((2, 5)))
    varied = Sampled(np.array([0.88, 0.92]), np.zeros((2, 5)))
    alone = Sampled(np.array([0.91]), rng.normal(size=(1, 5)))
    of_steady, of_varied, of_alone = moderated([steady, varied, alone])
    both = (steady.spread.variance + varied.spread.variance) / 2
    assert (of_steady.variance, of_varied.variance) == pytest.approx((both, both))
    assert of_steady.degrees_of_freedom == 2
    assert of_alone == alone.spread


def test_nothing_is_borrowed_from_methods_of_another_kind():
    """A regression's trainings lie within 0.0001; what a network beside it does changes no claim about it."""
    rng = np.random.default_rng(4)
    still, regression, network = (
        Sampled(at + spread * np.array([-1.0, 0.4, 1.2, -0.8, 0.2]), np.tile(rng.normal(0, 1e-4, 50), (5, 1)))
        for at, spread in ((0.99, 0.0), (0.995, 1e-4), (0.9, 0.02))
    )
    methods = [still, regression, network]
    assert moderated(methods) == tuple(method.spread for method in methods)
    family = Family.of(methods, [(1, 0), (2, 0)], rng)
    claim = family.contrasts[0].p_value
    assert claim == contrast(regression, still).p_value
    assert claim <= family.adjusted(claim) <= 2 * claim < 0.01


@pytest.mark.slow
@pytest.mark.parametrize(("n_repetitions", "least_power"), [(2, 0.35), (3, 0.75), (5, 0.95)])
def test_twins_are_rarely_called_different_and_better_methods_are_found(n_repetitions, least_power):
    n_seeds, false, found = 400, 0, 0
    for seed in range(n_seeds):
        rng = np.random.default_rng([seed, n_repetitions])
        twins = sampled_of(rng, [1.8, 1.8], n_repetitions=n_repetitions)
        false += contrast(*twins).p_value < 0.05
        plain, better = sampled_of(rng, [1.8, 2.15], n_repetitions=n_repetitions)
        gain = contrast(better, plain)
        found += gain.p_value < 0.05 and gain.value > 0
    assert false / n_seeds <= 0.08
    assert found / n_seeds >= least_power


@pytest.mark.slow
@pytest.mark.parametrize("n_repetitions", [2, 3, 5])
def test_a_family_of_eight_twins_rarely_holds_any_claim(n_repetitions):
    pairs = list(combinations(range(8), 2))
    n_seeds, false = 400, 0
    for seed in range(n_seeds):
        rng = np.random.default_rng([seed, n_repetitions])
        family = Family.of(sampled_of(rng, [1.8] * 8, n_repetitions=n_repetitions), pairs, rng)
        false += min(family.adjusted(c.p_value) for c in family.contrasts) < 0.05
    assert false / n_seeds <= 0.08


@pytest.mark.slow
def test_a_family_without_trainings_keeps_its_level_and_beats_bonferroni():
    """Deterministic methods with strongly correlated scores: max-T in its own terms."""
    pairs = list(combinations(range(8), 2))
    n_seeds, false, wider = 400, 0, 0
    for seed in range(n_seeds):
        rng = np.random.default_rng([seed, 77])
        labels = np.repeat([0, 1], 100)
        seen = rng.normal(size=200) + 1.5 * labels
        scores = seen + 0.4 * rng.normal(size=(8, 1, 200))
        methods = [MethodPredictions("m", (0,), np.stack([-s, s], -1), np.empty((1, 0, 2))) for s in scores]
        family = Family.of([sampled_areas(m, labels) for m in methods], pairs, rng)
        false += min(family.adjusted(c.p_value) for c in family.contrasts) < 0.05
        wider += 2 * family.tail > 0.05 / len(pairs)
    assert 0.02 <= false / n_seeds <= 0.08
    assert wider > 0.99 * n_seeds
