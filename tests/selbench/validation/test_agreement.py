"""Two contestants compared: distances as scipy finds them, and verdicts that follow from the data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from selbench.errors import DataError
from selbench.validation import Contestant, Figures, Observed, compare
from selbench.validation.distributions import distance, distance_p_value

COUNTS = arrays(np.float64, st.integers(2, 60), elements=st.integers(0, 8).map(float))


@given(COUNTS, COUNTS)
def test_the_distance_is_that_of_scipy_ties_included(
    first: np.ndarray[tuple[int], np.dtype[np.float64]], second: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> None:
    found = distance(Observed.of(first), Observed.of(second))
    assert found == pytest.approx(stats.ks_2samp(first, second, method="asymp").statistic, abs=1e-12)


@given(COUNTS, COUNTS)
def test_quantiles_never_show_more_than_the_distance_itself(
    first: np.ndarray[tuple[int], np.dtype[np.float64]], second: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> None:
    levels = (0.0, 0.25, 0.5, 0.75, 1.0)
    quantiles = np.quantile(second, levels, method="inverted_cdf")
    published = Figures(len(second), second.mean(), 1.0, levels, tuple(quantiles.tolist()))
    full = distance(Observed.of(first), Observed.of(second))
    assert distance(Observed.of(first), published) <= full + 1e-12
    assert distance(published, Observed.of(first)) <= full + 1e-12


def test_the_p_value_is_the_limit_of_smirnov() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=3000), rng.normal(0.04, size=4000)
    expected = stats.ks_2samp(first, second, method="exact")
    assert distance_p_value(float(expected.statistic), 3000, 4000) == pytest.approx(expected.pvalue, rel=0.05)
    assert distance_p_value(0.0, 10, 10) == 1.0


def contestant(name: str, **values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Contestant:
    """A contestant with these statistics."""
    return Contestant(name, {key: Observed.of(value) for key, value in values.items()}, 2000, {})


def test_a_shifted_statistic_is_told_apart_and_the_others_are_not() -> None:
    rng = np.random.default_rng(2)
    first = contestant("a", theta_w=rng.normal(size=2000), h1=rng.normal(size=2000))
    second = contestant("b", theta_w=rng.normal(size=2000), h1=rng.normal(0.2, size=2000))
    verdicts = {agreement.statistic: agreement for agreement in compare(first, second)}
    assert verdicts["theta_w"].holds
    assert not verdicts["h1"].holds
    assert verdicts["h1"].z == pytest.approx(0.2 / np.sqrt(2 / 2000), abs=5)
    for agreement in verdicts.values():
        assert agreement.p_value <= agreement.adjusted_p_value <= 2 * agreement.p_value
        assert agreement.first.low < agreement.first.value < agreement.first.high


def test_equal_means_of_other_shapes_are_told_apart() -> None:
    rng = np.random.default_rng(3)
    (verdict,) = compare(
        contestant("a", h1=rng.normal(size=2000)), contestant("b", h1=rng.choice([-1.0, 1.0], 2000))
    )
    assert abs(verdict.z) < 4
    assert not verdict.holds


def test_what_cannot_be_compared_is_refused() -> None:
    figures = Contestant("figures", {"h1": Figures(9, 0.0, 1.0, (0.5,), (0.0,))}, 9, {})
    with pytest.raises(DataError, match="published figures on both"):
        compare(figures, figures)
    one = contestant("one", h1=np.zeros(1))
    with pytest.raises(DataError, match="at least 2 windows"):
        compare(one, one)
    with pytest.raises(DataError, match="no statistic in common"):
        compare(one, contestant("other", h12=np.zeros(5)))
