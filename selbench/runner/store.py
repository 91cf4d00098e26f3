"""The store: every artefact of a run in a folder named by a hash of what made it.

An artefact is written under a temporary name, synced and renamed, so that it is
there whole or not at all. Only the submitting process writes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selbench.errors import DataError
from selbench.files import folder_lock, sync, write_whole
from selbench.foreign.json import read_json

MANIFEST = "made_by.json"
FORMAT = 1
MARKER = "store.json"
"""The file by which a store is known, with the version of its layout."""


KINDS = ("windows", "ranges", "predictors", "predictions")


def key_of(made_by: Mapping[str, Any]) -> str:
    """Return the key of an artefact: a hash of the canonical form of everything that made it."""
    text = json.dumps(made_by, sort_keys=True, separators=(",", ":"), allow_nan=True)
    return hashlib.sha256(text.encode()).hexdigest()[:40]


@dataclass(frozen=True)
class Artefact:
    """One artefact of a store and the folder it lies in."""

    kind: str
    key: str
    folder: Path


@dataclass(frozen=True)
class Store:
    """A folder of artefacts: ``KIND/KEY/`` with their files and a manifest of what made them."""

    root: Path
    _whole: set[tuple[str, str]] = field(default_factory=set, init=False, repr=False, compare=False)

    @classmethod
    def open(cls, root: Path) -> Store:
        """Open a store, or make a new one of an empty folder.

        Raises
        ------
        DataError
            If the folder holds something else or a store of another version, or cannot be written.
        """
        marker = root / MARKER
        if marker.is_file():
            _check_marker(marker)
            return cls(root)
        if root.is_dir():
            known = {*KINDS, MARKER}  # the marker: another run that begins now may make it meanwhile
            strangers = [
                path.name for path in root.iterdir() if path.name not in known and path.name[0] != "."
            ]
            if strangers:
                raise DataError(
                    f"{root}: expected a store or a new folder, found {min(strangers)}: name another --store"
                )
        write_whole(marker, json.dumps({"format": FORMAT}).encode())
        return cls(root)

    def path(self, kind: str, key: str) -> Path:
        """Return where an artefact lies, or would lie."""
        return self.root / kind / key[:2] / key

    def has(self, kind: str, key: str) -> bool:
        """Whether the artefact is there, whole: every file of its manifest with its size.

        One that was found whole is not looked at again by the same store.
        """
        if (kind, key) in self._whole:
            return True
        folder = self.path(kind, key)
        try:
            manifest = read_json(folder / MANIFEST)
            is_whole = all(os.stat(f"{folder}/{name}").st_size == n for name, n in manifest["files"].items())
        except (DataError, OSError, ValueError, KeyError, TypeError, AttributeError):
            return False
        if is_whole:
            self._whole.add((kind, key))
        return is_whole

    def put(self, kind: str, key: str, files: Mapping[str, bytes], made_by: Mapping[str, Any]) -> Path:
        """Write an artefact, whole or not at all; an equal one that is there already stays.

        Parameters
        ----------
        files : mapping of str to bytes
            By path relative to the artefact's folder.

        Raises
        ------
        DataError
            If the disk is full or read-only.
        """
        folder = self.path(kind, key)
        if self.has(kind, key):
            return folder
        temporary = None
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            temporary = Path(tempfile.mkdtemp(prefix=f".{key[:8]}-", dir=folder.parent))
            made = temporary / "made"  # mkdtemp's own mode is 700; this one's is the umask's
            for name, content in files.items():
                _write(made / name, content)
            sizes = {name: len(content) for name, content in files.items()}
            manifest = {"files": sizes, "made_by": dict(made_by)}
            _write(made / MANIFEST, json.dumps(manifest, indent=1).encode())
            self._move_in(made, folder, kind, key)
        except OSError as problem:
            raise DataError(f"{self.root}: cannot store a result: {problem.strerror or problem}") from problem
        finally:
            if temporary is not None:
                shutil.rmtree(temporary, ignore_errors=True)
        return folder

    def _move_in(self, temporary: Path, folder: Path, kind: str, key: str) -> None:
        """Give a finished artefact its name; another run may have been first."""
        with folder_lock(folder.parent):
            if self.has(kind, key):
                return
            if folder.exists():
                damaged = Path(tempfile.mkdtemp(prefix=f".damaged-{key[:8]}-", dir=folder.parent))
                folder.rename(damaged / "artefact")
                shutil.rmtree(damaged, ignore_errors=True)
            temporary.rename(folder)
        sync(folder.parent)

    def expect_store(self) -> None:
        """Raise DataError where the folder is no store: what lies there is somebody else's."""
        if not (self.root / MARKER).is_file():
            raise DataError(f"{self.root}: expected a store, which has a file {MARKER}, found none")
        _check_marker(self.root / MARKER)

    def artefacts(self) -> Iterator[Artefact]:
        """Return every artefact, whole or damaged; links lead out of the store, and are none."""
        for kind, folder in self._folders():
            if not folder.name.startswith("."):
                yield Artefact(kind, folder.name, folder)

    def leftovers(self) -> list[Path]:
        """Return the temporary folders that killed runs left behind, or that a run is writing now."""
        return [folder for _, folder in self._folders() if folder.name.startswith(".")]

    def _folders(self) -> Iterator[tuple[str, Path]]:
        for kind in KINDS:
            shelves = (self.root / kind).glob("??") if not (self.root / kind).is_symlink() else ()
            for shelf in sorted(shelves):
                if shelf.is_dir() and not shelf.is_symlink():
                    yield from ((kind, path) for path in sorted(shelf.iterdir()) if not path.is_symlink())

    def read_json(self, kind: str, key: str, name: str) -> Any:
        """Read a JSON file of an artefact."""
        path = self.path(kind, key) / name
        return read_json(path, way_out=f"delete {path.parent} and run again")


def _check_marker(marker: Path) -> None:
    try:
        found = read_json(marker)["format"]
    except (DataError, KeyError, TypeError) as problem:
        raise DataError(f"{marker}: damaged: {problem}; delete this file and run again") from problem
    if found != FORMAT:
        raise DataError(
            f"{marker.parent}: expected a store of format {FORMAT}, found {found!r}, of another version of "
            "selbench: name another --store, or delete this one"
        )


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
    sync(path)
