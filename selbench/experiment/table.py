"""Read an experiment file into an Experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selbench.errors import ExperimentError, PluginError
from selbench.experiment.experiment import Evaluation, Experiment, Method
from selbench.experiment.file import load_table
from selbench.experiment.task import Task
from selbench.experiment.task_table import read_tasks
from selbench.plugin import Registry
from selbench.tables import build, check_keys, nearest, show


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


@dataclass(frozen=True)
class _EvaluationSettings:
    """The keys of an ``[[evaluate]]`` table."""

    train: str | tuple[str, ...]
    test: tuple[str, ...]


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
    table = load_table(path, overrides=overrides, reduced=reduced)
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
        task.name: task
        for name, described in tables.items()
        for task in read_tasks(name, described, registry, where=f"{where}: tasks.{name}")
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
        asked = build(_EvaluationSettings, table, where=at)
        trained = asked.train if isinstance(asked.train, tuple) else (asked.train,)
        for name in (*trained, *asked.test):
            if name not in tasks:
                raise ExperimentError(
                    f"{at}: unknown task {name!r}{nearest(name, tasks)}; it has {', '.join(tasks)}"
                )
        for key, names in (("train", trained), ("test", asked.test)):
            if not names:
                raise ExperimentError(f"{at}.{key}: expected at least one task, found none")
        for train in trained:
            for test in asked.test:
                _check_alike(tasks[train], tasks[test], at)
            evaluations.append(Evaluation(train, asked.test))
    return tuple(evaluations)


def _check_alike(train: Task, test: Task, where: str) -> None:
    if test.spec != train.spec or test.classes != train.classes:
        raise ExperimentError(
            f"{where}: cannot train on {train.name} and test on {test.name}: expected the same "
            f"classes, length and haplotypes, found {train.classes}, {train.spec} "
            f"and {test.classes}, {test.spec}"
        )
