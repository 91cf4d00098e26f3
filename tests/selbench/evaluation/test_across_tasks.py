import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import trim_mean, wilcoxon

from selbench.evaluation.across_tasks import (
    fewest_tasks,
    interquartile_mean,
    pairs_over_tasks,
    performance_profile,
    probability_of_improvement,
)
from selbench.evaluation.intervals import wilson


def made(rng, shift, *, n_tasks=4, n_repetitions=5):
    """Areas of trainings around a task's own, which the shift raises."""
    centres = np.linspace(0, 2, n_tasks)
    return [ndtr(centre + 0.1 * (shift + rng.normal(size=n_repetitions))) for centre in centres]


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
@pytest.mark.parametrize(("shift", "n_repetitions"), [(1.0, 3), (3.0, 2), (3.0, 5)])
def test_intervals_over_trainings_cover_the_truth(shift, n_repetitions):
    def drawn(rng, shift):
        return made(rng, shift, n_tasks=3, n_repetitions=n_repetitions)

    truth = ndtr(shift / np.sqrt(2))
    middle = np.mean(
        [interquartile_mean(drawn(np.random.default_rng([seed]), shift), seed=0).value for seed in range(300)]
    )
    covered = np.zeros(2)
    for seed in range(100):
        rng = np.random.default_rng([1, seed])
        a, b = drawn(rng, shift), drawn(rng, 0.0)
        chance, area = probability_of_improvement(a, b, seed=seed), interquartile_mean(a, seed=seed)
        covered += chance.low <= truth <= chance.high, area.low <= middle <= area.high
    assert (covered / 100 >= 0.87).all()


def test_no_interval_has_width_zero_and_none_is_told_of_what_trainings_do_not_change():
    always = [np.full(3, 0.9), np.full(3, 0.7)]
    above, below = ([np.array([x, x + 0.01, x + 0.02]) for x in (start, start)] for start in (0.8, 0.5))
    found = probability_of_improvement(above, below, seed=0)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(wilson(1.0, 6)[0])
    assert not probability_of_improvement(always, [of - 0.1 for of in always], seed=0).has_interval
    assert not interquartile_mean(always, seed=0).has_interval
    once = [np.array([0.9]), np.array([0.8])]
    assert not interquartile_mean(once, seed=0).has_interval
    assert not probability_of_improvement(once, once, seed=0).has_interval


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
    assert set(pairs_over_tasks(dict(reversed(two.items())), seed=2)) == set(pairs), "whatever their order"
    assert first.reverse.reverse.improvement.value == pytest.approx(first.improvement.value)


def test_methods_may_have_other_numbers_of_trainings():
    scores = {"a": [np.array([0.9]), np.array([0.8, 0.7])], "b": [np.array([0.5, 0.6]), np.array([0.9])]}
    pair, seen_from_other = pairs_over_tasks(scores, seed=0)
    assert (seen_from_other.method, seen_from_other.difference) == ("b", -pair.difference)
    assert (pair.wins, pair.losses) == (1, 1)
    assert pair.difference == pytest.approx((0.35 - 0.15) / 2)
