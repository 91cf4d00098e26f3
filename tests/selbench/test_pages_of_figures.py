"""Pages whose figures come from committed runs: what their scripts write has its place on them."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def script(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script of a page."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks/pages"))
    for name in ("committed_runs", request.param):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module(request.param)


@pytest.mark.parametrize("script", ["findings", "study"], indirect=True)
def test_what_a_script_writes_has_its_place_on_the_page(script: ModuleType) -> None:
    shown = re.findall(r"<!-- figures: ([\w-]+) -->", script.PAGE.read_text())
    assert sorted(shown) == sorted(script.FIGURES)


@pytest.mark.parametrize("script", ["findings"], indirect=True)
def test_the_findings_begin_with_a_sentence_that_the_files_support(script: ModuleType) -> None:
    text = script.written(script.PAGE.read_text())
    assert script.written(text) == text
    head = text.partition("\n## ")[0]
    assert head.startswith("# What we found\n\n**None of ")
    rows = script.against_baseline(script.run("networks"), "sweeps")
    assert f"none of {len(rows)} methods beside the baselines" in head
    of_tasks = [line.split(" | ") for line in script.suite().splitlines() if line.startswith("| `")]
    n_won = sum(cells[3] != "–" for cells in of_tasks)
    assert f"on {n_won} of {len(script.graded_tasks())} graded tasks" in head


@pytest.mark.parametrize("script", ["findings"], indirect=True)
def test_the_findings_tell_hard_of_one_experiment_from_hard_of_another(script: ModuleType) -> None:
    assert "- `hard` of `scanners`: " in script.scanners()
    assert "| task of `sweeps-1` |" in script.suite()
    assert "nor the `hard` of `scanners` above" in script.suite()


@pytest.mark.parametrize("script", ["findings"], indirect=True)
def test_a_wide_interval_is_explained_by_its_trainings(script: ModuleType) -> None:
    of = script.run("networks")
    (said,) = [line for line in script.networks().splitlines() if "as wide as" in line]
    assert of.areas("genomatnn-cnn", "sweeps") in said
    assert "as wide as" not in script.seed_study()


@pytest.mark.parametrize("script", ["study"], indirect=True)
def test_the_page_of_the_study_is_what_its_script_writes(script: ModuleType) -> None:
    text = script.PAGE.read_text()
    assert script.filled(text, script.FIGURES) == text, "python benchmarks/pages/study.py"
