"""Read an experiment file into an Experiment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from selbench.errors import ExperimentError, PluginError
from selbench.evaluation.brought import expect_to_work
from selbench.evaluation.metrics import METRICS
from selbench.experiment.experiment import Evaluation, Experiment, Method
from selbench.experiment.file import load_table
from selbench.experiment.suite import expect_test_digests, parse_suite
from selbench.experiment.task import Target, Task
from selbench.experiment.task_table import read_tasks
from selbench.plugin import Metric, Registry
from selbench.tables import build, check_keys, check_name, nearest, show


@dataclass(frozen=True)
class _TargetSettings:
    """The keys of a task's ``target`` table."""

    task: str
    windows: int
    positive_share: float = 0.02


BASELINES = ("segregating-sites", "nucleotide-diversity", "distinct-haplotypes")
"""What joins an experiment that names no baselines of its own, whatever else is installed."""

BASELINES_OF_LONG_WINDOWS, LONG_BP = ("sub-window-logistic",), 50_000
"""What joins as well where a task's windows are that long: one number for all of it hides a sweep."""

MOST_REPETITIONS = 10_000
MOST_THREADS = 1024
MOST_TRAININGS = 1_000_000
"""More is a slip of the finger, or a stranger's joke."""


@dataclass(frozen=True)
class _Settings:
    """The keys of an experiment file that stand alone."""

    seed: int
    name: str = ""
    description: str = ""
    repetitions: int = 5
    baselines: bool | tuple[str, ...] = True
    methods: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    resample_training: bool = True
    threads: int = 1
    suite: str = ""
    reduced_from: str = ""

    def __post_init__(self) -> None:
        for key, most in (("repetitions", MOST_REPETITIONS), ("threads", MOST_THREADS)):
            if not 1 <= getattr(self, key) <= most:
                expected = "at least 1" if getattr(self, key) < 1 else f"at most {most:,}"
                raise ExperimentError(f"{key}: expected {expected}, found {getattr(self, key):,}")
        if self.name:
            check_name(self.name, where="name")
        if self.suite:
            parse_suite(self.suite)


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
    as_suite: bool = True,
) -> Experiment:
    """Read an experiment file.

    Parameters
    ----------
    overrides : sequence of str
        ``KEY=VALUE`` with dotted keys, applied last: ``tasks.paper.windows.train=100``.
    reduced : bool
        Apply the file's ``[reduced]`` table: minutes instead of hours.
    as_suite : bool
        Take a suite as one, with a digest for every task; else it is read as an experiment like any other.

    Raises
    ------
    ExperimentError
        With the file, the key, what was expected and the nearest valid name.
    """
    table = load_table(path, registry, overrides=overrides, reduced=reduced, as_suite=as_suite)
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
    tasks: dict[str, Task] = {}
    for name, described in tables.items():
        check_name(name, where=f"{where}: tasks")
        for task in read_tasks(name, described, registry, where=f"{where}: tasks.{name}"):
            if tasks.setdefault(task.name, task) is not task:
                raise ExperimentError(f"{where}: tasks: {task.name!r} twice, once as a training size")
    tasks = _with_targets(tasks, tables, where)
    experiment = Experiment(
        name=settings.name or check_name(default_name, where=f"{where}: the file's name stands for name"),
        seed=settings.seed,
        tasks=tasks,
        methods=_methods(settings, registry, _longest_bp(tasks), where),
        repetitions=settings.repetitions,
        evaluate=_evaluations(table.get("evaluate", []), tasks, where),
        resample_training=settings.resample_training,
        threads=settings.threads,
        metrics=_metrics(settings, registry, tasks, where),
        description=settings.description,
        table=table,
        suite=settings.suite,
        reduced_from=settings.reduced_from,
    )
    _check_size(experiment, where)
    if experiment.suite:
        expect_test_digests(experiment.suite, tasks.values(), where)
    return experiment


def _check_size(experiment: Experiment, where: str) -> None:
    found = len(experiment.tasks) * len(experiment.methods) * experiment.repetitions
    if found > MOST_TRAININGS:
        raise ExperimentError(
            f"{where}: expected at most {MOST_TRAININGS:,} trainings, found {len(experiment.tasks):,} "
            f"tasks × {len(experiment.methods):,} methods × {experiment.repetitions:,} repetitions"
        )


