"""SweepNet's image: by hand, and against plain numpy."""

import numpy as np
import pytest

from selbench import DataError, Windows, WindowSpec
from selbench.testing import EncoderContract, random_windows
from selbench_sweepnet.images import SweepnetImage


class TestSweepnetImage(EncoderContract):
    component = SweepnetImage(n_sites=7)


class TestUnsortedImage(EncoderContract):
    component = SweepnetImage(n_sites=4, rows="given", columns="given")


SITES = [[1, 0, 0, 0, 1], [1, 1, 0, 0, 1], [1, 1, 0, 1, 0]]
"""Haplotypes 111 011 000 001 110: differences from 011, the medoid, are 1 0 2 1 2."""
WINDOW = Windows.from_arrays([SITES], [[10, 20, 50]], sequence_length=100, ploidy=1)


def test_an_image_by_hand():
    """Rows 011 111 001 110 000; the second and the third site have three carriers, the first two."""
    image = SweepnetImage(n_sites=4).encode(WINDOW)[0]
    derived = [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]
    np.testing.assert_array_equal(image, 255 * (1 - np.array(derived)))


def test_each_order_can_be_left_as_given():
    plain = SweepnetImage(n_sites=3, rows="given", columns="given").encode(WINDOW)[0]
    np.testing.assert_array_equal(plain, 255 * (1 - np.array(SITES).T))
    columns = SweepnetImage(n_sites=3, rows="given").encode(WINDOW)[0]
    np.testing.assert_array_equal(columns, 255 * (1 - np.array(SITES)[[1, 2, 0]].T))


def test_the_middle_sites_are_taken_and_that_is_told():
    encoder = SweepnetImage(n_sites=1, rows="given")
    np.testing.assert_array_equal(encoder.encode(WINDOW)[0, :, 0], 255 * (1 - np.array(SITES[1])))
    assert "more than 1 sites" in encoder.remarks(WINDOW)[0]
    assert "fewer than 128 sites" in SweepnetImage().remarks(WINDOW)[0]


def plain(haplotypes, n_sites):
    start = max(0, len(haplotypes) // 2 - n_sites // 2) if len(haplotypes) > n_sites else 0
    rows = haplotypes[start : start + n_sites].T.astype(int)
    falling = sorted(range(len(rows)), key=lambda i: (*(-rows[i]).tolist(), i))
    distances = [[np.abs(rows[i] - rows[j]).sum() for j in falling] for i in falling]
    medoid = int(np.argmin(np.sum(distances, axis=1)))
    rows = rows[[falling[k] for k in np.argsort(distances[medoid], kind="stable")]]
    rows = rows[:, np.argsort(-rows.sum(axis=0), kind="stable")]
    return 255 * (1 - np.pad(rows, ((0, 0), (0, n_sites - rows.shape[1]))))


@pytest.mark.parametrize("n_sites", [3, 8, 20])
def test_it_equals_plain_numpy(n_sites):
    windows = random_windows(30, seed=4, n_haplotypes=14, mean_sites=7)
    expected = [plain(haplotypes, n_sites) for haplotypes, _ in windows]
    np.testing.assert_array_equal(SweepnetImage(n_sites=n_sites).encode(windows), expected)


def test_what_cannot_be_encoded_is_declined_with_the_reason():
    assert "derived" in SweepnetImage().unsupported(WindowSpec(10, 100, 2), "major")
    with pytest.raises(DataError, match="n_sites"):
        SweepnetImage(n_sites=0)
