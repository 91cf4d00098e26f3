"""Tables that name files: what a file holds decides, and not the folder that it lies in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DIGESTS = "sha256"
"""The key of a table under which the digests of the files that it names stand, by their keys."""


def without_folders(value: Any) -> Any:
    """Return a table without the folders of those files whose digests it holds; lists are compared as tuples.

    An experiment of a package names its files where that is installed, which is elsewhere on every machine.

    >>> mask = {"mask": "masks/gaps.bed", "out": "runs/a", "sha256": {"mask": "c62f"}}
    >>> without_folders(mask)
    {'mask': 'gaps.bed', 'out': 'runs/a', 'sha256': {'mask': 'c62f'}}
    """
    if isinstance(value, Mapping):
        digests = value.get(DIGESTS)
        known = digests if isinstance(digests, Mapping) else {}
        return {key: _name(of) if key in known else without_folders(of) for key, of in value.items()}
    return tuple(map(without_folders, value)) if isinstance(value, (list, tuple)) else value


def _name(path: object) -> object:
    return path.replace("\\", "/").rpartition("/")[2] if isinstance(path, str) else path
