"""Cecil and Sugden's images: by hand, against scikit-image and plain numpy."""

import numpy as np
import pytest
from skimage.transform import resize

from selbench import DataError, Windows
from selbench.testing import EncoderContract, random_windows
from selbench_cecil.images import CecilImage


class TestResized(EncoderContract):
    component = CecilImage(n_sites=20)


class TestZeroPadded(EncoderContract):
    component = CecilImage(width="zero-pad", n_sites=7)


class TestTrimmed(EncoderContract):
    component = CecilImage(width="trim", sort=False, n_sites=5)


# the third site is turned over, the fourth has a rare minor allele
SITES = [[1, 0, 0, 1, 0], [0, 1, 0, 0, 0], [1, 1, 0, 1, 1], [0, 0, 0, 0, 1]]
TURNED = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
"""Haplotypes by sites, minor alleles 1: the first and the fourth haplotype are alike."""
WINDOW = Windows.from_arrays([SITES], [[5, 20, 30, 60]], sequence_length=100, ploidy=1)


def test_zero_padding_by_hand():
    image = CecilImage(width="zero-pad", n_sites=7).encode(WINDOW)[0]
    order = [0, 3, 1, 2, 4]  # the pair first, the others by falling pattern
    expected = np.zeros((5, 7))
    expected[:, 1:5] = TURNED[order]
    np.testing.assert_array_equal(image, expected)


def test_a_rare_site_is_dropped_before_padding_and_kept_by_trimming():
    padded = CecilImage(width="zero-pad", n_sites=4, sort=False, least_frequency=0.3).encode(WINDOW)[0]
    np.testing.assert_array_equal(padded, np.column_stack([[0] * 5, TURNED[:, 0], [0] * 5, [0] * 5]))
    trimmed = CecilImage(width="trim", n_sites=4, sort=False, least_frequency=0.3).encode(WINDOW)[0]
    np.testing.assert_array_equal(trimmed, TURNED)


def test_trimming_comes_before_sorting():
    image = CecilImage(width="trim", n_sites=2).encode(WINDOW)[0]
    # of the two middle sites three haplotypes have neither
    np.testing.assert_array_equal(image, [[0, 0], [0, 0], [0, 0], [1, 0], [0, 1]])


def test_what_does_not_fit_is_padded_or_trimmed_and_told():
    assert CecilImage().remarks(WINDOW) == ()
    assert CecilImage(width="trim", n_sites=3).remarks(WINDOW) == ()
    assert "fewer than 9 sites" in CecilImage(width="trim", n_sites=9).remarks(WINDOW)[0]
    assert CecilImage(width="zero-pad", n_sites=9).remarks(WINDOW) == ()
    assert "more than 3 sites" in CecilImage(width="zero-pad", n_sites=3).remarks(WINDOW)[0]
    short = CecilImage(width="trim", n_sites=9, sort=False).encode(WINDOW)[0]
    np.testing.assert_array_equal(short[:, 2:6], TURNED)
    assert short.sum() == TURNED.sum()


def sorted_rows(matrix):
    """Sort rows by how often they occur, ties by falling pattern."""
    rows = [tuple(row) for row in matrix.tolist()]
    return np.array(sorted(rows, key=lambda row: (-rows.count(row), tuple(-a for a in row)))).reshape(
        matrix.shape
    )


def plain(haplotypes, encoder):
    n = haplotypes.shape[1]
    counts = haplotypes.sum(axis=1, dtype=int)
    matrix = np.where((2 * counts > n)[:, None], 1 - haplotypes, haplotypes)
    if encoder.width != "trim":
        matrix = matrix[np.minimum(counts, n - counts) / n >= encoder.least_frequency]
    else:
        start = max(0, len(matrix) - encoder.n_sites) // 2
        matrix = matrix[start : start + encoder.n_sites]
    matrix = sorted_rows(matrix.T) if encoder.sort else matrix.T
    if encoder.width == "resize":
        if not matrix.shape[1]:
            return np.zeros((encoder.n_sites,) * 2)
        shape = (encoder.n_sites, encoder.n_sites)
        resized = resize(matrix.astype(float), shape, order=1, mode="reflect", anti_aliasing=True)
        return np.where(resized < 0.5 - 1e-12, 0, 1)
    start = max(0, matrix.shape[1] - encoder.n_sites) // 2
    matrix = matrix[:, start : start + encoder.n_sites]
    lacking = encoder.n_sites - matrix.shape[1]
    return np.pad(matrix, ((0, 0), (lacking // 2, lacking - lacking // 2)))


@pytest.mark.parametrize("width", ["resize", "zero-pad", "trim"])
@pytest.mark.parametrize("sort", [True, False])
@pytest.mark.parametrize("n_sites", [6, 9, 32])
def test_it_equals_scikit_image_and_plain_numpy(width, sort, n_sites):
    windows = random_windows(20, seed=4, n_haplotypes=16, mean_sites=9)
    encoder = CecilImage(width=width, sort=sort, n_sites=n_sites, least_frequency=0.1)
    expected = [plain(haplotypes, encoder) for haplotypes, _ in windows]
    np.testing.assert_array_equal(encoder.encode(windows), expected)


@pytest.mark.parametrize("options", [{"n_sites": 0}, {"least_frequency": 0.6}, {"least_frequency": -0.1}])
def test_impossible_options_are_refused(options):
    with pytest.raises(DataError, match=next(iter(options))):
        CecilImage(**options)
