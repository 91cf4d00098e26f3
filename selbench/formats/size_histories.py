"""Size histories of one population as programs that infer them write them: tables of times and sizes.

Stairway Plot 2 (Liu and Fu 2020), PSMC (Li and Durbin 2011), MSMC and MSMC2 (Schiffels and Wang 2020),
SMC++ (Terhorst et al. 2017), Relate (Speidel et al. 2019), or two columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from selbench.errors import DataError
from selbench.foreign.gzip import opened
from selbench.formats.words import is_number
from selbench.scenario import Epoch, Population, Prior

PSMC_BIN_BP = 100
"""Base pairs per bin of PSMC's input, as ``fq2psmcfa`` makes it."""

ALIKE = 0.02
"""How far two rates, or generation times, may differ and still be one: files round them."""

_LEAST_COALESCED = 0.5
"""Probability that two lineages meet within the times of an inferred table: with less it ends too early."""

_MOST_LINES = 1_000_000
_EXPECTED = "a size history of Stairway Plot 2, PSMC, MSMC2, SMC++ or Relate, or columns of time and size"

Row = tuple[float, float]
"""Generations ago, and diploid individuals from there on back."""


@dataclass(frozen=True)
class SizeHistory:
    """Sizes of one population, constant between times.

    Parameters
    ----------
    kind : str
        Which program wrote it, as people call it; "a table" where it is two columns.
    rows : tuple of (float, float)
        Generations ago, rising, and diploid individuals from there on back.
    bands : tuple of (float, float)
        Low and high of each size, where the file gives them.
    mutation_rate : float, optional
        Per bp and generation: what it was inferred with, where that is known.
    """

    kind: str
    rows: tuple[Row, ...]
    bands: tuple[Row, ...] = ()
    mutation_rate: float | None = None

    def population(self, *, band: bool = False) -> Population:
        """Return it as a population: the first size holds until today, the last for ever back.

        Parameters
        ----------
        band : bool
            Every size is drawn log-uniformly from its band, one epoch apart from the other.
        """
        sizes: list[float | Prior] = [size for _, size in self.rows]
        if band:
            sizes = [Prior("log_uniform", low, high) if low < high else low for low, high in self.bands]
        steps = [(0.0, sizes[0])]
        for (time, _), size in zip(self.rows[1:], sizes[1:], strict=True):
            if size != steps[-1][1]:
                steps.append((time, size))
        return Population(sizes[0], epochs=tuple(Epoch(time, size) for time, size in steps[1:]))


@dataclass(frozen=True)
class _Scale:
    """What a file's own units have to be multiplied by, as far as it is told."""

    path: Path
    generation_time: float | None
    mutation_rate: float | None

    def rate(self, kind: str) -> float:
        """Return the mutation rate that the units of a program are scaled by."""
        if self.mutation_rate is None:
            raise DataError(f"{self.path}: {kind} scales by a mutation rate: give mutation_rate")
        return self.mutation_rate

    @property
    def years(self) -> float:
        """Years to a generation where times are years; 1 where they are generations."""
        return self.generation_time or 1.0


def read_size_history(
    path: str | Path, *, generation_time: float | None = None, mutation_rate: float | None = None
) -> SizeHistory:
    """Read a size history, whichever program wrote it.

    Parameters
    ----------
    generation_time : float, optional
        Years. Where SMC++ or two columns give times in years.
    mutation_rate : float, optional
        Per bp and generation, to scale PSMC and MSMC by; Stairway Plot 2 tells its own.

    Raises
    ------
    DataError
        If the file is none of these, says otherwise than was said, lacks a scale, or ends before half of all
        pairs of lineages have met.
    """
    path = Path(path)
    for name, value in (("generation_time (years)", generation_time), ("mutation_rate", mutation_rate)):
        if value is not None and not 0 < value < math.inf:
            raise DataError(f"{path}: {name}: expected a number above 0, found {value:g}")
    lines = _lines(path)
    read = _reader_of(path, lines)
    history = read(lines, _Scale(path, generation_time, mutation_rate))
    return replace(history, rows=_checked(history, path))


