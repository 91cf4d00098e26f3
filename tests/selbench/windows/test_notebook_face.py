"""Windows at a prompt: short words, a picture, brackets, tables of statistics, neighbours' arrays."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest

from selbench import DataError, UnsupportedError, Windows
from selbench.statistics import STATISTICS, compute
from selbench.testing import assert_same_windows, random_windows
from selbench.windows.picture import png

WINDOWS = random_windows(12, n_haplotypes=8, sequence_length=300, seed=3)


def test_it_is_described_in_a_line() -> None:
    windows = Windows.from_arrays(
        [np.ones((2, 4)), np.zeros((1100, 4))],
        [[0, 1], np.linspace(0, 999, 1100)],
        sequence_length=1000,
        labels=["sweep", "neutral"],
        polarisation="ref",
    )
    assert repr(windows) == (
        "Windows: 2 windows of 4 haplotypes, 1,000 bp, 1,102 sites, 1 sweep, 1 neutral, 0 is the ref allele"
    )
    assert repr(windows[0]) == "Window: 2 sites of 4 haplotypes"
    assert repr(windows[:1]).startswith("Windows: 1 window of 4 haplotypes")


def test_brackets_choose_as_lists_do() -> None:
    haplotypes, positions = WINDOWS[-1]
    np.testing.assert_array_equal(haplotypes, WINDOWS.window(11).haplotypes)
    np.testing.assert_array_equal(positions, WINDOWS.window(11).positions)
    assert_same_windows(WINDOWS[2:6:2], WINDOWS.take([2, 4]))
    assert_same_windows(WINDOWS[[5, 1]], WINDOWS.take([5, 1]))
    assert_same_windows(WINDOWS[WINDOWS.n_sites > 3], WINDOWS.take(WINDOWS.n_sites > 3))
    with pytest.raises(IndexError):
        WINDOWS[12]
    for window, index in zip(WINDOWS, range(12), strict=True):
        np.testing.assert_array_equal(window.haplotypes, WINDOWS[np.int64(index)].haplotypes)


def test_the_picture_shows_derived_alleles_dark_and_one_window_of_each_class() -> None:
    from PIL import Image

    labelled = Windows.concatenate([WINDOWS[4:6].with_label("a<b"), WINDOWS[6:8].with_label("other")])
    page = labelled._repr_html_()
    assert page.count("<img") == 2
    assert "a&lt;b" in page
    assert "a<b" not in page
    encoded = re.findall(r"base64,([^\"]+)", page)[0]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))))
    np.testing.assert_array_equal(pixels < 128, labelled[0].haplotypes.T == 1)


def test_a_window_without_sites_and_a_long_one_have_pictures_too() -> None:
    from PIL import Image

    rng = np.random.default_rng(1)
    empty = Windows.from_arrays([np.empty((0, 4), int)], [[]], sequence_length=10)
    assert "<img" in empty[0]._repr_html_()
    long = Windows.from_arrays(
        [rng.integers(0, 2, (4001, 4))], [np.arange(4001)], sequence_length=5000
    )._repr_html_()
    encoded = re.findall(r"base64,([^\"]+)", long)[0]
    assert Image.open(io.BytesIO(base64.b64decode(encoded))).size == (445, 4)  # nine sites a column
    assert "<img" not in empty[:0]._repr_html_()


def test_a_png_is_read_back_pixel_by_pixel() -> None:
    from PIL import Image

    pixels = np.random.default_rng(2).integers(0, 256, (7, 13)).astype(np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png(pixels)))), pixels)


def test_statistics_are_a_table_with_a_row_per_window() -> None:
    table = WINDOWS.statistics(["tajimas_d", "h12"])
    assert list(table.columns) == ["tajimas_d", "h12"]
    np.testing.assert_array_equal(table.to_numpy(), compute(WINDOWS, ["tajimas_d", "h12"]))
    assert list(WINDOWS.statistics("h12").columns) == ["h12"]
    assert set(WINDOWS.statistics().columns) == set(STATISTICS)


def test_statistics_without_ancestral_states_are_those_that_need_none() -> None:
    folded = Windows.from_arrays([[[0, 1]]], [[5]], sequence_length=10, polarisation="major")
    names = set(folded.statistics().columns)
    assert names == {name for name, statistic in STATISTICS.items() if not statistic.needs_ancestral}
    with pytest.raises(UnsupportedError, match="fay_wu_h"):
        folded.statistics(["fay_wu_h"])


def test_scikit_allel_computes_the_same_of_the_arrays_it_is_given() -> None:
    import allel

    ours = WINDOWS.statistics(["nucleotide_diversity", "tajimas_d", "h12"])
    for row, (haplotypes, positions) in enumerate(WINDOWS.to_haplotype_arrays()):
        assert positions.min(initial=1) >= 1
        if len(positions) < 2:
            continue
        counts = haplotypes.count_alleles()
        difference = allel.mean_pairwise_difference(counts, fill=0).sum()
        assert difference == pytest.approx(ours.nucleotide_diversity[row])
        assert allel.tajima_d(counts, min_sites=1) == pytest.approx(ours.tajimas_d[row], abs=1e-9)
        assert allel.garud_h(haplotypes)[1] == pytest.approx(ours.h12[row])


def test_what_goes_to_scikit_allel_comes_back() -> None:
    pairs = WINDOWS.to_haplotype_arrays()
    back = Windows.from_haplotype_arrays(
        [haplotypes for haplotypes, _ in pairs], [positions for _, positions in pairs], sequence_length=300
    )
    np.testing.assert_array_equal(back.haplotypes, WINDOWS.haplotypes)
    np.testing.assert_array_equal(back.positions, np.floor(WINDOWS.positions))


def test_genotypes_become_columns_of_their_individual() -> None:
    import allel

    genotypes = allel.GenotypeArray([[[0, 1], [1, 1]], [[0, 0], [0, 1]]])
    windows = Windows.from_haplotype_arrays([genotypes], [[1, 10]], sequence_length=10, polarisation="ref")
    np.testing.assert_array_equal(windows.haplotypes, genotypes.to_haplotypes())
    assert windows.positions.tolist() == [0, 9]


def test_a_missing_call_is_one_on_both_sides() -> None:
    windows = Windows.from_haplotype_arrays([[[0, 1, -1], [1, 0, 0]]], [[2, 5]], sequence_length=9, ploidy=1)
    assert windows.missing
    np.testing.assert_array_equal(windows.haplotypes, [[0, 1, 255], [1, 0, 0]])
    ((haplotypes, _),) = windows.to_haplotype_arrays()
    np.testing.assert_array_equal(np.asarray(haplotypes), [[0, 1, -1], [1, 0, 0]])
    assert haplotypes.count_missing() == 1


def test_positions_from_zero_are_told_from_scikit_allel_s() -> None:
    with pytest.raises(DataError, match=r"count from 1.*found 0; Windows\.from_arrays"):
        Windows.from_haplotype_arrays([[[0, 1]]], [[0]], sequence_length=10)


def test_what_is_nearly_right_is_refused_with_the_way_out() -> None:
    import allel

    matrix = np.array([[0, 1], [1, 0]], dtype=np.int8)
    for bare in (matrix, allel.HaplotypeArray(matrix)):
        with pytest.raises(DataError, match=r"a list .* is wanted.*\[haplotypes\], \[positions\]"):
            Windows.from_arrays(bare, [1, 2], sequence_length=10)  # type: ignore[arg-type]
        with pytest.raises(DataError, match=r"a list .* is wanted.*\[positions\]"):
            Windows.from_arrays([bare], [1, 2], sequence_length=10)
    with pytest.raises(DataError, match="subtract 1"):
        Windows.from_arrays([matrix], [allel.SortedIndex([1, 2])], sequence_length=10)
    with pytest.raises(DataError, match=r"\[0, 10\) bp, found 10.0; here positions count from 0.*subtract 1"):
        Windows.from_arrays([matrix], [[1, 10]], sequence_length=10)
    genotypes = np.zeros((2, 3, 2), dtype=np.int8)
    with pytest.raises(DataError, match=r"3 dimension\(s\); genotypes .*\.reshape\(len\(genotypes\), -1\)"):
        Windows.from_arrays([genotypes], [[1, 2]], sequence_length=10)
    windows = Windows.from_arrays([allel.HaplotypeArray(matrix)], [[1, 2]], sequence_length=10)
    np.testing.assert_array_equal(windows.haplotypes, matrix)


def test_a_tree_sequence_is_a_window() -> None:
    import msprime

    trees = msprime.sim_ancestry(4, sequence_length=1000, population_size=1000, random_seed=1)
    trees = msprime.sim_mutations(trees, rate=1e-6, random_seed=1)
    window = Windows.from_tree_sequence(trees)
    assert len(window) == 1
    kept = [v for v in trees.variants() if 0 < (v.genotypes == 1).sum() < 8 and v.genotypes.max() == 1]
    np.testing.assert_array_equal(window[0].haplotypes, [v.genotypes for v in kept])
    assert window[0].positions.tolist() == [v.site.position for v in kept]
