"""ImaGene's image, held against ImaGene's own output, scikit-image and plain definitions."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.transform import resize

from selbench import DataError, Windows
from selbench.testing import EncoderContract, random_windows
from selbench_imagene.images import ImaGeneImage

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "imagene" / "images.npz"
UNTOUCHED = ImaGeneImage(sort="none", maf=0.0, polarise="given")


class TestImaGeneImage(EncoderContract):
    component = ImaGeneImage()


class TestImaGeneImageSortedBothWays(EncoderContract):
    component = ImaGeneImage(sort="both", by="distance", size=20, threshold=False)


class TestImaGeneImageCropped(EncoderContract):
    component = ImaGeneImage(mode="crop-or-pad", size=5, maf=0.1)


def one_window(rows):
    """Return a window from its matrix (haplotypes × sites), as images show it."""
    rows = np.asarray(rows)
    return Windows.from_arrays([rows.T], [np.arange(rows.shape[1])], sequence_length=1000)


def prepared_rows(encoder, rows):
    return encoder.prepare(one_window(rows)).haplotypes.T


@pytest.fixture(scope="module")
def reference():
    if not REFERENCE.exists():
        pytest.skip(f"no reference images at {REFERENCE}")
    with np.load(REFERENCE) as arrays:
        return dict(arrays)


SETTINGS = {
    "resize": UNTOUCHED,
    "majorminor_maf": ImaGeneImage(sort="none"),
    "rows_freq": ImaGeneImage(sort="rows"),
    "cols_freq": ImaGeneImage(sort="columns"),
    "rows_cols_freq": ImaGeneImage(sort="both"),
    "rows_dist": ImaGeneImage(sort="rows", by="distance"),
    "cols_dist": ImaGeneImage(sort="columns", by="distance"),
}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("window", range(10))
def test_the_resize_equals_imagene_pixel_by_pixel(reference, window, setting):
    sorted_rows = reference[f"w{window}_{setting}_sorted"]
    image = UNTOUCHED.encode(one_window(sorted_rows))[0]
    np.testing.assert_array_equal(image, 255 * reference[f"w{window}_{setting}_image"])


@pytest.mark.parametrize("setting", ["resize", "majorminor_maf"])
@pytest.mark.parametrize("window", range(10))
def test_polarising_and_filtering_equal_imagene(reference, window, setting):
    rows = reference[f"w{window}_alleles"].T
    np.testing.assert_array_equal(
        prepared_rows(SETTINGS[setting], rows), reference[f"w{window}_{setting}_sorted"]
    )


def counts_along(rows):
    words = [tuple(row) for row in rows.tolist()]
    return [words.count(word) for word in words]


def distances_along(rows):
    """Return distances from the first row: the most frequent one, or one as frequent."""
    return np.count_nonzero(rows != rows[0], axis=1).tolist()


@pytest.mark.parametrize("setting", ["rows_freq", "cols_freq", "rows_cols_freq"])
@pytest.mark.parametrize("window", range(10))
def test_sorting_by_frequency_equals_imagene_up_to_ties(reference, window, setting):
    ours = prepared_rows(SETTINGS[setting], reference[f"w{window}_alleles"].T)
    theirs = reference[f"w{window}_{setting}_sorted"]
    if setting != "cols_freq":
        assert counts_along(ours) == counts_along(theirs)
    if setting != "rows_freq":
        assert counts_along(ours.T) == counts_along(theirs.T)
    if setting == "rows_cols_freq":  # sorted columns hide in which order ties of rows came
        assert sorted(ours.sum(axis=0)) == sorted(theirs.sum(axis=0))
    else:
        np.testing.assert_array_equal(prepared_rows(SETTINGS[setting], theirs), ours)


@pytest.mark.parametrize(("setting", "transpose"), [("rows_dist", False), ("cols_dist", True)])
@pytest.mark.parametrize("window", range(10))
def test_sorting_by_distance_equals_imagene_up_to_ties(reference, window, setting, transpose):
    ours = prepared_rows(SETTINGS[setting], reference[f"w{window}_alleles"].T)
    theirs = reference[f"w{window}_{setting}_sorted"]
    np.testing.assert_array_equal(prepared_rows(SETTINGS[setting], theirs), ours)
    if transpose:
        ours, theirs = ours.T, theirs.T
    if (ours[0] == theirs[0]).all():  # else the most frequent one is itself a tie
        assert distances_along(ours) == distances_along(theirs)


@pytest.mark.parametrize("threshold", [True, False])
def test_images_equal_scikit_image(threshold):
    windows = random_windows(12, seed=8, n_haplotypes=48, sequence_length=1000, mean_sites=30)
    images = replace(UNTOUCHED, threshold=threshold, size=64).encode(windows)
    for image, (haplotypes, _) in zip(images[1:], list(windows)[1:], strict=True):
        grey = 255 * resize(haplotypes.T.astype(float), (64, 64), order=1, mode="reflect", anti_aliasing=True)
        if threshold:
            np.testing.assert_array_equal(image, 255 * (grey.astype(int) >= 128))
        else:  # a value within rounding of a whole number may truncate to either side
            assert np.abs(image - grey).max() < 1 + 1e-9
            assert (image == np.floor(grey + 1e-9)).all()


@pytest.mark.parametrize("n_sites", [100, 129, 164, 200, 256, 300])
def test_grey_images_are_cut_to_whole_numbers_as_scikit_image_means_them(n_sites):
    rows = np.random.default_rng(n_sites).integers(0, 2, (128, n_sites))
    grey = 255 * resize(rows.astype(float), (128, 128), order=1, mode="reflect", anti_aliasing=True)
    image = replace(UNTOUCHED, threshold=False).encode(one_window(rows))[0]
    np.testing.assert_array_equal(image, np.floor(grey + 1e-9))


@pytest.mark.parametrize("n_sites", [1, 2, 48, 100, 127, 128, 129, 164, 200, 256, 300])
def test_what_is_derived_everywhere_is_white_everywhere(n_sites):
    image = replace(UNTOUCHED, threshold=False).encode(one_window(np.ones((128, n_sites))))
    assert (image == 255).all()


@pytest.mark.parametrize("n_sites", [7, 19, 31, 61, 103, 127, 161, 193, 247])
def test_a_pixel_of_exactly_128_is_white(n_sites):
    """Enlarged to 255 columns, greys are whole numbers: with 510 shares to a site, two shares to a grey."""
    alternating = np.arange(n_sites) % 2
    centre = n_sites * (2 * np.arange(255) + 1) - 255
    left, share = centre // 510, centre % 510
    found = []
    for alleles in (alternating, 1 - alternating):
        mirrored = np.concatenate([alleles[1:2], alleles, alleles[-2:-1]])
        shares = (510 - share) * mirrored[left + 1] + share * mirrored[left + 2]
        found += shares.tolist()
        image = replace(UNTOUCHED, size=255).encode(one_window([alleles, alleles]))[0]
        np.testing.assert_array_equal(image, np.tile(255 * (shares >= 2 * 128), (255, 1)))
    assert 2 * 128 in found


@pytest.mark.parametrize(
    "encoder",
    [
        ImaGeneImage(),
        ImaGeneImage(sort="both", by="distance"),
        ImaGeneImage(threshold=False, size=40),
        ImaGeneImage(mode="crop-or-pad", size=5),
    ],
    ids=str,
)
def test_a_window_without_sites_is_black_whatever_stands_beside_it(encoder):
    empty, common, rare = np.ones((0, 12)), np.tile([0, 1], (6, 6)), np.eye(12)[:4]
    matrices = [empty, common, empty, common, rare, common, empty]
    positions = [np.arange(len(matrix)) for matrix in matrices]
    windows = Windows.from_arrays(matrices, positions, sequence_length=1000)
    images = replace(encoder, maf=0.1).encode(windows)
    assert [image.any() for image in images] == [False, True, False, True, False, True, False]


@pytest.mark.parametrize("maf", [0.01, 0.02])
def test_rare_sites_are_told_apart_in_samples_of_any_size(maf):
    n, carriers = 600, np.array([1, 5, 6, 11, 12, 255, 256, 300, 301, 512, 588, 589, 594, 595, 599])
    alleles = np.arange(n) < carriers[:, None]
    windows = Windows.from_arrays([alleles], [np.arange(len(carriers))], sequence_length=1000)
    minor = [min(i, n - i) for i in carriers.tolist()]
    kept = ImaGeneImage(sort="none", maf=maf).prepare(windows)
    assert kept.haplotypes.sum(axis=1).tolist() == [i for i in minor if i >= n * maf]


def test_a_frequency_of_one_half_is_not_flipped():
    rows = [[1, 1, 0], [1, 1, 1], [0, 1, 0], [0, 0, 0]]
    np.testing.assert_array_equal(
        prepared_rows(ImaGeneImage(sort="none"), rows), [[1, 0, 0], [1, 0, 1], [0, 0, 0], [0, 1, 0]]
    )


@given(st.sampled_from([0.0, 0.05, 0.1, 0.25, 0.5]), st.integers(0, 50))
def test_only_sites_with_a_rarer_minor_allele_are_left_out(maf, seed):
    windows = random_windows(3, seed=seed)
    kept = ImaGeneImage(sort="none", polarise="given", maf=maf).prepare(windows)
    for (before, _), (after, _) in zip(windows, kept, strict=True):
        frequency = before.mean(axis=1)
        np.testing.assert_array_equal(after, before[np.minimum(frequency, 1 - frequency) >= maf - 1e-12])


@given(st.sampled_from(["rows", "both"]), st.sampled_from(["frequency", "distance"]), st.integers(0, 50))
def test_sorted_rows_forget_the_order_of_haplotypes(sort, by, seed):
    windows = random_windows(4, seed=seed)
    shuffled = replace(windows, haplotypes=windows.haplotypes[:, np.random.default_rng(seed).permutation(12)])
    encoder = ImaGeneImage(sort=sort, by=by, size=16)
    np.testing.assert_array_equal(encoder.encode(shuffled), encoder.encode(windows))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (2, [0, 1]),
        (3, [1, 0, 1]),
        (4, [1, 0, 1, 1]),
        (6, [0, 1, 0, 1, 1, 0]),
        (7, [0, 1, 0, 1, 1, 0, 0]),
    ],
)
def test_cropping_and_padding_are_central(size, expected):
    rows = np.tile([1, 0, 1, 1], (4, 1))
    image = replace(UNTOUCHED, mode="crop-or-pad", size=size).encode(one_window(rows))[0]
    np.testing.assert_array_equal(image, np.tile(255 * np.array(expected), (4, 1)))


def test_a_full_length_image_resized_this_way_is_black():
    # one white pixel in 300 averages out: why the two encodings start from different matrices
    sparse = np.zeros((48, 1000), dtype=np.uint8)
    sparse[::3, ::70] = 1
    assert not UNTOUCHED.encode(one_window(sparse)).any()


@pytest.mark.parametrize("options", [{"maf": 0.6}, {"maf": -0.1}, {"size": 0}])
def test_impossible_options_are_refused(options):
    with pytest.raises(DataError, match=next(iter(options))):
        ImaGeneImage(**options)
