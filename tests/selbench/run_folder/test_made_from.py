"""What a run folder was made from: nothing is made twice, and what is damaged is made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from selbench.run_folder.layout import MADE_FROM
from selbench.run_folder.made_from import Products, code_of, content_digest, digest_of


class Maker:
    """Writes a file and counts how often."""

    def __init__(self, path: Path, text: str = "content") -> None:
        self.path, self.text, self.count = path, text, 0

    def __call__(self) -> None:
        self.count += 1
        self.path.write_text(self.text)


def test_what_was_made_from_the_same_is_left_alone(tmp_path: Path) -> None:
    maker = Maker(tmp_path / "table")
    Products.of(tmp_path).ensure("table", "a", maker)
    Products.of(tmp_path).ensure("table", "a", maker)
    assert maker.count == 1
    Products.of(tmp_path).ensure("table", "b", maker)
    assert maker.count == 2


@pytest.mark.parametrize("damage", [lambda p: p.unlink(), lambda p: p.write_text("conten")])
def test_what_is_missing_or_damaged_is_made_again(tmp_path: Path, damage: object) -> None:
    maker = Maker(tmp_path / "table")
    Products.of(tmp_path).ensure("table", "a", maker)
    damage(tmp_path / "table")  # type: ignore[operator]
    Products.of(tmp_path).ensure("table", "a", maker)
    assert maker.count == 2
    assert (tmp_path / "table").read_text() == "content"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 9}', '{"format": 1, "files": {"table": 3}}'])
def test_a_damaged_record_costs_a_making_and_nothing_else(tmp_path: Path, content: str) -> None:
    maker = Maker(tmp_path / "table")
    Products.of(tmp_path).ensure("table", "a", maker)
    (tmp_path / MADE_FROM).write_text(content)
    Products.of(tmp_path).ensure("table", "a", maker)
    assert maker.count == 2


def test_a_folder_is_known_by_all_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    before = content_digest(tmp_path)
    (tmp_path / "b").write_text("")
    assert content_digest(tmp_path) != before
    assert content_digest(tmp_path / "nowhere") == ""


def test_digests_are_of_values_and_code_is_of_rooms() -> None:
    assert digest_of({"a": 1, "b": (2,)}) == digest_of({"b": [2], "a": 1})
    assert code_of("report") != code_of("evaluation")
    assert code_of("runner/tables.py") == code_of("runner/tables.py")
