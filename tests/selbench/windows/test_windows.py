"""Windows: the contract and its faults by name, choosing and joining, digests."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selbench import DataError, UnsupportedError, Windows, WindowSpec
from selbench.testing import assert_same_windows

LENGTH = 50
N_HAPLOTYPES = 4

Sites = tuple[list[list[int]], list[float]]
"""One window as plain lists: a row of alleles per site, and the positions."""


@st.composite
def window_lists(draw: st.DrawFn) -> Sites:
    n_sites = draw(st.integers(0, 5))
    alleles = st.lists(st.integers(0, 1), min_size=N_HAPLOTYPES, max_size=N_HAPLOTYPES)
    places = st.floats(0, LENGTH, exclude_max=True)
    return (
        draw(st.lists(alleles, min_size=n_sites, max_size=n_sites)),
        sorted(draw(st.lists(places, min_size=n_sites, max_size=n_sites))),
    )


def batch_of(sites: list[Sites]) -> Windows:
    """Build a batch that carries, as label and parameter, which window is which."""
    return Windows.from_arrays(
        [np.array(alleles, dtype=np.uint8).reshape(len(alleles), N_HAPLOTYPES) for alleles, _ in sites],
        [positions for _, positions in sites],
        sequence_length=LENGTH,
        n_haplotypes=N_HAPLOTYPES,
        labels=[f"w{i}" for i in range(len(sites))],
        parameters={"index": np.arange(len(sites))},
    )


def lists_of(windows: Windows) -> list[Sites]:
    return [(haplotypes.tolist(), positions.tolist()) for haplotypes, positions in windows]


batches = st.lists(window_lists(), max_size=6)


@given(batches)
def test_a_batch_holds_the_windows_it_was_built_from(sites: list[Sites]) -> None:
    windows = batch_of(sites)
    assert len(windows) == len(sites)
    assert lists_of(windows) == sites
    assert windows.n_sites.tolist() == [len(alleles) for alleles, _ in sites]
    assert windows.haplotypes.dtype == np.uint8
    assert windows.positions.dtype == np.float64


@given(batches, st.data())
def test_choosing_windows_is_choosing_from_a_list(sites: list[Sites], data: st.DataObject) -> None:
    indices = data.draw(
        st.lists(st.integers(-len(sites), len(sites) - 1), max_size=8) if sites else st.just([])
    )
    for asked in (indices, tuple(indices), np.array(indices, dtype=np.int64)):
        chosen = batch_of(sites).take(asked)
        assert lists_of(chosen) == [sites[i] for i in indices]
        assert chosen.parameters["index"].tolist() == [range(len(sites))[i] for i in indices]
        assert chosen.labels is not None
        assert chosen.labels.tolist() == [f"w{range(len(sites))[i]}" for i in indices]


@given(batches, st.data())
def test_choosing_by_mask_is_filtering_a_list(sites: list[Sites], data: st.DataObject) -> None:
    mask = data.draw(st.lists(st.booleans(), min_size=len(sites), max_size=len(sites)))
    expected = [window for window, wanted in zip(sites, mask, strict=True) if wanted]
    assert lists_of(batch_of(sites).take(np.array(mask, dtype=bool))) == expected
    if mask:
        assert lists_of(batch_of(sites).take(mask)) == expected


@given(batches, st.slices(6))
def test_choosing_by_slice_and_by_range_is_slicing_a_list(sites: list[Sites], part: slice) -> None:
    assert lists_of(batch_of(sites).take(part)) == sites[part]
    assert lists_of(batch_of(sites).take(range(len(sites))[part])) == sites[part]


@given(batches, st.data())
def test_one_window_is_counted_from_either_end(sites: list[Sites], data: st.DataObject) -> None:
    windows = batch_of(sites)
    for index in range(-len(sites), len(sites)):
        haplotypes, positions = windows.window(index)
        assert (haplotypes.tolist(), positions.tolist()) == sites[index]
    for index in (len(sites), -len(sites) - 1):
        with pytest.raises(IndexError):
            windows.window(index)


@pytest.mark.parametrize("indices", [[3], [-4], [0.5], np.array([True, False])])
def test_indices_that_are_not_there_are_refused(indices: Any) -> None:
    with pytest.raises(IndexError):
        batch_of([([], [])] * 3).take(indices)


@given(st.lists(batches, min_size=1, max_size=4))
def test_joining_batches_is_joining_lists(parts: list[list[Sites]]) -> None:
    joined = Windows.concatenate([batch_of(sites) for sites in parts])
    assert lists_of(joined) == [window for sites in parts for window in sites]
    assert joined.parameters["index"].tolist() == [i for sites in parts for i in range(len(sites))]


@given(batches, st.integers(0, 6))
def test_what_is_cut_apart_joins_to_the_same(sites: list[Sites], at: int) -> None:
    windows = batch_of(sites)
    halves = [windows.take(slice(at)), windows.take(slice(at, None))]
    assert_same_windows(Windows.concatenate(halves), windows)


def test_a_parameter_that_a_batch_lacks_is_nan_there() -> None:
    with_s = replace(batch_of([([], [])] * 2), parameters={"s": np.array([0.1, 0.2])})
    without = replace(batch_of([([], [])]), parameters={})
    np.testing.assert_array_equal(
        Windows.concatenate([without, with_s, without]).parameters["s"], [np.nan, 0.1, 0.2, np.nan]
    )


def test_labels_survive_joining_only_where_all_have_them() -> None:
    labelled = batch_of([([], [])])
    assert Windows.concatenate([labelled, labelled.with_label("sweep")]).labels.tolist() == ["w0", "sweep"]  # type: ignore[union-attr]
    assert Windows.concatenate([labelled, replace(labelled, labels=None)]).labels is None


def test_batches_of_other_shape_or_polarisation_do_not_join() -> None:
    windows = batch_of([([], [])])
    with pytest.raises(DataError, match="expected at least one batch"):
        Windows.concatenate([])
    with pytest.raises(DataError, match=r"do not fit together: 4 haplotypes, 50 bp, .* 60 bp"):
        Windows.concatenate([windows, replace(windows, spec=WindowSpec(N_HAPLOTYPES, 60))])
    with pytest.raises(DataError, match=r"ancestral.*major"):
        Windows.concatenate([windows, replace(windows, polarisation="major")])


@given(window_lists(), window_lists())
def test_digests_are_equal_iff_matrix_and_base_pairs_are(first: Sites, second: Sites) -> None:
    one, other = batch_of([first, second]).digests()
    same = first[0] == second[0] and [int(p) for p in first[1]] == [int(p) for p in second[1]]
    assert (one == other) == same
    assert len(one) == 32


@given(window_lists(), st.floats(0, 0.999))
def test_digests_ignore_digits_after_the_base_pair(window: Sites, fraction: float) -> None:
    alleles, positions = window
    moved = sorted(int(p) + fraction for p in positions)
    assert batch_of([(alleles, moved)]).digests() == batch_of([window]).digests()


def test_digests_tell_sample_sizes_apart() -> None:
    def empty(n_haplotypes: int) -> Windows:
        return Windows.from_arrays(
            [np.empty((0, n_haplotypes))], [[]], sequence_length=LENGTH, n_haplotypes=n_haplotypes
        )

    def derived_first(n_haplotypes: int) -> Windows:
        matrix = np.zeros((1, n_haplotypes))
        matrix[0, 0] = 1
        return Windows.from_arrays([matrix], [[3]], sequence_length=LENGTH)

    assert empty(4).digests() != empty(6).digests()
    assert derived_first(4).digests() != derived_first(6).digests(), "packed to the same byte"


@given(batches)
def test_windows_travel_between_processes(sites: list[Sites]) -> None:
    windows = batch_of(sites)
    again = pickle.loads(pickle.dumps(windows))
    assert_same_windows(again, windows)
    assert again.labels.tolist() == windows.labels.tolist()  # type: ignore[union-attr]
    assert again.digests() == windows.digests()


def test_integers_booleans_and_floats_of_0_and_1_are_alleles() -> None:
    matrix = [[0, 1], [1, 1]]
    for dtype in (np.int64, bool, np.float32):
        windows = Windows.from_arrays([np.array(matrix, dtype=dtype)], [[1, 2]], sequence_length=LENGTH)
        assert windows.haplotypes.tolist() == matrix


GOOD: dict[str, Any] = {
    "spec": WindowSpec(2, LENGTH),
    "haplotypes": np.array([[0, 1], [1, 0], [1, 1]], dtype=np.uint8),
    "positions": np.array([3.0, 7.5, 2.0]),
    "offsets": np.array([0, 2, 2, 3]),
    "labels": ["a", "b", "c"],
    "parameters": {"s": np.array([0.1, 0.2, 0.3])},
}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"haplotypes": np.full((3, 2), 2, np.uint8)}, "haplotypes: expected 0 and 1, found 2"),
        ({"haplotypes": np.zeros((3, 2), np.int64)}, r"haplotypes: expected uint8 .*found int64 \(3, 2\)"),
        ({"haplotypes": np.zeros((3, 3), np.uint8)}, r"haplotypes: .*\(n_sites, 2\), found uint8 \(3, 3\)"),
        ({"haplotypes": np.zeros(6, np.uint8)}, r"haplotypes: .*found uint8 \(6,\)"),
        ({"positions": np.array([3, 7, 2])}, "positions: expected float64 .*found int64"),
        ({"positions": np.array([3.0, 7.0])}, r"positions: expected float64 \(3,\), found float64 \(2,\)"),
        ({"positions": np.array([3.0, 50.0, 2.0])}, r"window 0: .*in \[0, 50\) bp, found 50"),
        ({"positions": np.array([3.0, 7.0, -1.0])}, r"window 2: .*in \[0, 50\) bp, found -1"),
        ({"positions": np.array([3.0, np.nan, 2.0])}, r"window 0: .*in \[0, 50\) bp, found nan"),
        ({"positions": np.array([7.5, 3.0, 2.0])}, "window 0: .*rising order, found 3.0 after 7.5"),
        ({"offsets": np.array([0, 1, 1, 3])}, "window 2: .*rising order, found 2.0 after 7.5"),
        ({"offsets": np.array([0, 2, 2, 2])}, "offsets: expected 0 first and 3.*found 0 and 2"),
        ({"offsets": np.array([1, 2, 2, 3])}, "offsets: expected 0 first and 3.*found 1 and 3"),
        ({"offsets": np.array([0, 3, 2, 3])}, r"offsets: expected to rise, found 2 after 3 \(window 1\)"),
        ({"offsets": np.array([0.0, 2.0, 2.0, 3.0])}, "offsets: expected int64 .*found float64"),
        ({"offsets": np.empty(0, np.int64)}, r"offsets: expected int64 \(n_windows \+ 1,\)"),
        ({"polarisation": "derived"}, "polarisation: expected one of ancestral, ref, major, found 'derived'"),
        ({"labels": ["a", "b"]}, r"labels: expected one per window \(3\), found shape \(2,\)"),
        (
            {"parameters": {"s": [0.1]}},
            r"parameter s: expected one value per window \(3\), found shape \(1,\)",
        ),
    ],
)
def test_a_broken_batch_is_refused_by_name(changed: dict[str, Any], message: str) -> None:
    Windows(**GOOD)
    with pytest.raises(DataError, match=message):
        Windows(**(GOOD | changed))


@pytest.mark.parametrize(
    ("haplotypes", "positions", "message"),
    [
        ([[[0, 2]]], [[1]], "window 0: expected alleles 0 and 1, found 2"),
        ([[[0, 1]], [[0, 256]]], [[1], [1]], "window 1: expected alleles 0 and 1, found 256"),
        ([[[0, 0.5]]], [[1]], "window 0: expected alleles 0 and 1, found 0.5"),
        ([[0, 1]], [[1]], "window 0: expected a .sites × haplotypes. matrix, found 1 dimension"),
        ([[[0, 1], [0]]], [[1, 2]], "window 0: expected a .sites × haplotypes. matrix"),
        ([[[0, 1]], [[0, 1, 1]]], [[1], [1]], "window 1: expected 2 haplotypes, found 3"),
        ([[[0, 1]]], [[1, 2]], r"window 0: expected 1 positions, one per site, found shape \(2,\)"),
        ([[[0, 1]]], [1.0], r"window 0: expected 1 positions, one per site, found shape \(\)"),
        ([[[0, 1]]], [["here"]], "window 0: expected positions in bp"),
        ([[[0, 1]]], [], r"expected as many position arrays as windows \(1\), found 0"),
        ([], [], "n_haplotypes: must be given when there are no windows"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_by_window(haplotypes: Any, positions: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Windows.from_arrays(haplotypes, positions, sequence_length=LENGTH)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ((1, 100, 1), "n_haplotypes: expected at least 2, found 1"),
        ((4, 0, 2), "sequence_length: expected at least 1 bp, found 0"),
        ((5, 100, 2), "ploidy: expected a divisor of n_haplotypes = 5, found 2"),
        ((4, 100, 0), "ploidy: .*found 0"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(spec: tuple[int, int, int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        WindowSpec(*spec)


def some_missing():
    return Windows.from_arrays(
        [[[0, 1, 255, 255], [1, 0, 1, 1]], [[1, 0, 0, 0]]],
        [[2, 5], [3]],
        sequence_length=10,
        missing=True,
        phased=False,
        observed=[0.5, 1],
    )


def test_missing_calls_phase_and_what_was_observed_go_along():
    windows = some_missing()
    assert windows.observed.tolist() == [0.5, 1]
    assert windows.take([1, 1, 0]).observed.tolist() == [1, 1, 0.5]
    plain = Windows.from_arrays([[[0, 1, 1, 1]]], [[7]], sequence_length=10)
    assert (plain.phased, plain.missing, plain.observed.tolist()) == (True, False, [1])
    both = Windows.concatenate([plain, windows])
    assert (both.phased, both.missing, both.observed.tolist()) == (False, True, [1, 0.5, 1])
    assert "unphased, with missing calls" in repr(both)


def test_no_call_is_allowed_only_where_a_flag_says_so():
    windows = some_missing()
    with pytest.raises(DataError, match="haplotypes: expected 0 and 1, found 255"):
        replace(windows, missing=False)
    with pytest.raises(DataError, match="expected alleles 0 and 1, found 255"):
        Windows.from_arrays([[[0, 255]]], [[2]], sequence_length=10)
    with pytest.raises(DataError, match="expected 0 and 1 and 255 for no call, found 254"):
        replace(windows, haplotypes=np.full((3, 4), 254, np.uint8))
    for observed in ([0.5], [0.5, 1.5], [0.5, np.nan]):
        with pytest.raises(DataError, match="observed: expected a share"):
            replace(windows, observed=np.array(observed))


def test_which_calls_are_missing_is_in_the_digest():
    windows = some_missing()
    called = replace(windows, haplotypes=np.minimum(windows.haplotypes, 1))
    assert windows.digests()[0] != called.digests()[0]
    assert windows.digests()[1] == called.digests()[1]
    assert called.digests() == replace(called, missing=False, phased=True).digests()


def test_files_that_cannot_say_so_refuse_them(tmp_path):
    from selbench.formats.dataset import DatasetMetadata, write_dataset
    from selbench.formats.ms_text import write_ms
    from selbench.formats.npz import write_npz
    from selbench.runner.blocks import windows_to_bytes

    windows = some_missing()
    with pytest.raises(DataError, match=r"a dataset file: expected phased .*: unphased, missing calls"):
        write_dataset(tmp_path / "a.parquet", [("", windows)], DatasetMetadata(windows.spec))
    with (tmp_path / "a.ms").open("wb") as stream, pytest.raises(DataError, match="ms text: expected"):
        write_ms(windows, stream, command="ms 4 2")
    with pytest.raises(DataError, match=r"a\.npz: expected"):
        write_npz(tmp_path / "a.npz", {"": windows})
    with pytest.raises(DataError, match="a block of windows: expected"):
        windows_to_bytes(windows)
    with pytest.raises(UnsupportedError, match="no rule for alleles without a call"):
        windows.statistics(["tajimas_d"])
    unphased = replace(windows, haplotypes=np.minimum(windows.haplotypes, 1), missing=False)
    assert list(unphased.statistics(["segregating_sites"])["segregating_sites"]) == [2, 1]
    with pytest.raises(UnsupportedError, match="h12: needs phased genotypes"):
        unphased.statistics(["h12"])
