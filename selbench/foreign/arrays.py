"""Arrays in ``.npy`` and ``.npz`` files: never pickled, never larger than they say or than is asked for."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.containment import contained, whole_bytes

MOST_ARRAY_BYTES = 2**34
"""Bytes that the arrays of a file may hold together."""


def read_npz(
    source: str | Path | bytes,
    *,
    where: str | None = None,
    expected: str = "an .npz archive",
    way_out: str = "",
    most: int = MOST_ARRAY_BYTES,
    wanted: Callable[[str], bool] = bool,
) -> dict[str, NDArray[Any]]:
    """Read the arrays of an ``.npz`` archive, by name.

    What the archive says of its sizes is looked at before a byte is inflated.

    Parameters
    ----------
    wanted : callable
        Which arrays, by their names; those that are not are passed over unread.

    Raises
    ------
    DataError
        If it is absent, damaged, holds anything but arrays of numbers and text,
        or more than `most` bytes of them.
    """
    place = where or ("an archive" if isinstance(source, bytes) else str(source))
    if not isinstance(source, bytes) and not Path(source).is_file():
        raise DataError(f"{place}: not found; expected {expected}")
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    with contained(place, expected, way_out=way_out), zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        n_bytes = sum(member.file_size for member in members)
        if n_bytes > most:
            raise DataError(f"{place}: expected at most {most:,} bytes of arrays, found {n_bytes:,}")
        arrays = {}
        for member in members:
            if not wanted(member.filename.removesuffix(".npy")):
                continue
            with archive.open(member) as stream:
                arrays[member.filename.removesuffix(".npy")] = _array(stream, member.file_size)
        return arrays


def read_npy(path: str | Path, *, expected: str = "an .npy file", way_out: str = "") -> NDArray[Any]:
    """Read one array.

    Raises
    ------
    DataError
        If the file is absent, damaged, or holds objects.
    """
    content = whole_bytes(path, expected, most=MOST_ARRAY_BYTES)
    with contained(path, expected, way_out=way_out):
        return _array(io.BytesIO(content), len(content))


def _array(stream: IO[bytes], n_bytes: int) -> NDArray[Any]:
    """Read an array from a stream of `n_bytes`; a header that asks for more memory than that is a fault."""
    version = npy.read_magic(stream)
    read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read_header is None:
        raise ValueError(f"an array of format {version}")
    shape, fortran_order, dtype = read_header(stream, max_header_size=10_000)
    if dtype.hasobject:
        raise ValueError("an array of objects, which only pickle could read")
    n_items = 1
    for length in shape:
        n_items *= length
    if min(shape, default=0) < 0 or n_items * dtype.itemsize > n_bytes:
        raise ValueError(f"an array {shape} of {dtype} in {n_bytes} bytes")
    content = stream.read(n_items * dtype.itemsize + 1)
    if len(content) != n_items * dtype.itemsize:
        raise ValueError(f"{len(content)} bytes for an array {shape} of {dtype}")
    array = np.frombuffer(content, dtype=dtype).copy() if dtype.itemsize else np.empty(n_items, dtype=dtype)
    return array.reshape(shape, order="F" if fortran_order else "C")