def _lines(path: Path) -> list[list[str]]:
    """Return the words of every line that has any, comments left out."""
    found: list[list[str]] = []
    with opened(path, _EXPECTED) as stream:
        while (line := stream.line()) and len(found) < _MOST_LINES:
            text = line.decode("utf-8", "replace").removeprefix("\ufeff").strip()
            if text and not text.startswith("#"):
                found.append(text.replace(",", " ").split())
    if not found:
        raise DataError(f"{path}: expected {_EXPECTED}, found nothing")
    return found


def _reader_of(path: Path, lines: list[list[str]]) -> Callable[[list[list[str]], _Scale], SizeHistory]:
    head = lines[0]
    if head[0] == "mutation_per_site":
        return _stairway
    if "left_time_boundary" in head:
        return _msmc
    if head[:3] == ["label", "x", "y"]:
        return _smcpp
    if path.suffix == ".coal":
        return _relate
    return _psmc if any(words[0] == "RS" for words in lines) else _two_columns


def _stairway(lines: list[list[str]], scale: _Scale) -> SizeHistory:
    """θ = 4Nμ per site, and times in mutations per site: both together tell μ."""
    names = ("mutation_per_site", "theta_per_site_median", "year", "Ne_median", "Ne_2.5%", "Ne_97.5%")
    rows = _columns(lines, names, scale.path)
    time, theta, _, size, _, _ = max(rows, key=lambda row: row[3])
    if not (theta > 0 and size > 0):
        raise DataError(f"{scale.path}: expected theta_per_site_median and Ne_median above 0")
    rate = theta / (4 * size)
    time, _, year, *_ = rows[-1]
    years = year * rate / time if time > 0 else None
    told = scale.generation_time
    if told is not None and years is not None and not alike(told, years):
        raise DataError(
            f"{scale.path}: generation_time: {told:g} was said, the file was made with {years:.3g}"
        )
    return SizeHistory(
        "Stairway Plot 2",
        tuple((row[0] / rate, row[3]) for row in rows),
        tuple((row[4], row[5]) for row in rows),
        rate,
    )


def _psmc(lines: list[list[str]], scale: _Scale) -> SizeHistory:
    """N₀ = θ₀/(4μ·100), times in 2N₀ generations, sizes in N₀; of the last round of the first run."""
    rate = scale.rate("PSMC")
    rows: list[Row] = []
    theta, rounds = math.nan, 0
    for words in lines:
        if words[0] == "RD":
            if rounds and words[1:] == ["0"]:
                break  # the first bootstrap of a concatenated file
            rows, rounds = [], rounds + 1
        elif words[0] == "TR":
            (theta,) = _numbers(words[1:2], scale.path)
        elif words[0] == "RS":
            time, size = _numbers(words[2:4], scale.path)
            rows.append((time, size))
    if not theta > 0:
        raise DataError(f"{scale.path}: expected a TR line with theta above 0, as PSMC writes it")
    n0 = theta / (4 * rate * PSMC_BIN_BP)
    return SizeHistory("PSMC", tuple((2 * n0 * time, n0 * size) for time, size in rows), mutation_rate=rate)


def _msmc(lines: list[list[str]], scale: _Scale) -> SizeHistory:
    """Times scaled by μ, and rates of coalescence λ: N = 1/(2μλ)."""
    rate = scale.rate("MSMC")
    column = "lambda" if "lambda" in lines[0] else "lambda_00"
    rows = _columns(lines, ("left_time_boundary", column), scale.path)
    return SizeHistory(
        "MSMC",
        tuple((max(0.0, time) / rate, 1 / (2 * rate * pace) if pace else math.inf) for time, pace in rows),
        mutation_rate=rate,
    )


def _smcpp(lines: list[list[str]], scale: _Scale) -> SizeHistory:
    labels = {words[0] for words in lines[1:]}
    if len(labels) > 1:
        raise DataError(f"{scale.path}: expected one population, found {', '.join(sorted(labels))}")
    rows = _columns(lines, ("x", "y"), scale.path)
    return SizeHistory(
        "SMC++",
        tuple((time / scale.years, size) for time, size in rows),
        mutation_rate=scale.mutation_rate,
    )


