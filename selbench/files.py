"""Files and folders that appear under their final name whole or not at all, and one writer at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from selbench.errors import DataError


@contextmanager
def complete_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; what is written there takes its name when the block ends well.

    Raises
    ------
    DataError
        If the disk is full or the folder cannot be written to.
    """
    path = Path(path)
    with _temporary_folder(path) as folder:
        yield folder / path.name
        sync(folder / path.name)
        os.replace(folder / path.name, path)
        sync(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; until then, what stood under the name still stands.

    Raises
    ------
    DataError
        If the disk is full or read-only.
    """
    with complete_file(path) as temporary:
        temporary.write_bytes(content)


@contextmanager
def complete_folder(path: str | Path, *, replace_if_holds: str | None = None) -> Iterator[Path]:
    """Give a temporary folder beside `path`; it takes its name when the block ends well.

    Parameters
    ----------
    replace_if_holds : str, optional
        A folder that is in the way is replaced if it holds a file of this name,
        by which one of the same kind is known.

    Raises
    ------
    DataError
        If another folder or file is in the way, or the folder cannot be made.
    """
    path = Path(path)
    check_folder_is_free(path, replace_if_holds=replace_if_holds)
    with _temporary_folder(path) as folder:
        made = folder / "made"
        made.mkdir()
        yield made
        for file in made.rglob("*"):
            sync(file)
        if path.exists():
            os.replace(path, folder / "replaced")
        os.replace(made, path)
        sync(path.parent)


def check_folder_is_free(path: str | Path, *, replace_if_holds: str | None = None) -> None:
    """Refuse now what `complete_folder` would refuse at the end of a long work."""
    path = Path(path)
    is_empty = path.is_dir() and not any(path.iterdir())
    is_of_kind = replace_if_holds is not None and (path / replace_if_holds).is_file()
    if path.exists() and not is_empty and not is_of_kind:
        raise DataError(f"{path}: expected a new or empty folder, found it in use; name another or remove it")


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Wait until no other process is in such a block for the same folder. A process that dies leaves it.

    On file systems that know no locks (some networks') nobody waits.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _temporary_folder(path: Path) -> Iterator[Path]:
    folder = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        yield folder
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def sync(path: Path) -> None:
    """Have a file or folder reach the disk before anything that follows."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def readers_of(folder: Path) -> dict[str, Callable[[], bytes]]:
    """Return how to read each file of a folder, by its path within."""
    return {
        str(path.relative_to(folder)): path.read_bytes for path in sorted(folder.rglob("*")) if path.is_file()
    }


def write_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files into a folder, by their paths within."""
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
