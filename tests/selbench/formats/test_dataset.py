import json
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from selbench.errors import DataError
from selbench.formats import dataset_table
from selbench.formats.dataset import (
    DatasetMetadata,
    dataset_counts,
    dataset_metadata,
    iterate_dataset,
    read_dataset,
    write_dataset,
)
from selbench.windows import Windows, WindowSpec

SPEC = WindowSpec(n_haplotypes=12, sequence_length=500)
METADATA = DatasetMetadata(SPEC, classes=("neutral", "sweep"), provenance={"simulator": "ms", "seed": 4})


def make_windows(n_windows, label, seed=1, spec=SPEC, **parameters):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, 9, n_windows)
    windows = Windows.from_arrays(
        [rng.integers(0, 2, (size, spec.n_haplotypes)) for size in sizes],
        [np.sort(rng.uniform(0, spec.sequence_length, size)) for size in sizes],
        sequence_length=spec.sequence_length,
        n_haplotypes=spec.n_haplotypes,
        parameters=parameters,
    )
    return windows if label is None else windows.with_label(label)


def assert_same(found, expected):
    assert found.spec == expected.spec
    assert found.polarisation == expected.polarisation
    assert_array_equal(found.haplotypes, expected.haplotypes)
    assert_array_equal(found.positions, expected.positions)
    assert_array_equal(found.offsets, expected.offsets)
    assert (found.labels is None) == (expected.labels is None)
    if expected.labels is not None:
        assert_array_equal(found.labels, expected.labels)


@pytest.fixture
def path(tmp_path):
    """A dataset of two classes and two splits, of which one class has a parameter of its own."""
    path = tmp_path / "windows.parquet"
    batches = [
        ("train", make_windows(30, "neutral", 1)),
        ("train", make_windows(20, "sweep", 2, **{"selection.s": np.linspace(0, 1, 20)})),
        ("test", make_windows(10, "sweep", 3, **{"selection.s": np.ones(10)})),
    ]
    assert write_dataset(path, batches, METADATA) == 60
    return path


def test_windows_come_back_by_split_and_label(path):
    assert_same(read_dataset(path, split="train", label="neutral"), make_windows(30, "neutral", 1))
    sweeps = read_dataset(path, label="sweep")
    assert_same(sweeps, Windows.concatenate([make_windows(20, "sweep", 2), make_windows(10, "sweep", 3)]))
    assert_array_equal(sweeps.parameters["selection.s"], [*np.linspace(0, 1, 20), *np.ones(10)])
    assert len(read_dataset(path)) == 60


def test_a_parameter_that_a_class_lacks_is_null(path):
    assert np.isnan(read_dataset(path, label="neutral").parameters["selection.s"]).all()
    assert pd.read_parquet(path)["parameter.selection.s"].isna().sum() == 30


def test_metadata_and_counts(path):
    assert dataset_metadata(path) == METADATA
    assert dataset_counts(path) == {("train", "neutral"): 30, ("train", "sweep"): 20, ("test", "sweep"): 10}


def test_pandas_opens_it_without_us(path):
    table = pd.read_parquet(path)
    windows = read_dataset(path)
    assert_array_equal(table["n_sites"], windows.n_sites)
    assert table["digest"].tolist() == windows.digests()
    assert_array_equal(np.concatenate(table["positions"].tolist()), windows.positions)
    row = int(table["n_sites"].idxmax())
    bits = np.frombuffer(table["haplotypes"][row], np.uint8).reshape(table["n_sites"][row], -1)
    assert_array_equal(np.unpackbits(bits, axis=1)[:, :12], windows.window(row)[0])


def test_batches_never_mix_splits_and_are_bounded(path):
    batches = list(iterate_dataset(path, batch_size=7))
    assert max(len(windows) for _, windows in batches) == 7
    assert [split for split, _ in batches] == ["train"] * 8 + ["test"] * 2
    assert_same(Windows.concatenate([windows for _, windows in batches]), read_dataset(path))


def test_large_batches_are_cut_into_row_groups(tmp_path, monkeypatch):
    windows = make_windows(50, "sweep")
    whole, cut = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    write_dataset(whole, [("train", windows)], METADATA)
    monkeypatch.setattr(dataset_table, "ROW_GROUP_BYTES", 12 * 10)
    write_dataset(cut, [("train", windows)], METADATA)
    assert pq.ParquetFile(whole).num_row_groups == 1
    assert pq.ParquetFile(cut).num_row_groups > 10
    assert_same(read_dataset(cut), read_dataset(whole))


def test_same_windows_same_bytes(path, tmp_path):
    again = tmp_path / "again.parquet"
    write_dataset(again, iterate_dataset(path), METADATA)
    third = tmp_path / "third.parquet"
    write_dataset(third, iterate_dataset(again), METADATA)
    assert again.read_bytes() == third.read_bytes()


