"""A threshold on one statistic: best on training windows, monotone, calibrated, sane for more classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from selbench import DataError, Examples, FeatureSpec, Windows
from selbench.plugin import Cut
from selbench.statistics import compute
from selbench.testing import random_windows
from selbench_statistics.summaries import SummaryStatistics
from selbench_statistics.thresholds import (
    H12,
    DistinctHaplotypes,
    NucleotideDiversity,
    SegregatingSites,
    TajimasD,
    ThresholdModel,
)

MODELS = [SegregatingSites(), NucleotideDiversity(), DistinctHaplotypes(), TajimasD(), H12()]


def examples(windows: Windows, statistic: str, classes: tuple[str, ...] = ("neutral", "sweep")) -> Examples:
    encoder = SummaryStatistics(names=(statistic,))
    return Examples(windows, encoder.encode, encoder.feature_spec(windows.spec), classes)


def fit(model: ThresholdModel, train: Examples) -> Any:
    return model.fit(train, train, seed=1, progress=lambda fraction, words: None)


def rises(model: ThresholdModel, train: Examples) -> bool:
    """Whether the sweep class has the higher values, by the AUC."""
    from sklearn.metrics import roc_auc_score

    values = compute(train.windows, [model.statistic])[:, 0]
    return bool(roc_auc_score(train.labels, values) > 0.5)


@pytest.fixture(scope="module")
def windows() -> Windows:
    return random_windows(1500, seed=4, labels=True)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_auc_is_the_statistics_own(model: ThresholdModel, windows: Windows) -> None:
    from sklearn.metrics import roc_auc_score

    train = examples(windows.take(slice(0, 500)), model.statistic)
    test = examples(windows.take(slice(500, 1500)), model.statistic)
    values = compute(test.windows, [model.statistic])[:, 0]
    own = roc_auc_score(test.labels, values if rises(model, train) else -values)
    probabilities = fit(model, train).predict_proba(test.to_array())
    assert roc_auc_score(test.labels, probabilities[:, 1]) == pytest.approx(own, abs=2e-5)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_no_other_threshold_misplaces_fewer_training_windows(model: ThresholdModel, windows: Windows) -> None:
    train = examples(windows.take(slice(0, 300)), model.statistic)
    calls = fit(model, train).predict_proba(train.to_array()).argmax(axis=1)
    values = compute(train.windows, [model.statistic])[:, 0]
    rising = rises(model, train)
    errors = [
        np.sum(((values > at) == rising) != (train.labels == 1))
        for at in (np.unique(values)[1:] + np.unique(values)[:-1]) / 2
    ]
    assert np.sum(calls != train.labels) == min(errors)


def test_probabilities_are_calibrated(windows: Windows) -> None:
    train = examples(windows.take(slice(0, 750)), "segregating_sites")
    test = examples(windows.take(slice(750, 1500)), "segregating_sites")
    sweep = fit(SegregatingSites(), train).predict_proba(test.to_array())[:, 1]
    for low, high in [(0, 0.3), (0.3, 0.8), (0.8, 1.0)]:
        chosen = (sweep >= low) & (sweep < high)
        error = np.sqrt(0.25 / chosen.sum())
        assert abs(sweep[chosen].mean() - test.labels[chosen].mean()) < 5 * error


def test_probabilities_rise_strictly_even_where_classes_do_not_overlap() -> None:
    values = np.append(np.arange(50.0), np.arange(60.0, 200.0))
    cut = Cut.fit(values, values > 55)
    assert cut.threshold == 54.5
    above = cut.probability_above(np.arange(-20.0, 250.0)).astype(np.float32)
    assert (np.diff(above) > 0).all()
    assert (above[values.astype(int) + 20] > 0.5).tolist() == (values > 55).tolist()


def test_three_classes_become_three_stretches_of_the_statistic() -> None:
    windows = random_windows(900, seed=2)
    labels = np.select([windows.n_sites < 6, windows.n_sites < 10], ["sweep", "neutral"], "balancing")
    windows = replace(windows, labels=labels)
    train = examples(windows, "segregating_sites", ("neutral", "sweep", "balancing"))
    predictor = fit(SegregatingSites(), train)
    assert predictor.cuts.order == (1, 0, 2)
    probabilities = predictor.predict_proba(train.to_array())
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert (probabilities >= 0).all()
    np.testing.assert_array_equal(probabilities.argmax(axis=1), train.labels)


def test_a_class_without_training_windows_is_never_called() -> None:
    windows = random_windows(60, seed=1, labels=True)
    train = examples(windows, "segregating_sites", ("neutral", "balancing", "sweep"))
    probabilities = fit(SegregatingSites(), train).predict_proba(train.to_array())
    assert (probabilities[:, 1] == 0).all()


def test_a_constant_statistic_is_refused() -> None:
    windows = random_windows(10, seed=1, labels=True)
    constant = replace(windows.take([2] * 6), labels=np.array(["neutral", "sweep"] * 3))
    with pytest.raises(DataError, match=r"expected values that differ, found .* in every window"):
        fit(SegregatingSites(), examples(constant, "segregating_sites"))
    with pytest.raises(DataError, match="found no windows"):
        fit(SegregatingSites(), examples(windows.take([]), "segregating_sites"))


def test_values_that_only_rounding_tells_apart_stay_finite() -> None:
    values = np.array([1.0, 1.0, np.nextafter(1, 2), np.nextafter(1, 2)])
    cut = Cut.fit(values, np.array([False, False, True, True]))
    assert np.isfinite(cut.probability_above(np.array([-10.0, 1.0, 10.0]))).all()


def test_features_without_the_statistic_are_declined() -> None:
    spec = FeatureSpec((2,), "float64", ("statistic",), ("h12", "tajimas_d"))
    assert TajimasD().unsupported(spec) is None
    reason = SegregatingSites().unsupported(spec)
    assert reason is not None
    assert "statistics[names=segregating_sites]" in reason


def test_only_three_of_them_join_every_experiment() -> None:
    assert [model.name for model in MODELS if model.is_baseline] == [
        "segregating-sites",
        "nucleotide-diversity",
        "distinct-haplotypes",
    ]
