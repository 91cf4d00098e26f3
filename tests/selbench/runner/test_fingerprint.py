"""What identifies the code behind a component: a version, or the sources where they can change."""

from __future__ import annotations

from pathlib import Path

import pytest

from selbench.runner import fingerprint as room


def test_the_core_is_a_version_or_a_hash_of_what_results_depend_on() -> None:
    code = room._core_code()
    assert code.startswith(("selbench ", "sources "))


def test_sources_are_told_apart_and_reports_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "plugin").mkdir()
    source = tmp_path / "plugin" / "model.py"
    source.write_text("a = 1\n")
    before = room._hash([tmp_path / "plugin"])
    assert room._hash([tmp_path / "plugin"]) == before
    source.write_text("a = 2\n")
    assert room._hash([tmp_path / "plugin"]) != before
    source.write_text("a = 1\n")
    assert room._hash([tmp_path / "plugin"]) == before
    assert {"report", "cli", "evaluation"} <= set(room._WITHOUT)


@pytest.mark.parametrize("name", ["windows.py", "statistics", "adapters", "streams.py", "task.py", "formats"])
def test_nothing_that_makes_results_is_left_out(name: str) -> None:
    assert (Path(room.__file__).parent.parent / name).exists()
    assert name not in room._WITHOUT


def test_a_component_names_its_package_and_code(toy_registry: object) -> None:
    import toy_selection

    assert toy_registry is not None
    print_of = room.fingerprint(toy_selection.FewSites())
    assert print_of["package"] == "toy_selection"
    assert print_of["code"] == "toy-selection 0.1"
