"""The ``//`` blocks of ms-format text, one window each, with every promise of the format checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.gzip import Bounded
from selbench.formats.ms_command import MsCommand

_BLANK, _INVALID = 2, 255
_MEANING = bytearray([_INVALID] * 256)
_MEANING[ord("0")] = 0
for _character in b"123456789abcdefghijklmnopqrstuvwxyz":
    _MEANING[_character] = 1
for _character in b" \t\r\n":
    _MEANING[_character] = _BLANK
_WITHOUT_N = bytearray(_MEANING)
_WITHOUT_N[ord("n")] = _INVALID  # an origin of msms, but elsewhere more likely a missing call


@dataclass(frozen=True)
class Block:
    """One window as printed: relative positions (n_sites,), haplotypes (n_sites, n_haplotypes)."""

    positions: NDArray[np.float64]
    haplotypes: NDArray[np.uint8]


_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

NO_SITES = Block(np.empty(0), np.empty((0, 0), dtype=np.uint8))


class Lines:
    """A byte stream read by the line or by the block, that knows where it is."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self.stream = Bounded(stream, name)
        self.name = name
        self.number = 0
        self._returned: bytes | None = None

    def next(self) -> bytes | None:
        """Return the next line with its ending, or None at the end of the file."""
        self.number += 1
        if self._returned is not None:
            line, self._returned = self._returned, None
            return line
        line = self._read(self.stream.line)
        if self.number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        return line or None

    def give_back(self, line: bytes | None) -> None:
        """Let `next` return `line` once more."""
        self.number -= 1
        self._returned = line

    def take(self, n_bytes: int) -> bytes:
        """Return the next `n_bytes`, fewer at the end; moving `number` is left to the caller."""
        return self._read(lambda: self.stream.block(n_bytes))

    def fault(self, expected: str, found: str, number: int | None = None) -> DataError:
        at = self.number if number is None else number
        return DataError(f"{self.name}, line {at}: expected {expected}, found {found}")

    def _read(self, read: Callable[[], bytes]) -> bytes:
        try:
            return read()
        except DataError as error:
            found = str(error).removeprefix(f"{self.name}: ")
            raise self.fault("more text", found) from error


