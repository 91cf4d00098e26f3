"""Windows that a method declined: scored at its null median, and counted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from selbench.evaluation import ClassRoles, compare_methods, evaluate
from selbench.evaluation.prediction_table import by_task
from selbench.evaluation.predictions import at_null_median, score_against_null
from selbench.evaluation.rivals import rank_baselines

PAPER = {"paper": ClassRoles(("neutral", "sweep"), "neutral", "sweep")}
SAID = ["p_neutral", "p_sweep"]


@pytest.fixture(scope="module")
def predictions(make_predictions: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return make_predictions({"whole": 1.5, "choosy": 1.0}, seed=4)


@pytest.fixture(scope="module")
def declining(predictions: pd.DataFrame) -> pd.DataFrame:
    """The same, but one method declines every fifth test window, and every tenth of the threshold."""
    every = np.where(predictions["split"] == "test", 5, 10)
    is_declined = (predictions["method"] == "choosy") & (predictions["window"] % every == 0)
    return predictions.assign(**{name: predictions[name].mask(is_declined) for name in SAID})


def filled_by_an_outsider(declining: pd.DataFrame) -> pd.DataFrame:
    """Fill as the docs say it, with pandas alone."""
    filled = declining.copy()
    for _, rows in declining.groupby(["method", "repetition"]):
        median = rows.loc[rows["split"] == "threshold", "p_sweep"].median()
        lacking = rows.index[rows["p_sweep"].isna()]
        filled.loc[lacking, "p_sweep"], filled.loc[lacking, "p_neutral"] = median, 1 - median
    return filled


def test_every_score_is_that_of_predictions_filled_by_the_null_median(declining: pd.DataFrame) -> None:
    ours = evaluate(declining, PAPER, n_resamples=50, seed=3)
    theirs = evaluate(filled_by_an_outsider(declining), PAPER, n_resamples=50, seed=3)
    assert (theirs.loc[theirs["metric"] == "coverage", "value"] == 1).all()
    without = ours["metric"] != "coverage"
    pd.testing.assert_frame_equal(ours[without], theirs[without])
    compared, by_outsider = (
        compare_methods(table, PAPER, n_resamples=50, seed=3)
        for table in (declining, filled_by_an_outsider(declining))
    )
    pd.testing.assert_frame_equal(compared, by_outsider)


def test_the_share_of_answered_windows_stands_in_the_results(declining: pd.DataFrame) -> None:
    results = evaluate(declining, PAPER, n_resamples=5, seed=3)
    coverage = results[(results["metric"] == "coverage") & results["repetition"].isna()]
    by_class = coverage.set_index(["method", "class"])["value"]
    assert (by_class["whole"] == 1).all()
    test = declining.query("split == 'test' and method == 'choosy'")
    answered = test["p_sweep"].notna()
    assert by_class["choosy", ""] == pytest.approx(answered.mean())
    for label in ("neutral", "sweep"):
        assert by_class["choosy", label] == pytest.approx(answered[test["label"] == label].mean())


def test_other_methods_scores_do_not_move(predictions: pd.DataFrame, declining: pd.DataFrame) -> None:
    before, after = (evaluate(table, PAPER, n_resamples=20, seed=3) for table in (predictions, declining))
    of_whole = before["method"] == "whole"
    pd.testing.assert_frame_equal(before[of_whole], after[of_whole])


def test_without_threshold_windows_the_median_is_over_null_test_windows(declining: pd.DataFrame) -> None:
    (task,) = by_task(declining[declining["split"] == "test"], PAPER)
    (choosy,) = (method for method in task.methods if method.method == "choosy")
    assert choosy.answered is not None
    for test, answered in zip(choosy.test, choosy.answered, strict=True):
        null = test[answered & (task.labels == 0), 1]
        assert (test[~answered, 1] == np.median(null)).all()
        np.testing.assert_allclose(test.sum(axis=1), 1, atol=1e-6)


def test_of_many_classes_each_is_scored_at_its_own_median() -> None:
    rng = np.random.default_rng(2)
    said = rng.dirichlet([3, 2, 1, 1], size=41)
    said[:4] = np.nan
    filled = at_null_median(said, np.ones(41, dtype=bool))
    for code in (1, 2, 3):
        median = np.median(score_against_null(said[4:], code))
        np.testing.assert_allclose(score_against_null(filled[:4], code), median, rtol=1e-12)
    np.testing.assert_allclose(filled.sum(axis=1), 1)
    np.testing.assert_array_equal(filled[4:], said[4:])


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_method_that_says_nothing_of_null_windows_cannot_tell(n_classes: int) -> None:
    said = np.full((3, n_classes), np.nan)
    filled = at_null_median(said, np.array([True, True, False]))
    np.testing.assert_allclose(filled, 1 / n_classes)
    certain = np.zeros((3, n_classes))
    certain[:, 1], certain[2] = 1, np.nan
    assert (at_null_median(certain, np.array([True, True, False]))[2].argmax()) == 1


def test_a_method_that_declines_everything_has_the_area_of_a_coin(predictions: pd.DataFrame) -> None:
    silent = predictions["method"] == "choosy"
    nothing = predictions.assign(**{name: predictions[name].mask(silent) for name in SAID})
    results = evaluate(nothing, PAPER, n_resamples=5, seed=3)
    mean = results[(results["method"] == "choosy") & results["repetition"].isna() & (results["class"] == "")]
    by_metric = mean.set_index("metric")["value"]
    assert by_metric["coverage"] == 0
    assert by_metric["roc_auc"] == 0.5


def test_a_baseline_that_declines_is_ranked_by_what_it_is_scored_at(declining: pd.DataFrame) -> None:
    asked = declining[declining["split"] == "test"].assign(split="validation")
    assert rank_baselines(asked, PAPER, ["whole", "choosy"]) == {"paper": ("whole", "choosy")}
