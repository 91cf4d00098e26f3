"""``>>>`` examples in docstrings are run as they are printed."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import selbench

CORE = Path(selbench.__file__).parent
MODULES = sorted(
    ".".join(["selbench", *path.relative_to(CORE).with_suffix("").parts]).removesuffix(".__init__")
    for path in CORE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", MODULES)
def test_examples_give_what_they_say(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not doctest.testmod(import_module(module), optionflags=doctest.ELLIPSIS).failed


def test_the_public_face_has_examples() -> None:
    assert {"selbench.windows.windows", "selbench.statistics", "selbench.scenario.scenario"} <= set(MODULES)
