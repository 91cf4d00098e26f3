"""A fixed number of sites: which are kept, where they stand, and what is said of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench import DataError, Windows, WindowSpec
from selbench.testing import random_windows
from selbench.windows import common_sites, is_placed, middle_sites, placed_haplotypes, width_remarks


@given(n_sites=st.lists(st.integers(0, 40), min_size=1, max_size=8), width=st.integers(1, 30))
def test_the_middle_site_stands_in_the_middle_column_and_all_fit(n_sites, width):
    counts = np.array(n_sites)
    placed = middle_sites(counts, width)
    assert (placed.count == np.minimum(counts, width)).all()
    assert ((placed.first >= 0) & (placed.first + placed.count <= counts)).all()
    assert ((placed.column >= 0) & (placed.column + placed.count <= width)).all()
    off_centre = (counts // 2 - placed.first) - (width // 2 - placed.column)
    assert (np.abs(off_centre[counts > 0]) <= 0).all()


def test_sites_become_columns_and_the_rest_is_empty():
    windows = random_windows(9, seed=3, mean_sites=6)
    placed = middle_sites(windows.n_sites, 5)
    images, holds = placed_haplotypes(windows, placed, 5), is_placed(placed, 5)
    for i, (haplotypes, _) in enumerate(windows):
        kept = haplotypes[placed.first[i] : placed.first[i] + placed.count[i]]
        np.testing.assert_array_equal(images[i][:, holds[i]], kept.T)
        assert not images[i][:, ~holds[i]].any()
        assert holds[i].sum() == len(kept)


def test_remarks_count_windows_and_share():
    assert width_remarks(np.array([4, 4]), 4) == ()
    assert width_remarks(np.array([], dtype=np.int64), 4) == ()
    assert width_remarks(np.array([7, 3, 5]), 4) == (
        "1 of 3 training windows have fewer than 4 sites: 25 % of their columns are empty",
        "2 of 3 training windows have more than 4 sites: 33 % of their sites are left out",
    )


@pytest.mark.parametrize("turn", [True, False])
def test_rare_sites_go_and_common_ones_are_turned_over(turn):
    sites = [[1, 0, 0, 0, 0], [1, 1, 1, 1, 0], [1, 1, 0, 0, 0], [0, 1, 1, 1, 0]]
    windows = Windows.from_arrays([sites, np.zeros((0, 5))], [[1, 2, 3, 4], []], sequence_length=10, ploidy=1)
    all_kept = common_sites(windows, 0.2, turn=turn)
    turned = [sites[0], [0, 0, 0, 0, 1], sites[2], [1, 0, 0, 0, 1]]
    np.testing.assert_array_equal(all_kept.haplotypes, turned if turn else sites)
    common = common_sites(windows, 0.3, turn=turn)
    np.testing.assert_array_equal(common.haplotypes, (turned if turn else sites)[2:])
    assert common.positions.tolist() == [3, 4]
    assert common.offsets.tolist() == [0, 2, 2]


@pytest.mark.parametrize(
    ("n_haplotypes", "sequence_length", "message"),
    [(2**24 + 2, 100, "at most 16,777,216"), (2, 2**40 + 1, "at most 1,099,511,627,776 bp")],
)
def test_a_shape_that_no_machine_holds_is_refused(
    n_haplotypes: int, sequence_length: int, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        WindowSpec(n_haplotypes, sequence_length)
