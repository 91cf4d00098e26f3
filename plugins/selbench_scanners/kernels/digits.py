"""Numbers as programs print them: what one of their stages reads from another."""

from __future__ import annotations

import numpy as np

from selbench_scanners.kernels.bits import Floats


def six_digits(values: Floats) -> Floats:
    """Round to 6 significant digits, as ``%g`` prints, half to even."""
    with np.errstate(divide="ignore"):
        magnitude = np.floor(np.log10(np.abs(values)))
    scale = 10.0 ** (5 - np.where(np.isfinite(magnitude), magnitude, 0))
    return np.asarray(np.round(values * scale) / scale)
