"""A stream of records cut into pieces of a chromosome.

Where a piece ends depends on the chromosome's own coordinates alone, not on the file, its index or who reads:
so that the same pieces come out of one file and of twenty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.variants import RecordBatch, Unread
from selbench.formats.vcf_chromosome import check_order


@dataclass(frozen=True)
class Cutting:
    """How chromosomes are cut into pieces.

    Parameters
    ----------
    piece_bp : int
        Piece k of a chromosome has the records from ``k * piece_bp`` on, 0-based.
    overlap_bp : int
        So far beyond its end a piece is read, for windows that reach over it; less than `piece_bp`.
    """

    piece_bp: int
    overlap_bp: int

    def stretch(self, number: int) -> tuple[int, int]:
        """Return the first base pair of a piece, and that behind what is read for it."""
        return number * self.piece_bp, (number + 1) * self.piece_bp + self.overlap_bp


@dataclass(frozen=True, eq=False)
class CutStretch:
    """Records of a piece, before they are judged."""

    name: str
    number: int
    batches: tuple[RecordBatch, ...]
    unread: NDArray[np.int64]


class Cut:
    """Cuts a stream of records into pieces, holding no more than one.

    Parameters
    ----------
    path : Path
        Of the file, for messages.
    cutting : Cutting

    Attributes
    ----------
    deaths : list of str
        How readers ended that could not read a record.
    """

    def __init__(self, path: Path, cutting: Cutting) -> None:
        self.path, self.cutting = path, cutting
        self.deaths: list[str] = []
        self._names: set[str] = set()
        self._name, self._number, self._last = "", 0, -1
        self._held: list[RecordBatch] = []
        self._unread: list[tuple[int, int]] = []
        self._unread_from: int | None = None

    def take(self, part: RecordBatch | Unread) -> Iterator[CutStretch]:
        """Take the next records; yield the pieces that they complete."""
        if isinstance(part, Unread):
            self.deaths.append(part.why)
            self._unread_from = self._last + 1 if self._name else 0
            return
        if part.chromosome != self._name:
            yield from self.end()
            self._begin(part)
        yield from self._add(part)

    def end(self) -> Iterator[CutStretch]:
        """Yield the pieces that are left at the end of a chromosome."""
        if not self._name:
            return
        self._note_unread(self._last + 1)
        while self._held:
            yield self._cut()

    def _begin(self, batch: RecordBatch) -> None:
        if batch.chromosome in self._names:
            raise DataError(
                f"{self.path}: expected each chromosome in one piece, found {batch.chromosome} twice"
            )
        self._names.add(batch.chromosome)
        self._name, self._last, self._unread = batch.chromosome, -1, []
        self._number = self._first_number(batch)

    def _first_number(self, batch: RecordBatch) -> int:
        """Return the first piece that these records are read for."""
        return max(0, int(batch.starts[0]) - self.cutting.overlap_bp) // self.cutting.piece_bp

    def _add(self, batch: RecordBatch) -> Iterator[CutStretch]:
        check_order(batch, self._last, self.path)
        self._note_unread(int(batch.starts[0]))
        self._last = int(batch.starts[-1])
        self._held.append(batch)
        while self._held and self._last >= self.cutting.stretch(self._number)[1]:
            yield self._cut()

    def _note_unread(self, until: int) -> None:
        if self._unread_from is not None:
            self._unread.append((self._unread_from, max(until, self._unread_from + 1)))
            self._unread_from = None

    def _cut(self) -> CutStretch:
        """Take a piece, and keep what the next ones need."""
        number, piece_bp = self._number, self.cutting.piece_bp
        start, end = self.cutting.stretch(number)
        own_end = start + piece_bp
        batches = tuple(_between(self._held, -1 if number == 0 else start, end))
        self._held = list(_between(self._held, own_end, None))
        if self._held:
            self._number = max(number + 1, self._first_number(self._held[0]))
        unread = np.array(
            [each for each in self._unread if each[0] < end and each[1] > start], dtype=np.int64
        )
        return CutStretch(self._name, number, batches, unread.reshape(-1, 2))


def _between(batches: Sequence[RecordBatch], start: int, end: int | None) -> Iterator[RecordBatch]:
    for batch in batches:
        inside = batch.starts >= start
        if end is not None:
            inside &= batch.starts < end
        if inside.all():
            yield batch
        elif inside.any():
            yield batch.take(inside)
