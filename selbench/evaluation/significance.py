"""p-values: of single comparisons, and of many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIGNIFICANCE = 0.05
"""A difference is said to be shown when its adjusted p-value is below this."""


def normal_p_value(difference: float, standard_error: float) -> float:
    """Two-sided p-value of a normal difference; 1 for none, whatever its error."""
    from scipy.special import ndtr

    if difference == 0:
        return 1.0
    return float(2 * ndtr(-abs(difference) / standard_error)) if standard_error > 0 else 0.0


def mcnemar_p_value(only_a_right: int, only_b_right: int) -> float:
    """McNemar's test in its exact form: windows that one method gets right and the other wrong.

    Under no difference each of them is a fair coin (McNemar, 1947; two-sided binomial).
    """
    from scipy.special import bdtr

    discordant = only_a_right + only_b_right
    return float(min(1.0, 2 * bdtr(min(only_a_right, only_b_right), discordant, 0.5)))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values (n,) so that the chance of any false claim among them keeps its level (Holm, 1979)."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
