"""Jobs on the workers of an existing Dask cluster, and through it on SLURM and the like."""

from __future__ import annotations

import hashlib
import queue
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from selbench.errors import SelbenchError
from selbench.experiment import Experiment
from selbench.plugin import install_lines
from selbench.runner.cluster.roster import Needs, Roster
from selbench.runner.cluster.worker import do_job, end_idle_processes
from selbench.runner.events import JobAdvanced, JobEnded, JobStarted, Listener
from selbench.runner.executors import Attempts, Outcome, words_of

SECONDS_TO_CONNECT = 20
SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_TO_FETCH = 10


@dataclass(frozen=True)
class _Given:
    """A job that a worker has."""

    job: Any
    worker: str
    future: Any


class DaskCluster:
    """Run jobs on a Dask cluster that is there already.

    Every job is given to one worker, as soon as that one is free: thus a worker
    is asked for its versions before its first job, and a death is blamed on the
    job that met it. A job is at least a block of 1,000 windows, which takes
    longer than its journey, so jobs travel one by one.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://host:8786``, or the path of a scheduler file.
    needs : Needs
        What workers must have.
    threads : int
        How many a job computes with.
    """

    def __init__(self, address: str, needs: Needs, *, threads: int = 1) -> None:
        self._client = _connect(address)
        self._threads = threads
        self._roster = Roster(self._client, needs, threads=threads)
        self._given: dict[str, _Given] = {}
        self._has_begun = False
        self._news: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._topic = f"selbench-{uuid.uuid4().hex}"
        self._client.subscribe_topic(self._topic, lambda event: self._news.put(JobAdvanced(*event[1])))

    @classmethod
    def for_experiment(cls, address: str, experiment: Experiment) -> DaskCluster:
        """Return a cluster for what will be run: workers must have the code of its components."""
        return cls(address, Needs.of(experiment), threads=experiment.threads)

    @property
    def workers(self) -> int:
        """How many jobs the cluster can run at once as it is now."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()) // self._threads)

    def __enter__(self) -> DaskCluster:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Withdraw what still runs, and leave the cluster as it was."""
        if self._client.status == "running":
            self._withdraw()
            self._client.run(end_idle_processes, workers=list(self._roster.slots), on_error="ignore")
        self._client.close()

    def run(self, jobs: Sequence[Any], observe: Listener) -> Iterator[Outcome]:
        """Run all jobs; yield each as it ends."""
        waiting = list(reversed(jobs))
        attempts = Attempts()
        inputs = _Inputs(self._client, jobs)
        try:
            while waiting or self._given:
                ended = self._bury(self._roster.call(observe, has_begun=self._has_begun))
                for worker in self._free_slots(len(waiting)):
                    attempts.begin(waiting[-1])
                    observe(JobStarted(waiting[-1].name))
                    ended += self._give(waiting.pop(), worker, inputs)
                ended += self._listen(observe)
                for job, result in ended:
                    outcome = result or attempts.after_death(job)
                    if outcome is None:
                        waiting.append(job)
                        continue
                    inputs.release(job)
                    observe(JobEnded(job.name, outcome.seconds, outcome.error, outcome.traceback))
                    yield replace(outcome, job=job)
        finally:
            self._withdraw()

    def _free_slots(self, wanted: int) -> list[str]:
        """Return the workers that can take a job now, the emptiest first, each as often as it has room."""
        busy = Counter(given.worker for given in self._given.values())
        free = [(i, w) for w, slots in self._roster.slots.items() for i in range(busy[w], slots)]
        return [worker for _, worker in sorted(free)[:wanted]]

    def _give(self, job: Any, worker: str, inputs: _Inputs) -> list[tuple[Any, Outcome | None]]:
        """Send a job and its inputs to a worker; return how it ended where they cannot be read."""
        try:
            contents = inputs.of(job)
        except (SelbenchError, OSError) as problem:
            error, trace = words_of(problem)
            return [(job, Outcome(job, error=error, traceback=trace))]
        future = self._client.submit(
            do_job,
            job,
            list(contents),
            list(contents.values()),
            self._threads,
            self._topic,
            workers=[worker],
            pure=False,
        )
        self._given[future.key] = _Given(job, worker, future)
        self._has_begun = True
        future.add_done_callback(self._news.put)
        return []

    def _listen(self, observe: Listener) -> list[tuple[Any, Outcome | None]]:
        """Wait a moment for news: pass progress on, return the jobs that ended and their outcomes."""
        ended = []
        try:
            news = self._news.get(timeout=SECONDS_BETWEEN_LOOKS)
            while True:
                if isinstance(news, JobAdvanced):
                    observe(news)
                elif (given := self._given.pop(news.key, None)) is not None:
                    ended.append((given.job, self._outcome(given)))
                news = self._news.get_nowait()
        except queue.Empty:
            return ended

    def _outcome(self, given: _Given) -> Outcome | None:
        """Fetch how a job ended; None where its worker or its process died."""
        future = given.future
        if future.status == "error":
            if type(future.exception()).__name__ == "KilledWorker":
                return None
            error, trace = words_of(future.exception())
            return Outcome(given.job, error=error, traceback=trace)
        while future.status == "finished":
            try:
                outcome: Outcome | None = future.result(timeout=SECONDS_TO_FETCH)
                return outcome
            except TimeoutError:
                if not self._roster.has(given.worker):
                    break
        return None

    def _bury(self, lost: set[str]) -> list[tuple[Any, Outcome | None]]:
        """Take back the jobs of lost workers, which would wait for them for ever."""
        died = [given for given in self._given.values() if given.worker in lost]
        for given in died:
            del self._given[given.future.key]
            given.future.cancel()
        return [(given.job, None) for given in died]

    def _withdraw(self) -> None:
        futures = [given.future for given in self._given.values()]
        self._given = {}
        if futures and self._client.status == "running":
            self._client.cancel(futures)


class _Inputs:
    """Contents of files on the cluster, each sent once and kept while a job needs it.

    They are results of tasks and not scattered data: when the worker that holds
    one dies, the scheduler makes it again. Any worker may hold them: naming
    workers would leave them nowhere to go when these are gone.
    """

    def __init__(self, client: Any, jobs: Sequence[Any]) -> None:
        self._client = client
        self._futures: dict[str, Any] = {}
        self._needed = Counter(name for job in jobs for name in job.inputs())

    def of(self, job: Any) -> dict[str, Any]:
        """Return futures of a job's inputs by name, sending those that are not there yet."""
        import dask

        readers = job.inputs()
        for name in readers.keys() - self._futures.keys():
            content = readers[name]()
            key = f"selbench-input-{hashlib.sha256(content).hexdigest()}"
            with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"}):
                self._futures[name] = self._client.submit(bytes, content, key=key)
        return {name: self._futures[name] for name in readers}

    def release(self, job: Any) -> None:
        """Forget the inputs that no other job needs."""
        for name in job.inputs():
            self._needed[name] -= 1
            if not self._needed[name]:
                self._futures.pop(name, None)


def _connect(address: str) -> Any:
    try:
        import distributed
    except ImportError as problem:
        how = install_lines(extra="dask")[0]
        raise SelbenchError(f"--dask needs Dask, which is not installed: {how}") from problem
    client: Any = distributed.Client
    known = {"scheduler_file": address} if Path(address).is_file() else {"address": address}
    try:
        return client(**known, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as problem:
        words = " ".join(str(problem).split())
        raise SelbenchError(f"--dask {address}: no Dask scheduler answers there: {words}") from problem
