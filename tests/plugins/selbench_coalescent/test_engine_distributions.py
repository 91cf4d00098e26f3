"""The engine's random numbers against the distributions they are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from selbench_coalescent.engine.compiled import pointer
from selbench_coalescent.engine.distributions import binomial, exponential, normal
from selbench_coalescent.engine.splitmix import open_stream, uniform

N_DRAWS = 200_000
FALSE_ALARM = 1e-7


def drawn(draw: Callable[..., float], seed: int = 11) -> NDArray[np.float64]:
    """Draw from one stream; `draw` takes the stream and the cell it stands in."""

    @numba.njit  # type: ignore[untyped-decorator]
    def fill(cells: Any, values: Any) -> None:
        stream = pointer(cells, 0)
        open_stream(stream, 0, np.uint64(seed), np.uint64(3))
        for i in range(len(values)):
            values[i] = draw(stream, 0)

    values = np.empty(N_DRAWS)
    fill(np.zeros(2, dtype=np.uint64), values)
    return values


@pytest.mark.parametrize(
    ("draw", "distribution"),
    [(uniform, stats.uniform), (exponential, stats.expon), (normal, stats.norm)],
    ids=["uniform", "exponential", "normal"],
)
def test_continuous_numbers_follow_their_distribution(draw: Any, distribution: Any) -> None:
    values = drawn(draw)
    assert stats.kstest(values, distribution.cdf).pvalue > FALSE_ALARM
    tail = values[values > distribution.ppf(0.999)]
    levels = (distribution.cdf(tail) - 0.999) / 0.001
    assert stats.kstest(levels, "uniform").pvalue > FALSE_ALARM
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 5.5 / np.sqrt(N_DRAWS)


@pytest.mark.parametrize(("n", "p"), [(20_000, 1e-4), (20_000, 0.01), (100, 0.2), (40_000, 0.93), (30, 0.5)])
def test_binomial_numbers_are_exact(n: int, p: float) -> None:
    @numba.njit  # type: ignore[untyped-decorator]
    def draw(stream: Any, at: Any) -> int:
        return binomial(stream, at, n, p)

    counts = np.bincount(drawn(draw).astype(int), minlength=n + 1)
    expected = stats.binom.pmf(np.arange(n + 1), n, p) * N_DRAWS
    common = expected > 20
    observed = np.append(counts[common], counts[~common].sum())
    wanted = np.append(expected[common], expected[~common].sum())
    assert stats.chisquare(observed, wanted * observed.sum() / wanted.sum()).pvalue > FALSE_ALARM


def test_streams_of_neighbouring_windows_and_seeds_have_nothing_in_common() -> None:
    first = drawn(uniform, seed=11)
    other = drawn(uniform, seed=12)
    assert abs(np.corrcoef(first, other)[0, 1]) < 5.5 / np.sqrt(N_DRAWS)
    assert not np.isin(first[:1000], other).any()
