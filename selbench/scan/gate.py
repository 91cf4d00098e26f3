"""Does the simulated null fit the genome as a whole? If not, no number that rests on it is given."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selbench.trained import Portrait

LEAST_MEDIAN = 0.4
"""Of p_sim over windows that do not overlap: most of a genome is not selected, and its median would be ½."""

FEW_SINGLETONS = 0.5
"""Share of the expected singletons under which they are said to be missing."""

_FACTORS = {"segregating_sites": 1.25, "nucleotide_diversity": 1.25, "minor_1": 1.25}
_OTHER_FACTOR = 1.5
"""By how much the genome's mean may differ from the null's; other measures by more."""

_LEAST_Z = 4.0
"""… where the difference is also beyond chance, in standard errors."""

_WORDS = {
    "segregating_sites": "segregating sites per window",
    "nucleotide_diversity": "nucleotide diversity per window",
    "minor_1": "the share of singletons",
}


@dataclass(frozen=True)
class Fit:
    """How a genome and its null compare.

    Parameters
    ----------
    misfits : tuple of str
        What does not fit, each a clause; none where nothing speaks against the null.
    compared : mapping of str to (float, float)
        Mean over windows of each measure of a `Portrait`: of the genome, and of the null.
    p_histogram : tuple of int
        Windows that do not overlap by p_sim, in ten classes of equal width; a tenth in each where all fits.
    median_p : float
    """

    misfits: tuple[str, ...]
    compared: Mapping[str, tuple[float, float]]
    p_histogram: tuple[int, ...]
    median_p: float


def fit_of(genome: Portrait, null: Portrait | None, p: NDArray[np.float64]) -> Fit:
    """Compare a genome with its null.

    Parameters
    ----------
    genome, null : Portrait
        Without that of the null only `p` is looked at.
    p : float64 (n_windows,)
        p_sim of windows that do not overlap.
    """
    shared = [] if null is None else [name for name in genome.measures if name in null.measures]
    compared = {name: (genome.measures[name][0], null.measures[name][0]) for name in shared if null}
    misfits = (
        []
        if null is None
        else [_clause(name, *compared[name]) for name in shared if _differs(name, genome, null)]
    )
    median = float(np.median(p)) if len(p) else math.nan
    if median < LEAST_MEDIAN:
        misfits.append(f"the median of p_sim is {median:.2f} where ½ is expected")
    histogram = np.histogram(p, bins=10, range=(0, 1))[0]
    return Fit(tuple(misfits), compared, tuple(histogram.tolist()), median)


def _differs(name: str, genome: Portrait, null: Portrait) -> bool:
    (found, _), (expected, spread) = genome.measures[name], null.measures[name]
    factor = _FACTORS.get(name, _OTHER_FACTOR)
    if expected / factor <= found <= expected * factor:
        return False
    error = spread * math.sqrt(1 / max(genome.n_windows, 1) + 1 / max(null.n_windows, 1))
    return abs(found - expected) > _LEAST_Z * error


def _clause(name: str, found: float, expected: float) -> str:
    if name == "minor_1" and found < FEW_SINGLETONS * expected:
        return (
            f"singletons are missing ({found:.1%} of the sites, {expected:.1%} in the null): data filtered "
            "by frequency, or of a chip"
        )
    words = _WORDS.get(name)
    if words is None:
        kind, _, bounds = name.partition("_")
        words = (
            f"mean r² of sites {bounds} of a window apart"
            if kind == "r2"
            else f"the share of sites with {bounds} copies of the rarer allele"
        )
    return f"{words}: {found:.3g}, and {expected:.3g} in the null"
