"""What training windows look like: the range of a few statistics, for scans to hold genomes against."""

from __future__ import annotations

import hashlib
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


_MOST_KNOWN = 32
_known: dict[str, tuple[Range, dict[str, Range]]] = {}
"""Ranges by the digest of what they are of: many methods learn from the same windows, and pairs of sites
take longer to measure than the windows' bytes to be read."""


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

    def measured() -> tuple[Range, dict[str, Range]]:
        values = compute(windows, names)
        of_classes = {label: _range(names, values[windows.labels == label]) for label in classes}
        return _range(names, values), of_classes

    if set(names) - set(RANGE_STATISTICS):  # a plugin's statistic may be another one under the same name
        return measured()
    asked = _digest(windows, classes)
    if asked not in _known:
        while len(_known) >= _MOST_KNOWN:  # the oldest goes
            del _known[next(iter(_known))]
        _known[asked] = measured()
    overall, of_classes = _known[asked]
    return dict(overall), {label: dict(its) for label, its in of_classes.items()}


def _digest(windows: Windows, classes: tuple[str, ...]) -> str:
    about = windows.spec, windows.polarisation, windows.phased, windows.missing, windows.observed.tolist()
    labels = None if windows.labels is None else windows.labels.tolist()
    said = hashlib.sha256(repr((*about, classes, labels)).encode())
    for array in (windows.haplotypes, windows.positions, windows.offsets):
        said.update(np.ascontiguousarray(array).data)
    return said.hexdigest()


def _range(names: Sequence[str], values: NDArray[np.float64]) -> Range:
    low, high = np.quantile(values, [0.001, 0.999], axis=0)
    return {name: (float(a), float(b)) for name, a, b in zip(names, low, high, strict=True)}
