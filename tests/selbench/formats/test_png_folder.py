import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from PIL import Image

from selbench.errors import DataError
from selbench.formats.npz import write_npz
from selbench.formats.png_folder import read_png_folder, site_rows, write_png_folder
from selbench.windows import Windows


def make_windows(positions, label="neutral", n_haplotypes=6, length=50, seed=1):
    rng = np.random.default_rng(seed)
    alleles = [rng.integers(0, 2, (len(at), n_haplotypes)) for at in positions]
    for matrix in alleles:
        matrix[:, 0] = 1  # every site is seen in the image
    return Windows.from_arrays(alleles, positions, sequence_length=length, labels=[label] * len(positions))


SPLITS = {
    "train": Windows.concatenate([make_windows([[0.2, 3.9], [], [49.5]]), make_windows([[7]], "sweep")]),
    "validation": make_windows([[1, 2]], "sweep"),
    "test": make_windows([[4.5]]),
}


def test_folders_files_and_pixels(tmp_path):
    counts = write_png_folder(tmp_path / "out", SPLITS, null="neutral", positive="sweep")
    assert str(counts) == "6 images, 0 sites moved to a row of their own"
    assert dict(counts.images) == {
        "TRAIN/NEUTRAL": 3,
        "TRAIN/SELECTION": 1,
        "VALID/SELECTION": 1,
        "TEST/NEUTRAL": 1,
    }
    assert json.loads((tmp_path / "out" / "images.json").read_text())["images"] == dict(counts.images)
    image = Image.open(sorted((tmp_path / "out/TRAIN/NEUTRAL").iterdir())[0])
    assert image.mode == "L"
    pixels = np.asarray(image)
    assert pixels.shape == (50, 6)
    haplotypes, _ = SPLITS["train"].window(0)
    assert_array_equal(pixels[[0, 3]], haplotypes * 255)
    assert np.count_nonzero(pixels) == haplotypes.sum()


def test_images_are_read_back_site_by_site(tmp_path):
    write_png_folder(tmp_path / "out", SPLITS.items(), null="neutral", positive="sweep")
    found = dict(read_png_folder(tmp_path / "out"))
    assert set(found) == set(SPLITS)
    for split, windows in found.items():
        assert windows.spec == SPLITS[split].spec
        assert_array_equal(windows.haplotypes, SPLITS[split].haplotypes)
        assert_array_equal(windows.positions, np.floor(SPLITS[split].positions))
        assert_array_equal(windows.offsets, SPLITS[split].offsets)
    assert found["train"].labels.tolist() == ["neutral"] * 3 + ["selection"]
    assert found["test"].parameters["file"].tolist() == ["TEST/NEUTRAL/neutral_000000.png"]


def test_sites_on_one_base_pair_move_to_the_next_row_and_are_counted(tmp_path):
    windows = make_windows([[3.1, 3.2, 3.3, 5.0], [48.5, 49.1, 49.2], [3.1, 9]])
    rows, moved = site_rows(windows)
    assert_array_equal(rows, [3, 4, 5, 6, 47, 48, 49, 3, 9])
    assert_array_equal(moved, [3, 2, 0])
    counts = write_png_folder(tmp_path / "out", [("test", windows)], null="neutral", positive="sweep")
    assert counts.moved_sites == {"TEST/NEUTRAL": 5}


@given(st.lists(st.lists(st.floats(0, 12, exclude_max=True), max_size=12).map(sorted), max_size=5))
def test_every_site_gets_a_row_of_its_own(positions):
    windows = Windows.from_arrays(
        [np.ones((len(at), 2)) for at in positions], positions, sequence_length=12, n_haplotypes=2
    )
    rows, moved = site_rows(windows)
    for i in range(len(windows)):
        own = rows[windows.offsets[i] : windows.offsets[i + 1]]
        base_pairs = np.floor(positions[i])
        assert (np.diff(own) > 0).all()
        assert ((own >= 0) & (own < 12)).all()
        assert moved[i] == (own != base_pairs).sum()
        if len(set(base_pairs)) == len(base_pairs):
            assert moved[i] == 0


