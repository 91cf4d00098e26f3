"""Records of VCF Zarr, the folders of compressed arrays that bio2zarr writes of a VCF.

The format is that of the VCF Zarr specification (github.com/sgkit-dev/vcf-zarr-spec), read by the zarr
package, an optional dependency. What the folder says of its arrays is looked at before a chunk of them is
read: their shapes, kinds and sizes, and that they are packed by nothing that could run code.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, UnsupportedError
from selbench.foreign.containment import contained
from selbench.foreign.variants import Stretch

MOST_CHUNK_BYTES = 2**29
MOST_NAMES, MOST_RECORDS = 2**24, 2**32
_ROWS_AT_ONCE = 2**22
_EXPECTED = "a VCF Zarr folder"
_WAY_OUT = "make it again with: python -m bio2zarr vcf2zarr convert"
_PACKED_BY = frozenset(
    {"adler32", "astype", "blosc", "bytes", "bz2", "crc32", "crc32c", "delta", "fixedscaleoffset", "gzip"}
    | {"lz4", "lzma", "packbits", "sharding_indexed", "shuffle", "transpose", "vlen-bytes", "vlen-utf8"}
    | {"zlib", "zstd"}
)
"""Codecs that do no more than pack numbers and text; among those that zarr knows, pickle is one."""

INTEGERS, TEXT = "iu", "TOUS"
"""Kinds of numpy's; text is held in four ways."""


def is_variant_zarr(path: str | Path) -> bool:
    """Whether a path is a folder, as VCF Zarr is, and no file."""
    return Path(path).is_dir()


