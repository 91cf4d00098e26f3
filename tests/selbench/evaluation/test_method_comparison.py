from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, norm

from selbench.evaluation import ClassRoles
from selbench.evaluation.comparison import Difference, compare
from selbench.evaluation.delong import auc_difference, placements
from selbench.evaluation.predictions import MethodPredictions
from selbench.evaluation.significance import holm, mcnemar_p_value, normal_p_value

PAPER = {"paper": ClassRoles(("neutral", "sweep"), "neutral", "sweep")}


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


@pytest.mark.slow
def test_other_tests_claim_a_difference_where_there_is_none_as_rarely_as_they_say(make_predictions):
    claims = {"paired bootstrap": 0, "McNemar": 0}
    n_simulations = 150
    for seed in range(n_simulations):
        predictions = make_predictions({"a": 1.2, "b": 1.2}, repetitions=1, n_threshold=0, seed=seed)
        for found in compare(predictions, PAPER, metrics=["accuracy"], n_resamples=150, seed=seed):
            claims[found.test] += found.p_value < 0.05
    assert binom.sf(claims["paired bootstrap"] - 1, n_simulations, 0.07) > 1e-6
    assert binom.cdf(claims["paired bootstrap"], n_simulations, 0.03) > 1e-6
    assert binom.sf(claims["McNemar"] - 1, n_simulations, 0.05) > 1e-6, "exact, so never more than that"


def test_mcnemar_is_a_coin_over_the_windows_that_only_one_gets_right():
    assert mcnemar_p_value(0, 0) == 1
    assert mcnemar_p_value(5, 5) == 1
    assert mcnemar_p_value(1, 9) == pytest.approx(2 * binom.cdf(1, 10, 0.5))
    assert mcnemar_p_value(9, 1) == mcnemar_p_value(1, 9)


def test_holm_steps_down():
    # 0.01 x 4; 0.015 x 3; 0.02 x 2 is below what came before it; 0.9 x 1
    assert holm([0.02, 0.01, 0.9, 0.015]) == pytest.approx([0.045, 0.04, 0.9, 0.045])
    assert holm([0.6, 0.7]).tolist() == [1.0, 1.0]
    assert holm([]).tolist() == []


def test_a_difference_without_error_is_certain_and_none_is_none():
    assert normal_p_value(0.0, 0.0) == 1
    assert normal_p_value(0.1, 0.0) == 0
    assert normal_p_value(-1.959963984540054, 1.0) == pytest.approx(0.05)


@pytest.fixture(scope="module")
def differences(make_predictions):
    predictions = make_predictions({"good": 2.5, "poor": 0.7, "poor too": 0.7}, repetitions=3)
    return compare(predictions, PAPER, n_resamples=300, seed=1)


def of(differences, metric, method, other, **attributes):
    (found,) = [
        d
        for d in differences
        if {d.method, d.other} == {method, other}
        and d.metric == metric
        and all(getattr(d, key) == value for key, value in attributes.items())
    ]
    return found


def test_all_pairs_are_compared_with_the_test_for_their_metric(differences):
    tests = {(d.metric, d.test, d.repetition is None) for d in differences}
    assert tests == {
        ("roc_auc", "DeLong", True),
        ("accuracy", "McNemar", False),
        ("accuracy", "paired bootstrap", True),
        ("pr_auc", "paired bootstrap", True),
        ("power_at_5_percent", "paired bootstrap", True),
        ("brier", "paired bootstrap", True),
    }
    assert len(differences) == 3 * (5 + 3), "three pairs; five metrics, and McNemar in three repetitions"


def test_a_plain_difference_is_said_and_none_is_not(differences):
    plain = of(differences, "roc_auc", "good", "poor")
    assert plain.shown
    assert (plain.agreeing, plain.n_repetitions) == (3, 3)
    assert plain.sentence.startswith("good is better than poor by 0.")
    assert of(differences, "brier", "good", "poor", test="paired bootstrap").sentence.startswith(
        "good is better"
    )
    alike = of(differences, "roc_auc", "poor", "poor too")
    assert not alike.shown
    assert "no difference shown" in alike.sentence


def test_bootstrap_and_delong_agree_about_the_area(make_predictions):
    predictions = make_predictions({"a": 1.6, "b": 1.0}, repetitions=2, n_windows=300)
    (delong,) = [d for d in compare(predictions, PAPER, n_resamples=10, seed=1) if d.metric == "roc_auc"]
    from selbench.evaluation.bootstrap import percentile_interval
    from selbench.evaluation.predictions import by_task
    from selbench.evaluation.results import mean_measures, measure_repetitions, split_of

    (task,) = by_task(predictions, PAPER)
    split = split_of(task, n_resamples=2000, seed=3)
    values = [mean_measures(measure_repetitions(split, m))["roc_auc", ""] for m in task.methods]
    low, high = percentile_interval(values[0] - values[1])
    assert delong.value == pytest.approx(values[0][0] - values[1][0])
    assert (delong.low, delong.high) == pytest.approx((low, high), abs=0.15 * (high - low))


def test_adjusted_p_values_are_holms_over_the_pairs_of_a_task(differences):
    family = [d for d in differences if d.metric == "roc_auc"]
    assert [d.adjusted_p_value for d in family] == pytest.approx(holm([d.p_value for d in family]))


def test_sentences_name_the_better_method_first():
    better = Difference(
        "t", "t", "roc_auc", "fadja-cnn", "distinct-haplotypes", 0.012, 0.006, 0.018, 0.001, "DeLong"
    )
    better = replace(better, adjusted_p_value=0.002)
    said = "fadja-cnn is better than distinct-haplotypes by 0.012 AUC (0.006 to 0.018)"
    assert better.sentence == better.reverse.sentence == said
    lower = replace(better, metric="brier", value=-0.1, low=-0.15, high=-0.05)
    assert lower.sentence == (
        "fadja-cnn is better than distinct-haplotypes by 0.100 Brier score (0.050 to 0.150)"
    )
    assert replace(better, low=-0.001, adjusted_p_value=0.2).sentence == (
        "fadja-cnn and distinct-haplotypes: no difference shown (+0.012 AUC, −0.001 to +0.018)"
    )


def test_the_same_predictions_for_two_methods_show_no_difference(make_predictions):
    one = make_predictions({"a": 1.0})
    two = one.assign(method="b")
    import pandas as pd

    found = compare(pd.concat([one, two]), PAPER, n_resamples=50, seed=0)
    assert not any(d.shown for d in found)
    assert {d.p_value for d in found} == {1.0}
