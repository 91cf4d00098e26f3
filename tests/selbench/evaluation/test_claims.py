from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from selbench.errors import DataError
from selbench.evaluation import ClassRoles, compare_methods, compare_scores
from selbench.evaluation.claims import (
    ALL_PAIRS,
    BEST_BASELINE,
    CLAIM_COLUMNS,
    Claim,
    claims_table,
    judge,
    number,
    read_claims,
)

PAPER = {"paper": ClassRoles(("neutral", "sweep"), "neutral", "sweep")}
POWER = "power_at_5_percent_interpolated"

BETTER = Claim(
    "t", "t", "roc_auc", "", BEST_BASELINE, "cnn", "sites", 0.012, 0.007, 0.017, 0.006, 0.018, 0.001, 0.002,
    5, 5, "windows and trainings", 0.01, "better",
)  # fmt: skip


@pytest.fixture(scope="module")
def table(make_predictions):
    predictions = make_predictions({"good": 2.5, "poor": 0.7, "poor too": 0.7}, repetitions=3)
    return compare_methods(predictions, PAPER, baselines=["poor", "poor too"], seed=1, n_resamples=300)


def test_both_families_are_compared_by_every_metric(table):
    assert tuple(table.columns) == CLAIM_COLUMNS
    counted = table.groupby(["family", "metric"]).size().unstack()
    assert set(counted.columns) == {"roc_auc", "pr_auc", POWER, "accuracy", "brier"}
    assert (counted.loc[BEST_BASELINE] == 1).all()
    assert (counted.loc[ALL_PAIRS] == 3).all()
    assert set(table["over"]) == {"windows and trainings"}


def test_plain_differences_are_better_and_twins_are_not(table):
    by_pair = table[table["family"] == ALL_PAIRS].set_index(["metric", "method", "other"])["verdict"]
    for metric in ("roc_auc", "pr_auc", "accuracy", "brier", POWER):
        assert by_pair[metric, "good", "poor"] == "better"
        assert by_pair[metric, "poor", "poor too"] in ("undecided", "equivalent")
    shown = table[table["verdict"] == "better"]
    assert (shown["p_adjusted"] <= 0.05).all()
    assert (shown["low_simultaneous"] * shown["high_simultaneous"] > 0).all()
    assert (table["p_adjusted"] >= 0).all()


def test_the_interval_for_all_holds_that_of_one(table):
    assert (table["low_simultaneous"] <= table["low"]).all()
    assert (table["high_simultaneous"] >= table["high"]).all()
    assert (table["p_adjusted"] >= table["p"]).all()


def test_the_best_baseline_is_chosen_on_test_windows_unless_another_was_chosen(make_predictions):
    predictions = make_predictions({"good": 2.5, "poor": 0.7, "better": 1.2})
    for ranking, expected in (
        ({}, "better"),
        ({"paper": ("poor", "better")}, "poor"),
        ({"paper": ("left out", "poor", "better")}, "poor"),
        ({"paper": ("poor",)}, "better"),
    ):
        found = compare_methods(
            predictions, PAPER, baselines=["poor", "better"], ranking=ranking, metrics=["roc_auc"], seed=0
        )
        assert set(found.loc[found["family"] == BEST_BASELINE, "other"]) == {expected}
    without = compare_methods(predictions, PAPER, metrics=["roc_auc"], seed=0)
    assert set(without["family"]) == {ALL_PAIRS}


def test_one_training_is_said_to_be_one(make_predictions):
    one = make_predictions({"a": 2.5, "b": 0.7}, repetitions=1)
    found = compare_methods(one, PAPER, seed=0)
    assert set(found["verdict"]) == {"one training"}
    assert set(found["over"]) == {"windows"}
    by_metric = {claim.metric: claim.sentence for claim in read_claims(found)}
    assert by_metric["roc_auc"].startswith("Undecided: a scored higher than b in one training (+0.")
    assert by_metric["brier"].startswith("Undecided: a scored lower than b in one training (−0.")
    assert by_metric["roc_auc"].endswith("what a new training would change cannot be known from one")
    more = make_predictions({"c": 0.9}, repetitions=3)
    mixed = read_claims(compare_methods(pd.concat([one, more]), PAPER, metrics=["roc_auc"], seed=0))
    assert [c.sentence.split(" (")[0] for c in mixed][
        1
    ] == "Undecided: a scored higher than c in one training of a"


