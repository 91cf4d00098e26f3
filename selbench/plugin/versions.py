"""Versions of what results rest on: selbench, the libraries that compute, and plugins."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import (
    Distribution,
    PackageNotFoundError,
    distribution,
    packages_distributions,
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


@cache
def distribution_of(package: str) -> Distribution | None:
    """Return what an importable package was installed by, or None."""
    if _is_in_our_wheel(package):
        return distribution("selbench")
    owners = _owners(tuple(sys.path)).get(package, [])
    try:
        return distribution(owners[0]) if owners else None
    except PackageNotFoundError:
        return None


@cache
def _owners(_path: tuple[str, ...]) -> Mapping[str, list[str]]:
    """Return the distributions of every package; that reads the file list of whatever is installed.

    The path is where they are looked for: a folder that joins it later brings its own.
    """
    return packages_distributions()


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
