"""BaSe's image: by hand, and against Pillow on a plainly sorted matrix."""

import numpy as np
import pytest
from PIL import Image

from selbench import DataError, ExperimentError, Windows, WindowSpec
from selbench.testing import EncoderContract, random_windows
from selbench_base.images import BaseImage


class TestBaseImage(EncoderContract):
    component = BaseImage(size=16)


class TestNearestImage(EncoderContract):
    component = BaseImage(size=9, filter="nearest", focal_bp=3.0)


SITES = [[1, 0, 0, 0], [0, 1, 0, 1], [0, 1, 1, 0]]
WINDOW = Windows.from_arrays([SITES], [[50, 60, 90]], sequence_length=100)


def test_haplotypes_are_parted_by_the_nearest_site_of_middle_frequency():
    """Haplotypes 100 011 001 010: the site at 60 is next to the middle and has a frequency of one half."""
    square = Windows.from_arrays([[*SITES, [0, 0, 1, 1]]], [[50, 60, 90, 95]], sequence_length=100)
    image = BaseImage(size=4, filter="nearest").encode(square)[0]
    # without the allele at 60: 1000, 0011; with it: 0110, 0101
    derived = [[1, 0, 0, 0], [0, 0, 1, 1], [0, 1, 1, 0], [0, 1, 0, 1]]
    np.testing.assert_array_equal(image, 255 * (1 - np.array(derived)))


def test_where_no_site_has_a_middle_frequency_the_nearest_one_parts_and_that_is_told():
    encoder = BaseImage(size=3, lowest=0.9, highest=1.0, focal_bp=88.0)
    assert "1 of 1 training windows have no site" in encoder.remarks(WINDOW)[0]
    assert BaseImage(size=3).remarks(WINDOW) == ()
    square = Windows.from_arrays([[*SITES, [0, 0, 1, 1]]], [[50, 60, 90, 95]], sequence_length=100)
    image = BaseImage(size=4, filter="nearest", lowest=0.9, highest=1.0, focal_bp=51.0).encode(square)[0]
    assert image[:, 0].tolist() == [255, 255, 255, 0], "the carrier of the site at 50 is at the bottom"


def plain(haplotypes, positions, size, resampling):
    if not len(positions):
        return np.full((size, size), 255)
    frequency = haplotypes.mean(axis=1)
    middle = [i for i in range(len(positions)) if 0.4 <= frequency[i] <= 0.6] or range(len(positions))
    focal = min(middle, key=lambda i: abs(positions[i] - 100))
    rows = [tuple(row) for row in haplotypes.T.tolist()]
    ordered = sorted(rows, key=lambda row: (row[focal], -rows.count(row), tuple(-a for a in row)))
    pixels = Image.fromarray((255 * (1 - np.array(ordered))).astype(np.uint8))
    return np.asarray(pixels.resize((size, size), resampling))


@pytest.mark.parametrize("name", ["bicubic", "nearest"])
def test_it_equals_pillow_on_a_plainly_sorted_matrix(name):
    windows = random_windows(30, seed=4, n_haplotypes=14, mean_sites=9)
    resampling = {"bicubic": Image.Resampling.BICUBIC, "nearest": Image.Resampling.NEAREST}[name]
    expected = [plain(*window, 20, resampling) for window in windows]
    np.testing.assert_array_equal(BaseImage(size=20, filter=name).encode(windows), expected)


def test_what_cannot_be_encoded_is_declined_with_the_reason():
    spec = WindowSpec(10, 100, 2)
    assert "derived" in BaseImage().unsupported(spec, "ref")
    assert "outside" in BaseImage(focal_bp=100.0).unsupported(spec, "ancestral")
    with pytest.raises(DataError, match="size"):
        BaseImage(size=0)
    with pytest.raises(ExperimentError, match="lowest"):
        BaseImage(lowest=0.7)
