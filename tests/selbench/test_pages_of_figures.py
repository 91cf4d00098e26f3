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


@pytest.mark.parametrize("script", ["study"], indirect=True)
def test_the_page_of_the_study_is_what_its_script_writes(script: ModuleType) -> None:
    text = script.PAGE.read_text()
    assert script.filled(text, script.FIGURES) == text, "python benchmarks/pages/study.py"
