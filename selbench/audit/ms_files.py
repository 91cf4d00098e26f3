"""Files of ms text that somebody else made: length and precision are told from what is printed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from selbench.audit.audited import Batch, ReadProblem
from selbench.errors import DataError
from selbench.foreign.gzip import opened
from selbench.formats.ms_text import read_ms

_LINES_LOOKED_AT = 400
MOST_DECIMALS = 9


def is_ms_text(path: Path) -> bool:
    """Whether a file, plain or gzip, has ``//`` or ``segsites:`` on a line near its beginning."""
    return any(line.startswith(("//", "segsites:")) for line in _head(path))


def ms_batches(
    root: Path, split: str, label: str, path: Path, sequence_length: int | None
) -> Iterator[Batch | ReadProblem]:
    """Read a file of ms text; what comes after a fault in it is a problem."""
    decimals = printed_decimals(path)
    length = sequence_length or _printed_length(path) or 10 ** (decimals or 6)
    name = str(path.relative_to(root))
    try:
        for windows in read_ms(path, sequence_length=length, ploidy=1):
            yield Batch(split, label, windows, decimals=decimals)
    except DataError as problem:
        yield ReadProblem(name, str(problem).replace(str(path), name), "unreadable")


def printed_decimals(path: Path) -> int | None:
    """Return how many decimals the first positions are printed with; None where there are none."""
    for line in _head(path):
        if line.startswith("positions:"):
            digits = [len(word.partition(".")[2]) for word in line.split()[1:]]
            return min(max(digits), MOST_DECIMALS) if digits else None
    return None


def _printed_length(path: Path) -> int | None:
    """Return the length in the first line's ``-r RHO NSITES``: NSITES − 1 intervals of a base pair."""
    words = next(_head(path), "").split()
    if "-r" not in words:
        return None
    at = words.index("-r") + 2
    n_sites = words[at] if at < len(words) else ""
    return int(n_sites) - 1 if n_sites.isdigit() and int(n_sites) > 2 else None


def _head(path: Path) -> Iterator[str]:
    with contextlib.suppress(DataError), opened(path, "ms text") as stream:
        for _ in range(_LINES_LOOKED_AT):
            if not (line := stream.line()):
                return
            yield line.decode("ascii", "replace")
    # what cannot be read is reported where the whole file is read
