"""Which workers of a cluster may work on a run: those with the code that planned it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from selbench.errors import SelbenchError, UnsupportedError
from selbench.experiment import Experiment
from selbench.plugin import Component, Simulator
from selbench.runner.cluster.worker import code_here, provenance_here
from selbench.runner.events import ClusterChanged, Listener
from selbench.runner.fingerprint import installed_code

SECONDS_BETWEEN_ROLL_CALLS = 1.0


@dataclass(frozen=True)
class Needs:
    """What a worker must have: the same code, and the same programs behind simulators."""

    code: dict[str, str]
    simulators: tuple[Simulator, ...]

    @classmethod
    def of(cls, experiment: Experiment) -> Needs:
        """Return what an experiment's components need, as it is installed here."""
        simulators = tuple(part for task in experiment.tasks.values() for part in task.simulators)
        components = [part for method in experiment.methods for part in (method.encoder, method.model)]
        return cls.of_components(components, simulators)

    @classmethod
    def of_components(cls, components: Sequence[Component], simulators: Sequence[Simulator] = ()) -> Needs:
        """Return what components need, as it is installed here."""
        packages = (type(part).__module__.partition(".")[0] for part in (*simulators, *components))
        return cls(installed_code(packages), tuple(simulators))


class Roster:
    """The workers of a cluster, each asked once what code it has.

    A worker that differs is refused by name, before it gets any work. Until the
    first job is given that ends the run, for the user can mend it and has lost
    nothing; a worker that joins later is left out, and the run goes on.

    Attributes
    ----------
    slots : dict of str to int
        How many jobs each worker that may work does at once, by its address.
    """

    def __init__(self, client: Any, needs: Needs, *, threads: int) -> None:
        self.slots: dict[str, int] = {}
        self._client = client
        self._needs = needs
        self._threads = threads
        self._refused: set[str] = set()
        self._is_waiting = False
        self._next_call = 0.0

    def call(self, observe: Listener, *, has_begun: bool) -> set[str]:
        """Look who is there, at most once a second; return the workers that were lost.

        Raises
        ------
        UnsupportedError
            If nothing has begun and a worker has other code.
        SelbenchError
            If the scheduler does not answer.
        """
        if time.monotonic() < self._next_call:
            return set()
        threads_of = self._threads_of_workers()
        lost = self.slots.keys() - threads_of.keys()
        for worker in lost:
            del self.slots[worker]
            observe(ClusterChanged(f"worker {worker} is lost"))
        self._refused &= threads_of.keys()
        strangers = threads_of.keys() - self.slots.keys() - self._refused
        complaints = self._ask(sorted(strangers))
        if complaints and not has_begun:
            raise UnsupportedError("; ".join(complaints.values()))
        for worker in strangers:
            if worker in complaints:
                self._refused.add(worker)
                observe(ClusterChanged(f"refused: {complaints[worker]}"))
            else:
                self.slots[worker] = max(1, threads_of[worker] // self._threads)
        if not self.slots and not self._is_waiting:
            observe(ClusterChanged("no worker to be had; waiting for one"))
        self._is_waiting = not self.slots
        self._next_call = time.monotonic() + SECONDS_BETWEEN_ROLL_CALLS
        return lost

    def has(self, worker: str) -> bool:
        """Whether a worker is connected this instant."""
        return worker in self._threads_of_workers()

    def _threads_of_workers(self) -> dict[str, int]:
        try:
            return dict(self._client.nthreads())
        except (OSError, RuntimeError) as problem:
            raise SelbenchError(
                f"the Dask scheduler does not answer any more ({problem}); "
                "finished work is kept: the same command goes on from here"
            ) from problem

    def _ask(self, workers: Iterable[str]) -> dict[str, str]:
        """Ask workers for their code and programs; return what is wrong, by worker."""
        complaints: dict[str, str] = {}
        for worker in workers:
            wrong = self._what_is_wrong(worker)
            if wrong:
                complaints[worker] = f"worker {worker} has {wrong}; install the same there and restart it"
        return complaints

    def _what_is_wrong(self, worker: str) -> str:
        packages = sorted(self._needs.code.keys() - {"python", "selbench"})
        code = self._answer(worker, code_here, packages)
        if not isinstance(code, dict):
            return f"no selbench that answers ({code})"
        differing = [name for name, wanted in self._needs.code.items() if code.get(name) != wanted]
        if differing:
            return ", ".join(
                f"{_named(name, code[name])}, this run needs {_named(name, self._needs.code[name])}"
                for name in differing
            )
        provenance = self._answer(worker, provenance_here, self._needs.simulators)
        if not isinstance(provenance, list):
            return f"no program that a simulator needs ({provenance})"
        for simulator, found in zip(self._needs.simulators, provenance, strict=True):
            if found != dict(simulator.provenance()):
                return f"for simulator {simulator.name} {found}, this run needs {simulator.provenance()}"
        return ""

    def _answer(self, worker: str, question: Any, *arguments: Any) -> Any:
        """Return a worker's answer, or the exception that it gave instead."""
        answers = self._client.run(question, *arguments, workers=[worker], on_error="return")
        return answers.get(worker, "no answer")


def _named(name: str, code: str) -> str:
    """Return code with its package's name, which versions name already."""
    return code if code.partition(" ")[0].replace("-", "_").lower() == name.lower() else f"{name} {code}"
