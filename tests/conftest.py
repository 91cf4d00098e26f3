"""What all tests share: reproducible property tests, and the folder of published reference data."""

from __future__ import annotations

import compileall
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the package once where Python may not keep what it compiled, as in many containers.

    Each of the processes that tests start would compile it again. What is compiled already is left.
    """
    if sys.dont_write_bytecode and not hasattr(config, "workerinput"):
        spec = find_spec("selbench")
        for folder in (spec and spec.submodule_search_locations) or ():
            compileall.compile_dir(folder, quiet=2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files that hold slow tests first, so that no worker is left with a long one at the end."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """Return the folder of reference data beside the repository; skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder}")
    return folder
