"""What is installed: simulators, encoders, models and experiments, by kind and name.

Plugins are found through the entry-point group ``selbench``. Each is loaded by
itself and each of its hooks is called by itself, so that one that fails is
reported with its distribution, version and error, and the rest works on. What
plugins print meanwhile goes to standard error: standard output may be a data file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from os import PathLike
from pathlib import Path
from typing import Any, cast

import pluggy

from selbench.errors import PluginError
from selbench.plugin import hookspecs
from selbench.plugin.acceptance import fault_of
from selbench.plugin.checks import Check
from selbench.plugin.components import Component, Encoder, Model, Simulator
from selbench.plugin.faults import place_in
from selbench.plugin.metrics import Metric
from selbench.plugin.observer import Observer
from selbench.plugin.offers import Offer, Offers, Shelf, offered
from selbench.plugin.owner import Owner
from selbench.plugin.populations import PopulationProvider
from selbench.plugin.reader import Reader
from selbench.plugin.scan_method import scan_encoder, scan_model
from selbench.plugin.scanner import Scanner
from selbench.plugin.sections import ReportSection
from selbench.plugin.statistic_method import statistic_model
from selbench.plugin.statistics import Statistic, enter, entered_statistics
from selbench.tables import nearest

GROUP = "selbench"

_SHIPPED_STATISTICS = "selbench_statistics"
"""The plugin whose names for statistics nobody else may take: scans and audits compute them by name."""

_KINDS: Mapping[str, type[Component]] = {
    "register_simulators": Simulator,
    "register_encoders": Encoder,
    "register_models": Model,
    "register_scanners": Scanner,
    "register_observers": Observer,
    "register_readers": Reader,
}
_OFFERS: Mapping[str, tuple[str, type]] = {
    "register_metrics": ("metric", Metric),
    "register_checks": ("check", Check),
    "register_sections": ("section", ReportSection),
    "register_populations": ("population", PopulationProvider),
}
"""Hooks whose answers are asked for when somebody first needs them: what they are, and what marks them."""

_Question = Callable[[], list[object]]
"""A plugin's hook, not yet called."""

_HOOKS = (*_KINDS, "register_statistics", "register_experiments", *_OFFERS)


@dataclass(frozen=True)
class Broken:
    """A plugin, or one of its hooks, that could not be used, and why."""

    owner: Owner
    error: str

    def __str__(self) -> str:
        return f"plugin {self.owner}: {self.error}"


