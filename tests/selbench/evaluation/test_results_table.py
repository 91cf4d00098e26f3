import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, roc_auc_score

from selbench.errors import DataError
from selbench.evaluation import ClassRoles, evaluate
from selbench.evaluation.results import RESULT_COLUMNS

PAPER = {"paper": ClassRoles(("neutral", "sweep"), "neutral", "sweep")}
THREE = {"three": ClassRoles(("neutral", "sweep", "balancing"), "neutral", "sweep")}


def value_of(results, metric, *, method, repetition=None, of_class=""):
    rows = results[
        (results["metric"] == metric) & (results["method"] == method) & (results["class"] == of_class)
    ]
    of_repetition = rows["repetition"].isna() if repetition is None else rows["repetition"].eq(repetition)
    (row,) = rows[of_repetition.fillna(False)].itertuples()
    return row


@pytest.fixture(scope="module")
def predictions(make_predictions):
    return make_predictions({"good": 2.0, "poor": 0.7}, seed=1)


@pytest.fixture(scope="module")
def results(predictions):
    return evaluate(predictions, PAPER, n_resamples=200, seed=7)


def test_the_table_has_its_shape(results):
    assert tuple(results.columns) == RESULT_COLUMNS
    assert str(results["repetition"].dtype) == "Int64"
    assert not results.duplicated(
        ["train_task", "test_task", "method", "repetition", "metric", "class"]
    ).any()
    assert set(results.loc[results["interval"] != "", "metric"]) >= {"roc_auc", "f1", "brier", "recall"}
    with_interval = results[results["interval"] != ""]
    assert (with_interval["low"] <= with_interval["high"]).all()


def test_an_outsider_gets_the_same_values_with_pandas_and_scikit_learn(predictions, results):
    test = predictions[predictions["split"] == "test"]
    for (method, repetition), rows in test.groupby(["method", "repetition"]):
        is_sweep, said = rows["label"] == "sweep", rows["p_sweep"]
        expected = {
            "roc_auc": roc_auc_score(is_sweep, said),
            "pr_auc": average_precision_score(is_sweep, said),
            "accuracy": ((said > 0.5) == is_sweep).mean(),
            "brier": brier_score_loss(is_sweep, said),
            "f1": f1_score(is_sweep, said > 0.5, average="macro"),
        }
        for metric, value in expected.items():
            found = value_of(results, metric, method=method, repetition=repetition)
            assert found.value == pytest.approx(value, abs=1e-6), metric


def test_an_outsider_gets_the_same_power_with_pandas(predictions, results):
    for (method, repetition), rows in predictions.groupby(["method", "repetition"]):
        null = rows.loc[rows["split"] == "threshold", "p_sweep"].sort_values(ascending=False)
        threshold = null.iloc[int(0.05 * (len(null) + 1)) - 1]
        sweeps = rows.loc[(rows["split"] == "test") & (rows["label"] == "sweep"), "p_sweep"]
        found = value_of(results, "power_at_5_percent", method=method, repetition=repetition)
        assert found.value == pytest.approx((sweeps >= threshold).mean())
        reached = value_of(results, "threshold_rate_at_5_percent", method=method, repetition=repetition)
        assert reached.value == (null >= threshold).mean()


def test_the_value_without_repetition_is_the_mean_over_repetitions(results):
    results = results[~results["metric"].str.endswith("_p")]  # a p-value of the mean is its own
    single = results[results["repetition"].notna()].groupby(["method", "metric", "class"])["value"].mean()
    averaged = results[results["repetition"].isna()].set_index(["method", "metric", "class"])["value"]
    pd.testing.assert_series_equal(single.sort_index(), averaged.sort_index())


def test_counts_of_calls_add_up_to_the_windows_of_a_class(results):
    called = results[results["metric"].str.startswith("called_")]
    assert (called.groupby(["method", "repetition", "class"], dropna=False)["value"].sum() == 100).all()
    assert (called["n_windows"] == 100).all()


def test_power_asks_for_enough_threshold_windows(make_predictions, results):
    assert not results["metric"].str.contains("1_percent").any(), "400 windows do for 5 %, not for 1 %"
    assert results["metric"].str.contains("5_percent").any()
    few = evaluate(make_predictions({"good": 1.0}, n_threshold=399), PAPER, n_resamples=10, seed=0)
    assert not few["metric"].str.contains("percent").any()
    none = evaluate(make_predictions({"good": 1.0}, n_threshold=0), PAPER, n_resamples=10, seed=0)
    assert set(none["metric"]) == set(few["metric"])


