"""Small text tables that scanners of other people read: counts of alleles, maps, spectra and grids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.gzip import opened

Floats = NDArray[np.float64]

_COUNTS = ("position", "x", "n")


def is_count_table(path: Path) -> bool:
    """Whether a file begins as a table of counts does: ``position x n`` and perhaps ``folded``."""
    with opened(path, "a table of counts") as stream:
        first = stream.block(200).partition(b"\n")[0].decode("utf-8", "replace")
    return tuple(first.split()[:3]) == _COUNTS


def read_counts(path: Path) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Read SweepFinder's table of counts: a row per site, position, derived x of n, and whether folded.

    Returns
    -------
    positions : float64 (n_sites,)
    derived, called : int64 (n_sites,)
    folded : bool (n_sites,)
        A file without this column has none.

    Raises
    ------
    DataError
        At the first row that is not of that form; the message names file and line.
    """
    names, rows = _table(path, "a table of counts, columns position, x, n, folded", header=True)
    if tuple(names[:3]) != _COUNTS or len(names) > 4 or names[3:4] not in ([], ["folded"]):
        raise DataError(f"{path}: line 1: expected columns position, x, n, folded, found {' '.join(names)}")
    for column, name in ((1, "x"), (2, "n"), (3, "folded")):
        if column < rows.shape[1]:
            _check_whole(path, name, rows[:, column])
    positions, derived, called = rows[:, 0], rows[:, 1].astype(np.int64), rows[:, 2].astype(np.int64)
    folded = rows[:, 3] if rows.shape[1] > 3 else np.zeros(len(rows))
    _check(
        path, (derived < 0) | (derived > called), lambda i: f"x from 0 to n = {called[i]}, found {derived[i]}"
    )
    _check(path, ~np.isin(folded, (0, 1)), lambda i: f"folded 0 or 1, found {folded[i]:g}")
    falls = np.append(False, np.diff(positions) < 0)
    _check(path, falls, lambda i: f"positions in order, found {positions[i]:g}; sort the file")
    return positions, derived, called, folded == 1


def read_map(path: Path) -> Callable[[Floats], Floats]:
    """Read a genetic map and return what turns positions into cM.

    Two columns below a line of names, ``position rate``: cM from the row before, as SweepFinder2
    has it; or four without names, chromosome, id, cM, position, as PLINK and selscan have them. Between
    rows a position is interpolated.
    """
    expected = "a genetic map, position and rate, or chromosome, id, cM and position"
    if _n_columns(path) == 4:
        _, rows = _table(path, expected, header=False, text_columns=2)
        positions, centimorgans = rows[:, 1], rows[:, 0]
    else:
        names, rows = _table(path, expected, header=True)
        if len(names) != 2:
            raise DataError(f"{path}: expected {expected}, found {len(names)} columns")
        positions, centimorgans = rows[:, 0], np.cumsum(rows[:, 1])
    return _interpolation(path, positions, centimorgans, "a genetic position")


def read_b_map(path: Path) -> Callable[[Floats], Floats]:
    """Read a B map, columns ``position bvalue``, and return what turns positions into B."""
    names, rows = _table(path, "a B map, columns position and bvalue", header=True)
    if len(names) != 2:
        raise DataError(f"{path}: expected columns position and bvalue, found {' '.join(names)}")
    outside = (rows[:, 1] < 0) | (rows[:, 1] > 1)
    _check(path, outside, lambda i: f"B from 0 to 1, found {rows[i, 1]:g}")
    return _interpolation(path, rows[:, 0], rows[:, 1], "a B")


def read_spectrum(path: Path) -> Floats:
    """Read a spectrum: a class and its share per row, classes 0, 1, 2 … or 1, 2, 3 …; or shares alone."""
    _, rows = _table(path, "a spectrum, class and share per row", header=None)
    shares = rows[:, -1]
    _check(path, shares < 0, lambda i: f"shares of 0 or more, found {shares[i]:g}")
    if not 0.98 <= shares.sum() <= 1.02:
        raise DataError(f"{path}: expected shares that sum to 1, found {shares.sum():g}")
    if rows.shape[1] > 1:
        expected = np.arange(len(rows)) + rows[0, 0]
        wrong = rows[:, 0] != expected
        _check(path, wrong, lambda i: f"class {expected[i]:g}, found {rows[i, 0]:g}")
        shares = np.concatenate([np.zeros(int(rows[0, 0])), shares])
    return np.asarray(shares)


def read_grid(path: Path) -> Floats:
    """Read points, one position per row, in order."""
    _, rows = _table(path, "a grid, one position per row", header=None)
    points = rows[:, 0]
    falls = np.append(False, np.diff(points) < 0)
    _check(path, falls, lambda i: f"positions in order, found {points[i]:g}; sort the file")
    return np.asarray(points)


def _interpolation(path: Path, at: Floats, values: Floats, what: str) -> Callable[[Floats], Floats]:
    _check(path, np.append(False, np.diff(at) < 0), lambda i: f"positions in order, found {at[i]:g}")

    def interpolated(positions: Floats) -> Floats:
        beyond = positions[(positions < at[0]) | (positions > at[-1])]
        if len(beyond):
            raise DataError(
                f"{path}: expected {what} for all sites, found rows from {at[0]:g} to {at[-1]:g} and a site "
                f"at {beyond[0]:g}"
            )
        return np.asarray(np.interp(positions, at, values))

    return interpolated


def _n_columns(path: Path) -> int:
    with opened(path, "a table") as stream:
        return len(stream.line().split())


def _table(
    path: Path, expected: str, *, header: bool | None, text_columns: int = 0
) -> tuple[list[str], Floats]:
    """Read a table of numbers: with a line of names, without, or (None) with one if it is not numbers.

    The first `text_columns` columns are left out. Rows of ``//`` and blank ones are passed over.
    """
    names: list[str] = []
    rows: list[list[float]] = []
    with opened(path, expected) as stream:
        number = 0
        while line := stream.line():
            number += 1
            words = line.decode("utf-8", "replace").split()
            if not words or words[0].startswith("//"):
                continue
            if not rows and not names and header is not False and (header or not _are_numbers(words)):
                names = words
                continue
            found = words[text_columns:]
            if not _are_numbers(found) or (rows and len(found) != len(rows[0])):
                raise DataError(f"{path}: line {number}: expected {expected}, found {' '.join(words)[:60]!r}")
            rows.append([float(word) for word in found])
    if not rows:
        raise DataError(f"{path}: expected {expected}, found no row of numbers")
    if names and len(names) != len(rows[0]):
        raise DataError(f"{path}: expected {len(names)} columns as in line 1, found {len(rows[0])}")
    return names, np.array(rows)


def _are_numbers(words: Sequence[str]) -> bool:
    try:
        return bool(np.isfinite([float(word) for word in words]).all())
    except ValueError:
        return False


def _check_whole(path: Path, name: str, values: Floats) -> None:
    _check(path, values != np.floor(values), lambda i: f"a whole {name}, found {values[i]:g}")


def _check(path: Path, wrong: NDArray[Any], said: Callable[[int], str]) -> None:
    """Raise at the first row that is wrong, by its number among the rows."""
    if wrong.any():
        i = int(np.argmax(wrong))
        raise DataError(f"{path}: row {i + 1}: expected {said(i)}")
