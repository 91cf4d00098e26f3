"""Recombination maps in the format of HapMap: rates along chromosomes, and their mean in windows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.gzip import opened

Floats = NDArray[np.float64]

_EXPECTED = "a recombination map: chromosome, position, rate in cM/Mb, and cM"
_PER_BP = 1e-8
"""Rate per bp and generation of 1 cM/Mb."""


def read_recombination_map(path: str | Path) -> Mapping[str, Floats]:
    """Read a map, plain or gzip: below a line of names, a chromosome, a position and the rate from there on.

    Returns
    -------
    rates : mapping of str to float64 (n_rows, 2)
        By chromosome: position, bp and rising, and rate per bp and generation as far as the next row.

    Raises
    ------
    DataError
        If a row is not of this form, or positions fall.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    with opened(path, _EXPECTED) as stream:
        number = 0
        while line := stream.line():
            number += 1
            words = line.decode("utf-8", "replace").split()
            if not words or (number == 1 and _row(words) is None):
                continue
            row = _row(words)
            rows = found.setdefault(words[0], [])
            if row is None or (rows and row[0] <= rows[-1][0]):
                why = "positions that rise" if row else _EXPECTED
                raise DataError(f"{path}, line {number}: expected {why}, found {' '.join(words)[:60]!r}")
            rows.append(row)
    if not found:
        raise DataError(f"{path}: expected {_EXPECTED}, found no row")
    return {name: np.array(rows) for name, rows in found.items()}


def mean_rates(of_chromosome: Floats, start: int, end: int, window_bp: int) -> Floats:
    """Return the mean rate of the windows of a stretch, end to end, that a map covers: float64 (n_windows,).

    Examples
    --------
    >>> rates = np.array([[0, 1e-8], [50, 3e-8], [200, 0]])
    >>> mean_rates(rates, 0, 300, 100).tolist()
    [2e-08, 3e-08]
    """
    at, rates = of_chromosome.T
    until = np.concatenate([[0], np.cumsum(np.diff(at) * rates[:-1])])
    starts = np.arange(start, end - window_bp + 1, window_bp)
    covered = starts[(starts >= at[0]) & (starts + window_bp <= at[-1])]
    means: Floats = (np.interp(covered + window_bp, at, until) - np.interp(covered, at, until)) / window_bp
    return means


def _row(words: list[str]) -> tuple[float, float] | None:
    """Return position and rate of a row; None where it is none."""
    try:
        position, rate = float(words[1]), float(words[2])
    except (IndexError, ValueError):
        return None
    return (position, rate * _PER_BP) if 0 <= position < 2**40 and 0 <= rate < 1e6 else None
