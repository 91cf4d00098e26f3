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
    owners = ["selbench"] if _is_of_ours(package) else packages_distributions().get(package, [])
    try:
        return distribution(owners[0]) if owners else None
    except PackageNotFoundError:
        return None


def _is_of_ours(package: str) -> bool:
    """Whether a package is in one wheel or checkout with the core; to ask all installed ones costs more."""
    if package == "selbench":
        return True
    if not package.startswith("selbench_"):
        return False
    found = find_spec(package)
    root = Path(__file__).parents[2]
    return (
        found is not None
        and found.origin is not None
        and Path(found.origin).parents[1]
        in (
            root,
            root / "plugins",
        )
    )


def differences(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Say which versions are others now: ``scikit-learn 1.5.2, here 1.9.1``; "" where none is."""
    changed = {name: now.get(name, "none") for name in then if now.get(name) != then[name]}
    return "; ".join(f"{name} {then[name]}, here {here}" for name, here in changed.items())
