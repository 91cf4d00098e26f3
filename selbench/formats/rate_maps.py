"""Maps of recombination and mutation: rates along chromosomes, and their mean in windows.

Two forms are read: that of HapMap, a position and the rate from there to the next, and
bedGraph, a stretch and its rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.foreign.gzip import opened

Floats = NDArray[np.float64]
Kind = Literal["recombination", "mutation"]

_UNITS: Mapping[Kind, tuple[str, float]] = {
    "recombination": ("rate in cM/Mb", 1e-8),
    "mutation": ("rate per bp and generation", 1.0),
}
"""What the rates of a map are, and how many per bp and generation one of it is."""

_BED_GRAPH = (".bedgraph", ".bg", ".bed")


def read_rate_map(path: str | Path, kind: Kind) -> Mapping[str, Floats]:
    """Read a map, plain or gzip.

    A file called ``.bedGraph``, ``.bg`` or ``.bed`` has a chromosome, a start, an end and a rate in a row;
    any other, below a line of names, a chromosome, a position and the rate from there on.

    Parameters
    ----------
    kind : {"recombination", "mutation"}
        Rates are in cM/Mb, or per bp and generation.

    Returns
    -------
    rates : mapping of str to float64 (n_rows, 2)
        By chromosome: position, bp and rising, and rate per bp and generation as far as the next row; NaN
        where the map says nothing.

    Raises
    ------
    DataError
        If a row is not of this form, or positions fall.
    """
    unit, per_bp = _UNITS[kind]
    name = str(path).lower().removesuffix(".gz").removesuffix(".bgz")
    is_graph = name.endswith(_BED_GRAPH)
    columns = "chromosome, start, end" if is_graph else "chromosome, position"
    expected = f"a map of {kind}: {columns}, {unit}"
    found: dict[str, list[tuple[float, float]]] = {}
    with opened(path, expected) as stream:
        number = 0
        while line := stream.line():
            number += 1
            words = line.decode("utf-8", "replace").split()
            if not words or words[0].startswith("#") or words[0] in ("track", "browser"):
                continue
            row = _row(words, is_graph)
            if row is None and number == 1 and not is_graph:
                continue
            rows = found.setdefault(words[0], [])
            if row is None or (rows and row[0] < rows[-1][0] + (not is_graph)):
                why = "positions that rise" if row else expected
                raise DataError(f"{path}, line {number}: expected {why}, found {' '.join(words)[:60]!r}")
            start, end, rate = row
            if is_graph and rows and rows[-1][0] == start:
                rows.pop()
            rows += [(start, rate * per_bp), *([(end, np.nan)] if is_graph else [])]
    if not found:
        raise DataError(f"{path}: expected {expected}, found no row")
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
    until, unknown = (
        np.concatenate([[0], np.cumsum(np.diff(at) * each[:-1])])
        for each in (np.nan_to_num(rates), np.isnan(rates))
    )
    starts = np.arange(start, end - window_bp + 1, window_bp)
    covered = starts[(starts >= at[0]) & (starts + window_bp <= at[-1])]
    covered = covered[np.interp(covered + window_bp, at, unknown) == np.interp(covered, at, unknown)]
    means: Floats = (np.interp(covered + window_bp, at, until) - np.interp(covered, at, until)) / window_bp
    return means


def _row(words: list[str], is_graph: bool) -> tuple[float, float, float] | None:
    """Return start, end and rate of a row, the end being the start where it has none; None for no row."""
    try:
        start, *rest = [float(word) for word in words[1 : 4 if is_graph else 3]]
        end, rate = rest if is_graph else (start, *rest)
    except ValueError:
        return None
    is_row = 0 <= start < 2**40 and 0 <= rate < 1e6 and (start < end < 2**40 or not is_graph)
    return (start, end, rate) if is_row else None
