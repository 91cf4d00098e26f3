"""Versions of what results rest on: selbench, the libraries that compute, and plugins."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import (
    Distribution,
    PackageNotFoundError,
    distribution,
    distributions,
    version,
)
from importlib.util import find_spec
from pathlib import Path

PACKAGES = (
    "selbench", "numpy", "pandas", "pyarrow", "numba", "scikit-learn", "scikit-allel", "msprime", "keras",
    "tensorflow", "skops", "scipy",
)  # fmt: skip


def installed_versions(plugins: Iterable[str] = ()) -> dict[str, str]:
    """Return the version of Python, of every package in `PACKAGES` that is installed, and of plugins.

    Parameters
    ----------
    plugins : iterable of str
        Importable packages, of which the distribution's version is given.
    """
    found = {"python": sys.version.split()[0]}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    for package in plugins:
        shipped_by = distribution_of(package)
        if shipped_by is not None:
            found[shipped_by.name] = shipped_by.version
    return found


def distribution_of(package: str) -> Distribution | None:
    """Return what an importable package was installed by, or None."""
    return _distribution_on(package, tuple(sys.path))


@cache
def _distribution_on(package: str, path: tuple[str, ...]) -> Distribution | None:
    if _is_in_our_wheel(package):
        return distribution("selbench")
    owner = _owner_of(package, path)
    try:
        return distribution(owner) if owner else None
    except PackageNotFoundError:
        return None


@cache
def _owner_of(package: str, _path: tuple[str, ...]) -> str | None:
    """Return the name of the first distribution that brings a package, by its list of files.

    The path is where they are looked for: a folder that joins it later brings its own. The lists are read as
    text: to take each of some ten thousand files apart costs more than all else when a finished run is run
    again.
    """
    for each in distributions():
        declared = (each.read_text("top_level.txt") or "").split()
        if package in declared or (not declared and _brings(each, package)):
            return each.name
    return None


def _brings(each: Distribution, package: str) -> bool:
    """Whether a distribution's list of files has a Python file of a package, or the module itself."""
    listed = each.read_text("RECORD") or each.read_text("SOURCES.txt") or ""
    paths = (line.partition(",")[0].strip('"') for line in listed.splitlines() if package in line)
    return any(
        path == f"{package}.py" or (path.startswith(f"{package}/") and path.endswith(".py")) for path in paths
    )


def _is_in_our_wheel(package: str) -> bool:
    """Whether a package is one of ours: in the wheel, or in the repository of an editable install."""
    try:
        spec = find_spec(package) if package.isidentifier() else None
    except ValueError:  # a module that was made by hand has no spec
        return False
    if spec is None or spec.origin is None:
        return False
    folder, root = Path(spec.origin).parent, Path(__file__).parents[2]
    if folder == root / "selbench" or folder.parent == root / "plugins":
        return True
    if folder.parent != root:
        return False
    return any(file.parts[0] == package for file in distribution("selbench").files or ())


def differences(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Say which versions are others now: ``scikit-learn 1.5.2, here 1.9.1``; "" where none is."""
    changed = {name: now.get(name, "none") for name in then if now.get(name) != then[name]}
    return "; ".join(f"{name} {then[name]}, here {here}" for name, here in changed.items())
