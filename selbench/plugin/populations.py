"""Populations by name: functions of what an experiment says of one, each returning a size history.

from selbench import Epoch, Population, hookimpl, population

@population("Tennessen et al. 2012, Science 337:64", examples=(10_000, {"size": 10_000, "share": 0.5}))
def bottleneck(size: float, share: float = 0.1):
    \"\"\"A population that was a share of its size from 400 to 500 generations ago.\"\"\"
    return Population(size, epochs=(Epoch(400, size * share), Epoch(500, size)))

@hookimpl
def register_populations():
    return [bottleneck]
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from selbench.errors import ExperimentError, PluginError, SelbenchError
from selbench.plugin.faults import fault_in, place_of
from selbench.scenario import Locus, Population
from selbench.tables import check_keys, convert, is_held, one_of, show

PopulationFunction = Callable[..., Population]
"""One value of the TOML (a text or a number, or a table as keyword arguments) → the population."""

TOLD = "locus"
"""A parameter of this name is not for the experiment to say: it is the task's."""

_PATHS = (Path, Path | None)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}\Z")


@dataclass(frozen=True)
class PopulationProvider:
    """A population by name, as an experiment asks for it.

    Parameters
    ----------
    name : str
        The key in ``population = { name = … }``.
    meaning : str
        One sentence.
    citation : str
        Author, year and journal.
    examples : tuple
        Values that it takes.
    function : callable
        The value → the population.
    """

    name: str
    meaning: str
    citation: str = ""
    examples: tuple[Any, ...] = field(default=(), compare=False)
    function: PopulationFunction | None = field(default=None, compare=False, repr=False)

    @property
    def summary(self) -> str:
        """What it is, in one line."""
        return self.meaning

    @property
    def first_parameter(self) -> str:
        """The parameter that a text or a number alone stands for; "" without a function."""
        return next(iter(inspect.signature(self.function).parameters), "") if self.function else ""


def population(
    citation: str, *, examples: Sequence[Any] = ()
) -> Callable[[PopulationFunction], PopulationFunction]:
    """Mark a function as a population; its name is the population's, the docstring's beginning its meaning.

    Parameters
    ----------
    citation : str
        Author, year and journal.
    examples : sequence
        Values that it takes, two at least, of different populations: readers see them, and the contract
        tries them. None where they would be files of a reader's own.

    Raises
    ------
    PluginError
        If the name is not one of lower-case letters, digits and ``_``, or is a field of `Population`; if
        there is no docstring, or the parameters cannot be given by name.
    """

    def mark(function: PopulationFunction) -> PopulationFunction:
        name = getattr(function, "__name__", "")
        meaning = " ".join((function.__doc__ or "").strip().partition("\n\n")[0].split())
        fields = Population.__dataclass_fields__
        if not _NAME.match(name) or name in fields:
            raise PluginError(
                f"population {name!r}: expected a name of lower-case letters, digits and '_', and none of "
                f"{', '.join(fields)}"
            )
        if not meaning:
            raise PluginError(f"population {name}: expected a docstring that says which it is")
        parameters = inspect.signature(function).parameters.values()
        if not parameters or any(each.kind is not each.POSITIONAL_OR_KEYWORD for each in parameters):
            raise PluginError(f"population {name}: expected parameters by name, found {list(parameters)}")
        function.population = PopulationProvider(  # type: ignore[attr-defined]
            name, meaning, citation, tuple(examples), function
        )
        return function

    return mark


def population_of(
    provider: PopulationProvider, value: object, *, where: str, locus: Locus | None = None
) -> Population:
    """Ask for a population; what the function prints meanwhile goes to standard error.

    Parameters
    ----------
    value : object
        A table is given as keyword arguments, anything else as the first; both as the parameters' types.
    where : str
        What messages put first: ``"paper.toml: tasks.paper.population.bottleneck"``.
    locus : Locus, optional
        Of the task: told to a function that has a parameter of that name.

    Raises
    ------
    ExperimentError
        If the value does not fit the parameters or the function refuses it; if the function fails or returns
        something else, with the plugin's file and line.
    """
    function = provider.function
    if function is None:
        raise ExperimentError(f"{where}: expected a function, found none")
    arguments = _arguments(function, value, where)
    if TOLD in inspect.signature(function).parameters:
        arguments[TOLD] = locus
    try:
        with redirect_stdout(sys.stderr):
            found: object = function(**arguments)
    except SelbenchError as problem:
        raise ExperimentError(f"{where}: {problem}") from problem
    except (Exception, SystemExit) as problem:
        own = function.__module__.partition(".")[0]
        raise ExperimentError(f"{where}: {fault_in(problem, own)}") from problem
    if not isinstance(found, Population):
        place = place_of(function)
        at = f" ({place})" if place else ""
        raise ExperimentError(f"{where}: expected a selbench.Population, found {show(found)}{at}")
    return found


def path_parameters(provider: PopulationProvider) -> tuple[str, ...]:
    """Return the parameters that are annotated as paths, which start from the folder of the experiment."""
    function = provider.function
    if function is None:
        return ()
    try:
        kinds = get_type_hints(function)
    except NameError:  # told where the function is asked
        return ()
    return tuple(name for name in inspect.signature(function).parameters if kinds.get(name) in _PATHS)


def anchored(provider: PopulationProvider, value: Any, folder: Path) -> Any:
    """Return what an experiment says of a population, its paths from the folder of the experiment on."""
    paths = path_parameters(provider)
    if isinstance(value, Mapping):
        return {
            name: str(folder / each) if name in paths and isinstance(each, str) else each
            for name, each in value.items()
        }
    return str(folder / value) if isinstance(value, str) and provider.first_parameter in paths else value


def _arguments(function: PopulationFunction, value: object, where: str) -> dict[str, Any]:
    """Return what to call a function with, each value as its parameter's type where a table holds that."""
    parameters = {name: each for name, each in inspect.signature(function).parameters.items() if name != TOLD}
    try:
        kinds = get_type_hints(function)
    except NameError as problem:
        raise ExperimentError(
            f"{where}: types of parameters must be importable where they stand, not under TYPE_CHECKING "
            f"alone: {problem} ({place_of(function)})"
        ) from problem
    given = value if isinstance(value, Mapping) else {next(iter(parameters)): value}
    check_keys(given, parameters, where=where)
    missing = [name for name, each in parameters.items() if each.default is each.empty and name not in given]
    if missing and not isinstance(value, Mapping):
        raise ExperimentError(f"{where}: expected a table of {one_of(parameters)}, found {show(value)}")
    if missing:
        raise ExperimentError(f"{where}: missing {', '.join(missing)}")

    def held(name: str, each: object) -> object:
        at = f"{where}.{name}" if given is value else where
        if kinds.get(name) in _PATHS:
            return Path(convert(each, str, where=at))
        return convert(each, kinds[name], where=at) if is_held(kinds.get(name, Any)) else each

    return {name: held(name, each) for name, each in given.items()}