class BlockReader:
    """Iterates over the ``//`` blocks of a text.

    With `drop_selected_site` every block must say ``selsite: i``, as mssel does,
    and loses its column i (counted from 0).
    """

    def __init__(self, lines: Lines, n_haplotypes: int | None, *, drop_selected_site: bool = False) -> None:
        if n_haplotypes is not None and n_haplotypes < 2:
            raise DataError(f"n_haplotypes: expected at least 2, found {n_haplotypes}")
        self.lines = lines
        self.n_haplotypes = n_haplotypes
        self.drop_selected_site = drop_selected_site
        self.command = MsCommand()
        self._meaning = _MEANING
        self._selected: bytes | None = None

    def __iter__(self) -> Iterator[Block]:
        line = self.lines.next()
        self.command = MsCommand.parse(line or b"")
        self._meaning = _MEANING if self.command.program == "msms" else _WITHOUT_N
        while line is not None and not line.startswith(b"//"):
            line = self.lines.next()
        while line is not None:
            yield self._block()
            line = self._next_block_line()
        self.n_haplotypes = self.n_haplotypes or self.command.n_haplotypes

    def known_n_haplotypes(self) -> int:
        if self.n_haplotypes is None:
            raise self.lines.fault("n_haplotypes to be given", "no window with sites to count it in")
        return self.n_haplotypes

    def _next_block_line(self) -> bytes | None:
        """Skip blank lines and ``keyword: value`` lines up to the next ``//`` or the end."""
        while (line := self.lines.next()) is not None and not line.startswith(b"//"):
            if line.strip() and b":" not in line:
                raise self.lines.fault("a blank line or // after the last haplotype", _shown(line))
        return line

    def _block(self) -> Block:
        n_sites = self._n_sites()
        selected = self._selected_column(n_sites) if self.drop_selected_site else None
        if n_sites == 0:
            return NO_SITES
        positions = self._positions(n_sites)
        start = self.lines.number + 1
        rows = self._counted_rows() if self.n_haplotypes else self._uncounted_rows(n_sites)
        alleles = self._alleles(rows, start, n_sites)
        if selected is not None:
            positions, alleles = np.delete(positions, selected), np.delete(alleles, selected, axis=1)
        return Block(positions, np.ascontiguousarray(alleles.T))

    def _n_sites(self) -> int:
        self._selected = None
        while (line := self.lines.next()) is not None and not line.startswith(b"//"):
            if line.startswith(b"segsites:"):
                count = line[len(b"segsites:") :].strip()
                if not count.isdigit() or len(count) > 9:
                    raise self.lines.fault("segsites: and a whole number", _shown(line))
                return int(count)
            if line.startswith(b"selsite:"):
                self._selected = line
            if line.strip() and b":" not in line:
                break
        raise self.lines.fault("a line segsites: N", _shown(line))

    def _selected_column(self, n_sites: int) -> int:
        """Return the column that the block's line ``selsite: i`` names."""
        word = (self._selected or b"").removeprefix(b"selsite:").split()[:1]
        if not word or not word[0].isdigit() or int(word[0]) >= n_sites:
            expected = f"a line selsite: i before, i one of the {n_sites} site(s)"
            raise self.lines.fault(expected, _shown(self._selected) if self._selected else "none")
        return int(word[0])

    def _positions(self, n_sites: int) -> NDArray[np.float64]:
        line = self.lines.next()
        if line is None or not line.startswith(b"positions:"):
            raise self.lines.fault(f"a line positions: with {n_sites} number(s)", _shown(line))
        words = line.split()[1:]
        if len(words) != n_sites:
            raise self.lines.fault(f"{n_sites} position(s), as segsites says", f"{len(words)}")
        try:
            positions = np.fromiter(map(float, words), dtype=np.float64, count=n_sites)
        except ValueError as error:
            raise self.lines.fault("positions as numbers", str(error)) from error
        rising = (positions[:-1] <= positions[1:]).all()
        if not (rising and positions[0] >= 0 and positions[-1] <= 1):
            raise self._position_fault(positions, words)
        return positions

    def _position_fault(self, positions: NDArray[np.float64], words: list[bytes]) -> DataError:
        outside = ~((positions >= 0) & (positions <= 1))
        if outside.any():
            return self.lines.fault("positions in [0, 1]", words[int(outside.argmax())].decode())
        at = int((np.diff(positions) < 0).argmax())
        found = f"{words[at + 1].decode()} after {words[at].decode()}"
        return self.lines.fault("positions in rising order", found)

    def _counted_rows(self) -> bytes:
        """Read `n_haplotypes` lines in one piece, as wide as the first of them."""
        first = self.lines.next() or b""
        assert self.n_haplotypes is not None
        rows = first + self.lines.take((self.n_haplotypes - 1) * len(first))
        self.lines.number += self.n_haplotypes - 1
        return rows

    def _uncounted_rows(self, n_sites: int) -> bytes:
        """Read lines up to a blank one, the next block or the end, and count them."""
        rows = []
        while (line := self.lines.next()) is not None and line.strip() and not line.startswith((b"//", b"#")):
            rows.append(line)
        self.lines.give_back(line)
        promised = self.command.n_haplotypes
        if not rows or promised not in (None, len(rows)):
            announced = "haplotypes" if promised is None else f"{promised} haplotypes, as the first line says"
            raise self.lines.fault(f"{announced} (or n_haplotypes given)", f"{len(rows)}")
        self.n_haplotypes = len(rows)
        return b"".join(rows)

    def _alleles(self, rows: bytes, start: int, n_sites: int) -> NDArray[np.uint8]:
        """Check rows that begin at line `start`: alleles uint8 (n_haplotypes, n_sites)."""
        assert self.n_haplotypes is not None
        if not rows.endswith(b"\n"):
            rows += b"\n"  # the last line of a file may lack its ending
        width = len(rows) // self.n_haplotypes
        if len(rows) == width * self.n_haplotypes and width > n_sites:
            meaning = np.frombuffer(rows.translate(self._meaning), dtype=np.uint8)
            meaning = meaning.reshape(self.n_haplotypes, width)
            alleles: NDArray[np.uint8] = meaning[:, :n_sites]
            if alleles.max() <= 1 and (meaning[:, n_sites:] == _BLANK).all():
                return alleles
        raise self._row_fault(rows.splitlines(), start, n_sites)

    def _row_fault(self, rows: list[bytes], start: int, n_sites: int) -> DataError:
        assert self.n_haplotypes is not None
        n_haplotypes = self.n_haplotypes
        for i, row in enumerate(rows[:n_haplotypes]):
            alleles = row.rstrip().translate(self._meaning)
            if len(alleles) != n_sites or max(alleles) > 1:
                expected = f"haplotype {i + 1} of {n_haplotypes} with {n_sites} allele(s)"
                return self.lines.fault(expected, _shown(row), start + i)
        if len(rows) >= n_haplotypes:
            return self.lines.fault("lines of one width in a window", "different line endings", start)
        found = f"the end of the file after {len(rows)}"
        return self.lines.fault(f"{n_haplotypes} haplotypes", found, start + len(rows))


def _shown(line: bytes | None) -> str:
    if line is None:
        return "the end of the file"
    text = line.rstrip().decode("ascii", "backslashreplace")
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
