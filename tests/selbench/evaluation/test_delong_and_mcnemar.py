import numpy as np
import pytest
from scipy.stats import binom, norm

from selbench.evaluation.comparison import mcnemar
from selbench.evaluation.delong import auc_difference, placements
from selbench.evaluation.predictions import MethodPredictions
from selbench.evaluation.significance import holm, mcnemar_p_value, normal_p_value


def method_of(scores):
    """A method of two classes from scores (n_repetitions, n_windows)."""
    return MethodPredictions(
        "a", tuple(range(len(scores))), np.stack([1 - scores, scores], axis=-1), np.empty((len(scores), 0, 2))
    )


def delong_by_pairs(a, b, labels):
    """The published formula, pair by pair: kernel, structural components, covariance."""
    kernels = [
        (s[labels == 1][:, None] > s[labels == 0]) + 0.5 * (s[labels == 1][:, None] == s[labels == 0])
        for s in (a, b)
    ]
    of_positive = np.cov([kernel.mean(axis=1) for kernel in kernels])
    of_null = np.cov([kernel.mean(axis=0) for kernel in kernels])
    covariance = of_positive / kernels[0].shape[0] + of_null / kernels[0].shape[1]
    contrast = np.array([1, -1])
    return kernels[0].mean() - kernels[1].mean(), np.sqrt(contrast @ covariance @ contrast)


@pytest.mark.parametrize("decimals", [1, 8])
def test_delong_is_the_formula_over_all_pairs(decimals):
    rng = np.random.default_rng(decimals)
    labels = np.repeat([0, 1], [60, 45])
    a, b = norm.cdf(rng.normal(labels, 1, size=(2, 105))).round(decimals)
    found = auc_difference(*(placements(method_of(s[None]), labels) for s in (a, b)))
    assert found == pytest.approx(delong_by_pairs(a, b, labels))


def test_delong_of_repetitions_is_that_of_their_average_area():
    rng = np.random.default_rng(4)
    labels = np.repeat([0, 1], 50)
    scores = norm.cdf(rng.normal(labels, 1, size=(3, 100)))
    places = placements(method_of(scores), labels)
    single = [placements(method_of(s[None]), labels).auc for s in scores]
    assert places.auc == pytest.approx(np.mean(single))
    assert auc_difference(places, places) == (0, 0)


def test_delong_of_three_classes_averages_their_areas():
    rng = np.random.default_rng(5)
    labels = np.repeat([0, 1, 2], 40)
    said = rng.dirichlet([1, 1, 1], size=(1, 120))
    three = MethodPredictions("a", (0,), said, np.empty((1, 0, 3)))
    areas = []
    for code in (1, 2):
        pair = np.isin(labels, [0, code])
        score = said[0, pair, code] / (said[0, pair, code] + said[0, pair, 0])
        areas.append(placements(method_of(score[None]), (labels[pair] > 0).astype(int)).auc)
    assert placements(three, labels).auc == pytest.approx(np.mean(areas))


@pytest.mark.slow
def test_delong_claims_a_difference_where_there_is_none_as_rarely_as_it_says():
    rng = np.random.default_rng(6)
    labels = np.repeat([0, 1], 100)
    claims = 0
    for _ in range(1000):
        truth = rng.normal(labels, 1)
        a, b = norm.cdf(truth + rng.normal(0, 0.5, size=(2, 200)))
        claims += (
            normal_p_value(*auc_difference(*(placements(method_of(s[None]), labels) for s in (a, b)))) < 0.05
        )
    assert binom.sf(claims - 1, 1000, 0.055) > 1e-6
    assert binom.cdf(claims, 1000, 0.045) > 1e-6


def test_mcnemar_is_a_coin_over_the_windows_that_only_one_gets_right():
    assert mcnemar_p_value(0, 0) == 1
    assert mcnemar_p_value(5, 5) == 1
    assert mcnemar_p_value(1, 9) == pytest.approx(2 * binom.cdf(1, 10, 0.5))
    assert mcnemar_p_value(9, 1) == mcnemar_p_value(1, 9)


def test_mcnemar_goes_training_by_training_over_those_that_both_have():
    labels = np.repeat([0, 1], 20)
    right = method_of(np.tile(np.where(labels == 1, 0.9, 0.1), (3, 1)))
    wrong = method_of(np.tile(np.where(labels == 1, 0.1, 0.9), (2, 1)))
    found = mcnemar(right, wrong, labels)
    assert found == pytest.approx({0: 2 * 0.5**40, 1: 2 * 0.5**40})


def test_placements_of_one_class_are_those_of_that_class_alone():
    rng = np.random.default_rng(9)
    labels = np.repeat([0, 1, 2], 30)
    three = MethodPredictions("a", (0,), rng.dirichlet([1, 1, 1], size=(1, 90)), np.empty((1, 0, 3)))
    both = placements(three, labels)
    for index, code in enumerate((1, 2)):
        one = placements(three, labels, codes=[code])
        np.testing.assert_array_equal(one.others[0], both.others[index])
    assert (both.influences**2).sum() == pytest.approx(
        both.null.var(ddof=1) / 30 + sum(of.var(ddof=1) / 30 / 4 for of in both.others)
    )


def test_holm_steps_down():
    # 0.01 x 4; 0.015 x 3; 0.02 x 2 is below what came before it; 0.9 x 1
    assert holm([0.02, 0.01, 0.9, 0.015]) == pytest.approx([0.045, 0.04, 0.9, 0.045])
    assert holm([0.6, 0.7]).tolist() == [1.0, 1.0]
    assert holm([]).tolist() == []


def test_a_difference_without_error_is_certain_and_none_is_none():
    assert normal_p_value(0.0, 0.0) == 1
    assert normal_p_value(0.1, 0.0) == 0
    assert normal_p_value(-1.959963984540054, 1.0) == pytest.approx(0.05)
