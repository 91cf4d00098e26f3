"""Orders of patterns, held against plain definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from selbench.orderings import by_distance, by_frequency

patterns = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(0, 1))


def count_of(row, rows):
    return sum((row == other).all() for other in rows)


@given(patterns)
def test_frequency_falls_and_ties_fall_lexicographically(rows):
    ordered = rows[by_frequency(rows)]
    keys = [(count_of(row, rows), tuple(row)) for row in ordered]
    assert keys == sorted(keys, reverse=True)


@given(patterns)
def test_distance_from_the_most_frequent_rises_and_ties_rise_lexicographically(rows):
    ordered = rows[by_distance(rows)]
    centre = rows[by_frequency(rows)][0]
    keys = [((row != centre).mean(), tuple(row)) for row in ordered]
    assert keys == sorted(keys)
    assert (ordered[0] == centre).all()


@pytest.mark.parametrize("order", [by_frequency, by_distance])
@given(rows=patterns, seed=st.integers(0, 99))
def test_the_sorted_matrix_forgets_the_order_of_arrival(order, rows, seed):
    shuffled = np.random.default_rng(seed).permutation(rows)
    np.testing.assert_array_equal(shuffled[order(shuffled)], rows[order(rows)])


@pytest.mark.parametrize("order", [by_frequency, by_distance])
@pytest.mark.parametrize("shape", [(0, 0), (0, 4), (3, 0)])
def test_nothing_to_compare_keeps_the_order(order, shape):
    np.testing.assert_array_equal(order(np.zeros(shape, dtype=np.uint8)), np.arange(shape[0]))
