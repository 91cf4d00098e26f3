"""Priors: what they draw, how they are read and written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from selbench import ExperimentError, PluginError, Prior
from selbench.scenario import check_range, highest, lowest

UNIFORMS = (np.arange(2000) + 0.5) / 2000


@st.composite
def priors(draw: st.DrawFn) -> Prior:
    kind = draw(st.sampled_from(["uniform", "log_uniform", "exponential", "quantiles"]))
    if kind == "quantiles":
        return Prior.of_quantiles(sorted(draw(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=9))))
    if kind == "exponential":
        return Prior.exponential(*draw(st.tuples(*[st.floats(1e-300, 1e300)] * 2)))
    least = 1e-300 if kind == "log_uniform" else -1e300
    low, high = sorted(draw(st.tuples(*[st.floats(least, 1e300)] * 2)))
    return Prior(kind, low, high)


@given(priors(), st.lists(st.floats(0, 1, exclude_min=True, exclude_max=True), min_size=1, max_size=20))
def test_draws_stay_within_the_bounds_and_rise_with_the_uniforms(prior: Prior, uniforms: list[float]) -> None:
    draws = prior.quantile(np.array(sorted(uniforms)))
    assert (draws >= prior.low).all()
    assert (draws <= prior.high).all()
    spread = max(abs(prior.low), abs(prior.high))
    assert (np.diff(draws) >= -1e-12 * spread).all()


def test_draws_have_the_distribution_that_scipy_defines() -> None:
    np.testing.assert_allclose(
        Prior("uniform", -2, 5).quantile(UNIFORMS), stats.uniform(-2, 7).ppf(UNIFORMS), rtol=1e-12
    )
    np.testing.assert_allclose(
        Prior("log_uniform", 1e-9, 1e-7).quantile(UNIFORMS),
        stats.loguniform(1e-9, 1e-7).ppf(UNIFORMS),
        rtol=1e-12,
    )


def test_an_exponential_prior_has_its_excess_at_the_bound() -> None:
    draws = Prior.exponential(10.0, 30.0).quantile(UNIFORMS)
    expected = np.minimum(stats.expon(scale=10.0).ppf(UNIFORMS), 30.0)
    np.testing.assert_allclose(draws, expected, rtol=1e-12)
    assert (draws == 30.0).mean() == pytest.approx(np.exp(-3), abs=1e-3)
    assert (lowest(Prior.exponential(10.0, 30.0)), highest(Prior.exponential(10.0, 30.0))) == (0.0, 30.0)


@pytest.mark.parametrize("numbers", [[0, 30], [-1, 30], [10, 0], [10, -3], [10, float("inf")]])
def test_an_exponential_prior_needs_a_mean_and_a_bound_above_0(numbers: list[float]) -> None:
    with pytest.raises(ExperimentError, match="exponential prior: expected"):
        Prior.from_table({"exponential": numbers}, where="rate", error=ExperimentError)
    with pytest.raises(ExperimentError, match="expected no mean"):
        Prior("uniform", 0, 1, mean=0.5)


@given(priors())
def test_a_prior_reads_what_it_writes(prior: Prior) -> None:
    assert Prior.from_table(prior.to_table(), where="x", error=ExperimentError) == prior


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"unifrom": [1, 2]}, r"key: unknown prior 'unifrom' \(did you mean 'uniform'\?\); expected uniform"),
        (
            {"uniform": [1, 2], "log_uniform": [1, 2]},
            r"key: expected { .* or quantiles = \[low",
        ),
        ({}, "key: expected .*found {}"),
        (3, "key: expected .*found 3"),
        ({"uniform": [1]}, r"key.uniform: expected \[low, high\], found \[1\]"),
        ({"uniform": [1, 2, 3]}, r"key.uniform: expected \[low, high\]"),
        ({"exponential": [1, 2, 3]}, r"key.exponential: expected \[mean, high\], found \[1, 2, 3\]"),
        ({"uniform": "12"}, r"key.uniform: expected \[low, high\], found '12'"),
        ({"uniform": [False, True]}, r"key.uniform: expected \[low, high\], found \[False, True\]"),
        ({"uniform": [2, 1]}, r"key: uniform prior: expected finite bounds, low ≤ high, found \[2.0, 1.0\]"),
        ({"uniform": [0, float("inf")]}, r"key: uniform prior: expected finite bounds.*found \[0.0, inf\]"),
        ({"uniform": [float("nan"), 1]}, "key: uniform prior: expected finite bounds"),
        ({"quantiles": [1]}, "key: quantiles prior: expected from 2 to 10,001 numbers that do not fall"),
        (
            {"quantiles": [0, 2, 1]},
            "key: quantiles prior: expected from 2 to 10,001 numbers that do not fall",
        ),
        ({"quantiles": [0, float("nan"), 1]}, "quantiles prior: expected .* that do not fall, found 3"),
        ({"log_uniform": [0, 1]}, "key: log_uniform prior: expected bounds above 0, found 0.0"),
    ],
)
def test_a_table_that_is_no_prior_is_refused_by_key(table: Any, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        Prior.from_table(table, where="key", error=PluginError)


def test_an_unknown_distribution_is_refused() -> None:
    with pytest.raises(ExperimentError, match="log_uniform, exponential or quantiles, found 'normal'"):
        Prior("normal", 0, 1)  # type: ignore[arg-type]


def test_the_bounds_of_a_quantity() -> None:
    assert (lowest(3.0), highest(3.0)) == (3.0, 3.0)
    assert (lowest(Prior("uniform", 1, 2)), highest(Prior("uniform", 1, 2))) == (1, 2)


@pytest.mark.parametrize(
    ("quantity", "low", "high", "message"),
    [
        (-0.5, 0.0, 1.0, r"x: expected a number in \[0, 1\], found -0.5"),
        (Prior("uniform", 0.5, 1.5), 0.0, 1.0, r"x: .*in \[0, 1\], found { uniform = \[0.5, 1.5\] }"),
        (-1, 0.0, np.inf, "x: expected a number ≥ 0, found -1"),
        (np.nan, -np.inf, np.inf, "x: expected a finite number, found nan"),
        (np.inf, 0.0, np.inf, "x: expected a number ≥ 0, found inf"),
    ],
)
def test_a_quantity_out_of_range_is_refused(
    quantity: float | Prior, low: float, high: float, message: str
) -> None:
    check_range("x", (low if np.isfinite(low) else 0.0), low, high)
    with pytest.raises(ExperimentError, match=message):
        check_range("x", quantity, low, high)
