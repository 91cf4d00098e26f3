"""An experiment: a TOML file, validated, and the cells it expands to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from selbench.components import Encoder, Model
from selbench.errors import ExperimentError, PluginError
from selbench.experiment_file import load_table
from selbench.options import parse_spelling, spelling
from selbench.registry import Registry
from selbench.schema import build, check_keys, nearest, show
from selbench.task import Task
from selbench.task_table import read_tasks
from selbench.typed_values import split_outside


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
        for repetition in range(self.repetitions):
            for train, tests in self._tests().items():
                for method in self.methods:
                    yield Cell(
                        self.tasks[train], method, repetition, tuple(self.tasks[test] for test in tests)
                    )

    def _tests(self) -> dict[str, tuple[str, ...]]:
        """Return the tasks that are tested on, each once, by the task that is trained on."""
        tests: dict[str, tuple[str, ...]] = {}
        for evaluation in self.evaluate or [Evaluation(name, (name,)) for name in self._whole_tasks()]:
            both = (*tests.get(evaluation.train, ()), *evaluation.test)
            tests[evaluation.train] = tuple(dict.fromkeys(both))
        parts = {name: task for name, task in self.tasks.items() if task.part_of}
        return tests | {
            name: tests[task.whole.name] for name, task in parts.items() if task.whole.name in tests
        }

    def _whole_tasks(self) -> list[str]:
        return [name for name, task in self.tasks.items() if task.part_of is None]

    def selected(self, *, methods: Sequence[str] = (), tasks: Sequence[str] = ()) -> Experiment:
        """Return the experiment with only these methods and training tasks.

        A method is named in full, or by its model alone.

        Raises
        ------
        ExperimentError
            If a name is not in the experiment, or the task is only tested on.
        """
        chosen = replace(self, methods=self._chosen_methods(methods)) if methods else self
        if not tasks:
            return chosen
        tests = self._tests()
        for name in tasks:
            if name not in tests:
                known = "only tested on" if name in self.tasks else f"not in {self.name}"
                raise ExperimentError(
                    f"task {name!r} is {known}{nearest(name, tests)}; trained on are {', '.join(tests)}"
                )
        return replace(
            chosen,
            evaluate=tuple(Evaluation(train, test) for train, test in tests.items() if train in tasks),
        )

    def _chosen_methods(self, wanted: Sequence[str]) -> tuple[Method, ...]:
        known = [name for method in self.methods for name in (method.name, method.model.name)]
        for name in wanted:
            if name not in known:
                raise ExperimentError(
                    f"method {name!r} is not in {self.name}{nearest(name, known)}; "
                    f"it has {', '.join(method.name for method in self.methods)}"
                )
        return tuple(m for m in self.methods if m.name in wanted or m.model.name in wanted)


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
