"""The share of right calls where few windows are swept: by counting, and its interval by drawing."""

from __future__ import annotations

import numpy as np
import pytest

from selbench.evaluation.intervals import wilson
from selbench.evaluation.predictive_value import predictive_interval, predictive_value


@pytest.mark.parametrize(
    ("power", "rate", "prevalence"), [(0.8, 0.01, 0.01), (0.3, 0.02, 0.1), (1, 0.5, 0.5)]
)
def test_it_is_what_counting_in_a_million_windows_gives(power: float, rate: float, prevalence: float) -> None:
    n = 1_000_000
    right, wrong = power * prevalence * n, rate * (1 - prevalence) * n
    assert predictive_value(power, rate, prevalence) == pytest.approx(right / (right + wrong))


def test_nothing_called_is_nothing_right() -> None:
    assert predictive_value(0.0, 0.0) == 0
    assert predictive_value(0.2, 0.0) == 1


def test_its_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    power, rate, n = 0.7, 0.012, 1000
    truth = predictive_value(power, rate)
    held = 0
    for called, wrong in zip(rng.binomial(n, power, 400), rng.binomial(n, rate, 400), strict=True):
        shares = [(count / n, *wilson(count / n, n)) for count in (called, wrong)]
        low, high = predictive_interval(shares[0], shares[1])
        held += low <= truth <= high
    assert 0.92 <= held / 400 <= 0.99


@pytest.mark.parametrize(
    ("power", "rate"),
    [
        ((0.8, 0.77, 0.82), (0.0, 0.0, 0.004)),
        ((0.0, 0.0, 0.01), (0.01, 0.005, 0.018)),
        ((0.8, 0.77, 0.82), (0.01, 0.005, 0.02)),
        ((1.0, 0.99, 1.0), (0.5, 0.47, 0.53)),
    ],
)
def test_its_interval_holds_its_value_at_the_edges_too(
    power: tuple[float, float, float], rate: tuple[float, float, float]
) -> None:
    low, high = predictive_interval(power, rate)
    assert 0 <= low <= predictive_value(power[0], rate[0]) <= high <= 1
    assert high - low > 0.001
