"""Populations of tasks: a table of sizes, or one key that names who tells them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path

from selbench.errors import DataError, ExperimentError, PluginError
from selbench.formats.size_histories import ALIKE, alike, read_size_history
from selbench.plugin import Offer, PopulationProvider, Registry, population, population_of
from selbench.plugin.populations import TOLD, anchored
from selbench.scenario import Locus, Population
from selbench.scenario.priors import highest, lowest
from selbench.tables import nearest, one_of


@population("Gower et al. 2022, Genetics 222:iyac131")
def demes(path: Path) -> Population:
    """The one population of a demes file, by its path."""
    return Population.from_demes(path)


@population(
    "Liu & Fu 2020, Genome Biology 21:280; Li & Durbin 2011, Nature 475:493; Terhorst et al. 2017, "
    "Nature Genetics 49:303; Schiffels & Wang 2020, MIMB 2090:147; Speidel et al. 2019, "
    "Nature Genetics 51:1321"
)
def table(
    file: Path,
    generation_time: float | None = None,
    mutation_rate: float | None = None,
    band: bool = False,
    locus: Locus | None = None,
) -> Population:
    """The sizes in a file of Stairway Plot 2, PSMC, MSMC2, SMC++ or Relate, or in two columns."""
    own = None if locus is None or not isinstance(locus.mutation_rate, float) else locus.mutation_rate
    scaled_by = own if mutation_rate is None else mutation_rate
    history = read_size_history(file, generation_time=generation_time, mutation_rate=scaled_by)
    if mutation_rate is not None and not alike(history.mutation_rate or mutation_rate, mutation_rate):
        raise DataError(
            f"{file}: mutation_rate: {mutation_rate:g} was said, the file was made with "
            f"{history.mutation_rate:.3g}"
        )
    if band and not history.bands:
        raise DataError(f"{file}: band: {history.kind} has sizes alone: leave band out")
    _expect_rate(history.mutation_rate, locus, str(file))
    return history.population(band=band)


@population("Adrion et al. 2020, eLife 9:e54967")
def stdpopsim(model: str, locus: Locus | None = None) -> Population:
    """A model of one population from stdpopsim's catalogue, as in HomSap/Africa_1T12."""
    species, slash, name = model.partition("/")
    if not slash:
        raise ExperimentError(f"expected SPECIES/MODEL, such as HomSap/Africa_1T12, found {model!r}")
    try:
        import stdpopsim as catalogue
    except ImportError as problem:
        raise ExperimentError(
            f"needs stdpopsim, which is not installed ({problem}): pip install stdpopsim"
        ) from problem
    try:
        found = catalogue.get_species(species).get_demographic_model(name)
    except ValueError as problem:
        raise ExperimentError(f"{model}: {problem}") from problem
    _expect_rate(found.mutation_rate, locus, model)
    return Population.from_demes_graph(found.model.to_demes(), model)


SHIPPED = (demes, table, stdpopsim)
"""As `register_populations` takes them."""

_OURS: Mapping[str, PopulationProvider] = {each.name: each for each in (f.population for f in SHIPPED)}  # type: ignore[attr-defined]


def _expect_rate(inferred_with: float | None, locus: Locus | None, what: str) -> None:
    """Refuse a history inferred with another mutation rate than that of the locus."""
    if inferred_with is None or locus is None:
        return
    rate = locus.mutation_rate
    if not lowest(rate) * (1 - ALIKE) <= inferred_with <= highest(rate) * (1 + ALIKE):
        raise ExperimentError(
            f"{what}: was inferred with a mutation rate of {inferred_with:.3g}, and the locus has {rate}: "
            "sizes and times follow that rate, so make them one"
        )


def named_population(table: object, registry: Registry, *, where: str, locus: Locus | None = None) -> object:
    """Return the population that a table such as ``{demes = "history.yaml"}`` names; any other as it is.

    ``{ table = "sizes.tsv", generation_time = 25 }`` is short for ``{ table = { file = "sizes.tsv",
    generation_time = 25 } }``, and so for all whose first parameter is no table.

    Parameters
    ----------
    locus : Locus, optional
        Of the task, for those who ask for it.

    Raises
    ------
    ExperimentError
        If nobody offers a population of that name, it stands beside other keys, or it cannot be had.
    """
    name = _name_in(table, registry)
    if name is None or not isinstance(table, Mapping):
        return table
    offer = None if name in _OURS else _offer(name, registry, where)
    try:
        provider = _OURS[name] if offer is None else offer.value
        value = _value(provider, name, table, where)
        return population_of(provider, value, where=f"{where}.{name}", locus=locus)
    except ExperimentError as problem:
        if offer is None:
            raise
        raise ExperimentError(f"{problem}; population {name} is of plugin {offer.owner}") from problem


def anchored_population(table: object, registry: Registry, folder: Path) -> object:
    """Return a population's table with the paths that a named one takes from the experiment's folder on."""
    name = _name_in(table, registry)
    if name is None or not isinstance(table, Mapping):
        return table
    try:
        provider = _OURS.get(name) or registry.populations[name]
    except PluginError:  # told where it is asked for
        return table
    beside = {key: value for key, value in table.items() if key != name}
    return anchored(provider, beside, folder) | {name: anchored(provider, table[name], folder)}


def _name_in(table: object, registry: Registry) -> str | None:
    """Return the key that names a population: one that is known, else the first that is no field of one."""
    if not isinstance(table, Mapping):
        return None
    keys = [key for key in table if key not in Population.__dataclass_fields__]
    return next((key for key in keys if key in _OURS or key in registry.populations), next(iter(keys), None))


def _value(provider: PopulationProvider, name: str, table: Mapping[str, object], where: str) -> object:
    """Return what a population is told: its value alone, or with the parameters that stand beside it."""
    beside = {key: value for key, value in table.items() if key != name}
    if not beside:
        return table[name]
    parameters = [] if provider.function is None else list(inspect.signature(provider.function).parameters)
    fits = not isinstance(table[name], Mapping) and set(beside) <= {*parameters[1:]} - {TOLD}
    if not fits or set(beside) & set(Population.__dataclass_fields__):
        raise ExperimentError(f"{where}: expected {name} alone, found {', '.join(map(str, table))}")
    return {parameters[0]: table[name], **beside}


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
