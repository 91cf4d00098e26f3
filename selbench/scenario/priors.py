"""Priors: distributions that a rate, coefficient, time or frequency is drawn from, per window."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from selbench.errors import ExperimentError, SelbenchError
from selbench.scenario import elementary
from selbench.tables import nearest, one_of, show

PriorKind = Literal["uniform", "log_uniform", "exponential", "quantiles"]
_KINDS: tuple[PriorKind, ...] = get_args(PriorKind)
_FORMS = {
    "uniform": "[low, high]",
    "log_uniform": "[low, high]",
    "exponential": "[mean, high]",
    "quantiles": "[least, …, greatest]",
}
_MOST_QUANTILES = 10_001


@dataclass(frozen=True)
class Prior:
    """A distribution on [low, high]: uniform, uniform in the logarithm, exponential, or told by quantiles.

    In a table: ``{ uniform = [0.001, 0.01] }``, ``{ log_uniform = [1e-9, 1e-7] }``
    or ``{ exponential = [1e-8, 3e-8] }``: of mean 1e-8, with all that exceeds
    3e-8 at 3e-8 (as ``-Pre`` of discoal), which leaves the draws a lower mean; or
    ``{ quantiles = [0, 1e-9, 1e-8] }``: the least value, the median and the greatest,
    or as many as there are, as likely from each to the next and uniform between.

    Parameters
    ----------
    kind : {"uniform", "log_uniform", "exponential", "quantiles"}
    low, high : float
        Bounds of what is drawn; an exponential prior begins at 0.
    mean : float, optional
        Of the exponential distribution before its excess is put to `high`.
    quantiles : tuple of float
        Evenly spread ones, from `low` to `high`.
    """

    kind: PriorKind
    low: float
    high: float
    mean: float | None = None
    quantiles: tuple[float, ...] = ()
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
        if (self.kind == "quantiles") != bool(self.quantiles):
            raise ExperimentError(f"{self.kind} prior: found {len(self.quantiles)} quantiles")
        if self.kind != "exponential":
            if self.mean is not None:
                raise ExperimentError(f"{self.kind} prior: expected no mean, found {self.mean}")
        elif self.low != 0 or not (self.mean is not None and 0 < self.mean < math.inf and self.high > 0):
            raise ExperimentError(
                f"exponential prior: expected low = 0 and mean and high above 0, found low = {self.low}, "
                f"mean = {self.mean}, high = {self.high}"
            )

    @classmethod
    def exponential(cls, mean: float, high: float) -> Prior:
        """Return the exponential prior of this mean, its excess over `high` at `high`.

        >>> Prior.exponential(1e-8, 3e-8).quantile(np.array([0.5, 0.99])).tolist()
        [6.931471805599453e-09, 3e-08]
        """
        return cls("exponential", 0.0, high, mean)

    @classmethod
    def of_quantiles(cls, quantiles: Sequence[float]) -> Prior:
        """Return the prior of evenly spread quantiles, the least and the greatest value among them.

        >>> Prior.of_quantiles([0, 1, 10]).quantile(np.array([0.25, 0.75])).tolist()
        [0.5, 5.5]
        """
        points = tuple(map(float, quantiles))
        if not 2 <= len(points) <= _MOST_QUANTILES or not all(a <= b for a, b in pairwise(points)):
            raise ExperimentError(
                f"quantiles prior: expected from 2 to {_MOST_QUANTILES:,} numbers that do not fall, "
                f"found {len(points)}"
            )
        return cls("quantiles", points[0], points[-1], quantiles=points)

    @classmethod
    def from_table(cls, table: object, *, where: str, error: type[SelbenchError]) -> Prior:
        """Read ``{kind = [low, high]}``, or ``{exponential = [mean, high]}``."""
        if not isinstance(table, Mapping) or len(table) != 1:
            raise error(f"{where}: expected {{ {one_of(_KINDS)} = [low, high] }}, found {show(table)}")
        kind, numbers = next(iter(table.items()))
        if kind not in _KINDS:
            raise error(f"{where}: unknown prior {kind!r}{nearest(kind, _KINDS)}; expected {one_of(_KINDS)}")
        if (
            not isinstance(numbers, list | tuple)
            or (len(numbers) != 2 and kind != "quantiles")
            or not all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers)
        ):
            raise error(f"{where}.{kind}: expected {_FORMS[kind]}, found {show(numbers)}")
        try:
            if kind == "quantiles":
                return cls.of_quantiles(numbers)
            first, high = map(float, numbers)
            return cls.exponential(first, high) if kind == "exponential" else cls(kind, first, high)
        except ExperimentError as problem:
            raise error(f"{where}: {problem}") from problem

    def __str__(self) -> str:
        first, *more = self._numbers
        rest = f", {more[-1]:g}" if len(more) == 1 else f", … {len(more) - 1} …, {more[-1]:g}"
        return f"{{ {self.kind} = [{first:g}{rest}] }}"

    def to_table(self) -> dict[str, list[float]]:
        """Return the table that `from_table` reads."""
        return {self.kind: self._numbers}

    @property
    def _numbers(self) -> list[float]:
        """What a table says of it: its bounds, mean and upper bound, or quantiles."""
        if self.quantiles:
            return list(self.quantiles)
        return [self.low if self.mean is None else self.mean, self.high]

    def quantile(self, uniforms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn uniform numbers in (0, 1) into draws, float64 of the same shape, in [low, high]."""
        if self.quantiles:
            steps = np.linspace(0, 1, len(self.quantiles))
            draws = elementary.interpolated(uniforms, steps, np.array(self.quantiles))
        elif self.mean is not None:
            draws = -self.mean * elementary.log1p(-uniforms)
        elif self.kind == "uniform":
            draws = (1 - uniforms) * self.low + uniforms * self.high
        else:
            low, high = elementary.log([self.low, self.high])
            draws = elementary.exp((1 - uniforms) * low + uniforms * high)
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