def _with_targets(tasks: Mapping[str, Task], tables: Mapping[str, Any], where: str) -> dict[str, Task]:
    """Give tasks the unlabelled windows of the target that their tables name."""
    given = dict(tasks)
    for name, task in tasks.items():
        described = tables[task.whole.name]
        if "target" not in described:
            continue
        at = f"{where}: tasks.{task.whole.name}.target"
        asked = build(_TargetSettings, described["target"], where=at)
        if asked.task not in tables:
            raise ExperimentError(
                f"{at}.task: unknown task {asked.task!r}{nearest(asked.task, tables)}; "
                f"it has {', '.join(tables)}"
            )
        source = tasks[asked.task]
        if source.is_genome:
            raise ExperimentError(
                f"{at}.task: the windows of genome {asked.task!r} are tested on, all of them"
            )
        _check_alike(task, source, at)
        try:
            given[name] = replace(task, target=Target(source, asked.windows, asked.positive_share))
        except ExperimentError as problem:
            raise ExperimentError(f"{at}.{problem}") from problem
    return given


def _longest_bp(tasks: Mapping[str, Task]) -> int:
    return max(task.spec.sequence_length for task in tasks.values())


def _methods(settings: _Settings, registry: Registry, longest_bp: int, where: str) -> tuple[Method, ...]:
    baselines: Iterable[str] = settings.baselines if isinstance(settings.baselines, tuple) else ()
    if settings.baselines is True:
        wanted = (*BASELINES, *(BASELINES_OF_LONG_WINDOWS if longest_bp >= LONG_BP else ()))
        baselines = (name for name in wanted if name in registry.models)
    methods: dict[str, Method] = {}
    for text in (*settings.methods, *baselines):
        try:
            method = Method.parse(text, registry)
        except PluginError as problem:
            raise ExperimentError(f"{where}: methods: {problem}") from problem
        methods.setdefault(method.name, method)
    if not methods:
        raise ExperimentError(f'{where}: expected methods, such as ["statistics+logistic"], found none')
    return tuple(methods.values())


def _metrics(
    settings: _Settings, registry: Registry, tasks: Mapping[str, Task], where: str
) -> tuple[Metric, ...]:
    """Return the metrics of plugins that an experiment names, each tried once; shipped ones need none."""
    chosen: dict[str, Metric] = {}
    for name in settings.metrics:
        try:
            metric = METRICS[name] if name in METRICS else registry.metrics[name]
            if metric.name not in METRICS:
                for n_classes in {len(task.classes) for task in tasks.values()}:
                    expect_to_work(metric, n_classes)
        except PluginError as problem:
            raise ExperimentError(f"{where}: metrics: {problem}") from problem
        known = METRICS.get(metric.name, metric) is metric and chosen.get(metric.name, metric) is metric
        if not known:
            raise ExperimentError(
                f"{where}: metrics: {name!r}: another metric of the name {metric.name!r} stands in the same "
                "table; rename one of them"
            )
        chosen[metric.name] = metric
    return tuple(metric for name, metric in chosen.items() if name not in METRICS)


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
            if tasks[train].is_genome:
                raise ExperimentError(
                    f"{at}.train: {train!r} is a genome, which is tested on and not trained on"
                )
            for test in asked.test:
                _check_alike(tasks[train], tasks[test], at)
            evaluations.append(Evaluation(train, asked.test))
    if not evaluations and (genome := next((name for name in tasks if tasks[name].is_genome), "")):
        raise ExperimentError(
            f"{where}: tasks.{genome}: a genome is tested on and not trained on: say by what, with "
            f'[[evaluate]] train = "…", test = ["…", "{genome}"]'
        )
    return tuple(evaluations)


def _check_alike(train: Task, test: Task, where: str) -> None:
    if test.spec != train.spec or test.classes != train.classes:
        raise ExperimentError(
            f"{where}: cannot train on {train.name} and test on {test.name}: expected the same "
            f"classes, length and haplotypes, found {train.classes}, {train.spec} "
            f"and {test.classes}, {test.spec}"
        )