def test_fewer_trainings_of_one_method_are_compared_all_the_same(make_predictions):
    predictions = make_predictions({"a": 2.5, "b": 0.7}, repetitions=4)
    fewer = predictions[(predictions["method"] == "a") | (predictions["repetition"] < 3)]
    (found,) = read_claims(compare_methods(fewer, PAPER, metrics=["roc_auc"], seed=0))
    assert (found.n_repetitions, found.other_n_repetitions, found.verdict) == (4, 3, "better")


def test_shared_training_windows_are_said_in_every_sentence(make_predictions):
    predictions = make_predictions({"a": 2.5, "b": 0.7}, repetitions=3)
    found = compare_methods(predictions, PAPER, shared_training=["paper"], seed=0)
    assert set(found["over"]) == {"windows and seeds"}
    assert all(c.sentence.endswith(" for this training set") for c in read_claims(found))


@pytest.mark.parametrize("shift", [0.0, 60.0])
def test_methods_that_say_the_same_are_not_called_equivalent_beyond_what_windows_tell(
    make_predictions, shift
):
    one = make_predictions({"a": shift}, n_windows=50, decimals=1 if shift else None)
    found = compare_methods(pd.concat([one, one.assign(method="b")]), PAPER, n_resamples=50, seed=0)
    assert (found["difference"] == 0).all()
    assert (found["p"] == 1).all()
    assert (found["high"] > 0.03).all(), "of 50 windows none differs: up to 7 % of others may"
    assert set(found["verdict"]) == {"undecided"}


def test_constant_scores_and_ties_give_results(make_predictions):
    predictions = make_predictions({"a": 2.0, "b": 2.0}, repetitions=4)
    constant = predictions["method"] == "b"
    predictions.loc[constant, ["p_neutral", "p_sweep"]] = 0.5
    found = compare_methods(predictions, PAPER, seed=0, n_resamples=50)
    assert found.drop(columns="margin").notna().all(axis=None)
    assert set(found["verdict"]) == {"better"}


def test_two_windows_are_too_few_and_say_so(make_predictions):
    found = compare_methods(
        make_predictions({"a": 2.0, "b": 0.5}, n_windows=1, n_threshold=0), PAPER, seed=0, n_resamples=20
    )
    assert set(found["verdict"]) == {"too few windows"}
    assert found[["low", "high", "p", "p_adjusted", "low_simultaneous"]].isna().all(axis=None)
    assert all("nan" not in c.sentence for c in read_claims(found))


@pytest.mark.parametrize(
    ("low", "high", "margin", "verdict"),
    [
        (0.001, 0.009, 0.01, "equivalent"),
        (-0.009, -0.001, 0.01, "equivalent"),
        (0.001, 0.011, 0.01, "better"),
        (0.001, 0.009, None, "better"),
        (-0.011, -0.001, 0.01, "worse"),
        (-0.001, 0.011, 0.01, "undecided"),
        (-0.001, 0.001, None, "undecided"),
        (-0.001, 0.001, 0.0, "undecided"),
    ],
)
def test_verdicts_exclude_each_other(low, high, margin, verdict):
    assert judge(low, high, margin) == verdict
    turned = {"better": "worse", "worse": "better"}.get(verdict, verdict)
    assert judge(low, high, margin, higher_is_better=False) == turned


def test_sentences_name_the_better_method_first():
    said = "cnn is better than sites by 0.012 AUC (0.006 to 0.018)"
    assert BETTER.sentence == BETTER.reverse.sentence == said
    assert BETTER.reverse.reverse == BETTER
    assert replace(BETTER, over="windows and seeds").sentence == said + " for this training set"
    lower = replace(BETTER, metric="brier", difference=-0.1, low_simultaneous=-0.15, high_simultaneous=-0.05)
    assert lower.sentence == "cnn is better than sites by 0.100 Brier score (0.050 to 0.150)"
    open_ = replace(BETTER, verdict="undecided", low_simultaneous=-0.003, high_simultaneous=0.02)
    assert open_.sentence == (
        "Undecided: cnn may be better than sites by up to 0.020 AUC, or worse by up to 0.003"
    )
    alike = replace(BETTER, verdict="equivalent", low_simultaneous=-0.003, high_simultaneous=0.009)
    assert alike.sentence == "cnn and sites are equivalent within 0.010 AUC (−0.003 to 0.009)"