class Registry:
    """Everything that plugins registered. Build it with `installed` or `of`.

    Attributes
    ----------
    simulators, encoders, models, scanners : Shelf
        Mappings from name to class. Each scanner is also an encoder and a model, ``scan-NAME``.
    observers : Shelf
    statistics : tuple of (Owner, Statistic)
        Each is also a model, the threshold on it, under its name with ``-`` for ``_``.
    experiments : dict of str to Path
        Shipped experiment files, by file name without ending.
    metrics, checks, sections, populations : Offers
        Mappings from name to value, asked for when first needed.
    broken : tuple of Broken
        What could not be loaded, and why; of what is asked for when needed, as far as it was.
    """

    def __init__(self, plugins: Iterable[tuple[Owner, Callable[[], object]]]) -> None:
        found: dict[str, list[tuple[Owner, object]]] = {hook: [] for hook in _HOOKS}
        broken: list[Broken] = []
        for owner, load in plugins:
            with redirect_stdout(sys.stderr):
                answers = list(_ask(load, owner.module.partition(".")[0]))
            for hook, things, error in answers:
                if error:
                    broken.append(Broken(owner, error))
                elif hook:
                    found[hook] += [(owner, thing) for thing in things]
        self.simulators = cast(Shelf[Simulator], _shelf("simulator", "register_simulators", found, broken))
        self.encoders = cast(Shelf[Encoder], _shelf("encoder", "register_encoders", found, broken))
        self.models = cast(Shelf[Model], _shelf("model", "register_models", found, broken))
        self.scanners = cast(Shelf[Scanner], _shelf("scanner", "register_scanners", found, broken))
        self.readers = cast(Shelf[Reader], _shelf("reader", "register_readers", found, broken))
        self.observers = cast(Shelf[Observer], _shelf("observer", "register_observers", found, broken))
        self.encoders, self.models = _with_scans(self.encoders, self.models, self.scanners)
        self.statistics = _statistics(found["register_statistics"], broken)
        self.models = _with_thresholds(self.models, self.statistics)
        self._experiments = _files(found["register_experiments"], broken)
        self._unasked = {hook: cast(list[tuple[Owner, _Question]], found[hook]) for hook in _OFFERS}
        self._offers: dict[str, Offers[Any]] = {}
        self.broken = tuple(broken)

    @classmethod
    def installed(cls) -> Registry:
        """Load every plugin that is installed in this environment."""
        points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
        return cls(zip(_owners(points), [point.load for point in points], strict=True))

    @classmethod
    def of(cls, *plugins: object) -> Registry:
        """Build a registry of these modules or objects alone, strictly.

        Raises
        ------
        PluginError
            At the first plugin that is broken.
        """
        registry = cls(
            (Owner(plugin=str(name), module=str(name)), lambda plugin=plugin: plugin)  # type: ignore[misc]
            for plugin in plugins
            for name in [getattr(plugin, "__name__", type(plugin).__name__)]
        )
        registry.ask_all()
        if registry.broken:
            raise PluginError(str(registry.broken[0]))
        return registry

    @property
    def shelves(self) -> tuple[Shelf[Any], ...]:
        """The shelf of every kind of component."""
        return (
            self.simulators, self.encoders, self.models, self.scanners, self.readers, self.observers
        )  # fmt: skip

    def __repr__(self) -> str:
        shelves = (self.simulators, self.encoders, self.models)
        counts = {shelf.kind: len(shelf) for shelf in shelves} | {"experiment": len(self.experiments)}
        said = ", ".join(f"{n} {kind}" + "s" * (n != 1) for kind, n in counts.items())
        return f"Registry: {said}" + (f", {len(self.broken)} broken" if self.broken else "")

    @property
    def metrics(self) -> Offers[Metric]:
        """Metrics, those that selbench ships included."""
        return self._asked("register_metrics")

    @property
    def checks(self) -> Offers[Check]:
        """Checks of audits, those that selbench ships included."""
        return self._asked("register_checks")

    @property
    def sections(self) -> Offers[ReportSection]:
        """Sections of the report, those that selbench ships included."""
        return self._asked("register_sections")

    @property
    def populations(self) -> Offers[PopulationProvider]:
        """Populations by name, those that selbench ships included."""
        return self._asked("register_populations")

    def ask_all(self) -> tuple[Offers[Any], ...]:
        """Ask for everything that is otherwise asked for when needed, and return it."""
        return tuple(map(self._asked, _OFFERS))

    def _asked(self, hook: str) -> Offers[Any]:
        """Ask the plugins for one kind of thing, once."""
        if hook not in self._offers:
            broken: list[Broken] = []
            self._offers[hook] = _offers(hook, self._unasked[hook], broken)
            self.broken += tuple(broken)
        return self._offers[hook]

    @property
    def experiments(self) -> dict[str, Path]:
        """Shipped experiment files, by name."""
        return {path.stem: path for _, path in self._experiments}

    def experiment(self, name: str) -> Path:
        """Return the file of a shipped experiment.

        Raises
        ------
        PluginError
            If no plugin ships it, or two do.
        """
        claims = [(owner, path) for owner, path in self._experiments if path.stem == name]
        if not claims:
            known = ", ".join(sorted(self.experiments)) or "none"
            raise PluginError(
                f"unknown experiment {name!r}{nearest(name, self.experiments)}; "
                f"expected a TOML file or one of: {known}"
            )
        if len(claims) > 1:
            owners = " and ".join(str(owner) for owner, _ in claims)
            raise PluginError(f"experiment {name!r} is shipped by {owners}: give the file instead")
        return claims[0][1]

    def experiment_entries(self) -> list[tuple[str, Owner, Path]]:
        """Return every shipped experiment: name, owner, file."""
        entries = [(path.stem, owner, path) for owner, path in self._experiments]
        return sorted(entries, key=lambda entry: (entry[0], str(entry[1])))


def _owners(points: Sequence[EntryPoint]) -> Iterator[Owner]:
    """Yield who ships each plugin; a distribution that ships several is read once."""
    shipped = {
        each: (each.metadata["Name"], each.metadata["Version"])
        for each in {point.dist for point in points}
        if each is not None
    }
    for point in points:
        name, version = shipped[point.dist] if point.dist is not None else ("", "")
        yield Owner(plugin=point.name, distribution=name, version=version, module=point.module)


def _ask(load: Callable[[], object], package: str) -> Iterator[tuple[str, list[object], str]]:
    """Load one plugin and call each of its hooks: (hook, what it returned, error)."""
    try:
        plugin = load()
        manager = pluggy.PluginManager("selbench")
        manager.add_hookspecs(hookspecs)
        manager.register(plugin)
    except pluggy.PluginValidationError as problem:
        yield "", [], f"cannot be loaded: hooks take no parameters: {' '.join(str(problem).split())}"
        return
    except (Exception, SystemExit) as problem:
        yield "", [], _describe("cannot be loaded", problem, package)
        return
    implemented = [caller.name for caller in manager.get_hookcallers(plugin) or []]
    for name in implemented:
        if name not in _HOOKS:
            yield "", [], f"unknown hook {name!r}{nearest(name, _HOOKS)}; hooks: {', '.join(_HOOKS)}"
    for hook in _HOOKS:
        if hook in implemented and hook in _OFFERS:
            yield hook, [getattr(manager.hook, hook)], ""
        elif hook in implemented:
            try:
                yield hook, _listed(getattr(manager.hook, hook)()), ""
            except (Exception, SystemExit) as problem:
                yield hook, [], _describe(f"{hook}() failed", problem, package)
        elif callable(getattr(plugin, hook, None)):
            yield hook, [], f"{hook}() is not marked with @hookimpl, so it would never be called"


