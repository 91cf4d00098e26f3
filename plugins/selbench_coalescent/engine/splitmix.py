# mypy: disable-error-code="no-any-return"
"""One stream of random numbers per window, compiled.

A stream is two cells of memory: where it stands, and its own odd step. Both
come from (seed, window index) by hashing, so that a window's numbers depend on
nothing else and two windows walk different sequences (Steele, Lea & Flood 2014).
"""

from __future__ import annotations

from typing import Any

import numpy as np

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