def test_binary_metrics_of_three_classes_set_each_against_the_null_class(make_predictions):
    predictions = make_predictions(
        {"good": 1.5}, classes=THREE["three"].classes, train_task="three", test_task="three"
    )
    results = evaluate(predictions, THREE, n_resamples=20, seed=0)
    test = predictions[(predictions["split"] == "test") & (predictions["repetition"] == 0)]
    areas = []
    for name in ("sweep", "balancing"):
        pair = test[test["label"].isin(["neutral", name])]
        said = pair[f"p_{name}"].astype(float) / (pair[f"p_{name}"].astype(float) + pair["p_neutral"])
        areas.append(roc_auc_score(pair["label"] == name, said))
        found = value_of(results, "roc_auc", method="good", repetition=0, of_class=name)
        assert found.value == pytest.approx(areas[-1], abs=1e-6)
        assert found.n_windows == 200
    averaged = value_of(results, "roc_auc", method="good", repetition=0)
    assert averaged.value == pytest.approx(np.mean(areas), abs=1e-6)
    assert averaged.n_windows == 300


def test_the_same_seed_gives_the_same_table_whatever_the_order_of_the_rows(predictions, results):
    shuffled = predictions.sample(frac=1, random_state=3)
    again = evaluate(shuffled, PAPER, n_resamples=200, seed=7)
    order = ["method", "repetition", "metric", "class"]
    pd.testing.assert_frame_equal(
        again.sort_values(order, ignore_index=True), results.sort_values(order, ignore_index=True)
    )
    other = evaluate(predictions, PAPER, n_resamples=200, seed=8)
    assert not other["low"].equals(results["low"])


def test_a_method_does_not_change_the_intervals_of_another(predictions, results):
    alone = evaluate(predictions[predictions["method"] == "poor"], PAPER, n_resamples=200, seed=7)
    beside = results[results["method"] == "poor"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, beside)


def test_saved_predictions_give_the_same_table(predictions, results, tmp_path):
    predictions.to_parquet(tmp_path / "predictions.parquet")
    again = evaluate(pd.read_parquet(tmp_path / "predictions.parquet"), PAPER, n_resamples=200, seed=7)
    pd.testing.assert_frame_equal(again, results)


def broken(predictions, **changes):
    frame = predictions.copy()
    for name, change in changes.items():
        frame[name] = change(frame)
    return frame


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: p.drop(columns="split"), "missing split"),
        (lambda p: p.drop(columns="p_sweep"), "missing p_sweep"),
        (lambda p: p.iloc[1:], "expected the 600 windows|expected the 599 windows"),
        (lambda p: pd.concat([p, p.iloc[:1]]), "found a window twice"),
        (lambda p: broken(p, p_sweep=lambda f: f["p_sweep"] * 2), r"probabilities in \[0, 1\]"),
        (lambda p: broken(p, p_sweep=lambda f: float("nan")), "probabilities of class sweep, found none"),
        (lambda p: broken(p, p_sweep=lambda f: f["p_sweep"].where(f["window"] > 3)), "found.*nan"),
        (lambda p: broken(p, label=lambda f: f["label"].replace("sweep", "swep")), "found 'swep'"),
        (lambda p: broken(p, split=lambda f: f["split"].replace("test", "tset")), "found 'tset'"),
        (lambda p: broken(p, test_task=lambda f: "parer"), "found 'parer'"),
        (lambda p: p[p["label"] == "neutral"], "none of sweep"),
        (lambda p: broken(p[p["split"] == "test"], split=lambda f: "threshold"), "windows of class neutral"),
    ],
)
def test_broken_predictions_are_refused_in_one_line(predictions, spoil, message):
    with pytest.raises(DataError, match=message) as refusal:
        evaluate(spoil(predictions), PAPER, n_resamples=10, seed=0)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("classes", "null", "positive"),
    [
        (("neutral",), "neutral", "neutral"),
        (("a", "a"), "a", "a"),
        (("neutral", "sweep"), "sweep", "neutral"),
        (("neutral", "sweep"), "neutral", "neutral"),
    ],
)
def test_roles_that_contradict_their_classes_are_refused(classes, null, positive):
    with pytest.raises(DataError):
        ClassRoles(classes, null, positive)
