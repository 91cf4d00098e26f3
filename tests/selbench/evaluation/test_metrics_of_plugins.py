"""Metrics through the door: the shipped ones are what the tables hold, a stranger's stands beside them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss as log_loss_of_others
from sklearn.metrics import matthews_corrcoef

from selbench import PluginError, Registry, hookimpl, metric
from selbench.evaluation import ClassRoles, compare_methods, evaluate
from selbench.evaluation.brought import value_of as asked
from selbench.evaluation.metrics import METRICS, SHIPPED
from selbench.evaluation.prediction_table import by_task
from selbench.plugin.metrics import MetricFunction
from selbench.testing import MetricContract

PAPER = {"paper": ClassRoles(("neutral", "sweep"), "neutral", "sweep")}
THREE = {"three": ClassRoles(("neutral", "sweep", "balancing"), "neutral", "sweep")}

for _shipped in SHIPPED:
    _name = f"Test_{_shipped.name}"
    globals()[_name] = type(_name, (MetricContract,), {"metric": _shipped})

del MetricContract


@pytest.fixture(scope="module")
def toy_doors() -> ModuleType:
    sys.path.insert(0, str(Path(__file__).parents[2] / "packages"))
    import toy_doors

    return toy_doors


@pytest.fixture(scope="module")
def predictions(make_predictions):
    return make_predictions({"good": 2.0, "poor": 0.7}, seed=1, n_threshold=2000)


def test_the_tables_hold_what_the_shipped_functions_say(make_predictions, predictions) -> None:
    of_three = make_predictions(
        {"good": 1.5}, classes=THREE["three"].classes, train_task="three", test_task="three", n_threshold=2000
    )
    for table, roles in ((predictions, PAPER), (of_three, THREE)):
        results = evaluate(table, roles, n_resamples=2, seed=7)
        results = results[(results["class"] == "") & results["repetition"].notna()]
        held = results.set_index(["metric", "method", "repetition"])["value"]
        for task in by_task(table, roles):
            for method in task.methods:
                for place, repetition in enumerate(method.repetitions):
                    for shipped in SHIPPED:
                        said = asked(shipped, task.labels, method.test[place], method.threshold[place])
                        in_table = held[shipped.name, method.method, repetition]
                        assert said.mean() == pytest.approx(in_table, abs=1e-12), shipped.name


def test_a_stranger_s_metric_is_measured_with_an_interval(predictions, toy_doors: ModuleType) -> None:
    brought = tuple(Registry.of(toy_doors).metrics.values())
    results = evaluate(predictions, PAPER, n_resamples=200, seed=7, brought=brought)
    test = predictions[predictions["split"] == "test"]
    for (method, repetition), rows in test.groupby(["method", "repetition"]):
        is_sweep, said = rows["label"] == "sweep", rows["p_sweep"]
        expected = {
            "log_loss": log_loss_of_others(is_sweep, said),
            "correlation": matthews_corrcoef(is_sweep, said > 0.5),
        }
        for name, value in expected.items():
            of_metric = results[(results["metric"] == name) & (results["method"] == method)]
            (row,) = of_metric[of_metric["repetition"].eq(repetition).fillna(False)].itertuples()
            assert row.value == pytest.approx(value, abs=1e-6)
            assert row.low < row.value < row.high
            assert row.interval.startswith("95% over windows")
    without = evaluate(predictions, PAPER, n_resamples=200, seed=7)
    shipped = results[results["metric"].isin(set(METRICS) | set(without["metric"]))]
    pd.testing.assert_frame_equal(shipped.reset_index(drop=True), without)


def test_an_interval_of_a_resampled_metric_is_as_wide_as_theory_says(predictions) -> None:
    """Accuracy asked as one number: the interval is about that of a share of 200 windows."""

    @metric("nobody", lowest=0, highest=1)
    def share_right(labels, probabilities):
        """Share of windows that are called right."""
        return float((probabilities.argmax(axis=1) == labels).mean())

    results = evaluate(predictions, PAPER, n_resamples=200, seed=3, brought=[share_right.metric])
    row = results[(results["metric"] == "share_right") & (results["method"] == "poor")].iloc[1]
    half = 1.96 * np.sqrt(row["value"] * (1 - row["value"]) / 200)
    assert (row["high"] - row["low"]) / 2 == pytest.approx(half, rel=0.2)


def test_methods_are_compared_by_it_in_its_direction(make_predictions, toy_doors: ModuleType) -> None:
    predictions = make_predictions({"good": 2.0, "poor": 0.7}, seed=1, repetitions=5)
    brought = tuple(Registry.of(toy_doors).metrics.values())
    table = compare_methods(predictions, PAPER, seed=1, n_resamples=200, brought=brought)
    for name, verdict in (("log_loss", "better"), ("correlation", "better")):
        (row,) = table[table["metric"] == name].itertuples()
        assert (row.method, row.other, row.verdict) == ("good", "poor", verdict)
        assert (row.difference < 0) == (name == "log_loss")
        assert row.p < 0.05


def test_a_metric_that_fails_is_named_with_its_line(predictions) -> None:
    def broken(labels, probabilities):
        """Fail."""
        return {}["x"]

    def shapeless(labels, probabilities):
        """Return one number too many."""
        return np.zeros(len(labels) + 1)

    def endless(labels, probabilities):
        """Return no number."""
        return float("nan")

    for function, said in (
        (broken, r"metric broken: KeyError: 'x' \(.*test_metrics_of_plugins.py:\d+\)"),
        (shapeless, r"metric shapeless: expected a number, or one per window, shape \(200,\)"),
        (endless, "metric endless: expected finite numbers, found nan"),
    ):
        marked = metric("nobody")(function).metric
        with pytest.raises(PluginError, match=said):
            evaluate(predictions, PAPER, n_resamples=2, seed=1, brought=[marked])


def test_names_and_bounds_that_cannot_be_are_refused() -> None:
    def seconds_saved(labels, probabilities):
        """Stand in the way."""

    def undocumented(labels, probabilities):
        return 0.0

    def fine(labels, probabilities):
        """Be fine."""

    for function, options, said in (
        (seconds_saved, {}, "seconds_saved"),
        (undocumented, {}, "docstring"),
        (fine, {"lowest": 1.0, "highest": 0.0}, "lowest below highest"),
        (fine, {"margin": -1.0}, "margin above 0"),
    ):
        with pytest.raises(PluginError, match=said):
            metric("nobody", **options)(function)


class _Doubling:
    """A plugin that offers a metric of a name that another has."""

    @staticmethod
    @hookimpl
    def register_metrics() -> list[MetricFunction]:
        def log_loss(labels, probabilities):
            """Be another."""
            return 0.0

        return [metric("nobody")(log_loss)]


def test_a_name_that_two_plugins_claim_hurts_only_who_says_it_bare(toy_doors: ModuleType) -> None:
    registry = Registry.of(toy_doors, _Doubling())
    assert registry.metrics["correlation"].label == "MCC"
    assert registry.metrics["toy_doors:log_loss"].meaning.startswith("Mean negative")
    with pytest.raises(PluginError, match="say toy_doors:log_loss or _Doubling:log_loss"):
        registry.metrics["log_loss"]
    with pytest.raises(PluginError, match="did you mean 'correlation'"):
        registry.metrics["corelation"]
