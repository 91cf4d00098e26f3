"""Examples: labels as codes, features encoded batch by batch on demand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from selbench import DataError, Examples, FeatureSpec, Windows
from selbench.testing import random_windows
from selbench.windows import ENCODE_BATCH

SPEC = FeatureSpec((2,), "float32", ("statistic",), ("sites", "derived"))


class Counting:
    """Encodes a window as its number of sites and of derived alleles, and notes how it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, windows: Windows) -> NDArray[np.float32]:
        self.asked.append(len(windows))
        counts = [[len(positions), alleles.sum()] for alleles, positions in windows]
        return np.array(counts, dtype=np.float32).reshape(-1, 2)


def examples_of(windows: Windows, classes: tuple[str, ...] = ("neutral", "sweep")) -> Examples:
    return Examples(windows, Counting(), SPEC, classes)


def test_labels_are_codes_in_the_order_of_the_classes() -> None:
    windows = random_windows(5, seed=1, labels=True)
    assert windows.labels is not None
    assert windows.labels.tolist() == ["neutral", "sweep"] * 2 + ["neutral"]
    assert examples_of(windows).labels.tolist() == [0, 1, 0, 1, 0]
    assert examples_of(windows, ("sweep", "other", "neutral")).labels.tolist() == [2, 0, 2, 0, 2]
    assert examples_of(windows).labels.dtype == np.int64
    assert examples_of(windows.take([])).labels.shape == (0,)


def test_labels_that_are_missing_or_strange_are_refused() -> None:
    windows = random_windows(4, seed=1, labels=True)
    with pytest.raises(DataError, match="expected windows labelled with neutral, sweep, found no labels"):
        _ = examples_of(random_windows(4, seed=1)).labels
    with pytest.raises(DataError, match="label: expected one of neutral, soft, found 'sweep'"):
        _ = examples_of(windows, ("neutral", "soft")).labels


@given(st.lists(st.integers(-9, 8), max_size=12))
def test_a_batch_is_the_features_of_the_windows_asked_for(indices: list[int]) -> None:
    windows = random_windows(9, seed=2)
    expected = Counting()(windows)[np.array(indices, dtype=int)]
    np.testing.assert_array_equal(examples_of(windows).batch(indices), expected)


@given(st.integers(0, 20), st.integers(1, 25))
def test_batches_cover_all_windows_in_order(n_windows: int, size: int) -> None:
    windows = random_windows(n_windows, seed=3)
    examples = examples_of(windows)
    batches = list(examples.batches(size))
    assert all(len(batch) == size for batch in batches[:-1])
    assert len(examples) == n_windows
    np.testing.assert_array_equal(np.concatenate([np.empty((0, 2)), *batches]), Counting()(windows))


@pytest.mark.parametrize("n_windows", [0, 1, ENCODE_BATCH, ENCODE_BATCH + 1])
def test_all_windows_in_one_array_are_still_encoded_in_batches(n_windows: int) -> None:
    examples = examples_of(random_windows(n_windows, seed=4, mean_sites=2))
    features = examples.to_array()
    assert features.shape == (n_windows, 2)
    assert features.dtype == np.float32
    encode: Any = examples.encode
    assert sum(encode.asked) == n_windows
    assert max(encode.asked, default=0) <= ENCODE_BATCH
    np.testing.assert_array_equal(features, Counting()(examples.windows))


def test_an_array_beyond_the_allowed_bytes_is_refused_before_it_is_made() -> None:
    examples = examples_of(random_windows(10, seed=5))
    assert examples.to_array(max_bytes=80).nbytes == 80
    asked: Any = examples.encode
    asked.asked.clear()
    with pytest.raises(
        DataError, match=r"10 windows of shape \(2,\) take 80 bytes, more than the 79 allowed"
    ):
        examples.to_array(max_bytes=79)
    assert asked.asked == []


def test_the_bytes_of_a_window() -> None:
    assert FeatureSpec((1000, 48), "uint8", ("position", "haplotype")).n_bytes == 48_000
    assert FeatureSpec((128, 128), "float32", ("haplotype", "site")).n_bytes == 65_536


@pytest.mark.parametrize(
    ("shape", "windows_at_a_time"), [((3,), 256), ((10_000, 48), 256), ((100_000, 200), 13), ((2**30,), 1)]
)
def test_large_features_are_encoded_fewer_at_a_time(shape: tuple[int, ...], windows_at_a_time: int) -> None:
    spec = FeatureSpec(shape, "uint8", ("x",) * len(shape))
    examples = Examples(random_windows(1, seed=1), lambda windows: np.zeros(0), spec, ("neutral",))
    assert examples.batch_size == windows_at_a_time


def test_an_encoder_that_breaks_its_own_word_is_told_both_shapes() -> None:
    examples = Examples(random_windows(3, seed=1), lambda windows: np.zeros((len(windows), 5)), SPEC, ())
    with pytest.raises(
        DataError, match=r"shape \(2, 2\), as feature_spec tells for 2 windows, found \(2, 5\)"
    ):
        examples.batch(slice(0, 2))


def test_features_of_another_dtype_than_told_are_cast_or_refused() -> None:
    windows = random_windows(6, seed=2)
    small = Examples(windows, lambda w: Counting()(w).astype(np.uint8), SPEC, ())
    assert small.batch([0]).dtype == np.float32
    listed = Examples(windows, lambda w: Counting()(w).tolist(), SPEC, ())
    with pytest.raises(DataError, match="found list"):
        listed.to_array()
    np.testing.assert_array_equal(small.to_array(), Counting()(windows))
    wrapped = Examples(windows, lambda w: 60 * w.n_sites[:, None], FeatureSpec((1,), "uint8", ("x",)), ())
    with pytest.raises(DataError, match="encode: expected uint8 as told, found int64"):
        wrapped.to_array()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused_whoever_asks(value: float) -> None:
    def encode(windows: Windows) -> NDArray[Any]:
        features = Counting()(windows)
        features[4, 1] = value
        return features

    with pytest.raises(DataError, match=f"expected finite features, found {value} in window 4, feature 1"):
        Examples(random_windows(6, seed=2), encode, SPEC, ()).to_array()
