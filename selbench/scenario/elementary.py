"""Elementary functions of arrays that are the same to the last bit on every machine.

They take the place of numpy's wherever windows depend on them; why, and how, says `elementary_kernels`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


def exp(x: ArrayLike) -> Numbers:
    """Return eˣ of each element, float64 of the same shape.

    >>> exp([0.0, 1.0]).tolist()
    [1.0, 2.718281828459045]
    """
    from selbench.scenario.elementary_kernels import exp_each

    return exp_each(x)


def log(x: ArrayLike) -> Numbers:
    """Return the natural logarithm of each element, float64 of the same shape; −∞ at 0, NaN below.

    >>> log([1.0, 10.0]).tolist()
    [0.0, 2.302585092994046]
    """
    from selbench.scenario.elementary_kernels import log_each

    return log_each(x)


def log1p(x: ArrayLike) -> Numbers:
    """Return log(1 + x) of each element, float64 of the same shape."""
    from selbench.scenario.elementary_kernels import log1p_each

    return log1p_each(x)


def expm1(x: ArrayLike) -> Numbers:
    """Return eˣ − 1 of each element, float64 of the same shape."""
    from selbench.scenario.elementary_kernels import expm1_each

    return expm1_each(x)


def interpolated(x: ArrayLike, nodes: Numbers, values: Numbers) -> Numbers:
    """Return the values at x on straight lines between nodes that rise, and the outer ones beyond them.

    Parameters
    ----------
    x : array_like of float64
    nodes, values : float64 (n,)
        At least two.

    >>> interpolated([-1.0, 0.25, 2.0], np.array([0.0, 1.0]), np.array([4.0, 8.0])).tolist()
    [4.0, 5.0, 8.0]
    """
    inside = np.clip(x, nodes[0], nodes[-1])
    below = np.clip(np.searchsorted(nodes, inside, side="right") - 1, 0, len(nodes) - 2)
    share = (inside - nodes[below]) / (nodes[below + 1] - nodes[below])
    between: Numbers = values[below] + (values[below + 1] - values[below]) * share
    return between
