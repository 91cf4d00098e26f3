"""λ(x), the fall of an allele's log probability of loss with its frequency, for any dominance.

1/λ(x) = ∫ₓ¹ exp(E(x) − E(y)) dy with E(x) = 4N[ax + (b/2−a)x²] (Ewens 2004, eq. 4.17),
added up from 1 downwards in logarithms, so that no strength of selection overflows.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from selbench.scenario import elementary
from selbench_coalescent.engine.shapes import TABLE_EDGE, TABLE_NODES

Numbers = NDArray[np.float64]

_REFINED = 4
"""Steps of the integral per interval of the table."""


def node_frequencies() -> Numbers:
    """Return the frequencies at which a table stands, float64 (TABLE_NODES,)."""
    return _expit(np.linspace(-TABLE_EDGE, TABLE_EDGE, TABLE_NODES))


def loss_tables(copies: Numbers, a: Numbers, b: Numbers) -> Numbers:
    """Return log(λ(x)(1−x)) at the nodes, float64 (n, TABLE_NODES).

    Parameters
    ----------
    copies : float64 (n,)
        2N.
    a, b : float64 (n,)
        w_Aa/w_aa − 1 and w_AA/w_aa − 1.
    """
    return _cached_tables(tuple(copies.tolist()), tuple(a.tolist()), tuple(b.tolist()))


def mean_ages(copies: Numbers, a: Numbers, b: Numbers, frequency: Numbers) -> Numbers:
    """Return the mean age of an allele that is found at a frequency, in generations, float64 (n,).

    It is the mean time that the diffusion conditioned on loss takes, ∫₀ˣ K(y)dy
    with K(y) = λ/T ∫ᵧ¹ 4N·T/(λz(1−z)) dz, where T falls like the probability of
    loss (Ewens 2004, section 4.6). K is added up from 1 downwards; within an
    interval of the table log T counts as a straight line.
    """
    x, log_slopes = node_frequencies(), loss_tables(copies, a, b) - elementary.log1p(-node_frequencies())
    twice = 2 * copies
    exponents = twice[:, None] * (a[:, None] * x + (b / 2 - a)[:, None] * x**2)
    sojourn, ages = np.zeros(len(copies)), np.zeros(len(copies))
    for i in range(len(x) - 2, -1, -1):
        width = x[i + 1] - x[i]
        rise = exponents[:, i + 1] - exponents[:, i]
        steeper = log_slopes[:, i + 1] - log_slopes[:, i]
        here = twice / (x[i] * (1 - x[i])) * width * elementary.exp(_log_mean_decay(rise + steeper))
        with np.errstate(over="ignore"):
            earlier, sojourn = sojourn, here + sojourn * elementary.exp(-2 * steeper - rise)
            ages += np.where(x[i + 1] <= frequency, width * (earlier + sojourn) / 2, 0.0)
    return ages


@lru_cache(maxsize=4)
def _cached_tables(copies: tuple[float, ...], a: tuple[float, ...], b: tuple[float, ...]) -> Numbers:
    log_odds = np.linspace(-TABLE_EDGE, TABLE_EDGE, (TABLE_NODES - 1) * _REFINED + 1)
    x, up_to_1 = _expit(log_odds), _expit(-log_odds)
    twice = 2 * np.array(copies)
    linear, square = twice * np.array(a), twice * (np.array(b) / 2 - np.array(a))
    tables = np.empty((TABLE_NODES, len(copies)))
    log_integral = np.full(len(copies), elementary.log(up_to_1[-1]))
    for i in range(len(x) - 1, -1, -1):
        if i < len(x) - 1:
            width = x[i + 1] - x[i] if x[i] < 0.5 else up_to_1[i] - up_to_1[i + 1]
            rise = width * (linear + square * (x[i + 1] + x[i]))
            log_integral = _log_of_sum(elementary.log(width) + _log_mean_decay(rise), log_integral - rise)
        if i % _REFINED == 0:
            tables[i // _REFINED] = elementary.log(up_to_1[i]) - log_integral
    return np.ascontiguousarray(tables.T)


def _log_mean_decay(rise: Numbers) -> Numbers:
    """Return the logarithm of the mean of exp(−rise·u) over u in [0, 1]."""
    size = np.maximum(np.abs(rise), 1e-12)
    return np.maximum(0.0, -rise) + elementary.log(-elementary.expm1(-size) / size)


def _log_of_sum(a: Numbers, b: Numbers) -> Numbers:
    """Return log(eᵃ + eᵇ)."""
    larger = np.maximum(a, b)
    return larger + elementary.log1p(elementary.exp(np.minimum(a, b) - larger))


def _expit(log_odds: Numbers) -> Numbers:
    return 1 / (1 + elementary.exp(-log_odds))
