"""Ranges of training windows: what they are, and that the same windows are measured once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import selbench.statistics
from selbench import Windows, simulate
from selbench.statistics import compute
from selbench.trained import RANGE_STATISTICS, training_ranges

CLASSES = ("neutral", "sweep")


@pytest.fixture
def windows() -> Windows:
    made = simulate("msprime", n_haplotypes=10, sequence_length=2000, n_windows=40, seed=3)
    return replace(made, labels=np.repeat(CLASSES, 20))


def test_ranges_are_the_quantiles_of_all_windows_and_of_each_class(windows: Windows) -> None:
    overall, of_classes = training_ranges(windows, CLASSES)
    values = compute(windows, RANGE_STATISTICS)
    for i, name in enumerate(RANGE_STATISTICS):
        assert overall[name] == pytest.approx(tuple(np.quantile(values[:, i], [0.001, 0.999])))
        assert of_classes["sweep"][name] == pytest.approx(tuple(np.quantile(values[20:, i], [0.001, 0.999])))


def test_the_same_windows_are_measured_once_and_others_anew(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[int] = []

    def counted(these: Windows, names: Any) -> Any:
        measured.append(len(these))
        return compute(these, names)

    monkeypatch.setattr(selbench.statistics, "compute", counted)
    other = windows.take(np.arange(40)[::-1])  # labels run the other way round, too
    first = training_ranges(other, CLASSES)
    first[0].clear()  # what a caller does to it reaches nobody else
    again = training_ranges(other, CLASSES)
    assert set(again[0]) == set(RANGE_STATISTICS)
    assert measured == [40]
    relabelled = replace(other, labels=np.repeat(CLASSES, 20))
    assert training_ranges(relabelled, CLASSES)[1] != again[1]
    assert measured == [40, 40]
