"""Text and bytes, plain or gzip, read by the line or by the block within bounds."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, cast

from selbench.errors import DataError
from selbench.foreign.containment import contained, said

GZIP_MAGIC = b"\x1f\x8b"

LONGEST_LINE = 2**28
"""Bytes of a line that are read: an endless one ends here."""

MOST_INFLATED = 2**35
"""Bytes that a gzip file may inflate to where it has to be inflated whole."""

_PIECE = 2**20


def is_gzip(path: Path) -> bool:
    """Whether a file begins as gzip does.

    Raises
    ------
    OSError
        If it cannot be opened.
    """
    with path.open("rb") as stream:
        return stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC


def inflating(stream: IO[bytes]) -> IO[bytes]:
    """Return a stream of what a gzip stream holds; errors come while it is read: see `Bounded`."""
    return cast(IO[bytes], gzip.GzipFile(fileobj=stream, mode="rb"))


@contextmanager
def opened(path: str | Path, expected: str) -> Iterator[Bounded]:
    """Open a file, plain or gzip, to be read by the line or by the block.

    Raises
    ------
    DataError
        If it cannot be opened; later, at damage, or a line longer than `LONGEST_LINE`.
    """
    path = Path(path)
    try:
        stream = path.open("rb")
    except (OSError, ValueError) as problem:
        raise DataError(f"{path}: cannot be read ({said(problem)}); expected {expected}") from problem
    with stream:
        packed = stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        stream.seek(0)
        yield Bounded(inflating(stream) if packed else stream, str(path))


@contextmanager
def opened_at(path: Path, virtual_offset: int) -> Iterator[Bounded]:
    """Open a block-gzip file from a virtual offset on: see `selbench.foreign.variant_index`.

    Raises
    ------
    OSError
        If it cannot be opened.
    """
    with path.open("rb") as file:
        file.seek(virtual_offset >> 16)
        stream = Bounded(inflating(file), str(path))
        stream.block(virtual_offset & 0xFFFF)
        yield stream


class Bounded:
    """A stream whose lines are bounded and whose damage is a `DataError`."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self.stream = stream
        self.name = name

    def line(self) -> bytes:
        """Return the next line with its ending, nothing at the end."""
        line = self._read(lambda: self.stream.readline(LONGEST_LINE + 1))
        if len(line) > LONGEST_LINE:
            raise DataError(
                f"{self.name}: expected lines of at most {LONGEST_LINE:,} bytes, found a longer one"
            )
        return line

    def block(self, n_bytes: int) -> bytes:
        """Return the next bytes, fewer at the end."""
        return self._read(lambda: self.stream.read(n_bytes))

    def _read(self, read: Callable[[], bytes]) -> bytes:
        try:
            return read()
        except (EOFError, zlib.error, OSError) as problem:
            raise DataError(
                f"{self.name}: damaged or truncated ({said(problem)}); fetch it again"
            ) from problem


@contextmanager
def plain_copy(path: Path, suffix: str) -> Iterator[Path]:
    """Give a temporary plain copy of a gzip file, for libraries that want a real file.

    Raises
    ------
    DataError
        If it is damaged, or inflates to more than `MOST_INFLATED` bytes.
    """
    with NamedTemporaryFile(suffix=suffix) as plain:
        with contained(path, "a gzip file"), gzip.open(path) as packed:
            _copy(packed, plain, path)
            plain.flush()
        yield Path(plain.name)


def _copy(packed: gzip.GzipFile, plain: Any, path: Path) -> None:
    left = MOST_INFLATED
    while content := packed.read(_PIECE):
        left -= len(content)
        if left < 0:
            raise DataError(f"{path}: expected at most {MOST_INFLATED:,} bytes inside, found more")
        plain.write(content)
