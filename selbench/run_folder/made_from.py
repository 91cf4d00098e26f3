"""made_from.json: what each file of a run folder was made from, so that nothing is made twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from selbench.errors import DataError
from selbench.files import write_whole
from selbench.run_folder.layout import MADE_FROM
from selbench.run_folder.stored_json import Record, json_text, read_json
from selbench.tables import to_table

FORMAT = 1


@dataclass(frozen=True)
class Made(Record):
    """A file, or a folder of files.

    Parameters
    ----------
    made_from : str
        Digest of everything that it follows from.
    content : str
        Digest of what it holds: damaged or edited, it is made again.
    """

    made_from: str
    content: str


@dataclass(frozen=True)
class _MadeFile(Record):
    format: int
    files: Mapping[str, Made] = field(default_factory=dict)


@dataclass(frozen=True)
class Products:
    """What lies in a run folder, and what it was made from."""

    folder: Path
    made: Mapping[str, Made]

    @classmethod
    def of(cls, folder: Path) -> Products:
        """Read what a run folder says of itself; where it says nothing that can be read, all is made anew."""
        path = folder / MADE_FROM
        try:
            table = _MadeFile.from_table(read_json(path), where=str(path)) if path.is_file() else None
        except DataError:
            table = None  # the record of a cache: without it everything is made again
        return cls(folder, table.files if table is not None and table.format == FORMAT else {})

    def has(self, name: str, made_from: str) -> bool:
        """Whether a file is there, whole, and made from just this."""
        known = self.made.get(name)
        return known is not None and known == Made(made_from, content_digest(self.folder / name))

    def ensure(self, name: str, made_from: str, make: Callable[[], object]) -> Products:
        """Make a file unless it is there already; return the products with it noted."""
        if self.has(name, made_from):
            return self
        make()
        noted = Made(made_from, content_digest(self.folder / name))
        products = Products(self.folder, {**self.made, name: noted})
        table = _MadeFile(FORMAT, products.made)
        write_whole(self.folder / MADE_FROM, json_text(to_table(table)).encode())
        return products


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files below a folder with their names; "" for nothing."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    parts = [
        f"{file.relative_to(path)} {content_digest(file)}"
        for file in sorted(path.rglob("*"))
        if file.is_file()
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest() if parts else ""


def digest_of(value: Any) -> str:
    """Return the digest of JSON values in their canonical form."""
    text = json.dumps(to_table(value), sort_keys=True, separators=(",", ":"), allow_nan=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def code_of(*parts: str) -> str:
    """Return the digest of the sources of some rooms or files of selbench, and its version."""
    core = Path(__file__).parents[1]
    digest = hashlib.sha256(version("selbench").encode())
    for part in parts:
        for file in sorted((core / part).rglob("*")) or [core / part]:
            if file.is_file() and file.suffix != ".pyc":
                digest.update(str(file.relative_to(core)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
