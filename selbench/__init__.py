"""selbench: was this window of genomes shaped by natural selection? A bench for methods that claim to tell.

The public names are declared in ``__init__.pyi``, which type checkers read too. They load on first use, so
that ``import selbench`` is quick.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

_HOMES: dict[str, str] = {
    name: module
    for module, name in re.findall(
        r"^from (selbench\S*) import (\w+) as \2$",
        Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
}
"""Where each public name lives; a room lives in the package itself."""

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("selbench")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'selbench' has no attribute {name!r}")
    if home == "selbench":
        return import_module(f"selbench.{name}")
    value = globals()[name] = getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
