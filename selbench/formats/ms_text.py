"""The text that ms and its relatives print: a strict streaming reader, and a writer.

ms, mssel, msms, discoal, scrm and mspms agree on three words, ``//``,
``segsites:`` and ``positions:``, and on little else: header lines, blank lines,
``selsite:`` lines and the padding after ``segsites: 0`` differ. The reader
holds on to the three words and checks everything that they promise.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil, log10
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.gzip import inflating
from selbench.formats.ms_blocks import Block, BlockReader, Lines
from selbench.formats.ms_command import MsCommand
from selbench.windows import Windows, WindowSpec

BATCH_WINDOWS = 1000
BATCH_BYTES = 2**26
"""A batch is handed on when it holds this many windows, or this many bytes of haplotypes."""

MsSource = str | Path | IO[bytes] | IO[str]


def read_ms(
    source: MsSource,
    *,
    sequence_length: int,
    n_haplotypes: int | None = None,
    ploidy: int = 2,
    drop_monomorphic: bool = False,
    drop_selected_site: bool = False,
    expected_windows: int | None = None,
    whole: bool = True,
    batch_windows: int = BATCH_WINDOWS,
) -> Iterator[Windows]:
    """Read ms-format text, plain or gzip, batch by batch in bounded memory.

    A printed relative position p becomes ``p * sequence_length`` bp; a printed
    1.000 lies just below the end. Any allele character but ``0`` is derived
    (msms numbers the origins of a marked allele 1 … 9, a …).

    Parameters
    ----------
    source : path or stream
        A stream is left open.
    sequence_length : int
        Length of the simulated locus, bp.
    n_haplotypes : int, optional
        Rows per window; counted in the first window with sites when not given.
    drop_monomorphic : bool
        Leave out sites that are 0 or 1 in every haplotype (msms prints such
        with ``-Smark``) and count them in the parameter ``n_monomorphic_dropped``.
    drop_selected_site : bool
        Leave out the column that each window's line ``selsite: i`` names (mssel
        prints it, counted from 0); a window without such a line is malformed.
    expected_windows : int, optional
        Raise unless the text holds exactly this many windows.
    whole : bool
        Hold the text to the number of windows in its first line; not so for an excerpt.
    batch_windows : int
        Largest number of windows in a batch.

    Yields
    ------
    windows : Windows
        Of polarisation ``ancestral``; at least one window each.

    Raises
    ------
    DataError
        At the first malformed line: file, line number, what was expected and found;
        and where there are fewer windows than the command in the first line asked
        for, or its length (discoal) is another.
    """
    with _opened(source) as lines:
        reader = BlockReader(lines, n_haplotypes, drop_selected_site=drop_selected_site)
        n_windows = 0
        for blocks in _batched(reader, batch_windows):
            n_windows += len(blocks)
            _check_length(reader.command, sequence_length, lines)
            spec = WindowSpec(reader.known_n_haplotypes(), sequence_length, ploidy)
            yield _as_windows(blocks, spec, drop_monomorphic)
        promised = reader.command.n_windows if whole and expected_windows is None else None
        if promised is not None and n_windows < promised:
            found = f"the end of the file after {n_windows}"
            raise lines.fault(f"{promised} windows, as the first line says", found)
        if n_windows == 0 and expected_windows is None:
            raise lines.fault("a window, that is a line starting with //", "the end of the file")
        if expected_windows is not None and n_windows != expected_windows:
            raise lines.fault(f"{expected_windows} windows in all", f"{n_windows}")


def _check_length(command: MsCommand, sequence_length: int, lines: Lines) -> None:
    # sites that discoal counts from 0 to its third argument, or intervals between so many
    if command.sequence_length not in (None, sequence_length, sequence_length + 1):
        raise lines.fault(
            f"windows of {sequence_length:,} bp, as asked for", f"{command.sequence_length:,} bp", number=1
        )


def read_ms_windows(source: MsSource, *, sequence_length: int, **options: Any) -> Windows:
    """Read all of an ms-format text into one batch; arguments as for `read_ms`."""
    return Windows.concatenate(list(read_ms(source, sequence_length=sequence_length, **options)))


def write_ms(
    batches: Windows | Iterable[Windows],
    stream: IO[bytes],
    *,
    command: str,
    seeds: Sequence[int] = (),
    digits: int | None = None,
) -> None:
    """Write windows as ms-format text, as ms itself lays it out.

    Parameters
    ----------
    batches : Windows or iterable of Windows
    stream : binary stream
    command : str
        First line; readers of ms text look for the sample size and the number
        of windows behind the program's name (``ms 48 1000 -t 3.2 …``).
    seeds : sequence of int
        Second line.
    digits : int, optional
        Decimals of a position relative to the sequence length. By default 6, or
        what it takes to tell neighbouring base pairs apart.

    Raises
    ------
    DataError
        If the command or a polarisation does not fit the format.
    """
    if "\n" in command or "//" in command:
        raise DataError(f"ms command line: expected one line without //, found {command!r}")
    stream.write(f"{command}\n{' '.join(map(str, seeds))}\n".encode())
    for windows in [batches] if isinstance(batches, Windows) else batches:
        windows.check_complete("ms text")
        length = windows.spec.sequence_length
        places = max(6, ceil(log10(length)) + 1) if digits is None else digits
        blocks = (_block_text(haplotypes, positions / length, places) for haplotypes, positions in windows)
        stream.write(b"".join(blocks))


def _block_text(haplotypes: NDArray[np.uint8], positions: NDArray[np.float64], digits: int) -> bytes:
    n_sites, n_haplotypes = haplotypes.shape
    if n_sites == 0:
        return b"\n//\nsegsites: 0\n\n"
    rows = np.full((n_haplotypes, n_sites + 1), ord("\n"), dtype=np.uint8)
    np.add(haplotypes.T, ord("0"), out=rows[:, :-1])
    printed = (f"%.{digits}f " * n_sites) % tuple(positions.tolist())
    return f"\n//\nsegsites: {n_sites}\npositions: {printed}\n".encode() + rows.tobytes()


def _batched(reader: BlockReader, batch_windows: int) -> Iterator[list[Block]]:
    """Group blocks; empty windows wait until the number of haplotypes is known."""
    blocks: list[Block] = []
    n_bytes = 0
    for block in reader:
        blocks.append(block)
        n_bytes += block.haplotypes.size
        full = len(blocks) >= batch_windows or n_bytes >= BATCH_BYTES
        if full and reader.n_haplotypes is not None:
            for start in range(0, len(blocks), batch_windows):
                yield blocks[start : start + batch_windows]
            blocks, n_bytes = [], 0
    for start in range(0, len(blocks), batch_windows):
        yield blocks[start : start + batch_windows]


def _as_windows(blocks: list[Block], spec: WindowSpec, drop_monomorphic: bool) -> Windows:
    n_sites = np.array([len(block.positions) for block in blocks], dtype=np.int64)
    relative = np.concatenate([block.positions for block in blocks])
    haplotypes = np.concatenate([block.haplotypes.reshape(-1, spec.n_haplotypes) for block in blocks])
    positions = np.minimum(relative * spec.sequence_length, np.nextafter(spec.sequence_length, 0))
    parameters = {}
    if drop_monomorphic:
        derived = haplotypes.sum(axis=1, dtype=np.int64)
        kept = (derived > 0) & (derived < spec.n_haplotypes)
        window = np.repeat(np.arange(len(blocks)), n_sites)
        n_kept = np.bincount(window[kept], minlength=len(blocks))
        parameters["n_monomorphic_dropped"] = n_sites - n_kept
        haplotypes, positions, n_sites = haplotypes[kept], positions[kept], n_kept
    offsets = np.concatenate([[0], np.cumsum(n_sites)]).astype(np.int64)
    return Windows(spec, haplotypes, positions, offsets, parameters=parameters)


@contextmanager
def _opened(source: MsSource) -> Iterator[Lines]:
    """Open a path, or wrap a stream, text or binary, plain or gzip."""
    if isinstance(source, str | Path):
        try:
            with open(source, "rb") as stream:
                yield Lines(_inflated(stream), str(source))
        except OSError as error:
            raise DataError(f"{source}: cannot be read ({error.strerror})") from error
    else:
        yield Lines(_inflated(_binary(source)), _stream_name(source))


def _stream_name(stream: IO[bytes] | IO[str]) -> str:
    name = getattr(stream, "name", None)  # a pipe's name is a number
    return name if isinstance(name, str) else "ms text"


def _binary(stream: IO[bytes] | IO[str]) -> IO[bytes]:
    if isinstance(stream, io.StringIO):
        return io.BytesIO(stream.read().encode())
    return cast(IO[bytes], getattr(stream, "buffer", stream))


def _inflated(stream: IO[bytes]) -> IO[bytes]:
    """Return a stream of plain text, whether `stream` is gzip or not."""
    if isinstance(stream, io.BufferedReader):
        head = stream.peek(2)[:2]
    elif stream.seekable():
        head = stream.read(2)
        stream.seek(-len(head), io.SEEK_CUR)
    else:
        head = b""
    return inflating(stream) if head == b"\x1f\x8b" else stream
