"""Where jobs run: in this process, or in worker processes of one machine."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from selbench.errors import SelbenchError
from selbench.runner.events import JobAdvanced, JobEnded, JobStarted, Observer

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


class Job(Protocol):
    """What executors run: named, picklable, and returning bytes."""

    @property
    def name(self) -> str:
        """What the job is called in messages."""

    @property
    def kind(self) -> str:
        """What jobs of about equal length share."""

    def run(self, report: Any) -> Any:
        """Do the work, reporting the fraction done and a few words."""


@dataclass(frozen=True)
class Outcome:
    """A job that ended: its result, or the error that ended it."""

    job: Any
    result: Any = None
    error: str = ""
    traceback: str = ""
    seconds: float = 0.0


class Executor(Protocol):
    """Runs jobs and yields each as it ends."""

    def run(self, jobs: Sequence[Any], observe: Observer) -> Iterator[Outcome]:
        """Run all jobs."""


class InProcess:
    """Run jobs one after the other in this process: for tests and debugging."""

    def run(self, jobs: Sequence[Any], observe: Observer) -> Iterator[Outcome]:
        """Run all jobs, in order."""
        for job in jobs:
            observe(JobStarted(job.name))
            outcome = _attempt(
                job, lambda fraction, message, name=job.name: observe(JobAdvanced(name, fraction, message))
            )
            observe(JobEnded(job.name, outcome.seconds, outcome.error))
            yield outcome


class Processes:
    """Run jobs in worker processes, started afresh and kept to `threads` threads each.

    A worker that dies (killed, out of memory) fails the jobs that were in flight
    once they have failed twice; the others go on in new workers.
    """

    def __init__(self, workers: int, *, threads: int = 1) -> None:
        self.workers = workers
        self.threads = threads
        self._context = multiprocessing.get_context("spawn")
        self._messages: Any = self._context.Queue()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop all workers at once; work in flight is lost, nothing else."""
        if self._pool is not None:
            workers = list((self._pool._processes or {}).values())
            self._pool.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.join(timeout=5)
            self._pool = None

    def run(self, jobs: Sequence[Any], observe: Observer) -> Iterator[Outcome]:
        """Run all jobs; yield each as it ends."""
        waiting = list(jobs)
        attempts: dict[str, int] = {}
        in_flight: dict[Future[Outcome], Any] = {}
        try:
            while waiting or in_flight:
                while waiting and len(in_flight) < self.workers:
                    job = waiting.pop(0)
                    attempts[job.name] = attempts.get(job.name, 0) + 1
                    in_flight[self._submit(job)] = job
                ended, _ = wait(in_flight, timeout=0.1, return_when=FIRST_COMPLETED)
                self._relay(observe)
                for future in ended:
                    job = in_flight.pop(future)
                    outcome = _outcome(future, job)
                    if outcome is None:
                        self.close()
                        if attempts[job.name] < 2:
                            waiting.insert(0, job)
                            continue
                        outcome = Outcome(job, error="its worker process died (killed, or out of memory)")
                    observe(JobEnded(job.name, outcome.seconds, outcome.error))
                    yield outcome
        finally:
            if in_flight:
                self.close()

    def _submit(self, job: Any) -> Future[Outcome]:
        if self._pool is None:
            with _environment(dict.fromkeys(THREAD_VARIABLES, str(self.threads))):
                self._pool = ProcessPoolExecutor(
                    self.workers,
                    self._context,
                    initializer=_begin_worker,
                    initargs=(self._messages, os.getpid()),
                )
                return self._pool.submit(_work, job)
        with _environment(dict.fromkeys(THREAD_VARIABLES, str(self.threads))):
            return self._pool.submit(_work, job)

    def _relay(self, observe: Observer) -> None:
        while True:
            try:
                observe(self._messages.get_nowait())
            except queue.Empty:
                return


def _outcome(future: Future[Outcome], job: Any) -> Outcome | None:
    """Return how a job ended, or None where its worker died."""
    try:
        outcome = future.result()
    except BrokenProcessPool:
        return None
    except Exception as problem:
        return Outcome(job, error=f"{type(problem).__name__}: {problem}", traceback=traceback.format_exc())
    return replace(outcome, job=job)


_worker_messages: Any = None


def _begin_worker(messages: Any, parent: int) -> None:
    """Set a worker up: the parent alone hears Ctrl-C, and nobody outlives the parent."""
    global _worker_messages
    _worker_messages = messages
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _work(job: Any) -> Outcome:
    _worker_messages.put(JobStarted(job.name))
    last = [0.0]

    def report(fraction: float, message: str) -> None:
        now = time.perf_counter()
        if now - last[0] > 0.1:
            last[0] = now
            _worker_messages.put(JobAdvanced(job.name, fraction, message))

    return replace(_attempt(job, report), job=None)


def _attempt(job: Any, report: Any) -> Outcome:
    began = time.perf_counter()
    result, error, trace = None, "", ""
    try:
        result = job.run(report)
    except SelbenchError as problem:
        error = str(problem)
    except Exception as problem:
        words = " ".join(str(problem).split()) or "no message"
        error, trace = f"{type(problem).__name__}: {words}", traceback.format_exc()
    return Outcome(job, result, error, trace, time.perf_counter() - began)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set environment variables that new worker processes inherit, and put them back."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