def _listed(results: list[object]) -> list[object]:
    """Return what the one implementation of a hook returned, as a list; pluggy leaves None out."""
    returned = results[0] if results else None
    if returned is None or isinstance(returned, str | type):
        raise TypeError(f"expected a list, found {returned!r}")
    return list(cast(Iterable[object], returned))


def _describe(what: str, problem: BaseException, package: str) -> str:
    words, place = " ".join(str(problem).split()), place_in(problem, package)
    return f"{what}: {type(problem).__name__}: {words}" + (f" ({place})" if place else "")


def _shelf(
    kind: str, hook: str, found: Mapping[str, list[tuple[Owner, object]]], broken: list[Broken]
) -> Shelf[Any]:
    entries: list[Offer[Any]] = []
    for owner, thing in found[hook]:
        fault = fault_of(thing, _KINDS[hook])
        if not fault and any(thing is entry.value and owner == entry.owner for entry in entries):
            fault = "it is listed twice"
        if fault:
            broken.append(Broken(owner, f"{hook}() returned {thing!r}: {fault}"))
        else:
            component = cast(type[Component], thing)
            entries.append(Offer(component.name, component, owner))
    return Shelf(kind, entries)


def _with_scans(
    encoders: Shelf[Encoder], models: Shelf[Model], scanners: Shelf[Scanner]
) -> tuple[Shelf[Encoder], Shelf[Model]]:
    """Add what makes a method of each scanner."""
    of_scanners = [(scan_encoder(e.value), scan_model(e.value), e.owner) for e in scanners.entries()]
    encoder_entries = [Offer(encoder.name, encoder, owner) for encoder, _, owner in of_scanners]
    model_entries = [Offer(model.name, model, owner) for _, model, owner in of_scanners]
    return (
        Shelf(encoders.kind, [*encoders.entries(), *cast(list[Offer[type[Encoder]]], encoder_entries)]),
        Shelf(models.kind, [*models.entries(), *cast(list[Offer[type[Model]]], model_entries)]),
    )


def _statistics(
    found: list[tuple[Owner, object]], broken: list[Broken]
) -> tuple[tuple[Owner, Statistic], ...]:
    """Check the registered functions, and make them known by name."""
    statistics: list[tuple[Owner, Statistic]] = []
    marked = [(owner, thing, getattr(thing, "statistic", None)) for owner, thing in found]
    shipped = {
        each.name: each
        for owner, _, each in marked
        if isinstance(each, Statistic) and owner.module == _SHIPPED_STATISTICS
    }
    for owner, thing, each in marked:
        if not isinstance(each, Statistic):
            fault = "expected a function marked with @statistic(…)"
        elif shipped.get(each.name, each) is not each:
            fault = f"selbench ships a statistic {each.name!r}: choose another name"
        else:
            enter(owner.plugin, each, is_ours=owner.distribution == "selbench")
            statistics.append((owner, each))
            continue
        broken.append(Broken(owner, f"register_statistics() returned {thing!r}: {fault}"))
    return tuple(statistics)


def _with_thresholds(models: Shelf[Model], statistics: tuple[tuple[Owner, Statistic], ...]) -> Shelf[Model]:
    """Add a threshold on each statistic, but where the statistic's plugin has a model of that name itself."""
    own = {(entry.owner.plugin, entry.name) for entry in models.entries()}
    known = entered_statistics()
    made = [
        Offer(statistic.model_name, statistic_model(statistic, _column(owner, statistic, known)), owner)
        for owner, statistic in statistics
        if (owner.plugin, statistic.model_name) not in own
    ]
    return Shelf(models.kind, [*models.entries(), *cast(list[Offer[type[Model]]], made)])


def _column(owner: Owner, statistic: Statistic, known: Container[str]) -> str:
    """Return what the `statistics` encoding calls a statistic: with its plugin, where two claim its name."""
    qualified = f"{owner.plugin}:{statistic.name}"
    return qualified if qualified in known else statistic.name


def _offers(hook: str, questions: list[tuple[Owner, _Question]], broken: list[Broken]) -> Offers[Any]:
    """Ask plugins what they offer of one kind; what they print meanwhile goes to standard error."""
    mark, kind = _OFFERS[hook]
    offers: list[Offer[Any]] = []
    for owner, ask in questions:
        try:
            with redirect_stdout(sys.stderr):
                things = _listed(ask())
        except (Exception, SystemExit) as problem:
            package = owner.module.partition(".")[0]
            broken.append(Broken(owner, _describe(f"{hook}() failed", problem, package)))
            continue
        for thing in things:
            try:
                value: Any = offered(thing, kind, mark)
                offers.append(Offer(value.name, value, owner))
            except TypeError as problem:
                broken.append(Broken(owner, f"{hook}() returned {thing!r}: {problem}"))
    return Offers(mark, offers)


def _files(found: list[tuple[Owner, object]], broken: list[Broken]) -> list[tuple[Owner, Path]]:
    files = []
    for owner, thing in found:
        if isinstance(thing, str | PathLike):
            files.append((owner, Path(thing)))
        else:
            broken.append(Broken(owner, f"register_experiments() returned {thing!r}: expected a path"))
    return files
