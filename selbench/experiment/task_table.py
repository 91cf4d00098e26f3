"""Read one ``[tasks.NAME]`` table of an experiment into a Task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selbench.errors import DataError, ExperimentError, PluginError
from selbench.experiment.genome_table import read_genome_task
from selbench.experiment.observation import ObservationSettings
from selbench.experiment.populations import named_population
from selbench.experiment.sources import DatasetClass, SimulatedClass
from selbench.experiment.suite import check_test_digest
from selbench.experiment.task import NO_WINDOWS, ClassSource, EmptyWindows, Task, WindowCounts
from selbench.formats.readers import Dataset, reader_of
from selbench.plugin import Reader, Registry
from selbench.scenario import Locus, Population, Sample, Scenario
from selbench.tables import build, check_keys, check_name, convert, nearest, show
from selbench.windows import Classes, WindowSpec

_SHARED: Mapping[str, Any] = {"sample": Sample, "locus": Locus, "population": Population}
_SCENARIO_KEYS = (*_SHARED, "selection")


@dataclass(frozen=True)
class _TaskSettings:
    """The keys of a task table apart from its scenario and classes."""

    null: str
    positive: str
    empty_windows: EmptyWindows = "keep"
    windows: WindowCounts = field(default_factory=WindowCounts)
    training_sizes: tuple[int, ...] = ()
    differ_by: tuple[str, ...] = ()
    test_digest: str = ""

    def __post_init__(self) -> None:
        if self.test_digest:
            check_test_digest(self.test_digest)
        if self.windows == NO_WINDOWS:
            raise ExperimentError("windows.train: expected at least 1, found 0")
        known = [*_SHARED, *(name for part in _SHARED.values() for name in part.__dataclass_fields__)]
        for name in self.differ_by:
            if name not in known:
                raise ExperimentError(
                    f"differ_by: unknown key {name!r}{nearest(name, known)}; keys: {', '.join(known)}"
                )
        for size in self.training_sizes:
            if not 0 < size < self.windows.train:
                raise ExperimentError(
                    f"training_sizes: expected numbers from 1 to {self.windows.train - 1}, fewer than "
                    f"windows.train, found {size}"
                )


def read_tasks(name: str, table: object, registry: Registry, *, where: str) -> list[Task]:
    """Build a task from its table, and after it the same task for each of its smaller training sizes.

    Raises
    ------
    ExperimentError
        With the key, what was expected and what was found.
    """
    if not isinstance(table, Mapping):
        raise ExperimentError(f"{where}: expected a table, found {show(table)}")
    check_keys(
        table,
        [*_TaskSettings.__dataclass_fields__, *_SHARED, "classes", "target", "observation", "genome"],
        where=where,
    )
    if "genome" in table:
        return [read_genome_task(name, table, where)]
    settings = build(
        _TaskSettings,
        {k: v for k, v in table.items() if k in _TaskSettings.__dataclass_fields__},
        where=where,
    )
    classes = _class_tables(table, where)
    roles = _roles(classes, settings, where)
    shared = _shared(table, classes, registry, where)
    seen = _observation(table.get("observation"), where)
    sources = {
        label: _read_class(classes[label], shared, registry, seen, where=f"{where}.classes.{label}")
        for label in roles.names
    }
    spec = _common_spec(sources, where)
    if not any(source.makes_more for source in sources.values()):
        _check_agrees(spec, table, where)
    task = Task(
        name=name,
        sources=sources,
        positive=roles.positive,
        spec=spec,
        windows=settings.windows,
        empty_windows=settings.empty_windows,
        differ_by=settings.differ_by,
        test_digest=settings.test_digest,
    )
    return [task, *map(task.with_training_size, sorted(set(settings.training_sizes), reverse=True))]


def _class_tables(table: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    classes = table.get("classes")
    if not isinstance(classes, Mapping) or len(classes) < 2:
        raise ExperimentError(f"{where}.classes: expected at least two tables, found {show(classes)}")
    for label in classes:
        check_name(label, where=f"{where}.classes")
    return classes


def _roles(classes: Mapping[str, Any], settings: _TaskSettings, where: str) -> Classes:
    """Return the classes in the order of their codes, the null class first, and which is looked for."""
    for role in ("null", "positive"):
        label = getattr(settings, role)
        if label not in classes:
            raise ExperimentError(
                f"{where}.{role}: unknown class {label!r}{nearest(label, classes)}; "
                f"classes: {', '.join(classes)}"
            )
    order = (settings.null, *(label for label in classes if label != settings.null))
    try:
        return Classes(order, settings.positive)
    except DataError as problem:
        raise ExperimentError(f"{where}.{problem}") from problem


def _check_agrees(spec: WindowSpec, table: Mapping[str, Any], where: str) -> None:
    """Refuse a shape in the task's tables that is not that of the datasets its windows are read from."""
    for key in ("sample", "locus"):
        part = table.get(key)
        for name, told in part.items() if isinstance(part, Mapping) else ():
            found = getattr(spec, name, told)
            if found != told:
                raise ExperimentError(
                    f"{where}.{key}.{name}: {show(told)}, but the windows of its classes have {found}; "
                    "leave it out, or make them alike"
                )


