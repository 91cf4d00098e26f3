"""Ranges of training windows: what they are, and that they are read as they were written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from selbench import DataError, Windows, simulate
from selbench.statistics import compute
from selbench.trained import RANGE_STATISTICS, TrainingRanges, training_ranges

CLASSES = ("neutral", "sweep")


@pytest.fixture
def windows() -> Windows:
    made = simulate("msprime", n_haplotypes=10, sequence_length=2000, n_windows=40, seed=3)
    return replace(made, labels=np.repeat(CLASSES, 20))


def test_ranges_are_the_quantiles_of_all_windows_and_of_each_class(windows: Windows) -> None:
    found = training_ranges(windows, CLASSES)
    values = compute(windows, RANGE_STATISTICS)
    for i, name in enumerate(RANGE_STATISTICS):
        assert found.overall[name] == pytest.approx(tuple(np.quantile(values[:, i], [0.001, 0.999])))
        of_class = found.of_classes["sweep"][name]
        assert of_class == pytest.approx(tuple(np.quantile(values[20:, i], [0.001, 0.999])))


def test_ranges_of_other_statistics_join_them(windows: Windows) -> None:
    some, more = training_ranges(windows, CLASSES, ["tajimas_d"]), training_ranges(windows, CLASSES, ["h1"])
    assert some.with_more(more) == training_ranges(windows, CLASSES, ["tajimas_d", "h1"])


def test_ranges_are_read_as_they_were_written(windows: Windows) -> None:
    found = training_ranges(windows, CLASSES)
    assert TrainingRanges.from_json(found.to_json(), "here") == found
    for damaged in (b"{", b"[]", b'{"overall": 1, "of_classes": {}}', b'{"overall": {"a": [1]}}'):
        with pytest.raises(DataError, match="here"):
            TrainingRanges.from_json(damaged, "here")
