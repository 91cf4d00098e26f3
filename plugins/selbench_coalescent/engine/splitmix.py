# mypy: disable-error-code="no-any-return"
"""Random numbers for one window: SplitMix64 streams and the ziggurat, compiled.

A stream is two cells of memory: where it stands, and its own odd step. Both
come from (seed, window index) by hashing, so that a window's numbers depend on
nothing else and two windows walk different sequences (Steele, Lea & Flood 2014).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench_coalescent.engine.compiled import Words, compiled, inlined

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_ALTERNATING = np.uint64(0xAAAAAAAAAAAAAAAA)
_LOW_32 = np.uint64(0xFFFFFFFF)
_whole: Any = np.int64  # int() of a word stays a word in numba
_real: Any = np.float64
_ONE, _S11, _S27, _S30, _S31, _S32 = (np.uint64(k) for k in (1, 11, 27, 30, 31, 32))
_TO_UNIT = 2.0**-53


@inlined
def _mix(word: np.uint64) -> np.uint64:
    word = (word ^ (word >> _S30)) * _MIX_1
    word = (word ^ (word >> _S27)) * _MIX_2
    return word ^ (word >> _S31)


@compiled
def open_stream(stream: Words, at: int, seed: np.uint64, index: np.uint64) -> None:
    """Set cells `at` and `at` + 1 to the start of the stream of (seed, index)."""
    key = _mix(seed + (index + _ONE) * _GOLDEN)
    stream[at] = key
    step = _mix(key + _GOLDEN) | _ONE
    changes, flips = step ^ (step >> _ONE), 0
    while changes:
        changes &= changes - _ONE
        flips += 1
    # a step whose bits hardly alternate mixes badly: Steele et al. (2014), their mixGamma
    stream[at + 1] = step ^ _ALTERNATING if flips < 24 else step


@inlined
def random_bits(stream: Words, at: int) -> np.uint64:
    """Draw 64 random bits."""
    position = stream[at] + stream[at + 1]
    stream[at] = position
    return _mix(position)


@inlined
def uniform(stream: Words, at: int) -> float:
    """Draw a number in [0, 1)."""
    return _real(_whole(random_bits(stream, at) >> _S11)) * _TO_UNIT


@inlined
def index_below(word: np.uint64, n: int) -> int:
    """Turn the low 32 bits of `word` into an index below n (bias under n / 2³²)."""
    return _whole(((word & _LOW_32) * np.uint64(n)) >> _S32)


def _ziggurat(edge: float, area: float, inverse: object, density: object) -> tuple[NDArray[np.float64], ...]:
    """Return the 257 right edges and heights of 256 layers of equal area (Marsaglia & Tsang 2000)."""
    edges = np.empty(257)
    edges[0], edges[1] = area / density(edge), edge  # type: ignore[operator]
    for i in range(2, 256):
        edges[i] = inverse(area / edges[i - 1] + density(edges[i - 1]))  # type: ignore[operator]
    edges[256] = 0.0
    return edges, np.array([density(x) for x in edges])  # type: ignore[operator]


_EXP_EDGE, _NORMAL_EDGE = 7.69711747013104972, 3.6541528853610088
_EXP_X, _EXP_Y = _ziggurat(_EXP_EDGE, 3.949659822581572e-3, lambda y: -math.log(y), lambda x: math.exp(-x))
_NORMAL_X, _NORMAL_Y = _ziggurat(
    _NORMAL_EDGE, 4.92867323399e-3, lambda y: math.sqrt(-2 * math.log(y)), lambda x: math.exp(-x * x / 2)
)
_LAYER, _SIGN = np.uint64(255), np.uint64(256)


@inlined
def exponential(stream: Words, at: int) -> float:
    """Draw from the exponential distribution of mean 1."""
    while True:
        bits = random_bits(stream, at)
        layer = _whole(bits & _LAYER)
        x = _real(_whole(bits >> _S11)) * _TO_UNIT * _EXP_X[layer]
        if x < _EXP_X[layer + 1]:
            return x
        if layer == 0:
            return _EXP_EDGE - math.log(1.0 - uniform(stream, at))
        if _EXP_Y[layer] + uniform(stream, at) * (_EXP_Y[layer + 1] - _EXP_Y[layer]) < math.exp(-x):
            return x


@compiled
def normal(stream: Words, at: int) -> float:
    """Draw from the standard normal distribution."""
    while True:
        bits = random_bits(stream, at)
        layer = _whole(bits & _LAYER)
        x = _real(_whole(bits >> _S11)) * _TO_UNIT * _NORMAL_X[layer]
        sign = 1.0 if bits & _SIGN else -1.0
        if x < _NORMAL_X[layer + 1]:
            return sign * x
        if layer == 0:
            return sign * _normal_tail(stream, at)
        if _NORMAL_Y[layer] + uniform(stream, at) * (_NORMAL_Y[layer + 1] - _NORMAL_Y[layer]) < math.exp(
            -x * x / 2
        ):
            return sign * x


@compiled
def _normal_tail(stream: Words, at: int) -> float:
    while True:
        beyond = exponential(stream, at) / _NORMAL_EDGE
        if 2 * exponential(stream, at) > beyond * beyond:
            return _NORMAL_EDGE + beyond
