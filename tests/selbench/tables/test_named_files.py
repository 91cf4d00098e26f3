"""Files that a table names with a digest count by what they hold."""

from __future__ import annotations

from selbench.tables import without_folders


def test_a_file_with_a_digest_is_the_same_in_another_folder_and_one_without_is_not() -> None:
    def table(folder: str, digest: str = "c62f", name: str = "gaps.bed") -> dict[str, object]:
        seen = {"mask": f"{folder}/{name}", "missing": 0.02, "sha256": {"mask": digest}}
        return {"tasks": {"wild": {"observation": seen, "windows": [1, {"train": 2}]}}}

    here = without_folders(table("/home/a"))
    assert here == without_folders(table("C:\\Users\\b"))
    assert here != without_folders(table("/home/a", digest="0000"))
    assert here != without_folders(table("/home/a", name="holes.bed"))
    assert without_folders({"dataset": "/a/x"}) != without_folders({"dataset": "/b/x"})
    assert without_folders([1, [2]]) == without_folders((1, (2,)))
