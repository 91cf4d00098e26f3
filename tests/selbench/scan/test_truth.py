"""Labelled regions laid over a scan: which windows count, what was found of them, and how sure that is."""

from __future__ import annotations

import numpy as np
import pytest

from selbench.errors import DataError
from selbench.formats.genome_windows import Places
from selbench.formats.labelled_regions import Truth
from selbench.scan.truth import FEWEST_LOCI, confusion

WINDOW_BP = 100


def places(n_windows: int, step_bp: int = WINDOW_BP, chromosome: int = 0) -> Places:
    return Places(np.full(n_windows, chromosome), np.arange(n_windows) * step_bp, WINDOW_BP)


def bed(*regions: tuple[int, int]) -> np.ndarray:
    return np.array(regions, dtype=np.int64)


def test_a_window_is_positive_where_half_of_it_lies_in_a_region_and_left_out_where_less() -> None:
    truth = Truth.of({"1": bed((150, 349), (450, 460), (470, 480))}, places(6), ["1"], "labels.bed")
    assert truth.labels.tolist() == ["negative", "positive", "positive", "left out", "left out", "negative"]
    assert truth.n_loci == 1
    assert truth.n_outside == 0


def test_regions_share_a_window_and_nearby_ones_are_one_locus() -> None:
    regions = {"1": bed((0, 30), (40, 70), (260, 400)), "2": bed((0, 100))}
    both = Places(np.repeat([0, 1], 5), np.tile(np.arange(5) * 100, 2), WINDOW_BP)
    truth = Truth.of(regions, both, ["1", "2"], "labels.bed")
    assert truth.labels.tolist()[:5] == ["positive", "negative", "left out", "positive", "negative"]
    assert truth.locus[truth.locus >= 0].tolist() == [0, 1, 2]
    assert truth.n_loci == 3


def test_windows_and_loci_are_counted_as_by_hand() -> None:
    rng = np.random.default_rng(3)
    starts = np.arange(30) * 1000
    truth = Truth.of({"1": np.column_stack([starts, starts + 200])}, places(300), ["1"], "labels.bed")
    called, asked = rng.random(300) < 0.3, rng.random(300) < 0.9
    found = confusion(truth, called, asked, "called")
    positive = [window % 10 in (0, 1) for window in range(300)]
    rows = list(zip(positive, called, asked, strict=True))
    assert found.true_positive == sum(p and c and a for p, c, a in rows)
    assert found.false_positive == sum(not p and c and a for p, c, a in rows)
    assert found.false_negative == sum(p and not c and a for p, c, a in rows)
    assert found.true_negative == sum(not p and not c and a for p, c, a in rows)
    assert found.skipped == int((~asked).sum())
    assert found.loci == sum(asked[10 * i : 10 * i + 2].any() for i in range(30))
    assert found.loci_found == sum((called & asked)[10 * i : 10 * i + 2].any() for i in range(30))
    assert found.interval is not None
    assert "95 % confidence" in found.on_loci()


@pytest.mark.parametrize(("n_loci", "words"), [(1, "one sweep: it is found"), (FEWEST_LOCI - 1, "needs 20")])
def test_few_loci_have_counts_and_no_interval(n_loci: int, words: str) -> None:
    starts = np.arange(n_loci) * 1000
    truth = Truth.of({"1": np.column_stack([starts, starts + 100])}, places(300), ["1"], "labels.bed")
    found = confusion(truth, np.ones(300, bool), np.ones(300, bool), "called")
    assert found.interval is None
    assert words in found.on_loci()


def test_the_shape_of_a_known_sweep_is_counted_window_by_window() -> None:
    """24 people, 50 windows of 10 kb, twelve of them labelled: as many as one locus has."""
    windows = Places(np.zeros(50, np.int64), 48_000_000 + np.arange(50) * 10_000, 10_000)
    truth = Truth.of({"15": bed((48_100_000, 48_220_000))}, windows, ["15"], "labels.bed")
    assert np.flatnonzero(truth.labels == "positive").tolist() == list(range(10, 22))
    called = np.isin(np.arange(50), [*range(10, 20), 0, 1, 30, 49])
    found = confusion(truth, called, np.ones(50, bool), "probability of sweep over 0.5")
    assert (found.true_positive, found.false_negative) == (10, 2)
    assert (found.false_positive, found.true_negative) == (4, 34)
    assert found.words.startswith(
        "probability of sweep over 0.5: 10 of 12 positive windows are called, and 4 of"
    )
    assert found.words.endswith("this is one observation")


def test_labels_outside_the_genome_are_refused_or_counted() -> None:
    with pytest.raises(DataError, match=r"labels\.bed: names its chromosomes chr1, the genome 1"):
        Truth.of({"chr1": bed((0, 10))}, places(5), ["1"], "labels.bed")
    with pytest.raises(DataError, match=r"none of its regions lies in what was scanned \(1:1-500\)"):
        Truth.of({"1": bed((900, 950))}, places(5), ["1"], "labels.bed")
    some = Truth.of({"1": bed((0, 100), (500, 950)), "7": bed((0, 9))}, places(5), ["1"], "labels.bed")
    assert some.n_outside == 2
