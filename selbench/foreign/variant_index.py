"""Indices of tabix and bcftools: where the records of a stretch lie, and how far chromosomes reach."""

from __future__ import annotations

import struct
from collections.abc import Sequence
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
    expected, mend = "an index of a VCF text", "make it again with: bcftools index"
    with opened(index, expected) as stream, contained(index, expected, way_out=mend):
        content = stream.block(MOST_INDEX_BYTES)
        kind, read = content[:4], _Numbers(content)
        if kind == b"TBI\1":
            (n_chromosomes,) = read.next("i")
            depth, bits, names = 5, _TBI_WINDOW_BITS, read.names()
        elif kind == b"CSI\1":
            bits, depth, _ = read.next("3i")
            names = read.names()
            (n_chromosomes,) = read.next("i")
        else:
            raise ValueError("it begins as none does")
        if chromosome not in names[:n_chromosomes]:
            return None
        if not (0 <= depth <= _DEEPEST and 0 <= bits <= 32):
            raise ValueError(f"{depth} levels of bins over windows of 2^{bits} bp")
        for _ in range(names.index(chromosome)):
            _first_offset(read, kind, start, bits, depth)
        return _first_offset(read, kind, start, bits, depth)


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
        ends = [_last_end(read, kind, bits, depth) for _ in range(n_chromosomes)]
    return {name: end for name, end in zip(names, ends, strict=False) if end}


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


def _first_offset(read: _Numbers, kind: bytes, start: int, bits: int, depth: int) -> int:
    """Take the bins of one chromosome; return the largest offset known to lie before records from `start` on.

    A window or bin says where the first record that overlaps it stands. Where it begins at `start` or
    before, no later record stands in front of that one, as the records are sorted.
    """
    best = 0
    (n_bins,) = read.next("i")
    for _ in range(n_bins):
        (number,) = read.next("I")
        first = read.next("Q")[0] if kind == b"CSI\1" else 0
        (n_chunks,) = read.next("i")
        read.next(f"{2 * n_chunks}Q")
        if first and _bin_start(number, bits, depth) <= start:
            best = max(best, first)
    if kind == b"TBI\1":
        (n_windows,) = read.next("i")
        offsets = np.array(read.next(f"{n_windows}Q"), dtype=np.uint64)
        best = int(offsets[: (start >> bits) + 1].max(initial=0))
    return best


def _last_end(read: _Numbers, kind: bytes, bits: int, depth: int) -> int:
    """Take the bins of one chromosome; return where the last window ends that a record may begin in."""
    numbers: list[int] = []
    (n_bins,) = read.next("i")
    for _ in range(n_bins):
        numbers += read.next("I")
        if kind == b"CSI\1":
            read.next("Q")
        (n_chunks,) = read.next("i")
        read.next(f"{2 * n_chunks}Q")
    if kind == b"TBI\1":
        (n_windows,) = read.next("i")
        read.next(f"{n_windows}Q")
        return int(n_windows) << bits
    return max((_bin_end(number, bits, depth) for number in numbers), default=0)


def _bin_end(number: int, bits: int, depth: int) -> int:
    """Return where a bin ends; 0 for the one that holds counts instead of records."""
    first = 0
    for level in range(depth + 1):
        if number < first + 8**level:
            return (number - first + 1) << (bits + 3 * (depth - level))
        first += 8**level
    return 0


def _bin_start(number: int, bits: int, depth: int) -> float:
    """Return the first base pair of a bin; infinite for the one that holds counts instead of records."""
    first = 0
    for level in range(depth + 1):
        if number < first + 8**level:
            return (number - first) << (bits + 3 * (depth - level))
        first += 8**level
    return float("inf")
