"""The contracts, run on what a package has installed, and what fails said in an author's words."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from selbench.errors import PluginError
from selbench.plugin import (
    Component,
    Encoder,
    Model,
    Observer,
    Offer,
    Owner,
    Reader,
    Registry,
    Scanner,
    Simulator,
    Statistic,
)
from selbench.tables import nearest

if TYPE_CHECKING:
    import pytest

_CONTRACTS: Mapping[type[Component], str] = {
    Simulator: "SimulatorContract",
    Encoder: "EncoderContract",
    Model: "ModelContract",
    Scanner: "ScannerContract",
    Observer: "ObserverContract",
    Reader: "ReaderContract",
}


_OFFERED: Mapping[str, str] = {
    "metric": "MetricContract",
    "check": "CheckContract",
    "section": "SectionContract",
    "population": "PopulationContract",
}
"""Contracts of what is no component, by kind; a suite takes it under the name of its kind."""


@dataclass(frozen=True)
class Promise:
    """One promise of a contract, and whether a component keeps it.

    Parameters
    ----------
    component : str
        Kind and name.
    sentence : str
        What is promised.
    state : {"kept", "broken", "not tried"}
    why : str
        What was found, and where in the plugin's own code; empty where it is kept.
    """

    component: str
    sentence: str
    state: str
    why: str = ""


def check_package(package: str, registry: Registry) -> list[Promise]:
    """Run the contract of every component that a package registers.

    Parameters
    ----------
    package : str
        A distribution, plugin or module, by name.
    registry : Registry

    Raises
    ------
    PluginError
        If nothing of that name is installed, the plugin is broken, or pytest, which
        carries the contracts out, is missing.
    """
    try:
        import pytest
    except ImportError as problem:
        raise PluginError(
            "plugins check needs pytest, which is not installed: pip install pytest"
        ) from problem

    components, _, _ = _registered_by(package, registry)
    own = {_subject(suite) for suite in _own_suites(package, registry)}
    recorder = _Recorder({})
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        environment.delenv("PYTEST_ADDOPTS", raising=False)  # options of somebody's own test runs
        lines = ["from selbench.testing.installed import contracts_of"]
        lines.append(f"globals().update(contracts_of({package!r}))")
        (Path(folder) / "test_installed.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
        options = ["-p", "no:cacheprovider", "-p", "no:terminal", "-c", os.devnull, f"--rootdir={folder}"]
        options += ["--import-mode=importlib"]  # so that one process may check several
        pytest.main([*options, folder], plugins=[recorder])
        sys.modules.pop("test_installed", None)  # else the next package would be shown this one's
    if recorder.collection_error:
        raise PluginError(f"{package}: cannot be tried: {recorder.collection_error}")
    untried = [
        Promise(_titled(kind, component), "its contract", "not tried", reason)
        for kind, component in components
        if component not in own and (reason := _cannot_be_built(component))
    ]
    return [*recorder.promises.values(), *untried]


def contracts_of(package: str) -> dict[str, type]:
    """Return a contract suite for each thing that a package registers: the author's own, or the plain one."""
    from selbench import testing

    registry = Registry.installed()
    suites: dict[str, type] = {}
    components, statistics, offers = _registered_by(package, registry)
    own = {_subject(suite): suite for suite in _own_suites(package, registry)}
    for door, offer in offers:
        if offer.value in own:
            suites[f"Test_{door}_{offer.name}"] = _retitled(own[offer.value], f"{door} {offer.name}")
            continue
        offered = {door: offer.value, "__doc__": f"{door} {offer.name}"}
        contract = getattr(testing, _OFFERED[door])
        suites[f"Test_{door}_{offer.name}"] = type(f"Test{door.title()}", (contract,), offered)
    for statistic in statistics:
        if statistic in own:
            suites[f"Test_{statistic.name}"] = _retitled(own[statistic], f"statistic {statistic.name}")
            continue
        members = {"statistic": staticmethod(statistic.values), "__doc__": f"statistic {statistic.name}"}
        suites[f"Test_{statistic.name}"] = type("TestStatistic", (testing.StatisticContract,), members)
    for kind, component in components:
        name = f"Test_{kind.__name__}_{len(suites)}"
        if component in own:
            suites[name] = _retitled(own[component], _titled(kind, component))
        if component in own or _cannot_be_built(component):
            continue
        contract = getattr(testing, _CONTRACTS[kind])
        members = {"component": component(), "__doc__": _titled(kind, component)}
        if issubclass(component, Model):
            members["encoder"] = registry.encoders.build(component.default_encoder)
        suites[name] = type(f"Test{component.__name__}", (contract,), members)
    return suites


def _own_suites(package: str, registry: Registry) -> list[type]:
    """Return the suites in the module ``contracts`` of a package: they know what only its author can."""
    _, owners = _entries_and_owners(registry)
    suites: list[type] = []
    for module in dict.fromkeys(
        owner.module.partition(".")[0] for owner in owners if package in _names_of(owner)
    ):
        try:
            found = find_spec(f"{module}.contracts")
        except ModuleNotFoundError:  # it is a file, not a package
            found = None
        if found is not None:
            members = vars(import_module(found.name)).items()
            suites += [each for name, each in members if name.startswith("Test") and isinstance(each, type)]
    return suites


