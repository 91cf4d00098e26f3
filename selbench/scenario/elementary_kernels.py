# mypy: disable-error-code="no-any-return"
"""Exponentials and logarithms that are the same to the last bit on every machine.

What a C library or numpy returns for exp(x) depends on the processor and on the version, by one unit in the
last place. A simulation that walks in steps of random length makes other windows of that.
Here are additions, multiplications, divisions and roots alone, which IEEE 754 fixes to the bit, in an order
that no compiler may change. Errors stay below one unit in the last place, those of log1p and expm1 below
three.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

F = TypeVar("F", bound=Callable[..., Any])
_numba: Any = numba
_njit: Any = _numba.njit(error_model="numpy", cache=True)
_vectorize: Any = _numba.vectorize(["float64(float64)"], cache=True)


def _scalar(function: F) -> F:
    """Compile a function of one number, which compiled code calls as well."""
    kernel: F = _njit(function)
    return kernel


def _elementwise(function: Callable[[float], float]) -> Callable[[ArrayLike], NDArray[np.float64]]:
    """Compile a function of one number for float64 arrays of any shape."""
    kernel: Callable[[ArrayLike], NDArray[np.float64]] = _vectorize(function)
    return kernel


_PARTS = 32  # of a factor of two, for exp
_LARGEST, _SMALLEST = 709.79, -745.14  # beyond them exp is infinite or 0
_EXACT = 2.0**36  # bits behind the point that leave room to multiply by a whole number exactly
_SQRT_HALF = math.sqrt(0.5)
_N_FACTORIALS = 16

with localcontext(prec=50):
    _LN_2 = Decimal(2).ln()
    _LN_PART = _LN_2 / _PARTS
    _PART_HIGH = math.floor(float(_LN_PART) * _EXACT) / _EXACT
    _PART_LOW = float(_LN_PART - Decimal(_PART_HIGH))
    _LN_2_HIGH = math.floor(float(_LN_2) * _EXACT) / _EXACT
    _LN_2_LOW = float(_LN_2 - Decimal(_LN_2_HIGH))
    _PARTS_PER_UNIT = float(1 / _LN_PART)
    _POWERS = np.array([float((_LN_PART * part).exp()) for part in range(_PARTS)])
    _LOG_FACTORIALS = np.array([float(Decimal(math.factorial(k)).ln()) for k in range(_N_FACTORIALS)])
    _HALF_LOG_2_PI = float(Decimal("6.283185307179586476925286766559005768394").ln() / 2)

_LOWEST_POWER = -540
_POWERS_OF_2 = np.array([2.0**k for k in range(_LOWEST_POWER, 541)])


@_scalar
def exp(x: float) -> float:
    """Return eˣ.

    With x = k·ln 2 / 32 + r, it is 2^(k/32) from a table times the series of eʳ, |r| ≤ 0.011.
    """
    if not _SMALLEST < x < _LARGEST:
        return x if x != x else (np.inf if x > 0.0 else 0.0)
    k = math.floor(x * _PARTS_PER_UNIT + 0.5)
    r = (x - k * _PART_HIGH) - k * _PART_LOW
    beyond_1 = r + r * r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720)))))
    power, part = k >> 5, k & 31
    half = power >> 1  # in two factors, as 2^power alone may be out of range
    value = _POWERS[part] + _POWERS[part] * beyond_1
    return value * _POWERS_OF_2[half - _LOWEST_POWER] * _POWERS_OF_2[power - half - _LOWEST_POWER]


@_scalar
def log(x: float) -> float:
    """Return the natural logarithm of x, −∞ at 0 and NaN below.

    With x = 2^k·(1+f), it is k·ln 2 + 2·artanh(s) for s = f/(2+f), |s| ≤ 0.172, summed as
    f − f²/2 + s·(f²/2 + R) so that the rounding of s costs little.
    """
    if not 0.0 < x < np.inf:
        return x if x > 0.0 else (-np.inf if x == 0.0 else np.nan)
    fraction, power = math.frexp(x)
    if fraction < _SQRT_HALF:
        fraction, power = 2.0 * fraction, power - 1
    f = fraction - 1.0
    s = f / (2.0 + f)
    z = s * s
    z4 = z * z * z * z
    low = 2 / 3 + z * (2 / 5) + z * z * (2 / 7 + z * (2 / 9))
    middle = 2 / 11 + z * (2 / 13) + z * z * (2 / 15 + z * (2 / 17))
    high = 2 / 19 + z * (2 / 21) + z * z * (2 / 23)
    rest = z * (low + z4 * (middle + z4 * high))
    half_square = 0.5 * f * f
    return power * _LN_2_HIGH - ((half_square - (s * (half_square + rest) + power * _LN_2_LOW)) - f)


@_scalar
def log1p(x: float) -> float:
    """Return log(1 + x), exact also where 1 + x rounds: what rounding took is put back in proportion."""
    above = 1.0 + x
    if above == 1.0 or above == np.inf:
        return x
    return log(above) * (x / (above - 1.0))


@_scalar
def expm1(x: float) -> float:
    """Return eˣ − 1, exact also for small x: what rounding took is put back in proportion."""
    power = exp(x)
    if power == 1.0 or power == np.inf:
        return x if power == 1.0 else power
    if power < 1e-16:
        return -1.0
    return (power - 1.0) * (x / log(power))


@_scalar
def log_factorial(k: int) -> float:
    """Return log k!, from a table or by Stirling's series."""
    if k < _N_FACTORIALS:
        return _LOG_FACTORIALS[k]
    inverse = 1.0 / k
    square = inverse * inverse
    series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680))))
    return (k + 0.5) * log(float(k)) - k + _HALF_LOG_2_PI + series


@_elementwise
def exp_each(x: float) -> float:
    """Return eˣ of each element."""
    return exp(x)


@_elementwise
def log_each(x: float) -> float:
    """Return the natural logarithm of each element."""
    return log(x)


@_elementwise
def log1p_each(x: float) -> float:
    """Return log(1 + x) of each element."""
    return log1p(x)


@_elementwise
def expm1_each(x: float) -> float:
    """Return eˣ − 1 of each element."""
    return expm1(x)
