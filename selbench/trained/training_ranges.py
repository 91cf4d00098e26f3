"""What training windows look like: the range of a few statistics, for scans to hold genomes against."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.json import parse_json
from selbench.windows import Windows

Range = Mapping[str, tuple[float, float]]
"""The central 99.8 % of statistics, by name."""

RANGE_STATISTICS = (
    "segregating_sites",
    "nucleotide_diversity",
    "tajimas_d",
    "distinct_haplotypes",
    "haplotype_diversity",
    "kelly_zns",
)
"""Statistics whose range over the training windows a predictor remembers, whatever it looks at."""


@dataclass(frozen=True)
class TrainingRanges:
    """The central 99.8 % of statistics over all training windows, and within each class."""

    overall: Range
    of_classes: Mapping[str, Range]

    def with_more(self, more: TrainingRanges) -> TrainingRanges:
        """Return these ranges and those of other statistics over the same windows."""
        of_classes = {label: {**of, **more.of_classes[label]} for label, of in self.of_classes.items()}
        return TrainingRanges({**self.overall, **more.overall}, of_classes)

    def to_json(self) -> bytes:
        """Return them as `from_json` reads them."""
        return json.dumps({"overall": self.overall, "of_classes": self.of_classes}).encode()

    @classmethod
    def from_json(cls, content: bytes, where: str) -> TrainingRanges:
        """Read what `to_json` returned.

        Raises
        ------
        DataError
            If it is damaged.
        """
        table = parse_json(content, where)
        try:
            return cls(
                _read(table["overall"]), {label: _read(of) for label, of in table["of_classes"].items()}
            )
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            raise DataError(f"{where}: expected ranges of statistics, found others") from problem


def _read(table: Any) -> Range:
    return {name: (float(low), float(high)) for name, (low, high) in table.items()}


def training_ranges(
    windows: Windows, classes: tuple[str, ...], names: Sequence[str] = RANGE_STATISTICS
) -> TrainingRanges:
    """Measure the ranges of statistics over training windows.

    Parameters
    ----------
    names : sequence of str
        Of statistics. What needs phase or ancestral states is left out where the windows have none.
    """
    from selbench.statistics import compute, statistic_named

    known = tuple(
        name
        for name in names
        if (windows.phased or not statistic_named(name).needs_phase)
        and (windows.polarisation == "ancestral" or not statistic_named(name).needs_ancestral)
    )
    values = compute(windows, known)
    of_classes = {label: _range(known, values[windows.labels == label]) for label in classes}
    return TrainingRanges(_range(known, values), of_classes)


def _range(names: Sequence[str], values: NDArray[np.float64]) -> Range:
    low, high = np.quantile(values, [0.001, 0.999], axis=0)
    return {name: (float(a), float(b)) for name, a, b in zip(names, low, high, strict=True)}
