import time

import numpy as np
import pytest
from scipy.stats import f, friedmanchisquare, wilcoxon

from selbench.evaluation.across_tasks import pairs_over_tasks
from selbench.evaluation.ranks import (
    RankComparison,
    compare_ranks,
    critical_distance,
    friedman_p_value,
    wilcoxon_holm,
)


@pytest.mark.parametrize(
    ("n_methods", "n_tasks", "published"),
    # Demsar (2006): 1.25 in its worked example; otherwise from its quantiles 1.960 and 3.164
    [
        (4, 14, 1.25),
        (2, 10, 1.960 * np.sqrt(2 * 3 / 60)),
        (10, 20, 3.164 * np.sqrt(10 * 11 / 120)),
    ],
)
def test_critical_distances_are_the_published_ones(n_methods, n_tasks, published):
    assert critical_distance(n_methods, n_tasks) == pytest.approx(published, abs=0.005)


def test_friedmans_test_is_scipys_in_the_f_form():
    values = np.random.default_rng(0).normal([0, 0, 0.8], 1, size=(12, 3)).round(1)
    from scipy.stats import rankdata

    chi_square = friedmanchisquare(*values.T).statistic
    statistic = 11 * chi_square / (12 * 2 - chi_square)
    assert friedman_p_value(rankdata(-values, axis=1)) == pytest.approx(f.sf(statistic, 2, 22))


def test_friedmans_test_at_its_ends():
    assert friedman_p_value(np.full((6, 3), 2.0)) == 1
    assert friedman_p_value(np.tile([1.0, 2.0, 3.0], (6, 1))) == pytest.approx(6.0**-5)


@pytest.mark.parametrize(("n_tasks", "rejects"), [(2, False), (5, False), (6, True)])
def test_few_tasks_that_agree_on_two_methods_prove_nothing(n_tasks, rejects):
    """Of 2ⁿ ways in which n tasks may rank two methods, two are unanimous: a sign test."""
    p_value = friedman_p_value(np.tile([1.0, 2.0], (n_tasks, 1)))
    assert p_value == pytest.approx(2.0 ** (1 - n_tasks))
    assert (p_value <= 0.05) == rejects


def test_pairs_are_wilcoxons_with_holm():
    values = np.random.default_rng(1).normal([0, 0.2, 2], 1, size=(10, 3))
    p_values = wilcoxon_holm(values)
    raw = sorted(wilcoxon(values[:, i], values[:, j]).pvalue for i, j in [(0, 1), (0, 2), (1, 2)])
    assert p_values.min() == pytest.approx(3 * raw[0])
    assert (p_values == p_values.T).all()
    assert (np.diag(p_values) == 1).all()
    assert wilcoxon_holm(np.ones((5, 2))).tolist() == [[1, 1], [1, 1]]


def test_the_best_method_comes_first():
    values = np.array([[0.7, 0.9, 0.8]] * 6)
    found = compare_ranks(values, ("c", "a", "b"))
    assert found.methods == ("a", "b", "c")
    assert found.mean_ranks.tolist() == [1, 2, 3]
    assert found.p_value == pytest.approx(6.0**-5)


def test_groups_join_methods_within_the_critical_distance():
    def groups(ranks, distance):
        methods = tuple("abcdef"[: len(ranks)])
        square = np.ones((len(ranks), len(ranks)))
        return RankComparison(methods, np.array(ranks), 9, 0.01, distance, square).groups

    assert groups([1.0, 1.5, 3.0, 3.4], 1.0) == ((0, 1), (2, 3))
    assert groups([1.0, 1.5, 2.0, 3.4], 1.0) == ((0, 2),)
    assert groups([1.0, 1.9, 2.8], 1.0) == ((0, 1), (1, 2))
    assert groups([1.0, 3.0], 1.0) == ()


def test_pairs_and_ranks_of_a_whole_suite_take_less_than_seconds():
    rng = np.random.default_rng(0)
    scores = {f"m{i}": [rng.random(5) for _ in range(12)] for i in range(24)}
    began = time.process_time()
    found = compare_ranks(np.array([[of.mean() for of in scores[m]] for m in scores]).T, tuple(scores))
    assert len(pairs_over_tasks(scores, seed=1)) == 24 * 23
    assert time.process_time() - began < 2.5, "half a second where this was written"
    assert "pairwise_p_values" not in vars(found), "asked for where they can say anything"
