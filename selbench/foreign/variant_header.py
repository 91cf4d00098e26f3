"""The header of a VCF or BCF file, read as text: who is in it, and what is wrong with it.

It is read without htslib, which joins the names of individuals by commas, knows
no other text than UTF-8, and ends the whole process at some damage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal

from selbench.errors import DataError
from selbench.foreign.gzip import Bounded, opened

MOST_HEADER_BYTES = 2**28
MOST_CONTIGS = 2**24
_BCF_MAGIC = b"BCF\x02"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_EXPECTED = "a VCF or BCF file"
_CONTIG_LINE = re.compile(rb"^##contig=<([^\n]*)>", re.MULTILINE)
_CONTIG_ID, _CONTIG_NUMBER = re.compile(rb"(?:^|,)ID=([^,]+)"), re.compile(rb"(?:^|,)IDX=([0-9]{1,9})")
_CONTIG = re.compile(rb"^##contig=<(?:[^\n]*,)?ID=([^,>\n]+)[^\n]*?[,]length=([0-9]{1,12})[,>]", re.MULTILINE)


@dataclass(frozen=True)
class VariantHeader:
    """What a header says.

    Parameters
    ----------
    kind : {"vcf", "bcf"}
    individuals : tuple of str
        In the order of the columns.
    text : bytes
        The header, to its last line.
    """

    kind: Literal["vcf", "bcf"]
    individuals: tuple[str, ...]
    text: bytes

    @property
    def has_phase_sets(self) -> bool:
        """Whether genotypes may say which others they are phased with (``FORMAT/PS``)."""
        return b"##FORMAT=<ID=PS," in self.text

    @property
    def may_have_ancestral_alleles(self) -> bool:
        """Whether records may carry ``INFO/AA``: BCF holds nothing that its header does not announce."""
        return self.kind == "vcf" or b"##INFO=<ID=AA," in self.text

    def contig_lengths(self) -> Mapping[str, int]:
        """Return the lengths of chromosomes that the header tells, bp."""
        return {_decoded(name): int(length) for name, length in _CONTIG.findall(self.text)}

    def contig_names(self) -> tuple[str, ...]:
        """Return what the header calls its chromosomes, by the numbers that BCF gives them."""
        names: dict[int, str] = {}
        for place, line in enumerate(_CONTIG_LINE.findall(self.text)):
            name, number = _CONTIG_ID.search(line), _CONTIG_NUMBER.search(line)
            if name is not None:
                names[int(number[1]) if number else place] = _decoded(name[1])
        return tuple(names.get(number, "") for number in range(min(max(names, default=-1) + 1, MOST_CONTIGS)))


def read_variant_header(path: str | Path) -> VariantHeader:
    """Read the header of a VCF or BCF file.

    Raises
    ------
    DataError
        If the file is absent or neither, or its header is cut, has spaces for
        tabs, an individual twice, or a byte-order mark before it.
    """
    if not Path(path).is_file():
        raise DataError(f"{path}: no such file; expected {_EXPECTED}")
    with opened(path, _EXPECTED) as stream:
        try:
            head = stream.block(5)
        except DataError as problem:
            raise DataError(f"{path}: expected {_EXPECTED}, found a damaged file ({problem})") from problem
        if head.startswith(_BCF_MAGIC):
            text = _bcf_text(stream, path)
            return VariantHeader("bcf", _individuals(text.splitlines(), path), text)
        if head.startswith(_BYTE_ORDER_MARK):
            raise DataError(
                f"{path}: expected ##fileformat, found a byte-order mark; take it away with: "
                "sed '1s/^\\xef\\xbb\\xbf//' FILE"
            )
        lines = list(_header_lines(head, stream, path))
        return VariantHeader("vcf", _individuals(lines, path), b"".join(lines))


def data_of(stream: Bounded, header: VariantHeader) -> None:
    """Read a stream up to where the records begin."""
    if header.kind == "bcf":
        stream.block(5)
        _bcf_text(stream, stream.name)
    else:
        stream.block(len(header.text))


def _bcf_text(stream: Bounded, path: str | Path) -> bytes:
    length = int.from_bytes(stream.block(4), "little")
    if not 0 < length <= MOST_HEADER_BYTES:
        raise DataError(
            f"{path}: damaged header: expected at most {MOST_HEADER_BYTES:,} bytes, found {length:,}"
        )
    text = stream.block(length)
    if len(text) < length:
        raise DataError(f"{path}: truncated header: expected {length:,} bytes, found {len(text):,}")
    return text.rstrip(b"\0")


def _header_lines(head: bytes, stream: Bounded, path: str | Path) -> Iterator[bytes]:
    """Yield the lines of a text's header, ``#CHROM`` last."""
    n_bytes = 0
    for number in count(1):
        line = head + stream.line() if number == 1 else stream.line()
        n_bytes += len(line)
        if number == 1 and not line.startswith(b"##fileformat=VCF"):
            raise DataError(f"{path}: expected {_EXPECTED}, found something else")
        if not line.startswith(b"#") or not line.endswith(b"\n") or n_bytes > MOST_HEADER_BYTES:
            found = "a record" if line.strip() else "a blank line" if line else "its end"
            raise DataError(f"{path}, line {number}: truncated header: expected a line #CHROM, found {found}")
        yield line
        if not line.startswith(b"##"):
            return


def _individuals(lines: list[bytes], path: str | Path) -> tuple[str, ...]:
    """Return the names in the line ``#CHROM``; the first fault of that line is refused."""
    line = lines[-1].rstrip(b"\r\n") if lines else b""
    columns = [_decoded(column) for column in line.split(b"\t")]
    where = f"{path}, line {len(lines)} of its header"
    if tuple(columns[: len(_COLUMNS)]) != _COLUMNS:
        if tuple(columns[0].split()[: len(_COLUMNS)]) == _COLUMNS:
            raise DataError(f"{where}: damaged header: expected tabs between the columns, found spaces")
        raise DataError(
            f"{where}: damaged header: expected the columns {' '.join(_COLUMNS)}, found {line[:60]!a}"
        )
    if len(columns) > len(_COLUMNS) and columns[len(_COLUMNS)] != "FORMAT":
        found = ascii(columns[len(_COLUMNS)])[:60]
        raise DataError(f"{where}: damaged header: expected FORMAT before the individuals, found {found}")
    names = columns[len(_COLUMNS) + 1 :]
    if len(set(names)) < len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise DataError(f"{where}: damaged header: expected each individual once, found {twice!r} twice")
    if "" in names:
        raise DataError(f"{where}: damaged header: expected a name for every individual, found an empty one")
    return tuple(names)


def _decoded(name: bytes) -> str:
    """Return a name as text: UTF-8, or else Latin-1, which older programs write."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("latin-1")
