"""Thresholds where it is settled in which direction a number is read."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from selbench.plugin.thresholds import Cut, Cuts, mean_ranks


def two_classes(seed: int, shift: float, n: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1], n)
    return rng.normal(shift * labels, 1), labels


@pytest.mark.parametrize("shift", [-20.0, -1.0, -0.1, 0.0, 0.1, 1.0, 20.0])
@pytest.mark.parametrize("n", [(300, 300), (500, 100), (100, 500)])
def test_probabilities_rise_with_the_number_and_are_right_in_the_mean(
    shift: float, n: tuple[int, int]
) -> None:
    values, labels = two_classes(3, shift, n)
    cuts = Cuts.fit_rising(values, labels, 2)
    assert cuts.order == (0, 1)
    everywhere = cuts.probabilities(np.linspace(-40, 40, 1000))[:, 1]
    assert (np.diff(everywhere) > 0).all()
    training = cuts.probabilities(np.unique(values))[:, 1]
    assert (np.diff(training) >= 0).all()
    if shift < 5:  # single precision has few numbers so near 1
        assert len(np.unique(training)) > 0.99 * len(training)
    found = cuts.probabilities(values)[:, 1]
    assert abs(found.mean() - labels.mean()) < 0.06


def test_classes_in_the_wrong_order_have_about_their_share_everywhere() -> None:
    values, labels = two_classes(5, -1.0, (400, 100))
    found = Cuts.fit_rising(values, labels, 2).probabilities(values)[:, 1]
    assert found.mean() == pytest.approx(0.2, abs=0.002)
    assert np.ptp(found) == pytest.approx(0.2 * 0.2 * 0.8, rel=0.05)  # a logit of 0.2, by p (1 - p)


def test_what_only_the_highest_values_show_is_kept_though_the_other_windows_of_a_class_have_the_lowest() -> (
    None
):
    rng = np.random.default_rng(2)
    labels = np.repeat([0, 1], 500)
    values = rng.normal(0, 1, 1000) + np.where(labels == 1, np.where(rng.random(1000) < 0.3, 8.0, -1.5), 0)
    ranks = mean_ranks(values, labels, 2)
    assert ranks[1] < ranks[0]
    sweep = Cuts.fit_rising(values, labels, 2).probabilities(np.array([-3.0, 0.0, 8.0]))[:, 1]
    assert sweep[2] > 0.95
    assert (sweep[:2] < 0.5).all()
    assert (np.diff(sweep) > 0).all()


def test_two_classes_in_the_right_order_are_told_apart_as_where_the_order_is_learned() -> None:
    values, labels = two_classes(7, 1.0, (200, 300))
    rising, learned = (fit(values, labels, 2) for fit in (Cuts.fit_rising, Cuts.fit))
    assert rising.cuts == learned.cuts
    np.testing.assert_allclose(rising.probabilities(values), learned.probabilities(values), rtol=1e-6)


def test_a_class_whose_values_are_all_those_of_the_null_class_shares_with_it() -> None:
    values = np.array([0.0, 0.0, 0.0, 0.0, 5.0, 6.0])
    labels = np.array([0, 0, 0, 1, 2, 2])
    cuts = Cuts.fit_rising(values, labels, 4)
    assert cuts.order == (0, 1, 2)
    probabilities = cuts.probabilities(np.array([0.0, 5.5]))
    np.testing.assert_allclose(probabilities[0], [0.75, 0.25, 0, 0], atol=0.01)
    assert probabilities[1, 2] > 0.9
    assert (probabilities[:, 3] == 0).all()


@pytest.mark.parametrize("labels", [[1, 1, 2, 2], [2, 2, 1, 1], [0, 0, 0, 0]])
def test_classes_without_training_windows_are_never_called(labels: list[int]) -> None:
    cuts = Cuts.fit_rising(np.arange(4.0), np.array(labels), 3)
    probabilities = cuts.probabilities(np.arange(4.0))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert probabilities.argmax(axis=1).tolist() == labels
    assert np.flatnonzero(probabilities.any(axis=0)).tolist() == sorted(set(labels))


def test_mean_ranks_compare_as_the_area_under_the_curve_does() -> None:
    rng = np.random.default_rng(1)
    values, labels = rng.integers(0, 6, 200).astype(float), rng.integers(0, 2, 200)
    ranks = mean_ranks(values, labels, 2)
    n_null, n_other = np.bincount(labels)
    area = mannwhitneyu(values[labels == 1], values[labels == 0]).statistic / n_null / n_other
    assert (ranks[1] - ranks[0]) / 200 + 0.5 == pytest.approx(area)


def test_values_that_only_rounding_tells_apart_stay_finite() -> None:
    values = np.array([1.0, 1.0, np.nextafter(1, 2), np.nextafter(1, 2)])
    cut = Cut.fit_rising(values, np.array([True, True, False, False]), span=float(np.ptp(values)))
    assert np.isfinite(cut.probability_above(np.array([-10.0, 1.0, 10.0]))).all()
