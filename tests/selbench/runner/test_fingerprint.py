"""What identifies the code behind a component: a version, or the sources that can change its results."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from selbench.runner import fingerprint as room
from selbench.runner.fingerprint import PROGRAMS_DEPEND_ON, TRAININGS_DEPEND_ON, WINDOWS_DEPEND_ON

CORE = Path(room.__file__).parents[1]

CHANGES_NO_RESULT = {
    "__init__.py": "the face",
    "bench": "what a trained method is used for",
    "errors.py": "words",
    "files.py": "where results are written",
    "foreign": "what is read is held to the contract of windows and to method.json",
    "experiment/__init__.py": "a face",
    "experiment/digests.py": "digests of files stand in the keys",
    "experiment/experiment.py": "which trainings there are: their seeds and windows stand in the keys",
    "experiment/file.py": "what it reads stands in the keys",
    "experiment/permission.py": "what may start",
    "experiment/populations.py": "what it returns stands in the keys",
    "experiment/table.py": "what it reads stands in the keys",
    "experiment/task_table.py": "what it reads stands in the keys",
    "formats/__init__.py": "a face",
    "formats/genes.py": "for scans, and what a mask is held to",
    "formats/individuals.py": "who is seen stands in the keys",
    "formats/haplotype_arrays.py": "for notebooks",
    "formats/image_rows.py": "images that people look at or import",
    "formats/png_folder.py": "the code of a reader stands in the key of what it read",
    "formats/readers.py": "the code of a reader stands in the key of what it read",
    "formats/tree_sequences.py": "for notebooks and import",
    "plugin/__init__.py": "a face",
    "plugin/checks.py": "asks of results",
    "plugin/design.py": "what a reader is told of a method",
    "plugin/faults.py": "for people",
    "plugin/hookspecs.py": "how components are found",
    "plugin/installation.py": "for people",
    "plugin/metrics.py": "measures predictions that are there",
    "plugin/observer.py": "is told of results",
    "plugin/offers.py": "how components are found",
    "plugin/owner.py": "for people",
    "plugin/options.py": "options stand in the keys",
    "plugin/populations.py": "what it returns stands in the keys",
    "plugin/reader.py": "what every reader is; its own code stands in the key",
    "plugin/registry.py": "how components are found",
    "plugin/sections.py": "shows results",
    "plugin/versions.py": "for people",
    "run_folder": "where results lie",
    "runner/__init__.py": "a face",
    "formats/words.py": "the scenario that an argument line comes to stands in the keys",
    "formats/vcf.py": "for scans and notebooks",
    "formats/vcf_records.py": "for scans and notebooks",
    "formats/vcf_sites.py": "for scans and notebooks",
    "scan": "what a trained method is used for",
    "tables": "what it reads stands in the keys",
    "windows/__init__.py": "a face",
    "windows/haplotype_arrays.py": "for notebooks",
    "windows/picture.py": "for notebooks",
}
"""What a job or a plugin imports of the core and keys need not know, and why."""


def covers(parts: object, path: str) -> bool:
    return any(path == part or path.startswith(f"{part}/") for part in parts)  # type: ignore[attr-defined]


def imported_by(path: Path) -> set[str]:
    """Return the files of the core that a module imports, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "selbench":
                for file in (
                    CORE.joinpath(*parts[1:]) / "__init__.py",
                    CORE.joinpath(*parts[1:]).with_suffix(".py"),
                ):
                    if file.is_file() and file != CORE / "__init__.py":
                        found.add(str(file.relative_to(CORE)))
    return found


def test_every_file_that_a_job_comes_by_is_in_the_keys_or_changes_no_result() -> None:
    """Whoever adds a module to the way of the data decides which; nobody forgets it."""
    plugins = CORE.parent.joinpath("plugins").glob("selbench_*/**/*.py")
    waiting, seen = ["runner/jobs.py", *(path for file in plugins for path in imported_by(file))], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if not covers(CHANGES_NO_RESULT, path) or path.endswith("__init__.py"):
            waiting += imported_by(CORE / path)
    undecided = [
        path
        for path in sorted(seen)
        if not covers((*TRAININGS_DEPEND_ON, *PROGRAMS_DEPEND_ON), path)
        and not covers(CHANGES_NO_RESULT, path)
    ]
    assert not undecided


@pytest.mark.parametrize("path", [*TRAININGS_DEPEND_ON, *PROGRAMS_DEPEND_ON, *WINDOWS_DEPEND_ON])
def test_what_the_keys_know_of_is_there(path: str) -> None:
    assert (CORE / path).exists()


@pytest.mark.parametrize(
    ("path", "retrains"),
    [
        ("trained/training_ranges.py", True),
        ("statistics/counts.py", True),
        ("adapters/scikit_learn.py", True),
        ("runner/jobs.py", True),
        ("tables/labels.py", False),
        ("plugin/registry.py", False),
        ("formats/png_folder.py", False),
        ("windows/picture.py", False),
        ("testing/__init__.py", False),
        ("report/terminal.py", False),
        ("runner/run.py", False),
    ],
)
def test_what_can_change_a_result_trains_again_and_nothing_else(path: str, retrains: bool) -> None:
    assert (CORE / path).exists()
    assert covers(TRAININGS_DEPEND_ON, path) == retrains


def test_the_core_is_a_version_or_a_hash_of_what_results_depend_on() -> None:
    code = room._core_code(TRAININGS_DEPEND_ON)
    assert code.startswith(("selbench ", "sources "))
    if code.startswith("sources "):
        assert code != room._core_code(WINDOWS_DEPEND_ON)


def test_sources_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "plugin").mkdir()
    source = tmp_path / "plugin" / "model.py"
    source.write_text("a = 1\n")
    before = room.hash_of([tmp_path / "plugin"])
    assert room.hash_of([tmp_path / "plugin"]) == before
    source.write_text("a = 2\n")
    assert room.hash_of([tmp_path / "plugin"]) != before
    source.write_text("a = 1\n")
    assert room.hash_of([tmp_path / "plugin"]) == before


def test_a_component_names_its_package_and_code(toy_registry: object) -> None:
    import toy_selection

    assert toy_registry is not None
    code = room.code_of(toy_selection.FewSites())
    assert code["package"] == "toy_selection"
    assert code["code"] == "toy-selection 0.1"


def test_a_package_is_looked_for_where_python_looks_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "met_before.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("met_before")
    assert room.installed_code(["met_before"])["met_before"].startswith("sources ")
    metadata = tmp_path / "installed" / "met_before-0.3.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: met-before\nVersion: 0.3\n")
    (metadata / "top_level.txt").write_text("met_before\n")
    monkeypatch.syspath_prepend(tmp_path / "installed")
    assert room.installed_code(["met_before"])["met_before"] == "met-before 0.3"
