"""Jobs in worker processes of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import wait
from typing import Any

from selbench.runner.events import JobAdvanced, JobEnded, JobStarted, Listener
from selbench.runner.executors import Attempts, Outcome, words_of
from selbench.runner.job_process import JobProcess


class Processes:
    """Run jobs in worker processes, kept to `threads` threads each.

    A job whose worker dies (killed, out of memory) is tried once more in a new
    worker, then it has failed; the other jobs do not notice.
    """

    def __init__(self, workers: int, *, threads: int = 1) -> None:
        self.workers = workers
        self.threads = threads
        self._idle: list[JobProcess] = []
        self._busy: dict[Any, tuple[JobProcess, Any]] = {}

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop all workers at once; work in flight is lost, nothing else."""
        for process in [*self._idle, *(process for process, _ in self._busy.values())]:
            process.stop()
        self._idle, self._busy = [], {}

    def run(self, jobs: Sequence[Any], observe: Listener) -> Iterator[Outcome]:
        """Run all jobs; yield each as it ends."""
        waiting = list(reversed(jobs))
        attempts = Attempts()
        try:
            while waiting or self._busy:
                while waiting and len(self._busy) < self.workers:
                    attempts.begin(waiting[-1])
                    if (outcome := self._give(waiting.pop(), observe)) is not None:
                        yield _ended(outcome, observe)
                for connection in wait(self._busy):
                    process, job = self._busy[connection]
                    message = process.receive()
                    if isinstance(message, JobAdvanced):
                        observe(message)
                        continue
                    outcome = self._take_back(connection, message) or attempts.after_death(job)
                    if outcome is None:
                        waiting.append(job)
                    else:
                        yield _ended(replace(outcome, job=job), observe)
        finally:
            if self._busy:
                self.close()

    def _give(self, job: Any, observe: Listener) -> Outcome | None:
        """Give a job to a worker; return how it ended where it cannot travel to one."""
        observe(JobStarted(job.name))
        process = self._idle.pop() if self._idle else JobProcess(self.threads)
        try:
            process.give(job)
        except Exception as problem:
            self._idle.append(process)
            error, trace = words_of(problem)
            return Outcome(job, error=error, traceback=trace)
        self._busy[process.connection] = process, job
        return None

    def _take_back(self, connection: Any, outcome: Outcome | None) -> Outcome | None:
        process, _ = self._busy.pop(connection)
        if outcome is None:
            process.stop()
        else:
            self._idle.append(process)
        return outcome


def _ended(outcome: Outcome, observe: Listener) -> Outcome:
    observe(JobEnded(outcome.job.name, outcome.seconds, outcome.error, outcome.traceback))
    return outcome
