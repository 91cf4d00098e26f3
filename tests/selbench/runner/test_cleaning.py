"""What is removed: folders of a store, and never what lies elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from selbench import DataError
from selbench.runner.cleaning import expect_own_store, removable, remove
from selbench.runner.store import Store


def test_a_run_that_has_not_begun_has_nothing_to_clean(tmp_path: Path) -> None:
    assert removable(Store(tmp_path / "store"), [], everything=True) == []


def test_a_folder_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "victim" / "windows" / "ab" / "precious" / "file"
    precious.parent.mkdir(parents=True)
    precious.write_text("mine")
    with pytest.raises(DataError, match=r"victim: expected a store, which has a file store\.json"):
        removable(Store(tmp_path / "victim"), [], everything=True)
    assert precious.read_text() == "mine"


@pytest.mark.parametrize("linked", ["windows", "windows/ab", "windows/ab/precious"])
def test_nothing_is_removed_through_a_link(tmp_path: Path, linked: str) -> None:
    store = Store.open(tmp_path / "store")
    store.put("predictors", "cdef", {"a": b"b"}, {})
    precious = tmp_path / "victim" / "windows" / "ab" / "precious" / "file"
    precious.parent.mkdir(parents=True)
    precious.write_text("mine")
    place = store.root / linked
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(tmp_path / "victim" / linked)
    found = removable(store, [], everything=True)
    assert [(group.kind, [path.name for path in group.folders]) for group in found] == [
        ("predictors", ["cdef"])
    ]
    remove(found)
    assert precious.read_text() == "mine"
    assert list(store.artefacts()) == []


def test_a_store_that_is_a_link_out_of_the_run_folder_is_named_first(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    expect_own_store(tmp_path / "run")
    (tmp_path / "run" / "store").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataError, match=r"store: a link to .*elsewhere, out of the run folder; .* --store"):
        expect_own_store(tmp_path / "run")
