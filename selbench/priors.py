"""Priors: distributions that a rate, coefficient, time or frequency is drawn from, per window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench.errors import ExperimentError, SelbenchError
from selbench.schema import one_of, show

PriorKind = Literal["uniform", "log_uniform"]


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
        if not (np.isfinite([self.low, self.high]).all() and self.low <= self.high):
            raise ExperimentError(f"prior: expected low ≤ high, found [{self.low}, {self.high}]")
        if self.kind == "log_uniform" and self.low <= 0:
            raise ExperimentError(f"log_uniform prior: expected bounds above 0, found {self.low}")

    @classmethod
    def from_table(cls, table: object, *, where: str, error: type[SelbenchError]) -> Prior:
        """Read ``{kind = [low, high]}``."""
        kinds = ("uniform", "log_uniform")
        if not isinstance(table, Mapping) or len(table) != 1 or next(iter(table)) not in kinds:
            raise error(f"{where}: expected {{ {one_of(kinds)} = [low, high] }}, found {show(table)}")
        kind, bounds = next(iter(table.items()))
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

    def to_table(self) -> dict[str, list[float]]:
        """Return the table that `from_table` reads."""
        return {self.kind: [self.low, self.high]}

    def quantile(self, uniforms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn uniform numbers in (0, 1) into draws, float64 of the same shape."""
        if self.kind == "uniform":
            return self.low + uniforms * (self.high - self.low)
        return np.exp(np.log(self.low) + uniforms * (np.log(self.high) - np.log(self.low)))


Quantity = float | Prior
"""A number, or the distribution it is drawn from for each window."""


def lowest(quantity: Quantity) -> float:
    """Return the least value that a quantity can take."""
    return quantity.low if isinstance(quantity, Prior) else quantity


def highest(quantity: Quantity) -> float:
    """Return the greatest value that a quantity can take."""
    return quantity.high if isinstance(quantity, Prior) else quantity