def _relate(lines: list[list[str]], scale: _Scale) -> SizeHistory:
    """Groups, epochs in generations, and a row of rates per pair of groups: N = 1/(2 · rate)."""
    if len(lines) != 3 or len(lines[0]) != 1 or len(lines[1]) != len(lines[2]) - 2:
        groups = ", ".join(lines[0][:5])
        raise DataError(
            f"{scale.path}: expected the rates of one group as Relate writes them, found {groups}"
        )
    times = _numbers(lines[1], scale.path)
    sizes = [0.5 / rate if rate > 0 else math.nan for rate in _numbers(lines[2][2:], scale.path, nan=True)]
    known = [size for size in sizes if not math.isnan(size)]
    last = known[0] if known else math.nan  # epochs without any coalescence take the size before them
    filled = [last := last if math.isnan(size) else size for size in sizes]
    return SizeHistory("Relate", tuple(zip(times, filled, strict=True)), mutation_rate=scale.mutation_rate)


def _two_columns(lines: list[list[str]], scale: _Scale) -> SizeHistory:
    head = [] if is_number(lines[0][0]) else lines[0]
    unit = head[0].lower() if head else ""
    if "year" in unit and scale.generation_time is None:
        raise DataError(f"{scale.path}: column {head[0]}: times in years need generation_time")
    if "generation" in unit and scale.generation_time is not None:
        raise DataError(f"{scale.path}: column {head[0]}: times in generations need no generation_time")
    rows = [_numbers(words[:2], scale.path) for words in (lines[1:] if head else lines)]
    if not rows or any(len(words) < 2 for words in lines):
        raise DataError(f"{scale.path}: expected {_EXPECTED}, found {' '.join(lines[0])[:60]}")
    return SizeHistory(
        "a table",
        tuple((time / scale.years, size) for time, size in rows),
        mutation_rate=scale.mutation_rate,
    )


def _checked(history: SizeHistory, path: Path) -> tuple[Row, ...]:
    """Return the rows of a history, if they are one."""
    rows = history.rows
    for time, size in rows:
        if not (0 <= time < math.inf and 0 < size < math.inf):
            raise DataError(
                f"{path}: expected times from 0 and sizes above 0, found {size:g} individuals {time:g} "
                "generations ago"
            )
    for (younger, _), (older, _) in pairwise(rows):
        if older < younger:
            raise DataError(
                f"{path}: expected times that rise into the past, found {older:g} after {younger:g}"
            )
    if not rows:
        raise DataError(f"{path}: expected {_EXPECTED}, found no rows")
    if history.kind != "a table":
        _expect_coalescence(rows, path)
    return rows


def _expect_coalescence(rows: Sequence[Row], path: Path) -> None:
    units = sum((older - younger) / (2 * size) for (younger, size), (older, _) in pairwise(rows))
    if 1 - math.exp(-units) < _LEAST_COALESCED:
        raise DataError(
            f"{path}: ends {rows[-1][0]:,.0f} generations ago, before most lineages have met "
            f"({1 - math.exp(-units):.0%} of pairs): expected a history that reaches further back"
        )


def alike(one: float, other: float) -> bool:
    """Whether two rates or times are one within rounding.

    >>> alike(1.25e-8, 1.249e-8), alike(1.25e-8, 2.5e-8)
    (True, False)
    """
    return abs(one - other) <= ALIKE * max(abs(one), abs(other))


def _columns(lines: list[list[str]], names: Sequence[str], path: Path) -> list[list[float]]:
    missing = [name for name in names if name not in lines[0]]
    if missing:
        raise DataError(f"{path}: expected a column {missing[0]}, found {' '.join(lines[0])[:100]}")
    at = [lines[0].index(name) for name in names]
    if any(len(words) <= max(at) for words in lines):
        raise DataError(f"{path}: expected {len(lines[0])} columns in every row")
    return [_numbers([words[i] for i in at], path) for words in lines[1:]]


def _numbers(words: Sequence[str], path: Path, *, nan: bool = False) -> list[float]:
    for word in words:
        if not is_number(word) or (not nan and math.isnan(float(word))):
            raise DataError(f"{path}: expected a number, found {word[:40]!r}")
    return [float(word) for word in words]
