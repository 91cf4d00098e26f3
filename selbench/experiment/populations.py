"""Populations of tasks: a table of sizes, or one key that names who tells them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from selbench.errors import ExperimentError, PluginError
from selbench.plugin import Offer, PopulationProvider, Registry, population, population_of
from selbench.scenario import Population
from selbench.tables import nearest, one_of


@population("Gower et al. 2022, Genetics 222:iyac131")
def demes(path: str) -> Population:
    """The one population of a demes file, by its path."""
    return Population.from_demes(Path(path))


SHIPPED = (demes,)
"""As `register_populations` takes them."""

_OURS: Mapping[str, PopulationProvider] = {each.name: each for each in (demes.population,)}  # type: ignore[attr-defined]


def named_population(table: object, registry: Registry, *, where: str) -> object:
    """Return the population that a table such as ``{demes = "history.yaml"}`` names; any other as it is.

    Raises
    ------
    ExperimentError
        If nobody offers a population of that name, it stands beside other keys, or it cannot be had.
    """
    fields = Population.__dataclass_fields__
    name = next((key for key in table if key not in fields), None) if isinstance(table, Mapping) else None
    if name is None or not isinstance(table, Mapping):
        return table
    offer = None if name in _OURS else _offer(name, registry, where)
    if len(table) > 1:
        raise ExperimentError(f"{where}: expected {name} alone, found {', '.join(map(str, table))}")
    try:
        provider = _OURS[name] if offer is None else offer.value
        return population_of(provider, table[name], where=f"{where}.{name}")
    except ExperimentError as problem:
        if offer is None:
            raise
        raise ExperimentError(f"{problem}; population {name} is of plugin {offer.owner}") from problem


def _offer(name: str, registry: Registry, where: str) -> Offer[PopulationProvider]:
    fields, offers = Population.__dataclass_fields__, registry.populations
    known = sorted({*_OURS, *offers})
    if name not in offers:
        raise ExperimentError(
            f"{where}: unknown key {name!r}{nearest(name, [*fields, *known])}; expected {one_of(fields)}, "
            f"or one population by name: {', '.join(known)}"
        )
    try:
        return offers.entry(name)
    except PluginError as problem:
        raise ExperimentError(f"{where}: {problem}") from problem
