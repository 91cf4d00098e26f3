"""Priors: distributions that a rate, coefficient, time or frequency is drawn from, per window."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from selbench.errors import ExperimentError, SelbenchError
from selbench.tables import nearest, one_of, show

PriorKind = Literal["uniform", "log_uniform"]
_KINDS: tuple[PriorKind, ...] = get_args(PriorKind)


@dataclass(frozen=True)
class Prior:
    """A distribution on [low, high]: uniform, or uniform in the logarithm.

    In a table: ``{ uniform = [0.001, 0.01] }`` or ``{ log_uniform = [1e-9, 1e-7] }``.
    """

    kind: PriorKind
    low: float
    high: float
    reads: ClassVar[str] = "a prior such as { uniform = [a, b] }"

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ExperimentError(f"prior: expected {one_of(_KINDS)}, found {self.kind!r}")
        if not (np.isfinite([self.low, self.high]).all() and self.low <= self.high):
            raise ExperimentError(
                f"{self.kind} prior: expected finite bounds, low ≤ high, found [{self.low}, {self.high}]"
            )
        if self.kind == "log_uniform" and self.low <= 0:
            raise ExperimentError(f"log_uniform prior: expected bounds above 0, found {self.low}")

    @classmethod
    def from_table(cls, table: object, *, where: str, error: type[SelbenchError]) -> Prior:
        """Read ``{kind = [low, high]}``."""
        if not isinstance(table, Mapping) or len(table) != 1:
            raise error(f"{where}: expected {{ {one_of(_KINDS)} = [low, high] }}, found {show(table)}")
        kind, bounds = next(iter(table.items()))
        if kind not in _KINDS:
            raise error(f"{where}: unknown prior {kind!r}{nearest(kind, _KINDS)}; expected {one_of(_KINDS)}")
        if (
            not isinstance(bounds, list | tuple)
            or len(bounds) != 2
            or not all(isinstance(b, int | float) and not isinstance(b, bool) for b in bounds)
        ):
            raise error(f"{where}.{kind}: expected [low, high], found {show(bounds)}")
        try:
            return cls(kind, float(bounds[0]), float(bounds[1]))
        except ExperimentError as problem:
            raise error(f"{where}: {problem}") from problem

    def __str__(self) -> str:
        return f"{{ {self.kind} = [{self.low:g}, {self.high:g}] }}"

    def to_table(self) -> dict[str, list[float]]:
        """Return the table that `from_table` reads."""
        return {self.kind: [self.low, self.high]}

    def quantile(self, uniforms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn uniform numbers in (0, 1) into draws, float64 of the same shape, in [low, high]."""
        if self.kind == "uniform":
            draws = (1 - uniforms) * self.low + uniforms * self.high
        else:
            draws = np.exp((1 - uniforms) * np.log(self.low) + uniforms * np.log(self.high))
        return np.clip(draws, self.low, self.high)


Quantity = float | Prior
"""A number, or the distribution it is drawn from for each window."""


def lowest(quantity: Quantity) -> float:
    """Return the least value that a quantity can take."""
    return quantity.low if isinstance(quantity, Prior) else quantity


def highest(quantity: Quantity) -> float:
    """Return the greatest value that a quantity can take."""
    return quantity.high if isinstance(quantity, Prior) else quantity


def check_range(name: str, quantity: Quantity, low: float = -math.inf, high: float = math.inf) -> None:
    """Refuse a quantity that is not finite or can leave [low, high].

    Raises
    ------
    ExperimentError
        With its name, what was expected and what was found.
    """
    bounds = lowest(quantity), highest(quantity)
    if all(math.isfinite(bound) for bound in bounds) and low <= bounds[0] and bounds[1] <= high:
        return
    if math.isfinite(high):
        expected = f"a number in [{low:g}, {high:g}]"
    else:
        expected = f"a number ≥ {low:g}" if math.isfinite(low) else "a finite number"
    raise ExperimentError(f"{name}: expected {expected}, found {quantity}")
