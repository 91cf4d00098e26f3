"""What training windows look like: the range of a few statistics, for scans to hold genomes against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from selbench.windows import Windows

Range = dict[str, tuple[float, float]]

RANGE_STATISTICS = (
    "segregating_sites",
    "nucleotide_diversity",
    "tajimas_d",
    "distinct_haplotypes",
    "haplotype_diversity",
    "kelly_zns",
)
"""Statistics whose range over the training windows a predictor remembers, whatever it looks at."""


def training_ranges(
    windows: Windows, classes: tuple[str, ...], *, also: Sequence[str] = ()
) -> tuple[Range, dict[str, Range]]:
    """Return the central 99.8 % of each statistic over all training windows, and within each class.

    Parameters
    ----------
    also : sequence of str
        Statistics beside `RANGE_STATISTICS`: those of plugins that the method looks at. What needs phase or
        ancestral states is left out where the windows have none.
    """
    from selbench.statistics import compute, statistic_named

    names = tuple(
        name
        for name in dict.fromkeys((*RANGE_STATISTICS, *also))
        if (windows.phased or not statistic_named(name).needs_phase)
        and (windows.polarisation == "ancestral" or not statistic_named(name).needs_ancestral)
    )
    values = compute(windows, names)
    of_classes = {label: _range(names, values[windows.labels == label]) for label in classes}
    return _range(names, values), of_classes


def _range(names: Sequence[str], values: NDArray[np.float64]) -> Range:
    low, high = np.quantile(values, [0.001, 0.999], axis=0)
    return {name: (float(a), float(b)) for name, a, b in zip(names, low, high, strict=True)}
