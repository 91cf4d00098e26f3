"""Streams: named by purpose, independent of chunking, uniform."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from selbench.streams import _open_unit, generator, stream_seed, window_uniforms

purposes = st.lists(st.text(max_size=4) | st.integers(-3, 3), max_size=4)
seeds = st.integers(-(2**40), 2**70)


@given(seeds, purposes, seeds, purposes)
def test_streams_are_shared_only_by_the_same_purpose(
    seed: int, purpose: list[str | int], other_seed: int, other: list[str | int]
) -> None:
    same = (seed, purpose) == (other_seed, other)
    assert (stream_seed(seed, *purpose) == stream_seed(other_seed, *other)) == same
    assert 0 <= stream_seed(seed, *purpose) < 2**63


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "bc"), ("ab", "c")),
        (("a", "b"), ("a,b",)),
        (('a", "b',), ("a", "b")),
        (("1",), (1,)),
        (("a", ""), ("a",)),
        (("windows", "test"), ("test", "windows")),
        (("é",), ("\\u00e9",)),
    ],
)
def test_purposes_never_run_into_each_other(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> None:
    assert stream_seed(7, *one) != stream_seed(7, *other)


def test_a_seed_is_the_same_on_every_machine() -> None:
    assert stream_seed(2021, "windows", "paper", "sweep", "test") == 392477544452419908


def test_a_generator_stands_on_its_stream() -> None:
    expected = np.random.default_rng(stream_seed(5, "fit", 2)).random(3)
    np.testing.assert_array_equal(generator(5, "fit", 2).random(3), expected)


@given(st.integers(0, 2**62), st.integers(0, 10**6), st.lists(st.integers(0, 9), max_size=4))
def test_chunking_does_not_change_the_numbers(seed: int, start: int, sizes: list[int]) -> None:
    together = window_uniforms(seed, range(start, start + sum(sizes)), "prior", "s")
    parts, at = [np.empty(0)], start
    for size in sizes:
        parts.append(window_uniforms(seed, range(at, at + size), "prior", "s"))
        at += size
    np.testing.assert_array_equal(np.concatenate(parts), together)


def test_numbers_are_uniform_and_independent_of_their_neighbours() -> None:
    uniforms = window_uniforms(3, range(200_000), "prior", "s")
    assert stats.kstest(uniforms, "uniform").pvalue > 1e-6
    assert len(np.unique(uniforms)) == len(uniforms)
    for lag in (1, 2, 1000):
        correlation = np.corrcoef(uniforms[lag:], uniforms[:-lag])[0, 1]
        assert abs(correlation) < 5 / np.sqrt(len(uniforms))


def test_other_purposes_and_seeds_give_other_numbers() -> None:
    windows = range(20_000)
    draws = [
        window_uniforms(seed, windows, *purpose)
        for seed, purpose in [(3, ("a", "b")), (3, ("ab",)), (3, ("a",)), (4, ("a", "b"))]
    ]
    correlations = np.corrcoef(draws)[np.triu_indices(4, 1)]
    assert (np.abs(correlations) < 5.5 / np.sqrt(len(windows))).all()


def test_the_interval_is_open_at_both_ends() -> None:
    extremes = _open_unit(np.array([0, 2**64 - 1], dtype=np.uint64))
    assert 0 < extremes[0] < 1e-15
    assert 1 - 1e-15 < extremes[1] < 1


def test_numbers_come_from_splitmix64() -> None:
    """An independent transcription of the generator in whole numbers (Steele et al. 2014)."""
    mask, state = 2**64 - 1, stream_seed(9, "x")
    expected = []
    for _ in range(5):
        state = (state + 0x9E3779B97F4A7C15) & mask
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        mixed ^= mixed >> 31
        expected.append(((mixed >> 12) + 0.5) / 2**52)
    assert window_uniforms(9, range(5), "x").tolist() == expected


def test_a_purpose_is_text_or_whole_numbers() -> None:
    with pytest.raises(TypeError):
        stream_seed(1, object())  # type: ignore[arg-type]
