"""Every reader of strangers' bytes: valid files keep their values, anything else is one DataError."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import msprime
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from selbench.errors import DataError, ExperimentError
from selbench.foreign.arrays import read_npy, read_npz
from selbench.foreign.gzip import opened, plain_copy
from selbench.foreign.images import png_size, read_image, read_png
from selbench.foreign.json import parse_json, read_json
from selbench.foreign.parquet import read_parquet
from selbench.foreign.toml import parse_toml, read_toml
from selbench.foreign.trees import variants


def one_line(caught: pytest.ExceptionInfo[Exception]) -> str:
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1', "damaged, expected JSON"),
        (b"[" * 100_000, "damaged, expected JSON"),
        (b"[" * 200 + b"]" * 200, "64 levels of nesting"),
        (b"[" + b"9" * 5000 + b"]", "damaged, expected JSON"),
        (b'{"a": 18446744073709551616}', "below 2"),
        (b'["\\ud800"]', "surrogate"),
        (b'{"\\ud800": 1}', "surrogate"),
        (b"\xff\xfe", "damaged, expected JSON"),
        (b"", "damaged, expected JSON"),
    ],
)
def test_json_beyond_its_bounds_is_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_json(path)
    assert one_line(caught).startswith(str(path))
    assert len(str(caught.value)) < 400 + len(str(path))


def test_json_within_bounds_is_what_json_makes_of_it(tmp_path: Path) -> None:
    value = {"a": [1, -2.5, None, True, "ä\n"], "b": {"c": 2**64 - 1}}
    (tmp_path / "a.json").write_text(json.dumps(value))
    (tmp_path / "marked.json").write_text("\ufeff" + json.dumps(value))
    assert read_json(tmp_path / "a.json") == read_json(tmp_path / "marked.json") == value
    assert parse_json(json.dumps(value), "here") == value
    with pytest.raises(DataError, match="not found; expected figures"):
        read_json(tmp_path / "absent.json", expected="figures")
    with pytest.raises(DataError, match="at most 10 bytes"):
        read_json(tmp_path / "a.json", most=10)
    with pytest.raises(DataError, match="cannot be read"):
        read_json("a\0b")


def test_toml_passes_over_a_byte_order_mark_and_keeps_to_its_bounds(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbfa = [1, 2]\r\n")
    assert read_toml(path) == {"a": [1, 2]}
    for content, message in [
        (b"a = ", "not valid TOML"),
        (b"a = " + b"[" * 50_000, "damaged, expected a TOML file"),
        (b"a = " + b"9" * 5000, "expected a TOML file|not valid"),
        (b"a = 18446744073709551616", "below 2"),
        (b"a = '\xff'", "in UTF-8"),
    ]:
        path.write_bytes(content)
        with pytest.raises(ExperimentError, match=message) as caught:
            read_toml(path, error=ExperimentError)
        one_line(caught)
    with pytest.raises(DataError, match="not valid TOML"):
        parse_toml("= 1", "here")


def test_archives_of_arrays_keep_their_values_and_never_unpickle(tmp_path: Path) -> None:
    arrays = {
        "a": np.arange(6, dtype=np.int64).reshape(2, 3),
        "b": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
        "c": np.array(["x", "yy"]),
        "d": np.array(2.5),
        "e": np.empty((0, 4), dtype=np.uint8),
    }
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", **arrays)
        for source in (tmp_path / "a.npz", (tmp_path / "a.npz").read_bytes()):
            read = read_npz(source)
            assert list(read) == list(arrays)
            for name, array in arrays.items():
                assert_array_equal(read[name], array)
                assert read[name].dtype == array.dtype
    np.savez(tmp_path / "bad.npz", a=np.array([{}], dtype=object))
    with pytest.raises(DataError, match="objects"):
        read_npz(tmp_path / "bad.npz")
    np.save(tmp_path / "a.npy", arrays["b"])
    assert_array_equal(read_npy(tmp_path / "a.npy"), arrays["b"])


def _archive_of(header: bytes, content: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        head = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
        archive.writestr(zipfile.ZipInfo("a.npy"), head + content)  # of a fixed time: the same bytes always
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04" + bytes(30),
        _archive_of(b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}"),
        _archive_of(b"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", bytes(8)),
        _archive_of(b"{'descr': '|O', 'fortran_order': False, 'shape': ()}"),
        _archive_of(b"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", bytes(8)),
        _archive_of(b"(" * 5000),
    ],
)
def test_damaged_archives_are_one_line(content: bytes) -> None:
    with pytest.raises(DataError) as caught:
        read_npz(content, where="a block")
    assert one_line(caught).startswith("a block")


def test_archives_are_not_inflated_beyond_what_is_asked_for(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros(1_000_000))
    assert (tmp_path / "a.npz").stat().st_size < 20_000
    with pytest.raises(DataError, match="at most 1,000 bytes of arrays, found 8,000,128"):
        read_npz(tmp_path / "a.npz", most=1000)


def test_tables_keep_to_the_kinds_of_their_columns(tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": ["a", None], "n": [1, 2], "x": [0.5, np.nan], "is": [True, False]})
    path = tmp_path / "a.parquet"
    frame.to_parquet(path)
    kinds = {"name": "text", "n": "whole", "x": "number", "is": "truth"}
    pd.testing.assert_frame_equal(read_parquet(path, kinds), frame)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="missing y; rewrite it"):
        read_parquet(path, ["name", "y"], way_out="rewrite it")
    with pytest.raises(DataError, match=r"expected number in column name, found (large_)?string"):
        read_parquet(path, {"name": "number"})
    whole = path.read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:cut])
        with pytest.raises(DataError, match="damaged, expected a parquet table") as caught:
            read_parquet(path)
        one_line(caught)
    with pytest.raises(DataError, match="not found"):
        read_parquet(tmp_path / "absent.parquet")


def test_what_pandas_notes_in_a_table_is_not_believed(tmp_path: Path) -> None:
    table = pa.table({"a": [1]}).replace_schema_metadata({"pandas": '{"index_columns": 3}'})
    pq.write_table(table, tmp_path / "a.parquet")
    assert read_parquet(tmp_path / "a.parquet", {"a": "whole"})["a"].tolist() == [1]


def test_columns_of_extension_types_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": pa.array([b"x" * 16], pa.uuid())}), path)
    with pytest.raises(DataError, match="of an extension type"):
        read_parquet(path)


def test_grey_levels_are_read_as_they_are_or_refused(tmp_path: Path) -> None:
    grey = np.array([[0, 7, 255]], dtype=np.uint8)
    path = tmp_path / "a.png"
    for mode in ("L", "RGB", "RGBA", "LA"):
        Image.fromarray(grey).convert(mode).save(path)
        pixels, is_colour = read_png(path)
        assert_array_equal(pixels, grey)
        assert not is_colour
    assert png_size(path) == (3, 1)
    deep = np.array([[0, 300, 65535]], dtype=np.uint16)
    Image.fromarray(deep).save(path)
    assert_array_equal(read_png(path)[0], deep)
    Image.fromarray(np.array([[[255, 10]]], dtype=np.uint8), "LA").save(path)
    with pytest.raises(DataError, match="opaque"):
        read_png(path)
    Image.fromarray(np.array([[[9, 5, 1]]], dtype=np.uint8)).save(path)
    assert read_png(path) == (np.array([[9]], dtype=np.uint8), True)


@pytest.mark.parametrize("head", [b"%!PS-Adobe-3.0 EPSF-3.0\n", b"P5 4 4 255\n" + bytes(16), b"DDS |", b""])
def test_a_png_is_a_png(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(head)
    for read in (read_png, png_size, read_image):
        with pytest.raises(DataError, match=r"a\.png: expected a PNG image") as caught:
            read(path)
        one_line(caught)


def test_a_format_is_that_of_its_ending(tmp_path: Path) -> None:
    picture = Image.fromarray(np.array([[0, 255]], dtype=np.uint8))
    picture.save(tmp_path / "a.bmp")
    assert_array_equal(read_image(tmp_path / "a.bmp")[0], [[0, 255]])
    (tmp_path / "a.bmp").rename(tmp_path / "a.tif")
    with pytest.raises(DataError, match="damaged, expected a TIFF image"):
        read_image(tmp_path / "a.tif")
    with pytest.raises(DataError, match=r"found an ending '\.eps'"):
        read_image(tmp_path / "a.eps")


def test_images_of_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + checksum

    header = struct.pack(">IIBBBBB", 6, 15_990_804, 8, 0, 0, 0, 0)
    path = tmp_path / "tall.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b""))
    with pytest.raises(DataError, match=r"at most 67,108,864 pixels, found 6 × 15,990,804"):
        read_png(path)


def test_lines_and_gzip_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one\ntwo\n" + b"x" * 1000))
    with opened(path, "text") as stream:
        assert [stream.line(), stream.line()] == [b"one\n", b"two\n"]
        monkeypatch.setattr("selbench.foreign.gzip.LONGEST_LINE", 100)
        with pytest.raises(DataError, match="lines of at most 100 bytes"):
            stream.line()
    monkeypatch.setattr("selbench.foreign.gzip.MOST_INFLATED", 100)
    with pytest.raises(DataError, match="at most 100 bytes inside"), plain_copy(path, ".x"):
        pass
    path.write_bytes(path.read_bytes()[:-9])
    with opened(path, "text") as stream, pytest.raises(DataError, match="damaged or truncated"):
        stream.block(10_000)


def test_a_site_whose_text_is_no_utf_8_is_one_line() -> None:
    ancestry = msprime.sim_ancestry(4, sequence_length=1_000, population_size=1_000, random_seed=1)
    trees = msprime.sim_mutations(ancestry, rate=1e-5, random_seed=1)
    assert [v.position for v in variants(trees, "a.trees")] == trees.sites_position.tolist()
    tables = trees.dump_tables()
    states = tables.sites.ancestral_state.copy()
    states[2] = -100
    tables.sites.ancestral_state = states
    with pytest.raises(DataError, match="damaged, expected a tree sequence"):
        list(variants(tables.tree_sequence(), "a.trees"))
