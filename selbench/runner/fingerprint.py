"""What the code of a component was: its plugin's version or, for an editable install, a hash of sources."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import Distribution, distribution
from pathlib import Path

from selbench.foreign.json import parse_json
from selbench.plugin import Component, distribution_of

_WITHOUT = ("audit", "cli", "evaluation", "report", "runner", "scan", "validation")
"""Rooms of the core that results do not depend on: changing a report never re-trains."""


def fingerprint(component: Component) -> Mapping[str, str]:
    """Return what identifies the code behind a component."""
    package = type(component).__module__.partition(".")[0]
    return {"package": package, "code": _package_code(package), "core": _core_code()}


def installed_code(packages: Iterable[str]) -> dict[str, str]:
    """Return which code is installed here: of Python, of the core and of each of these plugin packages."""
    code = {"python": f"{sys.version_info.major}.{sys.version_info.minor}", "selbench": _core_code()}
    for package in sorted(set(packages) - {"selbench"}):
        try:
            import_module(package)
            code[package] = _package_code(package)
        except ImportError as problem:
            code[package] = f"nothing that can be imported ({problem})"
    return code


@cache
def _package_code(package: str) -> str:
    shipped_by = distribution_of(package)
    if shipped_by is not None and not _is_editable(shipped_by):
        return f"{shipped_by.name} {shipped_by.version}"
    file = getattr(sys.modules.get(package), "__file__", None)
    if file is None:
        return "unknown"
    path = Path(file)
    return _hash([path.parent if path.name == "__init__.py" else path])


@cache
def _core_code() -> str:
    core = distribution("selbench")
    if not _is_editable(core):
        return f"selbench {core.version}"
    rooms = sorted(Path(__file__).parent.parent.iterdir())
    return _hash(path for path in rooms if path.name not in _WITHOUT and not path.name.startswith("_"))


def _is_editable(shipped_by: Distribution) -> bool:
    text = shipped_by.read_text("direct_url.json")
    return bool(text and parse_json(text, "direct_url.json").get("dir_info", {}).get("editable"))


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*.py")) or [path]:
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return f"sources {digest.hexdigest()[:16]}"
