"""pg-gan's regions: by hand, and against plain numpy."""

import numpy as np
import pytest

from selbench import DataError, Windows, WindowSpec
from selbench.testing import EncoderContract, random_windows
from selbench_pggan.regions import PgGanRegion


class TestPgGanRegion(EncoderContract):
    component = PgGanRegion(n_sites=6)


def test_a_long_window_by_hand():
    sites = [[1, 0, 0, 0], [1, 1, 1, 0], [1, 1, 0, 0], [0, 1, 1, 1], [1, 0, 0, 1]]
    window = Windows.from_arrays([sites], [[5, 20, 30, 60, 90]], sequence_length=100)
    region = PgGanRegion(n_sites=2).encode(window)[0]
    # the middle site is the third: the second and the third stay; the second is turned over
    np.testing.assert_array_equal(region[:, :, 0], [[-1, 1], [-1, 1], [-1, -1], [1, -1]])
    np.testing.assert_allclose(region[:, :, 1], np.tile([0.15, 0.1], (4, 1)), rtol=1e-6)


def test_a_short_window_by_hand():
    sites = [[1, 0, 0, 0], [1, 1, 1, 0], [0, 1, 0, 0]]
    window = Windows.from_arrays([sites], [[5, 20, 30]], sequence_length=100)
    encoder = PgGanRegion(n_sites=6)
    region = encoder.encode(window)[0]
    np.testing.assert_array_equal(region[:, [0, 1, 5]], np.zeros((4, 3, 2)))
    np.testing.assert_array_equal(region[:, 2:5, 0], [[1, -1, -1], [-1, -1, 1], [-1, -1, -1], [-1, 1, -1]])
    np.testing.assert_allclose(region[:, 2:5, 1], np.tile([0, 0.15, 0.1], (4, 1)), rtol=1e-6)
    assert encoder.remarks(window) == (
        "1 of 1 training windows have fewer than 6 sites: 50 % of their columns are empty",
    )


def plain(haplotypes, positions, length, n_sites):
    region, n, half = np.zeros((haplotypes.shape[1], n_sites, 2)), len(positions), n_sites // 2
    signs = np.where((haplotypes == 1) == (haplotypes.mean(axis=1) <= 0.5)[:, None], 1, -1)
    distances = np.diff(positions, prepend=positions[:1]) / length
    if n > n_sites:
        kept = slice(n // 2 - half, n // 2 - half + n_sites)
        signs, distances, column = signs[kept], distances[kept], 0
    else:
        column = half - n // 2
    region[:, column : column + len(signs), 0] = signs.T
    region[:, column : column + len(signs), 1] = distances
    return region


@pytest.mark.parametrize("n_sites", [1, 5, 8, 14])
def test_it_equals_plain_numpy(n_sites):
    windows = random_windows(40, seed=2, n_haplotypes=9, ploidy=1, mean_sites=8)
    expected = [plain(*window, 200, n_sites) for window in windows]
    np.testing.assert_allclose(PgGanRegion(n_sites=n_sites).encode(windows), expected, rtol=1e-5, atol=1e-7)


def test_no_ancestral_states_are_needed():
    assert PgGanRegion().unsupported(WindowSpec(10, 1000, 2), "major") is None
    with pytest.raises(DataError, match="n_sites"):
        PgGanRegion(n_sites=0)
