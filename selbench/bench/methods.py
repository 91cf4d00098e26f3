"""Trained methods of finished runs, by any of their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from selbench.errors import DataError
from selbench.plugin import Registry
from selbench.run_folder import RunRecord, TrainingRecord
from selbench.run_folder.layout import is_finished_run
from selbench.tables import nearest
from selbench.trained import TrainedMethod


@dataclass(frozen=True, eq=False)
class Methods(Mapping[str, TrainedMethod]):
    """The trained methods of a run, loaded when they are asked for.

    A method is asked for by its label, its id or its folder name; where methods
    were trained on several tasks, ``TASK/METHOD``. ``METHOD@2`` is repetition 2.

    Parameters
    ----------
    record : RunRecord
    registry : Registry, optional
        By default that of what is installed.
    number : int
        Of the repetition.
    """

    record: RunRecord
    registry: Registry | None = None
    number: int = 0

    def repetition(self, number: int) -> Methods:
        """Return the same methods as another repetition trained them."""
        return replace(self, number=number)

    def folder(self, name: str) -> Path:
        """Return the folder of a trained method.

        Raises
        ------
        DataError
            If there is none of that name, with the nearest; or several tasks have it.
        """
        training = self._trainings.get(name)
        if training is not None:
            return self.record.folder / training.predictor
        bare, at, number = name.rpartition("@")
        if at and number.isdigit() and bare in self.repetition(int(number))._trainings:
            return self.repetition(int(number)).folder(bare)
        raise DataError(self._unknown(name))

    def __getitem__(self, name: str) -> TrainedMethod:
        """Load a method."""
        return load_folder(self.folder(name), self.registry)

    def __iter__(self) -> Iterator[str]:
        """Yield the methods, as the run's leaderboard calls them."""
        return (self._shown(training) for training in self._trained)

    def __len__(self) -> int:
        """Count the methods that this repetition trained."""
        return len(self._trained)

    def __contains__(self, name: object) -> bool:
        """Whether there is a method of that name."""
        return name in self._trainings

    @cached_property
    def _trained(self) -> tuple[TrainingRecord, ...]:
        return tuple(
            training
            for training in self.record.trainings
            if training.predictor and training.repetition == self.number
        )

    @cached_property
    def _tasks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(training.train_task for training in self._trained))

    @cached_property
    def _home(self) -> str | None:
        """The task that a bare name means: the only one that is not a part of another."""
        whole = [task for task in self._tasks if not self.record.tasks[task].part_of]
        return whole[0] if len(whole) == 1 else None

    @cached_property
    def _trainings(self) -> dict[str, TrainingRecord]:
        """Return every trained training by everything that it is called."""
        found: dict[str, TrainingRecord] = {}
        for training in self._trained:
            for name in self.record.names[training.method].all:
                found[f"{training.train_task}/{name}"] = training
                if training.train_task == self._home:
                    found[name] = training
            found[Path(training.predictor).name] = training
        return found

    def _shown(self, training: TrainingRecord) -> str:
        label = self.record.labels[training.method]
        return label if training.train_task == self._home else f"{training.train_task}/{label}"

    def _unknown(self, name: str) -> str:
        where = self.record.folder
        full = [shown for shown in self if shown.rpartition("/")[2] == name]
        same = [key for key in self._trainings if key.rpartition("/")[2] == name]
        if same:
            return f"{where}: method {name!r} was trained on several tasks: write {' or '.join(full or same)}"
        if not len(self):
            return f"{where}: expected trained methods of repetition {self.number}, found none"
        return (
            f"{where}: method {name!r} is not there{nearest(name, self._trainings)}; it has {', '.join(self)}"
        )


def load_method(method: str | Path, registry: Registry | None = None) -> TrainedMethod:
    """Load a trained method: its folder, or ``RUN:METHOD`` with any name of the method.

    Raises
    ------
    DataError
        If there is no such method, or a file of it is damaged.

    Examples
    --------
    >>> load_method("runs/quickstart:logistic").classes  # doctest: +SKIP
    ('neutral', 'sweep')
    """
    return load_folder(method_folder(method), registry)


def load_folder(folder: Path, registry: Registry | None = None) -> TrainedMethod:
    """Load the trained method in a folder."""
    return TrainedMethod.load(folder, registry or Registry.installed())


def method_folder(method: str | Path) -> Path:
    """Return the folder that a trained method is kept in, from its path or ``RUN:METHOD``.

    Raises
    ------
    DataError
        If the run has no such method.
    """
    text = str(method)
    if Path(text).is_dir():
        return Path(text)
    for at, character in enumerate(text):
        if character == ":" and is_finished_run(Path(text[:at])):
            return Methods(RunRecord.read(Path(text[:at]))).folder(text[at + 1 :])
    if ":" in text:
        run = text.partition(":")[0]
        raise DataError(f"{run}: expected the folder of a finished run, found none")
    return Path(text)
