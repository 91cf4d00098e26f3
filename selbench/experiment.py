"""An experiment: a TOML file, validated, and the cells it expands to."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from selbench.components import Encoder, Model
from selbench.errors import ExperimentError, PluginError
from selbench.options import parse_spelling, spelling
from selbench.registry import Registry
from selbench.schema import build, check_keys, nearest, show
from selbench.task import Task
from selbench.task_table import read_task
from selbench.typed_values import parse_text, split_outside


@dataclass(frozen=True)
class Method:
    """An encoder and a model."""

    encoder: Encoder
    model: Model

    @property
    def name(self) -> str:
        """The method as it is spelled: ``encoder+model``."""
        return f"{spelling(self.encoder)}+{spelling(self.model)}"

    @classmethod
    def parse(cls, text: str, registry: Registry) -> Method:
        """Read ``encoder+model``, or just ``model`` with the encoder its paper uses.

        Raises
        ------
        PluginError
            If a name or an option is unknown.
        """
        parts = split_outside(text, "+")
        if len(parts) == 1:
            name, _ = parse_spelling(parts[0])
            if name in registry.encoders and name not in registry.models:
                raise PluginError(f"method {text!r} names an encoder alone; write {name}+MODEL")
            model = registry.models.build(parts[0])
            return cls(registry.encoders.build(model.default_encoder), model)
        if len(parts) != 2:
            raise PluginError(f"method {text!r}: expected ENCODER+MODEL or MODEL")
        return cls(registry.encoders.build(parts[0]), registry.models.build(parts[1]))


@dataclass(frozen=True)
class Evaluation:
    """Train on one task, test on others."""

    train: str
    test: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """One training: a task, a method, a repetition, and the tasks it is tested on."""

    task: Task
    method: Method
    repetition: int
    test_tasks: tuple[Task, ...]

    @property
    def name(self) -> str:
        """How the cell is called in messages."""
        return f"{self.task.name} · {self.method.name} · repetition {self.repetition}"


@dataclass(frozen=True)
class Experiment:
    """Tasks × methods × repetitions.

    Parameters
    ----------
    name : str
    seed : int
        Every random stream of the run derives from it.
    tasks : dict of str to Task
    methods : tuple of Method
        Baselines included.
    repetitions : int
        Trainings per method and task, each with a model seed of its own.
    evaluate : tuple of Evaluation
        Which task is tested on which; by default each on itself.
    resample_training : bool
        Whether each repetition also trains on windows of its own.
    threads : int
        Threads of one fit; part of its identity, never derived from the number of workers.
    description : str
    table : dict
        The file as it was read, overrides applied: written into the run folder.
    """

    name: str
    seed: int
    tasks: Mapping[str, Task]
    methods: tuple[Method, ...]
    repetitions: int = 1
    evaluate: tuple[Evaluation, ...] = ()
    resample_training: bool = False
    threads: int = 1
    description: str = ""
    table: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def cells(self) -> Iterator[Cell]:
        """Return every training of the experiment, first repetitions first."""
        tests = {name: (name,) for name in self.tasks} | {e.train: e.test for e in self.evaluate}
        trained = [e.train for e in self.evaluate] if self.evaluate else list(self.tasks)
        for repetition in range(self.repetitions):
            for name in trained:
                for method in self.methods:
                    yield Cell(
                        self.tasks[name], method, repetition, tuple(self.tasks[test] for test in tests[name])
                    )

    def selected(self, *, methods: Sequence[str] = (), tasks: Sequence[str] = ()) -> Experiment:
        """Return the experiment with only these methods and training tasks.

        A method is named in full, or by its model alone.

        Raises
        ------
        ExperimentError
            If a name is not in the experiment.
        """
        chosen = self.methods
        if methods:
            known = {m.name: m for m in self.methods}
            by_model = {m.model.name: m for m in self.methods}
            unknown = [m for m in methods if m not in known and m not in by_model]
            if unknown:
                raise ExperimentError(
                    f"method {unknown[0]!r} is not in {self.name}{nearest(unknown[0], [*known, *by_model])}; "
                    f"it has {', '.join(known)}"
                )
            chosen = tuple(m for m in self.methods if {m.name, m.model.name} & set(methods))
        unknown = [name for name in tasks if name not in self.tasks]
        if unknown:
            raise ExperimentError(
                f"task {unknown[0]!r} is not in {self.name}{nearest(unknown[0], self.tasks)}; "
                f"it has {', '.join(self.tasks)}"
            )
        if not tasks:
            return replace(self, methods=chosen)
        every = self.evaluate or tuple(Evaluation(name, (name,)) for name in self.tasks)
        return replace(self, methods=chosen, evaluate=tuple(e for e in every if e.train in tasks))


@dataclass(frozen=True)
class _Settings:
    """The keys of an experiment file that stand alone."""

    seed: int
    name: str = ""
    description: str = ""
    repetitions: int = 1
    baselines: bool = True
    methods: tuple[str, ...] = ()
    resample_training: bool = False
    threads: int = 1

    def __post_init__(self) -> None:
        for key in ("repetitions", "threads"):
            if getattr(self, key) < 1:
                raise ExperimentError(f"{key}: expected at least 1, found {getattr(self, key)}")


_PATH_KEYS = ("dataset", "demes", "trajectory_file")
_TABLES = ("tasks", "evaluate", "reduced")


def read_experiment(
    path: Path,
    registry: Registry,
    *,
    overrides: Sequence[str] = (),
    reduced: bool = False,
    repetitions: int | None = None,
) -> Experiment:
    """Read an experiment file.

    Parameters
    ----------
    overrides : sequence of str
        ``KEY=VALUE`` with dotted keys, applied last: ``tasks.paper.windows.train=100``.
    reduced : bool
        Apply the file's ``[reduced]`` table: minutes instead of hours.

    Raises
    ------
    ExperimentError
        With the file, the key, what was expected and the nearest valid name.
    """
    table = _load(path)
    if reduced:
        table = _reduced(table, path)
    table.pop("reduced", None)
    for override in overrides:
        _apply(table, override, path)
    if repetitions is not None:
        table["repetitions"] = repetitions
    return parse_experiment(table, registry, where=path.name, default_name=path.stem)


def parse_experiment(
    table: Mapping[str, Any], registry: Registry, *, where: str, default_name: str = "experiment"
) -> Experiment:
    """Build an experiment from its table."""
    known = [*_Settings.__dataclass_fields__, *_TABLES]
    check_keys(table, known, where=where)
    settings = build(_Settings, {k: v for k, v in table.items() if k not in _TABLES}, where=where)
    tables = table.get("tasks")
    if not isinstance(tables, Mapping) or not tables:
        raise ExperimentError(f"{where}: expected at least one [tasks.NAME] table, found {show(tables)}")
    tasks = {
        name: read_task(name, task, registry, where=f"{where}: tasks.{name}") for name, task in tables.items()
    }
    return Experiment(
        name=settings.name or default_name,
        seed=settings.seed,
        tasks=tasks,
        methods=_methods(settings, registry, where),
        repetitions=settings.repetitions,
        evaluate=_evaluations(table.get("evaluate", []), tasks, where),
        resample_training=settings.resample_training,
        threads=settings.threads,
        description=settings.description,
        table=table,
    )


def _load(path: Path) -> dict[str, Any]:
    try:
        table: dict[str, Any] = _anchored(
            tomllib.loads(path.read_text(encoding="utf-8")), path.parent.resolve()
        )
    except tomllib.TOMLDecodeError as problem:
        raise ExperimentError(f"{path}: not valid TOML: {problem}") from problem
    except (OSError, UnicodeDecodeError) as problem:
        raise ExperimentError(f"{path}: cannot be read: {problem}") from problem
    return table


def _anchored(value: Any, folder: Path, key: str = "") -> Any:
    """Make the paths that a file names start from the folder of the file."""
    if isinstance(value, dict):
        return {name: _anchored(inner, folder, name) for name, inner in value.items()}
    return str(folder / value) if key in _PATH_KEYS and isinstance(value, str) else value


def _methods(settings: _Settings, registry: Registry, where: str) -> tuple[Method, ...]:
    texts = list(settings.methods)
    if settings.baselines:
        texts += [entry.name for entry in registry.models.entries() if entry.component.is_baseline]
    methods: dict[str, Method] = {}
    for text in texts:
        try:
            method = Method.parse(text, registry)
        except PluginError as problem:
            raise ExperimentError(f"{where}: methods: {problem}") from problem
        methods.setdefault(method.name, method)
    if not methods:
        raise ExperimentError(f'{where}: expected methods, such as ["statistics+logistic"], found none')
    return tuple(methods.values())


def _evaluations(tables: Any, tasks: Mapping[str, Task], where: str) -> tuple[Evaluation, ...]:
    if not isinstance(tables, list):
        raise ExperimentError(f"{where}: evaluate: expected [[evaluate]] tables, found {show(tables)}")
    evaluations = []
    for i, table in enumerate(tables):
        at = f"{where}: evaluate[{i}]"
        evaluation = build(Evaluation, table, where=at)
        for name in (evaluation.train, *evaluation.test):
            if name not in tasks:
                raise ExperimentError(
                    f"{at}: unknown task {name!r}{nearest(name, tasks)}; it has {', '.join(tasks)}"
                )
        train = tasks[evaluation.train]
        for test in (tasks[name] for name in evaluation.test):
            if test.spec != train.spec or test.classes != train.classes:
                raise ExperimentError(
                    f"{at}: cannot train on {train.name} and test on {test.name}: expected the same "
                    f"classes, length and haplotypes, found {train.classes}, {train.spec} "
                    f"and {test.classes}, {test.spec}"
                )
        evaluations.append(evaluation)
    return tuple(evaluations)


def _reduced(table: dict[str, Any], path: Path) -> dict[str, Any]:
    changes = table.get("reduced")
    if not isinstance(changes, dict):
        raise ExperimentError(f"{path.name}: has no [reduced] table; run it in full, or use --set")
    check_keys(changes, ["repetitions", "methods", "windows", "tasks"], where=f"{path.name}: reduced")
    merged = _merged(table, {key: value for key, value in changes.items() if key != "windows"})
    for task in merged.get("tasks", {}).values():
        task["windows"] = _merged(task.get("windows", {}), changes.get("windows", {}))
    return merged


def _merged(table: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    result = deepcopy(dict(table))
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = _merged(result[key], value) if both else deepcopy(value)
    return result


def _apply(table: dict[str, Any], override: str, path: Path) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise ExperimentError(f"--set {override!r}: expected KEY=VALUE, such as repetitions=5")
    *parents, last = key.strip().split(".")
    for parent in parents:
        inner = table.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise ExperimentError(f"--set {override!r}: {parent} in {path.name} is not a table")
        table = inner
    table[last] = parse_text(text.strip())
