"""Files and folders that appear under their final name whole, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
        _sync(folder / path.name)
        os.replace(folder / path.name, path)
        _sync(path.parent)


@contextmanager
def complete_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder beside `path`; it takes its name when the block ends well.

    Raises
    ------
    DataError
        If `path` exists already and is not an empty folder, or cannot be made.
    """
    path = Path(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise DataError(f"{path}: expected a new or empty folder, found it in use; name another or remove it")
    with _temporary_folder(path) as folder:
        made = folder / path.name
        made.mkdir()
        yield made
        for file in made.rglob("*"):
            _sync(file)
        os.replace(made, path)
        _sync(path.parent)


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


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
