"""From the units of ms (4N₀ generations, 4N₀μL, 4N₀rL) to natural ones, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selbench import UnsupportedError
from selbench.streams import stream_seed
from selbench_coalescent.arguments.line import Line

NOMINAL_SIZE = 10_000.0
"""N₀ where a line gives none; it cancels."""

NOMINAL_LENGTH = 1_000_000
"""Base pairs where a line gives no number of sites."""

_DIGITS = 12


@dataclass(frozen=True)
class Units:
    """The reference size N₀ (diploid individuals) that a line's numbers are scaled with."""

    size: float = NOMINAL_SIZE

    def generations(self, time: float) -> float:
        """Turn 4N₀ generations into generations."""
        return rounded(time * 4 * self.size)

    def time(self, generations: float) -> float:
        """Turn generations into 4N₀ generations."""
        return generations / (4 * self.size)

    def individuals(self, size: float) -> float:
        """Turn multiples of N₀ into diploid individuals."""
        return rounded(size * self.size)

    def rate(self, scaled: float, length: int = 1) -> float:
        """Turn 4N₀·rate·length into a rate, per base pair and generation or per generation."""
        return rounded(scaled / (4 * self.size * length))

    def scaled_rate(self, rate: float, length: int = 1) -> float:
        """Turn a rate into 4N₀·rate·length."""
        return rate * 4 * self.size * length


def rounded(value: float) -> float:
    """Return a value without the noise of unit conversion, so that 3.2 at N₀ 80,000 reads 1e-8."""
    return float(f"{value:.{_DIGITS}g}")


def written(value: float) -> str:
    """Return the shortest decimal text of a number, without an exponent (some programs read none)."""
    return np.format_float_positional(value, trim="-")


def sequence_length(line: Line) -> int:
    """Return the base pairs of a line's locus: nsites − 1 of ``-r ρ nsites``."""
    option = line.last("-r")
    if option is None or len(option.values) < 2:
        return NOMINAL_LENGTH
    return option.whole(1, least=2) - 1


def seed_of(line: Line) -> int | None:
    """Return the seed that a line chooses; several values make one, none is None."""
    option = line.last("-seed", "-seeds")
    if option is None:
        return None
    try:
        values = [int(text, 16 if text.lower().startswith("0x") else 10) for text in option.values]
    except ValueError:
        raise option.refuse("expected whole numbers, decimal or 0x…") from None
    return values[0] if len(values) == 1 else stream_seed(values[0], "seeds", *values[1:])


def fixed(value: object, name: str, program: str) -> float:
    """Return a quantity of a scenario that a command line can only give as one number."""
    if not isinstance(value, int | float):
        raise UnsupportedError(f"{program}: {name} = {value}: a command line takes one value, not a prior")
    return float(value)
