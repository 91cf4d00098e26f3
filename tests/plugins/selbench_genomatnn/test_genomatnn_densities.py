"""The density image: by hand, and against plain numpy."""

import numpy as np
import pytest

from selbench import DataError, Windows, WindowSpec
from selbench.testing import EncoderContract, random_windows
from selbench_genomatnn.densities import GenomatnnDensity


class TestGenomatnnDensity(EncoderContract):
    component = GenomatnnDensity(bins=9)


class TestDensityWithoutPhase(EncoderContract):
    component = GenomatnnDensity(bins=4, phased=False)
    windows = random_windows(12, seed=3, n_haplotypes=13, ploidy=1)


# the second site is turned over; the last one's alleles have one half each and stay
SITES = [[1, 0, 0, 0], [0, 1, 1, 1], [0, 1, 0, 0], [0, 0, 1, 1]]
WINDOW = Windows.from_arrays([SITES], [[0, 24, 25, 99]], sequence_length=100)


def test_four_bins_of_four_haplotypes_by_hand():
    """Columns 2000, 0100, 0001, 0001; their mean is (½, ¼, 0, ½): distances 2⅜… 7/8, 9/16, 9/16."""
    image = GenomatnnDensity(bins=4).encode(WINDOW)[0]
    columns = {"a": [2, 0, 0, 0], "b": [0, 1, 0, 0], "c": [0, 0, 0, 1]}
    np.testing.assert_array_equal(image.T, [columns["c"], columns["c"], columns["b"], columns["a"]])


def test_without_phase_neighbours_are_added_up_before_they_are_sorted():
    image = GenomatnnDensity(bins=2, phased=False).encode(WINDOW)[0]
    np.testing.assert_array_equal(image.T, [[3, 0], [0, 2]])


def test_rare_sites_are_left_out():
    image = GenomatnnDensity(bins=4, least_frequency=0.3).encode(WINDOW)[0]
    assert image.sum() == 2


def plain(haplotypes, positions, encoder):
    n = haplotypes.shape[1]
    counts = haplotypes.sum(axis=1, dtype=int)
    matrix = np.where((2 * counts > n)[:, None], 1 - haplotypes, haplotypes).astype(int)
    common = np.minimum(counts, n - counts) / n >= encoder.least_frequency
    bins = np.floor(positions * encoder.bins / 200).astype(int)
    image = np.zeros((encoder.bins, n), dtype=int)
    for row, place in zip(matrix[common], bins[common], strict=True):
        image[place] += row
    if not encoder.phased:
        image = image[:, : n // 2 * 2].reshape(encoder.bins, -1, 2).sum(axis=2)
    distance = ((image * image.shape[1] - image.sum(axis=1, keepdims=True)) ** 2).sum(axis=0)
    return image[:, np.argsort(distance, kind="stable")]


@pytest.mark.parametrize("phased", [True, False])
@pytest.mark.parametrize("bins", [1, 5, 64])
def test_it_equals_plain_numpy(bins, phased):
    windows = random_windows(30, seed=4, n_haplotypes=15, mean_sites=20, ploidy=1)
    encoder = GenomatnnDensity(bins=bins, phased=phased, least_frequency=0.1)
    expected = [plain(*window, encoder) for window in windows]
    np.testing.assert_array_equal(encoder.encode(windows), expected)


def test_counts_stay_at_255():
    sites = np.tile([1, 0, 0, 0], (300, 1))
    window = Windows.from_arrays([sites], [np.zeros(300)], sequence_length=10)
    assert GenomatnnDensity(bins=1).encode(window).max() == 255


def test_what_cannot_be_encoded_is_declined_with_the_reason():
    assert "256 bins" in GenomatnnDensity().unsupported(WindowSpec(10, 100, 2), "major")
    assert GenomatnnDensity().unsupported(WindowSpec(10, 1000, 2), "major") is None
    for options in ({"bins": 0}, {"least_frequency": 0.7}):
        with pytest.raises(DataError, match=next(iter(options))):
            GenomatnnDensity(**options)