def test_unlabelled_windows_and_words_as_parameters(tmp_path):
    path = tmp_path / "a.parquet"
    origin = np.array(["single", "merge", "single"])
    write_dataset(path, [("test", make_windows(3, None, origin=origin))], METADATA)
    windows = read_dataset(path)
    assert windows.labels is None
    assert_array_equal(windows.parameters["origin"], origin)


def test_a_dataset_without_windows(tmp_path):
    path = tmp_path / "empty.parquet"
    write_dataset(path, [], METADATA)
    assert dataset_metadata(path) == METADATA
    with pytest.raises(DataError, match="found no window"):
        read_dataset(path)


def test_absent_split_names_what_is_there(path):
    with pytest.raises(DataError, match="split 'validation', found train neutral, train sweep, test sweep"):
        read_dataset(path, split="validation")


def test_nothing_is_left_under_the_name_when_writing_fails(tmp_path):
    path = tmp_path / "half.parquet"

    def batches():
        yield "train", make_windows(5, "neutral")
        raise DataError("the source broke")

    with pytest.raises(DataError, match="the source broke"):
        write_dataset(path, batches(), METADATA)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("windows", "message"),
    [
        (make_windows(2, "bottleneck"), "labels among neutral, sweep, found 'bottleneck'"),
        (make_windows(2, "neutral", spec=WindowSpec(10, 500)), "12 haplotypes.*10 haplotypes"),
        (replace(make_windows(2, "neutral"), polarisation="major"), "ancestral, found .*major"),
    ],
)
def test_refuses_windows_that_do_not_fit(tmp_path, windows, message):
    with pytest.raises(DataError, match=message):
        write_dataset(tmp_path / "a.parquet", [("train", windows)], METADATA)


def test_foreign_files_are_one_line(tmp_path):
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"x": [1]}), other)
    text = tmp_path / "text.parquet"
    text.write_text("hello\n" * 100)
    newer = tmp_path / "newer.parquet"
    pq.write_table(
        pa.table({"x": [1]}).replace_schema_metadata({"selbench": json.dumps({"format": 2})}), newer
    )
    absent = tmp_path / "absent.parquet"
    for path, message in [
        (other, "found another Parquet file"),
        (text, "damaged, expected a dataset file"),
        (newer, "expected a dataset of format 1, found 2"),
        (absent, "not found"),
        (tmp_path, "not found"),
    ]:
        with pytest.raises(DataError, match=message) as error:
            read_dataset(path)
        assert "\n" not in str(error.value)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_damage_never_changes_a_window_in_silence(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damage")
    whole, damaged = folder / "whole.parquet", folder / "damaged.parquet"
    windows = make_windows(40, "neutral")
    write_dataset(whole, [("train", windows)], METADATA)
    content = bytearray(whole.read_bytes())
    footer_bytes = int.from_bytes(content[-8:-4], "little")
    at = data.draw(st.integers(0, len(content) - 8 - footer_bytes - 1))
    cut = data.draw(st.booleans())
    content[at:] = b"" if cut else bytes([content[at] ^ data.draw(st.integers(1, 255))]) + content[at + 1 :]
    damaged.write_bytes(content)
    with suppress(DataError):
        assert_same(read_dataset(damaged), windows)
        assert not cut


VALUES = (None, True, -1, 10**20, 1e300, "", "\ud800", "../x", [], {}, ["a", "a"], [None])


@pytest.mark.parametrize("key", ["spec", "polarisation", "classes", "provenance", "format"])
def test_a_description_of_other_types_is_one_line(path, key):
    table = pq.read_table(path)
    described = json.loads(table.schema.metadata[b"selbench"])
    expected = read_dataset(path).digests()
    inside = described["spec"] if key == "spec" else described
    for name in list(inside) if key == "spec" else [key]:
        for value in VALUES:
            changed = json.loads(json.dumps(described))
            (changed["spec"] if key == "spec" else changed)[name] = value
            text = json.dumps(changed).encode()
            pq.write_table(table.replace_schema_metadata({b"selbench": text}), path)
            with suppress(DataError):
                assert read_dataset(path).digests() == expected, (name, value)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("haplotypes", None, "expected a value in every row of haplotypes"),
        ("positions", None, "expected a value in every row of positions"),
        ("split", None, "expected a value in every row of split"),
        ("digest", b"x" * 32, "expected windows with the digests that stand beside them"),
        ("label", None, "expected a label for every window or for none"),
        ("label", "../../x", "label: .* cannot be a name"),
        ("label", "\x1b[31m", "label: .* cannot be a name"),
        ("n_sites", -1, "expected n_sites in"),
        ("n_sites", 10**9, "as n_sites says"),
    ],
)
@pytest.mark.parametrize("row", [0, -1])
def test_a_row_of_another_value_is_one_line(path, column, value, message, row):
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[row][column] = value
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    with pytest.raises(DataError, match=message) as refusal:
        read_dataset(path)
    assert "\n" not in str(refusal.value)
