"""The store: artefacts are there whole, or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from selbench import DataError
from selbench.files import write_whole
from selbench.runner.store import FORMAT, MANIFEST, MARKER, Store, key_of


def test_keys_depend_on_content_and_not_on_order() -> None:
    assert key_of({"a": 1, "b": [1, 2]}) == key_of({"b": [1, 2], "a": 1})
    assert key_of({"a": 1}) != key_of({"a": 2})
    assert key_of({"a": 1}) != key_of({"a": "1"})


def test_what_is_put_is_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert not store.has("windows", "abcdef")
    folder = store.put("windows", "abcdef", {"one.bin": b"x" * 10, "in/two.bin": b"y"}, {"seed": 1})
    assert store.has("windows", "abcdef")
    assert (folder / "in" / "two.bin").read_bytes() == b"y"
    assert json.loads((folder / MANIFEST).read_text())["made_by"] == {"seed": 1}
    assert [path.name for path in folder.parent.iterdir()] == ["abcdef"]


def test_two_runs_that_begin_at_once_share_a_new_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, list_folder = tmp_path / "store", Path.iterdir
    root.mkdir()

    def overtaken(folder: Path) -> Iterator[Path]:
        write_whole(root / MARKER, json.dumps({"format": FORMAT}).encode())
        return list_folder(folder)

    monkeypatch.setattr(Path, "iterdir", overtaken)
    assert Store.open(root) == Store(root)


@pytest.mark.parametrize("damage", ["cut", "gone", "manifest"])
def test_a_damaged_artefact_is_missing_and_can_be_put_again(tmp_path: Path, damage: str) -> None:
    store = Store(tmp_path)
    folder = store.put("windows", "abcdef", {"one.bin": b"x" * 10}, {})
    if damage == "cut":
        (folder / "one.bin").write_bytes(b"x" * 5)
    elif damage == "gone":
        (folder / "one.bin").unlink()
    else:
        (folder / MANIFEST).write_text("{")
    assert not store.has("windows", "abcdef")
    store.put("windows", "abcdef", {"one.bin": b"x" * 10}, {})
    assert store.has("windows", "abcdef")
    assert [path.name for path in folder.parent.iterdir()] == ["abcdef"]


def test_two_runs_may_put_the_same_artefact(tmp_path: Path) -> None:
    first, second = Store(tmp_path), Store(tmp_path)
    first.put("windows", "abcdef", {"one.bin": b"x"}, {})
    second.put("windows", "abcdef", {"one.bin": b"x"}, {})
    assert first.has("windows", "abcdef")


def test_an_artefact_is_as_readable_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        folder = Store(tmp_path).put("predictors", "abcdef", {"in/two.bin": b"y"}, {})
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (folder, folder / "in")] == [0o750, 0o750]
    assert (folder / "in" / "two.bin").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc/self").exists(), reason="needs /proc")
def test_a_store_that_cannot_be_written_says_so_in_one_line() -> None:
    with pytest.raises(DataError, match="cannot store a result") as caught:
        Store(Path("/proc/self/no-such-folder")).put("windows", "abcdef", {"one.bin": b"x"}, {})
    assert "\n" not in str(caught.value)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "table", b"old")
    write_whole(tmp_path / "table", b"new")
    assert (tmp_path / "table").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["table"]