def _shared(
    table: Mapping[str, Any], classes: Mapping[str, Any], registry: Registry, where: str
) -> dict[str, Any]:
    """Return the parts of a scenario that the classes share.

    A part that no class changes is checked here, so that a fault is named where it stands. Classes that
    are all read from datasets need none.
    """
    shared = {key: table[key] for key in _SHARED if key in table}
    if all(isinstance(own, Mapping) and "dataset" in own for own in classes.values()):
        return {}
    if "population" in shared:
        at = f"{where}.population"
        locus = _locus(shared.get("locus"), f"{where}.locus")
        shared["population"] = named_population(shared["population"], registry, where=at, locus=locus)
    for key, part in shared.items():
        if not any(isinstance(own, Mapping) and key in own for own in classes.values()):
            convert(part, _SHARED[key], where=f"{where}.{key}")
    return shared


def _observation(table: object, where: str) -> ObservationSettings | None:
    return None if table is None else build(ObservationSettings, table, where=f"{where}.observation")


def _check_observation(seen: ObservationSettings, spec: WindowSpec, where: str) -> None:
    try:
        seen.check(spec)
    except ExperimentError as problem:
        raise ExperimentError(f"{where}.observation.{problem}") from problem


def _read_class(
    table: object,
    shared: Mapping[str, Any],
    registry: Registry,
    seen: ObservationSettings | None,
    *,
    where: str,
) -> ClassSource:
    if not isinstance(table, Mapping):
        raise ExperimentError(f"{where}: expected a table, found {show(table)}")
    check_keys(table, ["simulator", "dataset", "reader", *_SCENARIO_KEYS], where=where)
    if ("simulator" in table) == ("dataset" in table):
        raise ExperimentError(f"{where}: expected either a simulator or a dataset")
    if "dataset" in table:
        if seen is not None:
            raise ExperimentError(f"{where}: observation is laid on simulated windows, and these are read")
        return _dataset(table, registry, where=where)
    parts = dict(shared)
    for key in _SCENARIO_KEYS:
        if key in table:
            own = table[key]
            if key == "population":
                locus = _locus(parts.get("locus"), f"{where}.locus")
                own = named_population(own, registry, where=f"{where}.population", locus=locus)
            parts[key] = _changed(parts.get(key), own)
    scenario = Scenario.from_table(parts, where=where)
    spelled = convert(table["simulator"], str, where=f"{where}.simulator")
    try:
        simulator = registry.simulators.build(spelled)
    except PluginError as problem:
        raise ExperimentError(f"{where}.simulator: {problem}") from problem
    reason = simulator.unsupported(scenario)
    if reason:
        raise ExperimentError(f"{where}: simulator {simulator.name} cannot do this scenario: {reason}")
    if seen is not None:
        _check_observation(seen, scenario.window_spec, where.partition(".classes.")[0])
    return SimulatedClass(simulator, scenario, seen)


def _locus(table: object, where: str) -> Locus | None:
    """Return the locus of a task, as populations by name may ask; None where its classes say the rest."""
    rates = ("sequence_length", "mutation_rate")
    whole = isinstance(table, Mapping) and all(name in table for name in rates)
    return convert(table, Locus, where=where) if whole or isinstance(table, Locus) else None


def _changed(shared: object, own: object) -> object:
    """Return a class's own part of a scenario, on the shared one; a population by name stands alone."""
    if not isinstance(shared, Mapping) or not isinstance(own, Mapping):
        return own
    return {**shared, **own}


def _dataset(table: Mapping[str, Any], registry: Registry, *, where: str) -> DatasetClass:
    extra = [key for key in table if key not in ("dataset", "reader")]
    if extra:
        raise ExperimentError(f"{where}: a class read from a dataset takes no {', '.join(extra)}")
    path = Path(convert(table["dataset"], str, where=f"{where}.dataset"))
    reader: Reader
    if not path.exists():
        raise ExperimentError(f"{where}.dataset: no such file: {path}")
    named = convert(table.get("reader", ""), str, where=f"{where}.reader")
    try:
        reader = reader_of(path, registry, named)
    except PluginError as problem:
        raise ExperimentError(f"{where}.dataset: {problem}") from problem
    if reader == Dataset() and not path.is_file():
        raise ExperimentError(f"{where}.dataset: expected a file or folder that a reader knows, found {path}")
    return DatasetClass(path, None if reader == Dataset() else reader)


def _common_spec(sources: Mapping[str, ClassSource], where: str) -> WindowSpec:
    specs = {label: (source.spec, source.polarisation) for label, source in sources.items()}
    first = next(iter(specs.values()))
    for label, found in specs.items():
        if found != first:
            raise ExperimentError(
                f"{where}: expected the same sample, length, ploidy and polarisation for all classes, found "
                f"{first[0]}, {first[1]} and, for {label}, {found[0]}, {found[1]}"
            )
    return first[0]
