"""What training windows look like: the range of a few statistics, for scans to hold genomes against."""

from __future__ import annotations

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
"""Statistics whose range over the training windows a predictor remembers."""


def training_ranges(windows: Windows, classes: tuple[str, ...]) -> tuple[Range, dict[str, Range]]:
    """Return the central 99.8 % of each statistic over all training windows, and within each class."""
    from selbench.statistics import compute

    values = compute(windows, RANGE_STATISTICS)
    return _range(values), {label: _range(values[windows.labels == label]) for label in classes}


def _range(values: NDArray[np.float64]) -> Range:
    low, high = np.quantile(values, [0.001, 0.999], axis=0)
    return {name: (float(a), float(b)) for name, a, b in zip(RANGE_STATISTICS, low, high, strict=True)}
