"""The size history of one population, in diploid individuals and generations ago."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selbench.errors import ExperimentError, SelbenchError, UnsupportedError
from selbench.scenario.priors import Quantity, check_range, highest, lowest
from selbench.tables import brief_repr, build, convert


@dataclass(frozen=True, repr=False)
class Epoch:
    """A stretch of the past with its own size, from `start` back to the next epoch.

    Parameters
    ----------
    start : float
        Generations ago at which the epoch begins, looking back.
    size : float
        Diploid individuals at `start`.
    growth_rate : float
        Per generation, forward in time: N(t) = size · exp(−growth_rate · (t − start)).
    """

    start: Quantity
    size: Quantity
    growth_rate: Quantity = 0.0

    __repr__ = brief_repr

    def __post_init__(self) -> None:
        check_range("start (generations ago)", self.start, low=0)
        check_range("growth_rate", self.growth_rate)
        _check_size(self.size)


@dataclass(frozen=True, repr=False)
class Population:
    """One population.

    Parameters
    ----------
    size : float
        Diploid individuals today. It is also the reference size N₀.
    growth_rate : float
        Per generation, forward in time, until the first epoch.
    epochs : tuple of Epoch
        Older stretches, in order of rising `start`.
    """

    size: Quantity
    growth_rate: Quantity = 0.0
    epochs: tuple[Epoch, ...] = ()

    __repr__ = brief_repr

    def __post_init__(self) -> None:
        check_range("growth_rate", self.growth_rate)
        _check_size(self.size)
        for older, younger in zip(self.epochs[1:], self.epochs, strict=False):
            if lowest(older.start) <= highest(younger.start):
                raise ExperimentError(
                    "epochs: expected starts that rise into the past, found "
                    f"{lowest(older.start)} after {highest(younger.start)}"
                )

    @property
    def is_constant(self) -> bool:
        """Whether the size never changes."""
        return not self.epochs and self.growth_rate == 0

    @classmethod
    def from_table(cls, table: object, *, where: str, error: type[SelbenchError]) -> Population:
        """Read ``{size = N, epochs = [...]}`` or ``{demes = "history.yaml"}``."""
        if isinstance(table, Mapping) and "demes" in table:
            if len(table) > 1:
                raise error(f"{where}: expected demes alone, found {', '.join(map(str, table))}")
            path = convert(table["demes"], str, where=f"{where}.demes", error=error)
            try:
                return cls.from_demes(Path(path))
            except SelbenchError as problem:
                raise error(f"{where}.demes: {problem}") from problem
        return build(cls, table, where=where, error=error)

    @classmethod
    def from_demes(cls, path: Path) -> Population:
        """Read a demes YAML file with one population (Gower et al. 2022).

        Raises
        ------
        ExperimentError
            If the file is missing or not a demes model.
        UnsupportedError
            For several populations, selfing, cloning or linear size changes.
        """
        return cls.from_demes_graph(_demes_graph(path), str(path))

    @classmethod
    def from_demes_graph(cls, graph: Any, path: str) -> Population:
        """Take the one population of a ``demes.Graph`` in generations; `path` is what messages call it.

        Raises
        ------
        UnsupportedError
            As `from_demes`.
        """
        if len(graph.demes) != 1:
            raise UnsupportedError(
                f"{path}: expected one population, found {len(graph.demes)} "
                f"({', '.join(deme.name for deme in graph.demes)})"
            )
        today, *older = [_epoch(epoch, path) for epoch in reversed(graph.demes[0].epochs)]
        if today.start != 0:
            raise UnsupportedError(
                f"{path}: expected a population that lives until today, "
                f"found one that ends {today.start} generations ago"
            )
        return cls(today.size, today.growth_rate, tuple(older))


def _check_size(size: Quantity) -> None:
    if not 0 < lowest(size) <= highest(size) < math.inf:
        raise ExperimentError(f"size: expected a number of individuals above 0, found {size}")


def _demes_graph(path: Path) -> Any:
    import demes

    try:
        return demes.load(path).in_generations()
    except Exception as problem:  # of many kinds: demes' own, its YAML reader's, the file system's
        reason = " ".join(str(problem).split())
        raise ExperimentError(f"{path}: expected a demes model: {reason}") from problem


def _epoch(epoch: Any, path: str) -> Epoch:
    if epoch.selfing_rate or epoch.cloning_rate:
        raise UnsupportedError(f"{path}: selfing and cloning are not simulated")
    if epoch.size_function not in ("constant", "exponential"):
        raise UnsupportedError(f"{path}: expected constant or exponential sizes, found {epoch.size_function}")
    growth_rate = 0.0
    if epoch.size_function == "exponential":
        growth_rate = math.log(epoch.end_size / epoch.start_size) / (epoch.start_time - epoch.end_time)
    return Epoch(float(epoch.end_time), float(epoch.end_size), growth_rate)
