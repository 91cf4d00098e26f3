import numpy as np
import pytest
from scipy.stats import trim_mean, wilcoxon

from selbench.evaluation.across_tasks import (
    fewest_tasks,
    interquartile_mean,
    pairs_over_tasks,
    performance_profile,
    probability_of_improvement,
)


def made(rng, shift, *, n_tasks=4, n_repetitions=5):
    return [shift + rng.normal(size=n_repetitions) for _ in range(n_tasks)]


@pytest.mark.parametrize("n_methods", [2, 3, 4, 8, 16])
def test_the_fewest_tasks_are_those_at_which_wilcoxons_test_can_reject(n_methods):
    n_tasks, n_pairs = fewest_tasks(n_methods), n_methods * (n_methods - 1) / 2

    def smallest(n):
        return n_pairs * wilcoxon(np.arange(1.0, n + 1)).pvalue

    assert smallest(n_tasks) <= 0.05 < smallest(n_tasks - 1)


def test_the_interquartile_mean_is_that_of_scipy_and_its_interval_holds_it():
    of_tasks = made(np.random.default_rng(1), 0.0)
    found = interquartile_mean(of_tasks, seed=1)
    assert found.value == pytest.approx(trim_mean(np.concatenate(of_tasks), 0.25))
    assert found.low < found.value < found.high
    assert interquartile_mean(of_tasks, seed=1) == found


def test_the_probability_of_improvement_counts_pairs_of_trainings():
    a, b = [np.array([1.0, 3.0]), np.array([5.0])], [np.array([2.0, 3.0, 0.0]), np.array([5.0])]
    found = probability_of_improvement(a, b, seed=0)
    # 1 beats 0; 3 beats 2 and 0 and ties with 3: 3.5 of 6; then a tie
    assert found.value == pytest.approx((3.5 / 6 + 0.5) / 2)
    assert probability_of_improvement(b, a, seed=0).value == pytest.approx(1 - found.value)
    assert found.low <= found.value <= found.high


@pytest.mark.slow
def test_the_interval_of_the_probability_covers_one_half_for_twins():
    covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        found = probability_of_improvement(
            made(rng, 0.0, n_tasks=8, n_repetitions=10),
            made(rng, 0.0, n_tasks=8, n_repetitions=10),
            seed=seed,
        )
        covered += found.low <= 0.5 <= found.high
    assert covered / 200 >= 0.88


def test_a_profile_falls_from_all_to_none_and_weighs_tasks_the_same():
    of_tasks = [np.array([0.5, 0.5, 0.5, 0.5]), np.array([0.9])]
    shares = performance_profile(of_tasks, np.array([0.0, 0.5, 0.7, 0.95]))
    assert shares.tolist() == [1.0, 0.5, 0.5, 0.0]


def test_a_pair_does_not_change_when_a_method_is_added():
    rng = np.random.default_rng(3)
    two = {"a": made(rng, 0.5), "b": made(rng, 0.0)}
    pairs = pairs_over_tasks(two, seed=2)
    more = pairs_over_tasks({**two, "c": made(rng, 1.0)}, seed=2)
    assert set(pairs) <= set(more)
    assert len(more) == 6
    first = pairs[0]
    assert (first.method, first.other, first.wins + first.ties + first.losses) == ("a", "b", 4)


def test_methods_may_have_other_numbers_of_trainings():
    scores = {"a": [np.array([0.9]), np.array([0.8, 0.7])], "b": [np.array([0.5, 0.6]), np.array([0.9])]}
    (pair, _) = pairs_over_tasks(scores, seed=0)
    assert (pair.wins, pair.losses) == (1, 1)
    assert pair.difference == pytest.approx((0.35 - 0.15) / 2)
