"""Read one ``[tasks.NAME]`` table of an experiment into a Task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selbench.errors import ExperimentError, PluginError
from selbench.registry import Registry
from selbench.scenario import Scenario
from selbench.schema import build, check_keys, nearest, show
from selbench.task import ClassSource, EmptyWindows, Task, WindowCounts
from selbench.windows import WindowSpec

_SCENARIO_KEYS = ("sample", "locus", "population", "selection")


@dataclass(frozen=True)
class _TaskSettings:
    """The keys of a task table apart from its scenario and classes."""

    null: str
    positive: str
    empty_windows: EmptyWindows = "keep"
    windows: WindowCounts = field(default_factory=WindowCounts)


def read_task(name: str, table: object, registry: Registry, *, where: str) -> Task:
    """Build a task from its table.

    Raises
    ------
    ExperimentError
        With the key, what was expected and what was found.
    """
    if not isinstance(table, Mapping):
        raise ExperimentError(f"{where}: expected a table, found {show(table)}")
    check_keys(table, [*_TaskSettings.__dataclass_fields__, *_SCENARIO_KEYS[:3], "classes"], where=where)
    settings = build(
        _TaskSettings,
        {k: v for k, v in table.items() if k in _TaskSettings.__dataclass_fields__},
        where=where,
    )
    classes = table.get("classes")
    if not isinstance(classes, Mapping) or len(classes) < 2:
        raise ExperimentError(f"{where}.classes: expected at least two tables, found {show(classes)}")
    for role in ("null", "positive"):
        label = getattr(settings, role)
        if label not in classes:
            raise ExperimentError(
                f"{where}.{role}: unknown class {label!r}{nearest(label, classes)}; "
                f"classes: {', '.join(classes)}"
            )
    if settings.null == settings.positive:
        raise ExperimentError(f"{where}.positive: expected another class than null, found {settings.null!r}")
    shared = {key: table[key] for key in _SCENARIO_KEYS[:3] if key in table}
    order = [settings.null, *(label for label in classes if label != settings.null)]
    sources = {
        label: _read_class(classes[label], shared, registry, where=f"{where}.classes.{label}")
        for label in order
    }
    return Task(
        name=name,
        sources=sources,
        positive=settings.positive,
        spec=_common_spec(sources, where),
        windows=settings.windows,
        empty_windows=settings.empty_windows,
    )


def _read_class(table: object, shared: Mapping[str, Any], registry: Registry, *, where: str) -> ClassSource:
    if not isinstance(table, Mapping):
        raise ExperimentError(f"{where}: expected a table, found {show(table)}")
    check_keys(table, ["simulator", "dataset", *_SCENARIO_KEYS], where=where)
    if ("simulator" in table) == ("dataset" in table):
        raise ExperimentError(f"{where}: expected either a simulator or a dataset")
    if "dataset" in table:
        return ClassSource(dataset=_dataset(table, where=where))
    parts = dict(shared)
    for key in _SCENARIO_KEYS:
        if key in table:
            both = isinstance(table[key], Mapping) and isinstance(parts.get(key), Mapping)
            parts[key] = {**parts[key], **table[key]} if both else table[key]
    scenario = Scenario.from_table(parts, where=where)
    try:
        simulator = registry.simulators.build(str(table["simulator"]))
    except PluginError as problem:
        raise ExperimentError(f"{where}.simulator: {problem}") from problem
    reason = simulator.unsupported(scenario)
    if reason:
        raise ExperimentError(f"{where}: simulator {simulator.name} cannot do this scenario: {reason}")
    return ClassSource(simulator, scenario)


def _dataset(table: Mapping[str, Any], *, where: str) -> Path:
    extra = [key for key in table if key != "dataset"]
    if extra:
        raise ExperimentError(f"{where}: a class read from a dataset takes no {', '.join(extra)}")
    path = Path(str(table["dataset"]))
    if not path.is_file():
        raise ExperimentError(f"{where}.dataset: no such file: {path}")
    return path


def _common_spec(sources: Mapping[str, ClassSource], where: str) -> WindowSpec:
    specs = {}
    for label, source in sources.items():
        if source.scenario is not None:
            specs[label] = source.scenario.window_spec
        elif source.dataset is not None:
            from selbench.formats.dataset import dataset_metadata

            specs[label] = dataset_metadata(source.dataset).spec
    first = next(iter(specs.values()))
    for label, spec in specs.items():
        if spec != first:
            raise ExperimentError(
                f"{where}: expected the same sample, length and ploidy for all classes, "
                f"found {first} and, for {label}, {spec}"
            )
    return first
