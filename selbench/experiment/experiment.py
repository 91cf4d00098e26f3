"""An experiment: tasks × methods × repetitions, and the trainings it expands to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from selbench.errors import ExperimentError, PluginError
from selbench.experiment.task import Portion, Split, Task, portions
from selbench.plugin import Encoder, Metric, Model, Registry, method_spelling, parse_spelling, spelling
from selbench.tables import method_labels, nearest, split_outside

RESAMPLED_SPLITS: tuple[Split, ...] = ("train", "validation")
"""The splits that have windows of their own in every repetition, where `resample_training` is set."""


@dataclass(frozen=True)
class Method:
    """An encoder and a model."""

    encoder: Encoder
    model: Model

    @property
    def name(self) -> str:
        """The method as it is spelled: ``encoder+model``, or once where both are one thing."""
        return method_spelling(self.encoder, self.model)

    @property
    def designer(self) -> Encoder | Model | None:
        """Which of both says what windows the method was made for: the encoder, or else the model."""
        return next((part for part in (self.encoder, self.model) if part.designed_for is not None), None)

    @property
    def short_name(self) -> str:
        """The shortest spelling: the model alone, where the encoder is that of its paper."""
        model, encoder = spelling(self.model), spelling(self.encoder)
        if encoder == self.model.default_encoder:
            return model
        return encoder if model == self.encoder.default_model else f"{encoder}+{model}"

    @classmethod
    def parse(cls, text: str, registry: Registry) -> Method:
        """Read ``encoder+model``, or just ``model`` with the encoder its paper uses, or ``scan-SCANNER``.

        Raises
        ------
        PluginError
            If a name or an option is unknown.
        """
        parts = split_outside(text, "+")
        if len(parts) == 1:
            name, _ = parse_spelling(parts[0])
            if name in registry.encoders and registry.encoders[name].default_model:
                encoder = registry.encoders.build(parts[0])
                plugin = registry.encoders.entry(name).owner.plugin
                return cls(encoder, registry.models.build(encoder.default_model, near=plugin))
            if name in registry.encoders and name not in registry.models:
                raise PluginError(f"method {text!r} names an encoder alone; write {name}+MODEL")
            model = registry.models.build(parts[0])
            plugin = registry.models.entry(name).owner.plugin
            return cls(registry.encoders.build(model.default_encoder, near=plugin), model)
        if len(parts) != 2:
            raise PluginError(f"method {text!r}: expected ENCODER+MODEL or MODEL")
        return cls(registry.encoders.build(parts[0]), registry.models.build(parts[1]))


@dataclass(frozen=True)
class Evaluation:
    """Train on one task, test on others."""

    train: str
    test: tuple[str, ...]


@dataclass(frozen=True)
class Training:
    """One training: a task, a method, a repetition, and the tasks it is tested on."""

    task: Task
    method: Method
    repetition: int
    test_tasks: tuple[Task, ...]
    label: str = ""

    @property
    def shown_method(self) -> str:
        """How its method is called: its label in the experiment."""
        return self.label or self.method.short_name

    @property
    def name(self) -> str:
        """How the training is called in messages."""
        return f"{self.task.name} · {self.shown_method} · repetition {self.repetition}"


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
        Whether each repetition has training and validation windows of its own, from classes that can
        make more.
    threads : int
        Threads of one fit; part of its identity, never derived from the number of workers.
    metrics : tuple of Metric
        Those of plugins that results are measured by as well.
    description : str
    table : dict
        The file as it was read, overrides applied: written into the run folder.
    labelled : tuple of Method
        The methods that labels tell apart, where only some of them were chosen.
    suite : str
        The suite that it is, such as ``sweeps-1``: its tasks are fixed, and their test windows have a
        published digest.
    reduced_from : str
        The suite that it is the reduced form of.
    """

    name: str
    seed: int
    tasks: Mapping[str, Task]
    methods: tuple[Method, ...]
    repetitions: int = 5
    evaluate: tuple[Evaluation, ...] = ()
    resample_training: bool = True
    threads: int = 1
    metrics: tuple[Metric, ...] = ()
    description: str = ""
    table: Mapping[str, Any] = field(default_factory=dict, compare=False)
    labelled: tuple[Method, ...] = field(default=(), compare=False)
    suite: str = ""
    reduced_from: str = ""

    def trainings(self) -> Iterator[Training]:
        """Return every training of the experiment, first repetitions first."""
        for repetition in range(self.repetitions):
            for train, tests in self.tests().items():
                for method in self.methods:
                    yield Training(
                        self.tasks[train],
                        method,
                        repetition,
                        tuple(self.tasks[test] for test in tests),
                        self.labels[method.name],
                    )

    def portions(self, task: Task, *, split: Split, repetition: int = 0) -> list[Portion]:
        """Return the portions of one split of a task, as one repetition has them.

        Test windows never change within a task: methods are compared on the same ones.
        """
        has_own = self.resample_training and split in RESAMPLED_SPLITS
        return [
            replace(portion, repetition=repetition) if has_own and portion.source.makes_more else portion
            for portion in portions(task, split=split)
        ]

    def every_portion(self, task: Task, *, split: Split) -> list[Portion]:
        """Return the portions of one split of a task, of all repetitions, each once."""
        found = [
            self.portions(task, split=split, repetition=repetition) for repetition in range(self.repetitions)
        ]
        return [
            portion
            for repetition, of_one in enumerate(found)
            for portion in of_one
            if repetition == 0 or portion.repetition is not None
        ]

    def tests(self) -> dict[str, tuple[str, ...]]:
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

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """How each method is called in reports, by its spelling."""
        return method_labels(
            {
                m.name: (spelling(m.encoder), spelling(m.model), m.model.default_encoder)
                for m in self.labelled or self.methods
            }
        )

    @property
    def is_open(self) -> bool:
        """Whether any installed method may take part: it is a suite, or the reduced form of one."""
        return bool(self.suite or self.reduced_from)

    def with_installed(self, wanted: Sequence[str], registry: Registry) -> Experiment:
        """Return a suite with the installed methods of these names that its file does not list.

        What is no suite, whole or reduced, stays as it is: what takes part in it is what its file names.
        """
        if not self.is_open:
            return self
        methods = {method.name: method for method in self.methods}
        for name in wanted:
            try:
                method = Method.parse(name, registry)
            except PluginError as problem:
                if self._named(name):  # as tables call it
                    continue
                raise ExperimentError(
                    f"method {name!r} is not in {self.name}, nor installed here: {problem}"
                ) from problem
            methods.setdefault(method.name, method)
        added = list(methods)[len(self.methods) :]
        if not added:
            return self
        listed = [*self.table.get("methods", ()), *added]
        return replace(self, methods=tuple(methods.values()), table={**self.table, "methods": listed})

    def selected(self, *, methods: Sequence[str] = (), tasks: Sequence[str] = ()) -> Experiment:
        """Return the experiment with only these methods and training tasks.

        A method is named in full, as reports call it, or by its model alone.

        Raises
        ------
        ExperimentError
            If a name is not in the experiment, or the task is only tested on.
        """
        chosen = self
        if methods:
            all_methods = self.labelled or self.methods
            chosen = replace(self, methods=self._chosen_methods(methods), labelled=all_methods)
        if not tasks:
            return chosen
        tests = self.tests()
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

    def named(self, name: str) -> tuple[str, ...]:
        """Return the labels of all methods that a name stands for: that of a model may stand for several."""
        return tuple(self.labels[method.name] for method in self._named(name))

    def _named(self, name: str) -> list[Method]:
        """Return what a name stands for: the method that is spelled so, else all that may be called so."""
        spelled = [method for method in self.methods if method.name == name]
        pairs = zip(self.methods, self._names, strict=True)
        return spelled or [method for method, names in pairs if name in names]

    @property
    def _names(self) -> list[set[str]]:
        """What each of its methods may be called."""
        return [{m.name, m.short_name, self.labels[m.name], m.model.name} for m in self.methods]

    def _chosen_methods(self, wanted: Sequence[str]) -> tuple[Method, ...]:
        chosen: set[str] = set()
        for name in wanted:
            found = self._named(name)
            chosen |= {method.name for method in found}
            if not found:
                known = [name for of_method in self._names for name in sorted(of_method)]
                only = "" if self.is_open else ", and only what its file lists takes part"
                raise ExperimentError(
                    f"method {name!r} is not in {self.name}{nearest(name, known)}{only}; "
                    f"it has {', '.join(method.name for method in self.methods)}"
                )
        return tuple(method for method in self.methods if method.name in chosen)
