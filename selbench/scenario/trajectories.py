"""Allele-frequency trajectories of the favoured allele, and the file format of mssel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from selbench.errors import DataError


@dataclass(frozen=True, repr=False)
class Trajectory:
    """Frequency of the favoured allele, a step function looking back.

    Parameters
    ----------
    times : tuple of float
        Generations ago, rising from 0; ``frequencies[i]`` holds from
        ``times[i]`` until ``times[i + 1]``.
    frequencies : tuple of float
        In [0, 1]; the last is 0: the allele arose there, once.
    """

    times: tuple[float, ...]
    frequencies: tuple[float, ...]

    def __repr__(self) -> str:
        return (
            f"Trajectory({self.frequencies[0]:g} today, over {self.times[-1]:g} generations, "
            f"{len(self.times)} steps)"
        )

    def __post_init__(self) -> None:
        if not self.times or len(self.times) != len(self.frequencies):
            raise DataError(
                f"trajectory: expected as many frequencies as times, "
                f"found {len(self.frequencies)} and {len(self.times)}"
            )
        if self.times[0] != 0:
            raise DataError(f"trajectory: expected to start at time 0, found {self.times[0]}")
        for i, (later, earlier) in enumerate(pairwise(self.times), 1):
            if not later <= earlier < math.inf:
                raise DataError(
                    f"trajectory: expected times that rise into the past, "
                    f"found {earlier} after {later} (step {i})"
                )
        for i, frequency in enumerate(self.frequencies):
            if not 0 <= frequency <= 1:
                raise DataError(f"trajectory: expected frequencies in [0, 1], found {frequency} (step {i})")
        if self.frequencies[-1] != 0:
            raise DataError(f"trajectory: expected to end in frequency 0, found {self.frequencies[-1]}")


def read_trajectories(path: Path, *, population_size: float) -> tuple[Trajectory, ...]:
    """Read a trajectory file of mssel (Hudson), one population.

    Parameters
    ----------
    path : Path
        ``ntraj: K``, ``npop: 1``, then per trajectory ``n: M`` and M lines
        ``time frequency``, times in 4N₀ generations into the past.
    population_size : float
        N₀, diploid individuals: turns times into generations.

    Raises
    ------
    DataError
        With file, line, what was expected and what was found.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise DataError(f"{path}: cannot read the trajectory file: {problem}") from problem
    lines = iter(
        (number, line.split())
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    )
    count = _header(lines, "ntraj:", path)
    n_populations = _header(lines, "npop:", path)
    if n_populations != 1:
        raise DataError(f"{path}: expected npop: 1, found {n_populations}")
    trajectories = tuple(_one(lines, path, 4 * population_size) for _ in range(count))
    left = next(lines, None)
    if left is not None:
        raise DataError(
            f"{path}, line {left[0]}: expected the end after {count} trajectories, "
            f"found {' '.join(left[1])!r}"
        )
    return trajectories


def write_trajectories(trajectories: Sequence[Trajectory], *, population_size: float) -> str:
    """Return the text of an mssel trajectory file, times in 4N₀ generations."""
    parts = [f"ntraj: {len(trajectories)}", "npop: 1"]
    for trajectory in trajectories:
        parts.append(f"n: {len(trajectory.times)}")
        parts += [
            f"{time / (4 * population_size):.10g}\t{frequency:.10g}"
            for time, frequency in zip(trajectory.times, trajectory.frequencies, strict=True)
        ]
    return "\n".join(parts) + "\n"


def _header(lines: Iterator[tuple[int, list[str]]], key: str, path: Path) -> int:
    number, words = next(lines, (0, []))
    if len(words) != 2 or words[0] != key or not words[1].isdecimal() or int(words[1]) < 1:
        at = f", line {number}" if number else ""
        raise DataError(f"{path}{at}: expected '{key} NUMBER', found {' '.join(words) or 'the end'!r}")
    return int(words[1])


def _one(lines: Iterator[tuple[int, list[str]]], path: Path, generations_per_unit: float) -> Trajectory:
    n_steps = _header(lines, "n:", path)
    times, frequencies, number = [], [], 0
    for _ in range(n_steps):
        number, words = next(lines, (0, []))
        try:
            time, frequency = map(float, words)
        except ValueError:
            at = f", line {number}" if number else ""
            raise DataError(
                f"{path}{at}: expected 'time frequency', found {' '.join(words) or 'the end'!r}"
            ) from None
        times.append(time * generations_per_unit)
        frequencies.append(frequency)
    try:
        return Trajectory(tuple(times), tuple(frequencies))
    except DataError as problem:
        raise DataError(f"{path}, line {number}: {problem}") from problem
