"""Scenario: what to simulate, in natural units, independent of any simulator."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError, ExperimentError, SelbenchError
from selbench.scenario.population import Population
from selbench.scenario.priors import Prior, Quantity, check_range, highest, lowest
from selbench.scenario.trajectories import Trajectory, read_trajectories
from selbench.streams import window_uniforms
from selbench.tables import brief_repr, build, check_keys, convert, to_table
from selbench.windows import WindowSpec

_FITNESSES = ("s", "h", "w_AA", "w_Aa", "w_aa")


@dataclass(frozen=True, repr=False)
class Sample:
    """How many haplotypes are sampled, and how many make an individual."""

    n_haplotypes: int
    ploidy: int = 2

    __repr__ = brief_repr


@dataclass(frozen=True, repr=False)
class Locus:
    """The stretch of genome that is simulated.

    Parameters
    ----------
    sequence_length : int
        Base pairs.
    mutation_rate, recombination_rate : float
        Per base pair per generation.
    """

    sequence_length: int
    mutation_rate: Quantity
    recombination_rate: Quantity = 0.0

    __repr__ = brief_repr

    def __post_init__(self) -> None:
        for name in ("mutation_rate", "recombination_rate"):
            rate = getattr(self, name)
            if not 0 <= lowest(rate) <= highest(rate) < 1:
                raise ExperimentError(f"{name}: expected a rate in [0, 1) per bp, found {rate}")


@dataclass(frozen=True, repr=False)
class Selection:
    """One favoured (or disfavoured) allele A, derived, and how it is observed.

    Fitness is given either as `s` and `h` (1 + s, 1 + hs, 1) or as the relative
    fitnesses `w_AA`, `w_Aa`, `w_aa`.

    Parameters
    ----------
    s, h : float
        Selection coefficient of the homozygote AA, and dominance (by default ½).
    w_AA, w_Aa, w_aa : float
        Relative fitnesses.
    position : float
        Selected site in bp, 0-based from the left edge of the window; may lie outside.
    origin : {"single", "multiple"}
        One mutation (all carriers coalesce at its origin), or several unrelated
        copies at onset. ``"merge"``, an older name of the second, becomes ``"multiple"``.
    onset_time, onset_frequency : float, optional
        Generations ago when selection began, and the allele's frequency then.
        `onset_frequency` alone goes with `fixation_time` or `present_frequency`:
        the allele was neutral until it last left that frequency, whenever that was.
    fixation_time : float, optional
        Generations ago when the allele fixed; 0 means at sampling.
    present_frequency : float, optional
        Frequency of the allele in the population today, conditioned on.
    carriers : int or {"binomial", "conditioned", "all"}
        How many sampled haplotypes carry the allele: a fixed number, Binomial(n,
        frequency today), binomial but neither none nor all, or all of them.
    trajectories : {"each", "shared"} or int
        A new trajectory per window, one for all, or that many used in turn.
    trajectory_seed : int, optional
        Seed of shared trajectories; by default the simulation's own.
    dynamics : {"diffusion", "wright-fisher"}
        How trajectories are drawn: conditioned diffusion, or exact binomial
        sampling forward in time.
    keep_selected_site : bool
        Whether the selected site itself is a column of the window.
    given_trajectories : tuple of Trajectory
        Trajectories to use instead of drawing any (``trajectory_file`` in a table).
    """

    s: Quantity | None = None
    h: Quantity | None = None
    w_AA: Quantity | None = None
    w_Aa: Quantity | None = None
    w_aa: Quantity | None = None
    position: Quantity = 0.0
    origin: Literal["single", "multiple", "merge"] = "single"
    onset_time: Quantity | None = None
    onset_frequency: Quantity | None = None
    fixation_time: Quantity | None = None
    present_frequency: Quantity | None = None
    carriers: int | Literal["binomial", "conditioned", "all"] = "binomial"
    trajectories: Literal["each", "shared"] | int = "each"
    trajectory_seed: int | None = None
    dynamics: Literal["diffusion", "wright-fisher"] = "diffusion"
    keep_selected_site: bool = False
    given_trajectories: tuple[Trajectory, ...] = ()

    __repr__ = brief_repr

    def __post_init__(self) -> None:
        if self.origin == "merge":
            object.__setattr__(self, "origin", "multiple")
        self._check_fitnesses()
        check_range("position", self.position)
        for name in ("onset_frequency", "present_frequency"):
            if getattr(self, name) is not None:
                check_range(f"{name} (a frequency)", getattr(self, name), low=0, high=1)
        for name in ("onset_time", "fixation_time"):
            if getattr(self, name) is not None:
                check_range(f"{name} (generations ago)", getattr(self, name), low=0)
        if isinstance(self.carriers, int) and self.carriers < 0:
            raise ExperimentError(f"carriers: expected 0 or more, found {self.carriers}")
        if isinstance(self.trajectories, int) and self.trajectories < 1:
            raise ExperimentError(f"trajectories: expected 1 or more, found {self.trajectories}")

    def _check_fitnesses(self) -> None:
        expected = "expected s (and h), or w_AA, w_Aa and w_aa"
        given = [name for name in _FITNESSES if getattr(self, name) is not None]
        by_fitness = [name for name in given if name.startswith("w_")]
        if by_fitness and len(given) != 3:
            raise ExperimentError(f"selection: {expected}, found {', '.join(given)}")
        if given == ["h"]:
            raise ExperimentError(f"selection: {expected}, found h alone")
        if not given and not self.given_trajectories:
            raise ExperimentError(f"selection: {expected}, or a trajectory_file, found none of them")
        for name in given:
            least = {"s": -1.0, "h": -math.inf}.get(name, 0.0)
            check_range(name, getattr(self, name), low=least)
        h, s = (0.5 if self.h is None else self.h), self.s or 0.0
        if any(1 + a * b < 0 for a in (lowest(h), highest(h)) for b in (lowest(s), highest(s))):
            raise ExperimentError(f"h: expected a fitness 1 + hs ≥ 0, found h = {h} with s = {s}")

    @classmethod
    def from_dominance(cls, s: Quantity, h: Quantity = 0.5, **observed: Any) -> Selection:
        """Selection with fitnesses 1 + s, 1 + hs and 1 for AA, Aa and aa."""
        return cls(s=s, h=h, **observed)

    @property
    def fitnesses(self) -> tuple[float, float, float]:
        """Relative fitnesses (w_AA, w_Aa, w_aa); all 1 where only a trajectory is given.

        Raises
        ------
        TypeError
            If a coefficient is still a prior: draw it first.
        """

        def fixed(value: Quantity | None, default: float) -> float:
            if isinstance(value, Prior):
                raise TypeError("fitnesses: draw the priors of the scenario first")
            return default if value is None else float(value)

        if self.s is not None:
            s, h = fixed(self.s, 0.0), fixed(self.h, 0.5)
            return 1 + s, 1 + h * s, 1.0
        return fixed(self.w_AA, 1.0), fixed(self.w_Aa, 1.0), fixed(self.w_aa, 1.0)


@dataclass(frozen=True, repr=False)
class Scenario:
    """A sample from one population at one locus, with or without selection.

    Examples
    --------
    >>> scenario = Scenario(
    ...     Sample(n_haplotypes=48),
    ...     Locus(sequence_length=1000, mutation_rate=1e-8, recombination_rate=1e-8),
    ...     Population(size=80_000),
    ...     Selection.from_dominance(0.01, 0.5, present_frequency=0.5),
    ... )
    >>> str(scenario.window_spec)
    '48 haplotypes, 1000 bp, ploidy 2'
    """

    sample: Sample
    locus: Locus
    population: Population
    selection: Selection | None = None

    __repr__ = brief_repr

    def __post_init__(self) -> None:
        _ = self.window_spec
        carriers = self.selection.carriers if self.selection else 0
        if isinstance(carriers, int) and carriers > self.sample.n_haplotypes:
            raise ExperimentError(
                f"selection.carriers: expected at most {self.sample.n_haplotypes} "
                f"(n_haplotypes), found {carriers}"
            )

    @classmethod
    def from_table(
        cls,
        table: object,
        *,
        where: str,
        error: type[SelbenchError] = ExperimentError,
    ) -> Scenario:
        """Read a scenario from tables ``sample``, ``locus``, ``population`` and ``selection``."""
        if not isinstance(table, Mapping):
            return build(cls, table, where=where, error=error)
        check_keys(table, [field.name for field in dataclasses.fields(cls)], where=where, error=error)
        _check_selection_keys(table.get("selection"), f"{where}.selection", error)
        parts = {key: dict(value) if isinstance(value, Mapping) else value for key, value in table.items()}
        selection = parts.get("selection")
        if isinstance(selection, dict) and "trajectory_file" in selection and "population" in parts:
            parts["selection"] = _with_trajectories(selection, parts["population"], where, error)
        return build(cls, parts, where=where, error=error)

    @property
    def window_spec(self) -> WindowSpec:
        """The shape of the windows that this scenario makes."""
        return WindowSpec(self.sample.n_haplotypes, self.locus.sequence_length, self.sample.ploidy)

    def priors(self) -> dict[str, Prior]:
        """Return the quantities that are drawn per window, by dotted name (``selection.s``)."""
        return {name: value for name, value in _leaves(self) if isinstance(value, Prior)}

    def with_values(self, values: Mapping[str, float]) -> Scenario:
        """Return the scenario with the named quantities fixed.

        Raises
        ------
        KeyError
            If the scenario has no quantity of that name.
        """
        left = dict(values)
        fixed = cast(Scenario, _replaced(self, "", left))
        if left:
            raise KeyError(f"the scenario has no {', '.join(left)}")
        return fixed


def _check_selection_keys(selection: object, where: str, error: type[SelbenchError]) -> None:
    """Refuse a misspelt key, listing those that people write; trajectories are written as a file."""
    if isinstance(selection, Mapping) and "given_trajectories" not in selection:
        fields = [field.name for field in dataclasses.fields(Selection) if field.name != "given_trajectories"]
        check_keys(selection, [*fields, "trajectory_file"], where=where, error=error)


def _with_trajectories(
    selection: Mapping[str, object], population: object, where: str, error: type[SelbenchError]
) -> dict[str, object]:
    """Return a selection table with its trajectory file read; its times are in units of 4N₀ generations."""
    rest = {key: value for key, value in selection.items() if key != "trajectory_file"}
    at = f"{where}.selection.trajectory_file"
    if "given_trajectories" in rest:
        raise error(f"{at}: expected either a file or given_trajectories, found both")
    path = Path(convert(selection["trajectory_file"], str, where=at, error=error))
    size = convert(population, Population, where=f"{where}.population", error=error).size
    if isinstance(size, Prior):
        raise error(f"{at}: needs a fixed population size, found {size}")
    try:
        trajectories = read_trajectories(path, population_size=size)
    except DataError as problem:
        raise error(f"{at}: {problem}") from problem
    return rest | {"given_trajectories": to_table(trajectories)}


def draw_priors(scenario: Scenario, *, windows: range, seed: int) -> dict[str, NDArray[np.float64]]:
    """Draw every prior of a scenario for each window, from that window's own stream.

    Returns
    -------
    values : dict of str to float64 (n_windows,)
        By dotted name; the same (seed, window index) gives the same values.
    """
    return {
        name: prior.quantile(window_uniforms(seed, windows, "prior", name))
        for name, prior in scenario.priors().items()
    }


def _leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if dataclasses.is_dataclass(value) and not isinstance(value, Prior | Trajectory | type):
        for field in dataclasses.fields(value):
            yield from _leaves(getattr(value, field.name), f"{prefix}.{field.name}".lstrip("."))
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _leaves(item, f"{prefix}.{i}")
    else:
        yield prefix, value


def _replaced(value: Any, prefix: str, values: dict[str, float]) -> Any:
    """Put values in their places; those that are placed are taken out of `values`."""
    if isinstance(value, tuple):
        return tuple(_replaced(item, f"{prefix}.{i}", values) for i, item in enumerate(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, Prior | Trajectory | type):
        changed = {
            field.name: _replaced(getattr(value, field.name), f"{prefix}.{field.name}".lstrip("."), values)
            for field in dataclasses.fields(value)
        }
        return dataclasses.replace(value, **changed)
    return values.pop(prefix, value)
