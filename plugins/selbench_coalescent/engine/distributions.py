# mypy: disable-error-code="no-any-return"
"""Exponential, normal and binomial numbers from a stream, compiled."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.scenario.elementary_kernels import exp, log, log1p, log_factorial
from selbench_coalescent.engine.compiled import Words, compiled, inlined
from selbench_coalescent.engine.splitmix import random_bits, uniform

Function = Callable[[float], float]


def _ziggurat(edge: float, area: float, inverse: Function, density: Function) -> tuple[NDArray[Any], ...]:
    """Return the 257 right edges and heights of 256 layers of equal area (Marsaglia & Tsang 2000)."""
    edges = np.empty(257)
    edges[0], edges[1] = area / density(edge), edge
    for i in range(2, 256):
        edges[i] = inverse(area / edges[i - 1] + density(edges[i - 1]))
    edges[256] = 0.0
    return edges, np.array([density(x) for x in edges])


_EXP_EDGE, _NORMAL_EDGE = 7.69711747013104972, 3.6541528853610088
_EXP_X, _EXP_Y = _ziggurat(_EXP_EDGE, 3.949659822581572e-3, lambda y: -log(y), lambda x: exp(-x))
_NORMAL_X, _NORMAL_Y = _ziggurat(
    _NORMAL_EDGE, 4.92867323399e-3, lambda y: math.sqrt(-2 * log(y)), lambda x: exp(-x * x / 2)
)
_real: Any = np.float64
_whole: Any = np.int64
_LAYER, _SIGN, _S11 = np.uint64(255), np.uint64(256), np.uint64(11)
_UNIT = 2.0**-53


@inlined
def exponential(stream: Words, at: int) -> float:
    """Draw from the exponential distribution of mean 1."""
    bits = random_bits(stream, at)
    layer = _whole(bits & _LAYER)
    x = _real(_whole(bits >> _S11)) * _UNIT * _EXP_X[layer]
    if x < _EXP_X[layer + 1]:
        return x
    return _rare_exponential(stream, at, layer, x)


@compiled
def _rare_exponential(stream: Words, at: int, layer: int, x: float) -> float:
    """Finish a draw that fell outside the rectangle inside its layer, or draw afresh."""
    while True:
        if layer == 0:
            return _EXP_EDGE - log(1.0 - uniform(stream, at))
        if _EXP_Y[layer] + uniform(stream, at) * (_EXP_Y[layer + 1] - _EXP_Y[layer]) < exp(-x):
            return x
        bits = random_bits(stream, at)
        layer = _whole(bits & _LAYER)
        x = _real(_whole(bits >> _S11)) * _UNIT * _EXP_X[layer]
        if x < _EXP_X[layer + 1]:
            return x


@inlined
def normal(stream: Words, at: int) -> float:
    """Draw from the standard normal distribution."""
    bits = random_bits(stream, at)
    layer = _whole(bits & _LAYER)
    x = _real(_whole(bits >> _S11)) * _UNIT * _NORMAL_X[layer]
    if x >= _NORMAL_X[layer + 1]:
        x = _rare_normal(stream, at, layer, x)
    return x if bits & _SIGN else -x


@compiled
def _rare_normal(stream: Words, at: int, layer: int, x: float) -> float:
    """Finish the size of a draw that fell outside the rectangle inside its layer, or draw afresh."""
    while True:
        if layer == 0:
            return _normal_tail(stream, at)
        height = _NORMAL_Y[layer] + uniform(stream, at) * (_NORMAL_Y[layer + 1] - _NORMAL_Y[layer])
        if height < exp(-x * x / 2):
            return x
        bits = random_bits(stream, at)
        layer = _whole(bits & _LAYER)
        x = _real(_whole(bits >> _S11)) * _UNIT * _NORMAL_X[layer]
        if x < _NORMAL_X[layer + 1]:
            return x


@compiled
def _normal_tail(stream: Words, at: int) -> float:
    while True:
        beyond = exponential(stream, at) / _NORMAL_EDGE
        if 2 * exponential(stream, at) > beyond * beyond:
            return _NORMAL_EDGE + beyond


@compiled
def binomial(stream: Words, at: int, n: int, p: float) -> int:
    """Draw the number of successes in n trials of probability p, exactly."""
    if p <= 0.0 or n == 0:
        return 0
    if p >= 1.0:
        return n
    q = min(p, 1.0 - p)
    k = _by_inversion(stream, at, n, q) if n * q < 10.0 else _by_rejection(stream, at, n, q)
    return k if p <= 0.5 else n - k


@inlined
def _by_inversion(stream: Words, at: int, n: int, p: float) -> int:
    """Add up the probabilities of 0, 1, … until they pass a uniform number; p ≤ ½, np < 10."""
    left, probability, k = uniform(stream, at), exp(n * log1p(-p)), 0
    while left > probability and k < n:
        left -= probability
        k += 1
        probability *= (n - k + 1) * p / (k * (1.0 - p))
    return k


@inlined
def _by_rejection(stream: Words, at: int, n: int, p: float) -> int:
    """Transformed rejection with squeeze (BTRS, Hörmann 1993); p ≤ ½, np ≥ 10."""
    spread = math.sqrt(n * p * (1.0 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    centre, squeeze = n * p + 0.5, 0.92 - 4.2 / b
    while True:
        u, v = uniform(stream, at) - 0.5, 1.0 - uniform(stream, at)
        us = 0.5 - abs(u)
        if us <= 0.0:
            continue
        k = _whole(math.floor((2.0 * a / us + b) * u + centre))
        if us >= 0.07 and v <= squeeze:
            return k
        if 0 <= k <= n and _is_below_binomial(v, us, k, n, p, a, b, spread):
            return k


@compiled
def _is_below_binomial(
    v: float, us: float, k: int, n: int, p: float, a: float, b: float, spread: float
) -> bool:
    """Compare the hat at k with the binomial probabilities of k and of the mode (BTRS, step 3)."""
    alpha, mode = (2.83 + 5.1 / b) * spread, _whole(math.floor((n + 1) * p))
    hat = log(v * alpha / (a / (us * us) + b))
    ratio = (
        log_factorial(mode)
        + log_factorial(n - mode)
        - log_factorial(k)
        - log_factorial(n - k)
        + (k - mode) * log(p / (1.0 - p))
    )
    return hat <= ratio
