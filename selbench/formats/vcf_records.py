"""The records of a VCF or BCF file, in order, with its damage seen and its region respected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selbench.errors import DataError

_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_REGION = re.compile(r"(?P<chromosome>[^\s]+?)(?::(?P<first>[\d,]+)-(?P<last>[\d,]*))?")


@dataclass(frozen=True)
class Region:
    """A stretch of a chromosome, 0-based and half-open; None: from the first, to the last record."""

    chromosome: str
    start: int | None = None
    end: int | None = None

    @classmethod
    def parse(cls, text: str) -> Region:
        """Read ``chr``, ``chr:from-`` or ``chr:from-to``, 1-based and inclusive as bcftools has it.

        Raises
        ------
        DataError
            If the text is none of these, or empty.
        """
        found = _REGION.fullmatch(text)
        first, last = (found["first"], found["last"]) if found else (None, None)
        start = int(first.replace(",", "")) - 1 if first else None
        end = int(last.replace(",", "")) if last else None
        if found is None or (start is not None and not 0 <= start < (end or start + 1)):
            raise DataError(
                f"region: expected chromosome:from-to (1-based, such as 2:1-50000), found {text!r}"
            )
        return cls(found["chromosome"], start, end)

    def __str__(self) -> str:
        if self.start is None:
            return self.chromosome
        return f"{self.chromosome}:{self.start + 1}-{self.end or ''}"


def open_vcf(path: str | Path, individuals: Sequence[str] | None = None) -> Any:
    """Open a VCF or BCF file, reading the genotypes of `individuals` alone.

    Returns
    -------
    vcf : cyvcf2.VCF

    Raises
    ------
    DataError
        If the file is missing, cut, or neither VCF nor BCF.
    """
    from cyvcf2 import VCF, cyvcf2

    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such file; expected a VCF or BCF file")
    _check_end(path)
    if hasattr(cyvcf2, "set_htslib_log_level"):
        cyvcf2.set_htslib_log_level(0)  # what htslib would print is said in the errors below
    try:
        return VCF(str(path), samples=None if individuals is None else list(individuals))
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path}: expected a VCF or BCF file, found something else or a damaged header"
        ) from error


def records(vcf: Any, path: str | Path, region: Region | None) -> Iterator[Any]:
    """Yield the records in a region: by the index where the file has one, else by reading through it.

    Raises
    ------
    DataError
        If a record is damaged or out of order.
    """
    indexed = region is not None and any(Path(f"{path}{suffix}").is_file() for suffix in (".tbi", ".csi"))
    chromosome, position, seen = "", -1, set()
    for record in _unbroken(vcf(str(region)) if indexed else vcf, path):
        if chromosome != record.CHROM:
            if record.CHROM in seen:
                raise DataError(f"{path}: expected each chromosome in one piece, found {record.CHROM} twice")
            chromosome, position = record.CHROM, -1
            seen.add(chromosome)
        if record.start < position:
            raise DataError(
                f"{path}: expected records sorted by position, found {chromosome}:{record.POS} after "
                f"{position + 1}; sort it with: bcftools sort"
            )
        position = record.start
        if region is None or _inside(record, region):
            yield record
        elif chromosome == region.chromosome and region.end is not None and position >= region.end:
            return


def _inside(record: Any, region: Region) -> bool:
    begun = region.chromosome == record.CHROM and record.start >= (region.start or 0)
    return bool(begun and (region.end is None or record.start < region.end))


def _unbroken(vcf: Any, path: str | Path) -> Iterator[Any]:
    """Yield records; cyvcf2 tells of damage by a bare Exception between two of them."""
    last = "its header"
    iterator = iter(vcf)
    while True:
        try:
            record = next(iterator, None)
        except Exception as error:
            raise DataError(
                f"{path}: truncated or damaged after {last}: expected a complete record; "
                "check it with: bcftools view FILE > /dev/null, and fetch it again"
            ) from error
        if record is None:
            return
        last = f"{record.CHROM}:{record.POS}"
        yield record


def _check_end(path: Path) -> None:
    """Refuse a file whose end is missing where htslib would only warn, or say nothing."""
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
