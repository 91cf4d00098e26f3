"""Indices of tabix and bcftools: where the records of a stretch lie, and how far chromosomes reach."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from selbench.foreign.containment import contained
from selbench.foreign.gzip import opened

MOST_INDEX_BYTES = 2**30
_DEEPEST = 10
"""Levels of bins, each eight times as fine: 2^44 bp in windows of 16 kb."""

_TBI_WINDOW_BITS = 14


def offset_of(index: Path, chromosome: str, start: int) -> int | None:
    """Return a virtual offset in front of all records that begin at `start` or later; None without any.

    A virtual offset is the first byte of a block in the file times 2^16, plus a byte of what the block
    inflates to (the BGZF, tabix and CSI formats as hts-specs describes them).

    Parameters
    ----------
    index : Path
        ``.tbi``, or ``.csi`` of a text.
    start : int
        bp, 0-based.

    Raises
    ------
    DataError
        If the index is damaged.
    """
    with _opened(index) as opened_index:
        if chromosome not in opened_index.names:
            return None
        for _ in range(opened_index.names.index(chromosome)):
            _first_offset(opened_index, start)
        return _first_offset(opened_index, start)


def extents_of(index: Path, named: Sequence[str]) -> dict[str, int]:
    """Return the chromosomes that have records, each with a bound that none of them begins beyond.

    Parameters
    ----------
    index : Path
        ``.tbi``, or ``.csi`` of a text or of BCF.
    named : sequence of str
        What BCF calls its chromosomes, by number: its index knows numbers only.

    Returns
    -------
    extents : dict of str to int
        In the order of the index; bp, the end of the last bin of the index with records (16 kb mostly).

    Raises
    ------
    DataError
        If the index is damaged.
    """
    with _opened(index, named) as opened_index:
        ends = [(name, _last_end(opened_index)) for name in opened_index.names]
    return {name: end for name, end in ends if end}


class _Numbers:
    """Takes little-endian numbers from bytes, one behind the other."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 4

    def next(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{form}", self.content, self.at)
        self.at += struct.calcsize(f"<{form}")
        return found

    def names(self) -> list[str]:
        """Take the columns of the text, and the names of its chromosomes."""
        *_, length = self.next("7i")
        (text,) = self.next(f"{max(0, length)}s")
        return [name.decode("utf-8", "replace") for name in text.split(b"\0")]


@dataclass(frozen=True, eq=False)
class _Index:
    """An index, read as far as the bins of its first chromosome; those of the others follow in order."""

    read: _Numbers
    kind: bytes
    bits: int
    depth: int
    names: list[str]


@contextmanager
def _opened(index: Path, named: Sequence[str] = ()) -> Iterator[_Index]:
    """Read the head of an index; what is found damaged within is told as such.

    BCF's knows chromosomes by number alone: `named` says what they are called.
    """
    expected, mend = "an index of a VCF or BCF file", "make it again with: bcftools index"
    with opened(index, expected) as stream, contained(index, expected, way_out=mend):
        content = stream.block(MOST_INDEX_BYTES)
        kind, read = content[:4], _Numbers(content)
        if kind == b"TBI\1":
            (n_chromosomes,) = read.next("i")
            depth, bits, names = 5, _TBI_WINDOW_BITS, read.names()
        elif kind == b"CSI\1":
            bits, depth, n_about = read.next("3i")
            names = read.names() if n_about else list(named)
            (n_chromosomes,) = read.next("i")
        else:
            raise ValueError("it begins as none does")
        if not (0 <= depth <= _DEEPEST and 0 <= bits <= 32 and 0 <= n_chromosomes <= len(names)):
            raise ValueError(f"{n_chromosomes} chromosomes, {depth} levels over windows of 2^{bits} bp")
        yield _Index(read, kind, bits, depth, names[:n_chromosomes])


def _first_offset(index: _Index, start: int) -> int:
    """Take the bins of one chromosome; return the largest offset known to lie before records from `start` on.

    A window or bin says where the first record that overlaps it stands. Where it begins at `start` or
    before, no later record stands in front of that one, as the records are sorted.
    """
    best, read = 0, index.read
    (n_bins,) = read.next("i")
    for _ in range(n_bins):
        (number,) = read.next("I")
        first = read.next("Q")[0] if index.kind == b"CSI\1" else 0
        (n_chunks,) = read.next("i")
        read.next(f"{2 * n_chunks}Q")
        if first and (extent := _bin(index, number)) and extent[0] <= start:
            best = max(best, first)
    if index.kind == b"TBI\1":
        (n_windows,) = read.next("i")
        offsets = np.array(read.next(f"{n_windows}Q"), dtype=np.uint64)
        best = int(offsets[: (start >> index.bits) + 1].max(initial=0))
    return best


def _last_end(index: _Index) -> int:
    """Take the bins of one chromosome; return where the last window ends that a record may begin in."""
    numbers, read = list[int](), index.read
    (n_bins,) = read.next("i")
    for _ in range(n_bins):
        numbers += read.next("I")
        if index.kind == b"CSI\1":
            read.next("Q")
        (n_chunks,) = read.next("i")
        read.next(f"{2 * n_chunks}Q")
    if index.kind == b"TBI\1":
        (n_windows,) = read.next("i")
        read.next(f"{n_windows}Q")
        return int(n_windows) << index.bits
    return max((extent[1] for number in numbers if (extent := _bin(index, number))), default=0)


def _bin(index: _Index, number: int) -> tuple[int, int] | None:
    """Return where a bin begins and ends, bp; None for the one that holds counts instead of records."""
    first = 0
    for level in range(index.depth + 1):
        if number < first + 8**level:
            width = 1 << (index.bits + 3 * (index.depth - level))
            return (number - first) * width, (number - first + 1) * width
        first += 8**level
    return None