def test_numbers_are_not_rounded_onto_a_level():
    assert [number(x) for x in (0.5, 0.99961, 0.00042, 0.0, 1.0)] == [
        "0.500", "0.9996", "0.0004", "0.000", "1.000",
    ]  # fmt: skip
    assert [number(x, signed=True) for x in (0.01, -0.01, 0.0)] == ["+0.010", "−0.010", "0.000"]
    assert number(0.00996, levels=(0.01,)) == "0.00996"


def test_margins_are_declared_per_metric_and_may_be_others(make_predictions):
    predictions = make_predictions({"a": 1.0, "b": 1.0}, n_windows=300)
    found = compare_methods(predictions, PAPER, seed=0, n_resamples=20).set_index("metric")["margin"]
    assert found["roc_auc"] == 0.01
    assert found[POWER] == 0.03
    assert found[["accuracy", "brier", "pr_auc"]].isna().all()
    wide = compare_methods(predictions, PAPER, margins={"brier": 0.2}, seed=0, n_resamples=20)
    assert set(wide.loc[wide["metric"] == "brier", "verdict"]) == {"equivalent"}


def test_claims_come_back_from_their_table(table, tmp_path):
    table.to_parquet(tmp_path / "comparisons.parquet")
    claims = read_claims(pd.read_parquet(tmp_path / "comparisons.parquet"))
    pd.testing.assert_frame_equal(claims_table(claims), table)
    with pytest.raises(DataError, match="missing margin"):
        read_claims(table.drop(columns="margin"))
    with pytest.raises(DataError, match="found 'best'"):
        read_claims(table.assign(verdict="best"))
    assert list(claims_table([]).columns) == list(CLAIM_COLUMNS)


def test_the_same_seed_gives_the_same_table(make_predictions, table):
    predictions = make_predictions({"good": 2.5, "poor": 0.7, "poor too": 0.7}, repetitions=3)
    again = compare_methods(predictions, PAPER, baselines=["poor", "poor too"], seed=1, n_resamples=300)
    pd.testing.assert_frame_equal(again, table)


def test_scores_in_a_notebook_are_compared_as_a_run_compares_them(make_predictions):
    predictions = make_predictions({"a": 2.0, "b": 1.0}, repetitions=3, n_windows=60)
    table = compare_methods(predictions, PAPER, seed=4, n_resamples=1000)
    test, aside = (predictions[predictions["split"] == split] for split in ("test", "threshold"))
    stacked = [
        {
            name: np.stack([r["p_sweep"] for _, r in of.groupby("repetition")])
            for name, of in part.groupby("method")
        }
        for part in (test, aside)
    ]
    labels = test[(test["method"] == "a") & (test["repetition"] == 0)]["label"] == "sweep"
    found = compare_scores(stacked[0], labels, threshold_scores=stacked[1], seed=4)
    assert found["metric"].tolist() == table["metric"].tolist()
    np.testing.assert_allclose(found["difference"], table["difference"], atol=1e-6)
    of_areas = found["metric"] == "roc_auc"
    np.testing.assert_allclose(found.loc[of_areas, "high"], table.loc[of_areas, "high"], atol=1e-6)


def test_scores_that_are_no_probabilities_are_compared_by_rank_alone():
    rng = np.random.default_rng(0)
    labels = np.repeat([True, False], 40)
    found = compare_scores({"a": rng.normal(labels * 2.0, 1, (3, 80)), "b": rng.normal(size=(2, 80))}, labels)
    assert found["metric"].tolist() == ["roc_auc", "pr_auc"]
    assert found["verdict"].tolist() == ["better", "better"]


@pytest.mark.parametrize(
    ("scores", "labels", "message"),
    [
        ({"a": [1, 2], "b": [1, 2, 3]}, [0, 1], r"scores of b: expected shape \(2,\)"),
        ({"a": [1, np.nan], "b": [1, 2]}, [0, 1], "scores of a: expected finite numbers, found nan"),
        ({"a": [1, 2], "b": [1, 2]}, [1, 1], "labels: expected 0 and 1"),
    ],
)
def test_scores_that_do_not_fit_are_refused(scores, labels, message):
    with pytest.raises(DataError, match=message):
        compare_scores(scores, labels)
