"""VCF as text: allele numbers that htslib would wrap are found, and a position that it could not read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from selbench.errors import DataError
from selbench.foreign.gzip import LONGEST_LINE, Bounded, opened, opened_at
from selbench.foreign.variant_header import VariantHeader, data_of
from selbench.foreign.variant_index import offset_of

MOST_ALLELE_DIGITS = 10
"""htslib refuses allele numbers from 2^30 on, but those from 2^32 on, of ten digits, it takes modulo 2^32."""

_BLOCK = 2**20
_DIGITS = bytes(ord("0") if chr(code).isdigit() and code < 128 else 0 for code in range(256))
_LONG_RUN = b"0" * MOST_ALLELE_DIGITS
_LONG_NUMBER = re.compile(rb"[0-9]{%d,}" % MOST_ALLELE_DIGITS)


def check_allele_numbers(
    path: str | Path, header: VariantHeader, rows: Sequence[int], n_records: int
) -> None:
    """Refuse a text in which a chosen individual's call names an allele beyond what htslib holds.

    Parameters
    ----------
    rows : sequence of int
        Which of the individuals.
    n_records : int
        How many records are looked at, from the first.

    Raises
    ------
    DataError
        With the line, the chromosome and the position.
    """
    number, left = header.text.count(b"\n"), n_records
    with opened(path, "a VCF file") as stream:
        data_of(stream, header)
        for lines in _stretches_of_lines(stream):
            if _LONG_RUN in lines.translate(_DIGITS):
                for i, line in enumerate(lines.split(b"\n")[:left], start=1):
                    _check_line(line, rows, f"{path}, line {number + i}")
            n_lines = lines.count(b"\n")
            number, left = number + n_lines, left - n_lines
            if left <= 0:
                return


def check_allele_numbers_of_stretch(
    path: Path, index: Path, rows: Sequence[int], chromosome: str, start: int, end: int | None
) -> None:
    """The same for the records of a stretch, found by the index of the file; the message has no line.

    Parameters
    ----------
    start, end : int, int or None
        0-based and half-open; None: to the chromosome's last record.

    Raises
    ------
    DataError
        With the chromosome and the position; and where the index is damaged.
    """
    offset = offset_of(index, chromosome, start)
    if offset is None:
        return
    wanted, begun = chromosome.encode(), False
    with opened_at(path, offset) as stream:
        for lines in _stretches_of_lines(stream):
            if _LONG_RUN in lines.translate(_DIGITS):
                for line in lines.split(b"\n"):
                    name, at = _place(line)
                    if name == wanted and start <= at and (end is None or at < end):
                        _check_line(line, rows, str(path))
            begun = begun or b"\n" + wanted + b"\t" in b"\n" + lines
            name, at = _place(lines.rstrip(b"\n").rpartition(b"\n")[2])
            if begun and (name != wanted or (end is not None and at >= end)):
                return


def fault_of_position(path: Path, header: VariantHeader, n_records: int) -> str:
    """Say what is wrong with POS of the record behind the first ones, with its line; "" where nothing is."""
    with opened(path, "a VCF file") as stream:
        data_of(stream, header)
        for _ in range(n_records):
            stream.line()
        fields = stream.line().split(b"\t", 2)
    if len(fields) < 3 or fields[1].isdigit():
        return ""
    line = header.text.count(b"\n") + n_records + 1
    found = fields[1][:40].decode("utf-8", "replace")
    return f"{path}, line {line}: POS: expected a whole number, found {found!r}"


def _place(line: bytes) -> tuple[bytes, int]:
    """Return the chromosome and the position, 0-based, of a record; -1 for any other line."""
    name, position = [*line.split(b"\t", 2), b"", b""][:2]
    is_record = position.isdigit() and len(position) < 19 and not line.startswith(b"#")
    return name, int(position) - 1 if is_record else -1


def _stretches_of_lines(stream: Bounded) -> Iterator[bytes]:
    """Yield whole lines, about a megabyte at a time."""
    parts: list[bytes] = []
    while block := stream.block(_BLOCK):
        whole, ending, rest = block.rpartition(b"\n")
        if ending:
            yield b"".join([*parts, whole, ending])
            parts = [rest]
        else:
            parts.append(block)
        if len(parts) * _BLOCK > LONGEST_LINE:
            raise DataError(f"{stream.name}: expected lines of at most {LONGEST_LINE:,} bytes, found longer")
    yield b"".join(parts)


def _check_line(line: bytes, rows: Sequence[int], where: str) -> None:
    fields = line.split(b"\t")
    for row in rows:
        call = fields[9 + row].partition(b":")[0] if 9 + row < len(fields) else b""
        for found in _LONG_NUMBER.findall(call):
            if len(found.lstrip(b"0")) >= MOST_ALLELE_DIGITS:
                place = b":".join(fields[:2]).decode("utf-8", "replace")
                raise DataError(
                    f"{where} ({place}): expected alleles by their numbers in ALT, found one of "
                    f"{len(found)} digits, {found[:20].decode()}"
                )
