"""Digests of files that an experiment names."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


def is_there(path: Path, *, of_genotypes: bool) -> bool:
    """Whether a file is there; one of genotypes may be a folder, as VCF Zarr is."""
    return path.is_file() or (of_genotypes and path.is_dir())


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, computed once as long as it is the same to the file system.

    That of a folder is of its files, by their names within it.
    """
    if path.is_dir():
        files = sorted(each for each in path.rglob("*") if each.is_file())
        lines = [f"{each.relative_to(path)} {file_digest(each)}\n" for each in files]
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    about = path.stat()
    return _file_digest(path.absolute(), about.st_size, about.st_mtime_ns)


@cache
def _file_digest(path: Path, _size: int, _modified: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
