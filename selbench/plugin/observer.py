"""Observers: told what happens in a run, as experiment trackers wish to be. They change nothing of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from selbench.plugin.components import Component


@dataclass(frozen=True)
class RunBegan:
    """A run begins.

    Parameters
    ----------
    experiment : str
        Its name.
    folder : Path
        The run folder; the experiment as it is run lies there already.
    table : mapping of str to object
        The experiment file as it was read: seed, repetitions, tasks, methods.
    n_trainings : int
        How many were asked for, those that were done before included.
    """

    experiment: str
    folder: Path
    table: Mapping[str, Any]
    n_trainings: int


@dataclass(frozen=True)
class TrainingEnded:
    """A training ended. One that was done before the run began is not told of again.

    Parameters
    ----------
    task : str
        Trained on.
    method, method_label : str
        Its full spelling, ``encoder+model``, and how reports call it.
    repetition : int
    status : {"done", "failed", "skipped"}
    reason : str
        Why it failed or was skipped, in a line.
    seconds : mapping of str to float
        Wall time by step: ``encode``, ``fit``; empty unless done.
    n_parameters : int or None
        Learned parameters, where that means something.
    history : mapping of str to tuple of float
        ``loss``, ``val_loss`` and the like, one value per epoch; may be empty.
    """

    task: str
    method: str
    method_label: str
    repetition: int
    status: Literal["done", "failed", "skipped"]
    reason: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    n_parameters: int | None = None
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class RunEnded:
    """A run ended; whoever observes it is told nothing after that.

    Parameters
    ----------
    folder : Path
        The run folder, for `selbench.open_run`; its tables and report are whole where `status` is "finished".
    status : {"finished", "stopped", "failed"}
        To its end, some trainings may have failed; stopped by its user; or ended by an error.
    reason : str
        The error, in a line.
    """

    folder: Path
    status: Literal["finished", "stopped", "failed"]
    reason: str = ""


RunListener = Callable[[TrainingEnded | RunEnded], None]
"""Told what happens after a run began, in the order in which it happens, by the process that was started."""


class Observer(Component):
    """Is told of a run's events. ``selbench run … --observe NAME[option=…]`` attaches it.

    It decides nothing: what it returns is not used, and what it raises is said in one line and
    kept in the run folder's ``failures/``, whereupon it is told no more of that run.
    """

    @abstractmethod
    def watch(self, began: RunBegan) -> RunListener:
        """Take note that a run began, and return what is to be told of the rest of it.

        What lasts for one run, such as a connection, belongs to what is returned: the observer
        itself holds options alone.
        """
