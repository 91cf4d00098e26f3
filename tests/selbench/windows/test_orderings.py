"""Orders of haplotypes and sites, held against plain definitions."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench import Windows
from selbench.windows import haplotype_order, medoid_order, site_order, sort_haplotypes


@st.composite
def batches(draw):
    """Windows with few distinct patterns, so that ties are common; some without sites, some long."""
    n_haplotypes = draw(st.sampled_from([2, 4, 12, 70]))
    counts = draw(st.lists(st.sampled_from([0, 1, 2, 3, 5, 64, 65, 130]), max_size=4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    haplotypes = []
    for count in counts:
        kinds = rng.integers(0, 2, (min(count, 3), min(n_haplotypes, 4)))
        haplotypes.append(
            kinds[rng.integers(0, max(len(kinds), 1), count)][
                :, rng.integers(0, kinds.shape[1], n_haplotypes)
            ]
        )
    return Windows.from_arrays(
        haplotypes,
        [np.arange(count) for count in counts],
        sequence_length=200,
        n_haplotypes=n_haplotypes,
    )


def sorted_matrices(windows, axis, by):
    """Return for each window its patterns as rows: as they came, and sorted."""
    if axis == "haplotypes":
        order = haplotype_order(windows, by)
        return [(matrix.T, matrix[:, order[i]].T) for i, (matrix, _) in enumerate(windows)]
    ordered = replace(windows, haplotypes=windows.haplotypes[site_order(windows, by)])
    return [(windows.window(i)[0], ordered.window(i)[0]) for i in range(len(windows))]


def falling_frequency(rows):
    """Sort rows by how often each occurs and then as words, both falling."""
    words = [tuple(row) for row in rows.tolist()]
    return sorted(words, key=lambda word: (words.count(word), word), reverse=True)


@pytest.mark.parametrize("axis", ["haplotypes", "sites"])
@given(windows=batches())
def test_frequency_falls_and_ties_fall_as_words(axis, windows):
    for given_rows, sorted_rows in sorted_matrices(windows, axis, "frequency"):
        assert [tuple(row) for row in sorted_rows.tolist()] == falling_frequency(given_rows)


@pytest.mark.parametrize("axis", ["haplotypes", "sites"])
@given(windows=batches())
def test_distance_from_the_most_frequent_rises_and_ties_rise_as_words(axis, windows):
    for given_rows, sorted_rows in sorted_matrices(windows, axis, "distance"):
        top = np.array(falling_frequency(given_rows)[:1])
        expected = sorted(((row != top).sum(), tuple(row)) for row in given_rows.tolist())
        assert [tuple(row) for row in sorted_rows.tolist()] == [word for _, word in expected]


@given(windows=batches())
def test_identical_haplotypes_keep_their_order(windows):
    for (haplotypes, _), order in zip(windows, haplotype_order(windows, "frequency"), strict=True):
        for first, second in itertools.pairwise(order):
            if (haplotypes[:, first] == haplotypes[:, second]).all():
                assert first < second


@given(windows=batches())
def test_the_medoid_comes_first_and_the_others_by_their_differences_from_it(windows):
    order = medoid_order(windows)
    for i, (haplotypes, _) in enumerate(windows):
        rows = haplotypes.T.astype(int)
        assert sorted(order[i].tolist()) == list(range(len(rows)))
        differing = np.abs(rows[:, None] - rows[None]).sum(axis=2)
        medoid = order[i][0]
        assert differing[medoid].sum() == differing.sum(axis=1).min()
        assert (np.diff(differing[medoid][order[i]]) >= 0).all()


@given(windows=batches(), seed=st.integers(0, 99))
def test_the_order_around_the_medoid_does_not_depend_on_how_haplotypes_came(windows, seed):
    shuffle = np.random.default_rng(seed).permutation(windows.spec.n_haplotypes)
    shuffled = replace(windows, haplotypes=windows.haplotypes[:, shuffle])
    for batch in (windows, shuffled):
        sorted_once = sort_haplotypes(batch, medoid_order(batch))
        assert (sorted_once.haplotypes == sort_haplotypes(windows, medoid_order(windows)).haplotypes).all()
