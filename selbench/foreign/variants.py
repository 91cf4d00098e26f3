"""Records of VCF and BCF files by htslib, which reads in a process of its own and is heard.

A damaged record can end the process that reads it, by a segmentation fault or
an exit from C. Then the record is named, and a new process goes on behind it,
on a copy of the file's bytes without that record.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.gzip import opened
from selbench.foreign.json import parse_json
from selbench.foreign.reader_process import ReaderProcess
from selbench.foreign.variant_header import VariantHeader, data_of
from selbench.foreign.variant_text import (
    check_allele_numbers,
    check_allele_numbers_of_stretch,
    fault_of_position,
)
from selbench.foreign.variant_worker import NO_PHASE_SET

__all__ = ["NO_PHASE_SET", "RecordBatch", "Stretch", "TextColumn", "Unread", "VariantFile"]

MOST_DEATHS = 20
"""Processes that may die over a file before it is given up."""

_BATCH_RECORDS, _BATCH_CALLS = 4096, 2**22
_MOST_HEARD = 20
_BLANK_LINE = ("Contig '' is not defined in the header. (Quick workaround: index the file with tabix.)", '""')
"""What htslib says of a blank line, which is counted apart, or refused."""
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


@dataclass(frozen=True, eq=False)
class TextColumn:
    """A text per record: ``texts[codes[i]]``.

    Parameters
    ----------
    codes : int32 (n_records,)
    texts : tuple of str
        Each once.
    """

    codes: NDArray[np.int32]
    texts: tuple[str, ...]

    def __getitem__(self, index: int) -> str:
        return self.texts[int(self.codes[index])]


@dataclass(frozen=True, eq=False)
class RecordBatch:
    """Consecutive records of one chromosome.

    Parameters
    ----------
    chromosome : str
    starts, ends : int64 (n_records,)
        Base pairs of the reference allele (or of a block of it, by INFO/END), 0-based and half-open.
    alleles : TextColumn
        REF and every ALT, with tabs between.
    filters : TextColumn
        FILTER; empty where it is PASS or missing.
    ancestral : TextColumn
        INFO/AA; empty where there is none.
    calls : int16 (n_records, n_individuals, ploidy + 1)
        Allele numbers (32,767 for that or more), -1 where missing, -2 beyond
        the ploidy of a call; last, 1 where the call is phased. In memory a
        matrix per allele, not per record.
    phase_sets : int32 (n_records, n_individuals) or (0, 0)
        FORMAT/PS, `NO_PHASE_SET` where missing; empty where no header speaks of it.
    """

    chromosome: str
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    alleles: TextColumn
    filters: TextColumn
    ancestral: TextColumn
    calls: NDArray[np.int16]
    phase_sets: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, chosen: NDArray[np.bool_] | slice) -> RecordBatch:
        """Return some of the records, in their order."""
        sets = self.phase_sets[chosen] if self.phase_sets.size else self.phase_sets
        return replace(
            self,
            starts=self.starts[chosen],
            ends=self.ends[chosen],
            alleles=replace(self.alleles, codes=self.alleles.codes[chosen]),
            filters=replace(self.filters, codes=self.filters.codes[chosen]),
            ancestral=replace(self.ancestral, codes=self.ancestral.codes[chosen]),
            calls=self.calls[chosen],
            phase_sets=sets,
        )


@dataclass(frozen=True)
class Unread:
    """Stands between batches where a record ended the process that read it.

    Parameters
    ----------
    why : str
        How it ended.
    """

    why: str


@dataclass(frozen=True)
class Stretch:
    """Where records are asked for: a chromosome, from `start` to `end`, 0-based and half-open.

    Parameters
    ----------
    index : Path, optional
        An index of the file that may be believed.
    """

    chromosome: str
    start: int = 0
    end: int | None = None
    index: Path | None = None

    def __str__(self) -> str:
        return f"{self.chromosome}:{self.start + 1}-{self.end or ''}"


class VariantFile:
    """The records of some individuals, in file order.

    Parameters
    ----------
    path : path
    header : VariantHeader
        The file's.
    rows : sequence of int
        Which of its individuals, rising.
    stretch : Stretch, optional
        All of the file when not given.

    Attributes
    ----------
    heard : list of str
        What htslib said, each sentence once.
    """

    def __init__(
        self, path: str | Path, header: VariantHeader, rows: Sequence[int], stretch: Stretch | None = None
    ) -> None:
        self.path, self.header, self.rows, self.stretch = Path(path), header, list(rows), stretch
        self.heard: list[str] = []
        self._last = "its header"

    def __iter__(self) -> Iterator[RecordBatch | Unread]:
        """Yield records, a few thousand at a time, and a mark where one could not be read.

        Raises
        ------
        DataError
            If a record is damaged in a way that its reader could tell, the file
            is cut, or too many records end their readers.
        """
        check_end(self.path)
        largest = max(1, min(_BATCH_RECORDS, _BATCH_CALLS // max(1, len(self.rows))))
        begun, batch_records, n_deaths = 0, largest, 0
        by_index = self.stretch is not None and self.stretch.index is not None
        n_had = 0  # records of the stretch that were handed on before its index was given up
        while True:
            reading = _Reading(self, begun, by_index, batch_records)
            for batch in self._inside(reading.batches()):
                fresh = batch if n_had == 0 else batch.take(slice(n_had, None))
                n_had = max(0, n_had - len(batch))
                if len(fresh):
                    self._last = f"{fresh.chromosome}:{fresh.starts[-1] + 1}"
                    yield fresh
            if not reading.death:
                self._check_allele_numbers(by_index, begun + reading.n_records)
                return
            n_deaths += 1
            if n_deaths > MOST_DEATHS:
                raise DataError(f"{self.damage()}: {n_deaths} processes that read it ended ({reading.death})")
            if by_index:
                by_index, n_had = False, reading.n_records
            elif batch_records > 1:
                begun, batch_records = begun + reading.n_records, 1  # one by one, to know which it was
            else:
                yield Unread(reading.death)
                begun, batch_records = begun + reading.n_records + 1, largest

    def damage(self) -> str:
        """Return a message about where the file breaks."""
        return (
            f"{self.path}: truncated or damaged after {self._last}: expected a complete record; "
            "check it with: bcftools view FILE > /dev/null, and fetch it again"
        )

    def _check_allele_numbers(self, by_index: bool, n_records: int) -> None:
        """Look at the text of what was read; BCF has numbers of 32 bits and no text."""
        at = self.stretch
        if self.header.kind != "vcf":
            return
        if by_index and at is not None and at.index is not None:
            check_allele_numbers_of_stretch(self.path, at.index, self.rows, at.chromosome, at.start, at.end)
        else:
            check_allele_numbers(self.path, self.header, self.rows, n_records)

    def _inside(self, batches: Iterator[RecordBatch]) -> Iterator[RecordBatch]:
        """Keep what lies in the stretch, and stop behind it."""
        at = self.stretch
        for batch in batches:
            if at is None:
                yield batch
            elif batch.chromosome == at.chromosome:
                inside = batch.starts >= at.start
                if at.end is not None:
                    inside &= batch.starts < at.end
                yield batch if inside.all() else batch.take(inside)
                if at.end is not None and batch.starts[-1] >= at.end:
                    return


class _Reading:
    """One process that reads records, from the file itself or, behind record `begun`, from a pipe."""

    def __init__(self, file: VariantFile, begun: int, by_index: bool, batch_records: int) -> None:
        self.file, self.begun = file, begun
        self.n_records = 0
        self.death = ""
        names = [file.header.individuals[row] for row in file.rows]
        by_name = len(names) < len(file.header.individuals) and all(map(_htslib_finds, names))
        self.request = {
            "path": "-" if begun else str(file.path),
            "region": str(file.stretch) if by_index else None,
            "rows": file.rows,
            "n_individuals": len(file.header.individuals),
            "names": names if by_name else None,
            "n_given": len(names) if by_name else len(file.header.individuals),
            "phase_sets": file.header.has_phase_sets,
            "ancestral": file.header.may_have_ancestral_alleles,
            "batch_records": batch_records,
        }

    def batches(self) -> Iterator[RecordBatch]:
        process = ReaderProcess()
        threads = [
            Thread(target=self._feed, args=[process.stdin], daemon=True),
            Thread(target=self._listen, args=[process.stderr], daemon=True),
        ]
        try:
            for thread in threads:
                thread.start()
            yield from self._frames(process.stdout)
        finally:
            status = process.end(wait=bool(self.death))
            for thread in threads:
                thread.join()
            process.close()
        if self.death:
            spoken = f", after saying: {self.file.heard[-1]}" if self.file.heard else ""
            self.death = f"{_ending(status)}{spoken}"

    def _frames(self, stream: IO[bytes]) -> Iterator[RecordBatch]:
        while line := stream.readline():
            if not line.endswith(b"\n"):
                break
            about = parse_json(line, "what the reader of records says")
            if "error" in about:
                raise DataError(self._fault_of_position() or f"{self.file.damage()} ({about['error']})")
            if "end" in about:
                return
            batch = _batch(about, stream)
            if batch is None:
                break
            self.n_records += len(batch)
            yield batch
        self.death = "died"

    def _fault_of_position(self) -> str:
        """Say that the record behind those read has a POS that is none; an index finds no such record."""
        if self.file.header.kind != "vcf" or self.request["region"]:
            return ""
        with suppress(DataError):  # such as a file that is cut: the reader's words say so
            return fault_of_position(self.file.path, self.file.header, self.begun + self.n_records)
        return ""

    def _feed(self, stream: IO[bytes]) -> None:
        """Write the request and, behind a record that could not be read, the rest of the file."""
        content = json.dumps(self.request).encode()
        try:
            with stream:
                stream.write(len(content).to_bytes(8, "little") + content)
                for part in _rest(self.file.path, self.file.header, self.begun) if self.begun else ():
                    stream.write(part)
        except (OSError, DataError):
            return  # the process has ended, or will say itself that the file is cut

    def _listen(self, stream: IO[bytes]) -> None:
        for line in stream:
            said = line.decode("utf-8", "replace").strip()[:200]
            is_new = said and not said.endswith(_BLANK_LINE) and said not in self.file.heard
            if is_new and len(self.file.heard) < _MOST_HEARD:
                self.file.heard.append(said)


def _batch(about: Any, stream: IO[bytes]) -> RecordBatch | None:
    """Read the arrays that a line announces; None where they are cut off."""
    n_records = about["n_records"]
    wide = [(np.dtype(np.int64), (n_records,))] * 2 + [(np.dtype(np.int32), (n_records,))] * 3
    shapes = [*wide, (np.dtype(np.int16), about["calls"]), (np.dtype(np.int32), about["phase_sets"])]
    arrays: list[NDArray[Any]] = []
    for dtype, shape in shapes:
        n_bytes = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        content = stream.read(n_bytes)
        if len(content) < n_bytes:
            return None
        arrays.append(np.frombuffer(content, dtype=dtype).reshape(shape))
    starts, ends, alleles, filters, ancestral, calls, phase_sets = arrays
    texts = {name: tuple(known) for name, known in about["texts"].items()}
    return RecordBatch(
        chromosome=about["chromosome"],
        starts=starts,
        ends=ends,
        alleles=TextColumn(alleles, texts["alleles"]),
        filters=TextColumn(filters, texts["filters"]),
        ancestral=TextColumn(ancestral, texts["ancestral"]),
        calls=calls.transpose(1, 2, 0),
        phase_sets=phase_sets,
    )


def _htslib_finds(name: str) -> bool:
    """Whether htslib can be asked for an individual: it splits at commas, and a caret means all but."""
    return "," not in name and not name.startswith(("^", "-")) and name.isascii()


def _ending(status: int) -> str:
    if status >= 0:
        return f"the reader left with exit status {status}"
    try:
        return f"the reader was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"the reader was ended by signal {-status}"


def _rest(path: Path, header: VariantHeader, n_skipped: int) -> Iterator[bytes]:
    """Yield the bytes of a file without its first records, plain."""
    with opened(path, "a VCF or BCF file") as stream:
        data_of(stream, header)
        if header.kind == "bcf":
            text = header.text + b"\0"
            yield b"BCF\x02\x02" + len(text).to_bytes(4, "little") + text
        else:
            yield header.text
        for _ in range(n_skipped):
            if header.kind == "bcf":
                stream.block(sum(int.from_bytes(stream.block(4), "little") for _ in range(2)))
            else:
                stream.line()
        while part := stream.block(2**20):
            yield part


def check_end(path: Path) -> None:
    """Refuse a file whose end is missing where htslib would only warn, or say nothing.

    Raises
    ------
    DataError
        If the end-of-file block of BGZF, or the last line's ending, is not there.
    """
    with path.open("rb") as file:
        head = file.read(18)
        size = file.seek(0, 2)
        file.seek(max(0, size - len(_BGZF_END)))
        tail = file.read()
    is_gzip = head[:2] == b"\x1f\x8b"
    is_blocked = is_gzip and len(head) == 18 and head[3] & 4 and head[12:14] == b"BC"
    if is_blocked and tail != _BGZF_END:
        raise DataError(
            f"{path}: truncated: expected the end-of-file block of BGZF, found none; fetch it again"
        )
    if not is_gzip and head[:2] == b"##" and not tail.endswith(b"\n"):
        raise DataError(f"{path}: truncated: expected a line ending after the last record, found none")
