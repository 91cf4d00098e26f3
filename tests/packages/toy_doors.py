"""A stranger's plugin that comes through the doors that are no component: one small thing for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench import hookimpl, metric


@metric("Good 1952, Journal of the Royal Statistical Society B 14:107", higher_is_better=False, lowest=0.0)
def log_loss(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean negative logarithm of the probability of the true class."""
    return -np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-15))


@metric("Matthews 1975, Biochimica et Biophysica Acta 405:442", label="MCC", lowest=-1, highest=1)
def correlation(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """Correlation of calls with the truth."""
    called = probabilities.argmax(axis=1)
    if called.std() == 0:
        return 0.0
    return float(np.corrcoef(labels, called)[0, 1])


@hookimpl
def register_metrics() -> Sequence[Any]:
    """Return both kinds: one number per window, and one number for all."""
    return [log_loss, correlation]