def test_a_window_with_more_sites_than_rows_is_refused():
    with pytest.raises(DataError, match=r"at most one site per base pair \(2\), found 3"):
        site_rows(make_windows([[0, 0.5, 1]], length=2))


def test_a_folder_in_use_is_left_alone(tmp_path):
    (tmp_path / "keep.txt").write_text("x")
    with pytest.raises(DataError, match="found it in use"):
        write_png_folder(tmp_path, SPLITS.items(), null="neutral", positive="sweep")
    assert [path.name for path in tmp_path.iterdir()] == ["keep.txt"]


def test_nothing_is_left_when_drawing_fails(tmp_path):
    unlabelled = Windows.from_arrays([np.ones((1, 2))], [[0]], sequence_length=9)
    with pytest.raises(DataError, match="labelled"):
        write_png_folder(
            tmp_path / "out", [*SPLITS.items(), ("test", unlabelled)], null="neutral", positive="sweep"
        )
    assert list(tmp_path.iterdir()) == []


def test_images_that_grew_set_the_length(tmp_path):
    write_png_folder(tmp_path / "out", SPLITS.items(), null="neutral", positive="sweep")
    grown = np.zeros((52, 6), dtype=np.uint8)
    grown[51, 2] = 255
    Image.fromarray(grown).save(tmp_path / "out/TEST/NEUTRAL/z.png")
    windows = dict(read_png_folder(tmp_path / "out"))["test"]
    assert windows.spec.sequence_length == 52
    assert windows.window(1)[1].tolist() == [51]


def test_bad_images_are_one_line(tmp_path):
    place = tmp_path / "TEST" / "NEUTRAL"
    place.mkdir(parents=True)
    with pytest.raises(DataError, match="found no image"):
        next(read_png_folder(tmp_path))
    Image.fromarray(np.full((9, 4), 128, dtype=np.uint8)).save(place / "a.png")
    with pytest.raises(DataError, match=r"a.png: expected pixels 0 and 255, found 128"):
        next(read_png_folder(tmp_path))
    Image.fromarray(np.zeros((9, 4), dtype=np.uint8)).save(place / "a.png")
    Image.fromarray(np.zeros((9, 3), dtype=np.uint8)).save(place / "b.png")
    with pytest.raises(DataError, match=r"b.png: expected 4 columns as in the others, found 3"):
        next(read_png_folder(tmp_path))
    (place / "b.png").write_bytes((place / "a.png").read_bytes()[:45])
    with pytest.raises(DataError, match=r"b.png: damaged, expected a PNG image"):
        next(read_png_folder(tmp_path))
    (place / "b.png").write_text("text")
    with pytest.raises(DataError, match=r"b.png: expected a PNG image"):
        next(read_png_folder(tmp_path))


def test_npz_holds_plain_arrays(tmp_path):
    assert write_npz(tmp_path / "a.npz", SPLITS) == 6
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert_array_equal(arrays["train_haplotypes"], SPLITS["train"].haplotypes)
        assert_array_equal(arrays["train_positions"], SPLITS["train"].positions)
        assert_array_equal(arrays["train_offsets"], SPLITS["train"].offsets)
        assert_array_equal(arrays["train_labels"], SPLITS["train"].labels)
        assert arrays["sequence_length"] == 50
        assert arrays["polarisation"] == "ancestral"


def test_npz_refuses_nothing_and_mixtures(tmp_path):
    with pytest.raises(DataError, match="found none"):
        write_npz(tmp_path / "a.npz", [])
    with pytest.raises(DataError, match="one shape"):
        write_npz(tmp_path / "a.npz", [("train", SPLITS["train"]), ("test", make_windows([[1]], length=9))])
    assert list(tmp_path.iterdir()) == []