@dataclass(frozen=True, eq=False)
class ZarrHeader:
    """What a VCF Zarr folder says of its records.

    Parameters
    ----------
    path : Path
    group : zarr.Group
    n_records : int
    individuals : tuple of str
    contigs : tuple of str
        Names of chromosomes, by the numbers that records give them.
    """

    path: Path
    group: Any
    n_records: int
    individuals: tuple[str, ...]
    contigs: tuple[str, ...]

    @property
    def may_have_ancestral_alleles(self) -> bool:
        """Whether records carry ``INFO/AA``."""
        return self.has("variant_AA")

    def contig_lengths(self) -> Mapping[str, int]:
        """Return the lengths of chromosomes that the folder tells, bp."""
        if not self.has("contig_length"):
            return {}
        lengths = self.read(self.array("contig_length", INTEGERS, of_records=False), slice(0, MOST_NAMES))
        return {
            name: length for name, length in zip(self.contigs, lengths.tolist(), strict=False) if length > 0
        }

    def contig_names(self) -> tuple[str, ...]:
        """Return what the folder calls its chromosomes."""
        return self.contigs

    def has(self, name: str) -> bool:
        """Whether there is an array of that name, damaged or not."""
        return (self.path / name).is_dir()

    def names(self, name: str) -> tuple[str, ...]:
        """Return the names that an array holds, each once.

        Raises
        ------
        DataError
            If there are too many, or one is there twice or empty.
        """
        array = self.array(name, TEXT, of_records=False)
        if array.shape[0] > MOST_NAMES:
            raise DataError(f"{self.path}, {name}: expected at most {MOST_NAMES:,} names, found more")
        found = tuple(map(text_of, self.read(array, slice(0, MOST_NAMES)).tolist()))
        if len(set(found)) < len(found) or "" in found:
            raise DataError(f"{self.path}, {name}: expected each name once and none empty, found another")
        return found

    def array(self, name: str, kinds: str, n_dimensions: int = 1, *, of_records: bool = True) -> Any:
        """Return an array that may be read, chunk by chunk.

        Parameters
        ----------
        kinds : str
            Those of numpy's that it may be of.
        of_records : bool
            Whether it has a row for each record.

        Raises
        ------
        DataError
            If it is absent, or another than it should be.
        """
        where = f"{self.path}, {name}"
        with contained(where, _EXPECTED, way_out=_WAY_OUT), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = self.group.get(name)
            if found is None or not hasattr(found, "chunks"):
                raise DataError(f"{where}: expected this array of VCF Zarr, found none; {_WAY_OUT}")
            strangers = set(_codecs_of(found.metadata.to_dict())) - _PACKED_BY
            if strangers:
                raise DataError(f"{where}: packed by {min(strangers)}, which is not read; {_WAY_OUT}")
            shape, kind = found.shape, np.dtype(found.dtype).kind
            fits = len(shape) == n_dimensions and (shape[0] == self.n_records or not of_records)
            if not fits or kind not in kinds:
                raise DataError(
                    f"{where}: expected dimensions and kind of this array of VCF Zarr, found {found.dtype} "
                    f"{shape}; {_WAY_OUT}"
                )
            pieces = (found.chunks, getattr(found, "shards", None) or found.chunks)
            n_bytes = max(int(np.prod([min(n, 2**40) for n in piece], dtype=object)) for piece in pieces)
            if n_bytes * max(1, np.dtype(found.dtype).itemsize) > MOST_CHUNK_BYTES:
                raise DataError(f"{where}: expected chunks of at most {MOST_CHUNK_BYTES:,} bytes, found more")
            return found

    @cached_property
    def runs(self) -> Mapping[str, tuple[int, int]]:
        """The rows of each chromosome, first and behind the last, in the order of the records."""
        numbers, found = self.array("variant_contig", INTEGERS), dict[str, tuple[int, int]]()
        step = max(1, _ROWS_AT_ONCE // numbers.chunks[0]) * numbers.chunks[0]
        last = -1
        for begin in range(0, self.n_records, step):
            here = self.read(numbers, slice(begin, begin + step))
            if here.min() < 0 or here.max() >= len(self.contigs):
                raise DataError(f"{self.path}, variant_contig: expected numbers of contig_id, found another")
            edges = [0, *(np.flatnonzero(np.diff(here)) + 1).tolist(), len(here)]
            for first, end in pairwise(edges):
                number = int(here[first])
                name = self.contigs[number]
                if number != last and name in found:
                    raise DataError(f"{self.path}: expected each chromosome in one piece, found {name} twice")
                found[name] = found.get(name, (begin + first, 0))[0], begin + end
                last = number
        return found

    def extents(self) -> Mapping[str, int]:
        """Return the chromosomes that have records, each with the position of the last, 1-based.

        Raises
        ------
        DataError
            If positions fall along a chromosome: no stretch of it could be found.
        """
        positions, ends = self.array("variant_position", INTEGERS), dict[str, int]()
        for name, (first, end) in self.runs.items():
            last = 0
            for begin in range(first, end, _ROWS_AT_ONCE):
                here = self.read(positions, slice(begin, min(end, begin + _ROWS_AT_ONCE)))
                if here[0] < last or (here[1:] < here[:-1]).any():
                    raise DataError(f"{self.path}, variant_position: expected {name} in order, found another")
                last = int(here[-1])
            ends[name] = last
        return ends

    def rows_of(self, stretch: Stretch) -> tuple[int, int]:
        """Return the rows of a stretch, found by halving: positions rise along a chromosome."""
        first, end = self.runs.get(stretch.chromosome, (0, 0))
        begin = self._first_row(first, end, stretch.start)
        return begin, end if stretch.end is None else self._first_row(begin, end, stretch.end)

    def _first_row(self, low: int, high: int, start: int) -> int:
        """Return the first of some rows whose record begins at `start` or behind, 0-based."""
        positions = self.array("variant_position", INTEGERS)
        while low < high:
            middle = (low + high) // 2
            if int(self.read(positions, slice(middle, middle + 1))[0]) - 1 < start:
                low = middle + 1
            else:
                high = middle
        return low

    def read(self, array: Any, rows: slice, columns: Sequence[int] | None = None) -> NDArray[Any]:
        """Read rows of an array.

        Raises
        ------
        DataError
            If a chunk of it is damaged.
        """
        where = f"{self.path}, {array.basename}, rows {rows.start:,} to {min(rows.stop, array.shape[0]):,}"
        with contained(where, "chunks of an array", way_out=_WAY_OUT):
            if columns is None or len(columns) == array.shape[1]:
                return np.asarray(array[rows])
            return np.asarray(array.oindex[rows, np.array(columns, dtype=np.int64)])


def read_zarr_header(path: str | Path) -> ZarrHeader:
    """Open a VCF Zarr folder.

    Raises
    ------
    UnsupportedError
        If zarr is not installed.
    DataError
        If the folder is none, or is damaged.
    """
    path = Path(path)
    if not any((path / name).is_file() for name in (".zgroup", "zarr.json")):
        raise DataError(
            f"{path}: expected a VCF or BCF file, or a VCF Zarr folder, found another folder (no .zgroup and "
            "no zarr.json in it)"
        )
    try:
        import zarr
    except ImportError as problem:
        raise UnsupportedError(
            f"{path}: VCF Zarr: needs zarr, which is not installed: pip install 'selbench[zarr]'"
        ) from problem
    with contained(path, _EXPECTED, way_out=_WAY_OUT):
        group: Any = zarr.open_group(zarr.storage.LocalStore(path, read_only=True), mode="r")
        n_records = int(group["variant_position"].shape[0])
    if n_records > MOST_RECORDS:
        raise DataError(f"{path}: expected at most {MOST_RECORDS:,} records, found {n_records:,}")
    bare = ZarrHeader(path, group, n_records, (), ())
    return replace(bare, individuals=bare.names("sample_id"), contigs=bare.names("contig_id"))


def _codecs_of(table: Any) -> Iterator[str]:
    """Yield the codecs that an array's description names, of Zarr's second or third format."""
    for key in ("compressor", "filters", "compressors", "serializer", "codecs", "index_codecs"):
        listed = table.get(key) or ()
        for codec in listed if isinstance(listed, tuple | list) else (listed,):
            about = codec if isinstance(codec, Mapping) else codec.get_config()
            yield str(about.get("id", about.get("name"))).removeprefix("numcodecs.")
            if isinstance(about.get("configuration"), Mapping):
                yield from _codecs_of(about["configuration"])


def text_of(value: object) -> str:
    """Return a value of an array of text, which some programs write as bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