def _subject(suite: type) -> object:
    """Return what a suite holds to a contract, as it is registered: a component's class, or a value."""
    if (component := getattr(suite, "component", None)) is not None:
        return type(component)
    door = next((door for door in (*_OFFERED, "statistic") if hasattr(suite, door)), "")
    function = getattr(suite, door, None)
    return getattr(function, door, function)


def _retitled(suite: type, title: str) -> type:
    return type(suite.__name__, (suite,), {"__doc__": title})


def _registered_by(
    package: str, registry: Registry
) -> tuple[list[tuple[type[Component], type[Component]]], list[Statistic], list[tuple[str, Offer[Any]]]]:
    """Return (kind, class) of every component that a package registers, its statistics, and what else."""
    offered = [(offers.kind, offer) for offers in registry.ask_all() for offer in offers.entries()]
    entries, owners = _entries_and_owners(registry)
    known = {name for owner in owners for name in _names_of(owner)}
    broken = [each for each in registry.broken if package in _names_of(each.owner)]
    if broken:
        raise PluginError("; ".join(map(str, broken)))
    if package not in known:
        raise PluginError(
            f"no installed plugin is called {package!r}{nearest(package, known)}; see selbench plugins"
        )
    components: list[tuple[type[Component], type[Component]]] = [
        (next(kind for kind in _CONTRACTS if issubclass(entry.value, kind)), entry.value)
        for entry in entries
        if package in _names_of(entry.owner)
    ]
    statistics = [statistic for owner, statistic in registry.statistics if package in _names_of(owner)]
    offers = [(kind, offer) for kind, offer in offered if package in _names_of(offer.owner)]
    return components, statistics, offers


def _entries_and_owners(registry: Registry) -> tuple[list[Offer[type[Component]]], list[Owner]]:
    """Return every component that somebody wrote, and who registered anything."""
    entries = [entry for shelf in registry.shelves for entry in shelf.entries() if not _is_made(entry.value)]
    owners = [entry.owner for entry in entries] + [owner for owner, _ in registry.statistics]
    owners += [offer.owner for offers in registry.ask_all() for offer in offers.entries()]
    return entries, owners


def _is_made(component: type[Component]) -> bool:
    """Whether a class was made of a scanner or statistic, which has a contract of its own."""
    module = sys.modules.get(component.__module__)
    return getattr(module, component.__name__, None) is not component


def _names_of(owner: Owner) -> set[str]:
    return {owner.plugin, owner.distribution, owner.module.partition(".")[0]} - {""}


def _titled(kind: type[Component], component: type[Component]) -> str:
    return f"{kind.__name__.lower()} {component.name}"


def _cannot_be_built(component: type[Component]) -> str:
    """Say which options have no default, so that only the author's own test can give them."""
    needed = [
        each.name
        for each in fields(cast(Any, component))
        if each.default is MISSING and each.default_factory is MISSING
    ]
    return f"{', '.join(needed)} must be given: name values in a test of your own" if needed else ""


class _Recorder:
    """A pytest plugin that remembers what came of each test."""

    def __init__(self, promises: dict[str, Promise]) -> None:
        self.promises = promises
        self.titles: dict[str, str] = {}
        self.collection_error = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note: a failure of set-up counts as one of the test."""
        if report.when != "call" and not report.failed and not report.skipped:
            return
        suite = report.nodeid.split("::")[1]
        name = report.nodeid.rpartition("::")[2]
        state = "broken" if report.failed else "not tried" if report.skipped else "kept"
        self.promises[report.nodeid] = Promise(
            component=self.titles.get(suite, suite),
            sentence=name.removeprefix("test_").replace("_", " "),
            state=state,
            why=_why(report) if state != "kept" else "",
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember why nothing could be tried at all."""
        if report.failed:
            self.collection_error = str(report.longrepr).strip().splitlines()[-1]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Learn what each suite is called."""
        self.titles = {
            item.nodeid.split("::")[1]: str(getattr(item, "cls").__doc__)  # noqa: B009
            for item in items
            if getattr(item, "cls", None) is not None
        }


def _why(report: pytest.TestReport) -> str:
    """Return the first line of what went wrong, and the place in code that is not selbench's or pytest's."""
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        return str(reason).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    words = str(getattr(crash, "message", report.longrepr)).strip().splitlines()
    entries = getattr(getattr(report.longrepr, "reprtraceback", None), "reprentries", [])
    places = [entry.reprfileloc for entry in entries if getattr(entry, "reprfileloc", None) is not None]
    own = [
        place
        for place in places
        if "selbench/" not in place.path and "site-packages/_pytest" not in place.path
    ]
    where = f" ({own[-1].path}:{own[-1].lineno})" if own else ""
    return f"{' '.join(words[:3]) if words else 'failed'}{where}"
