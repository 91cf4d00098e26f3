"""What runs jobs: the contract, and the plainest way, one after the other in this process."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any, Protocol

from selbench.plugin.faults import fault_in, trace_of
from selbench.runner.events import JobAdvanced, JobEnded, JobStarted, Listener

ATTEMPTS = 2
"""How often a job is tried whose worker dies under it."""


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

    def inputs(self) -> Mapping[str, Callable[[], bytes]]:
        """Return what the job reads from files of this machine: how to read each, by a name of its own."""

    def carrying(self, contents: Mapping[str, bytes]) -> Any:
        """Return the same job with its inputs as bytes, for a machine that does not see the files."""


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

    @property
    def workers(self) -> int:
        """How many jobs run at once."""

    def run(self, jobs: Sequence[Any], observe: Listener) -> Iterator[Outcome]:
        """Run all jobs."""

    def close(self) -> None:
        """Stop what still runs; work in flight is lost, nothing else."""


class InProcess:
    """Run jobs one after the other in this process: for tests and debugging."""

    workers = 1

    def run(self, jobs: Sequence[Any], observe: Listener) -> Iterator[Outcome]:
        """Run all jobs, in order."""
        for job in jobs:
            observe(JobStarted(job.name))
            outcome = attempt(
                job, lambda fraction, message, name=job.name: observe(JobAdvanced(name, fraction, message))
            )
            observe(JobEnded(job.name, outcome.seconds, outcome.error, outcome.traceback))
            yield outcome

    def close(self) -> None:
        """Do nothing: nothing runs between jobs."""


def attempt(job: Any, report: Any) -> Outcome:
    """Run a job; whatever it raises is its outcome, and what it prints goes to standard error."""
    began = time.perf_counter()
    result, error, trace = None, "", ""
    try:
        with redirect_stdout(sys.stderr):
            result = job.run(report)
    except (Exception, SystemExit) as problem:
        error, trace = words_of(problem, job)
    return Outcome(job, result, error, trace, time.perf_counter() - began)


def words_of(problem: BaseException, job: Any = None) -> tuple[str, str]:
    """Return an error in one line that says whose it is, and its whole traceback."""
    return fault_in(problem, job=job), trace_of(problem)


@dataclass
class Attempts:
    """Counts how often each job was given to a worker."""

    counts: dict[str, int] = field(default_factory=dict)

    def begin(self, job: Any) -> None:
        """Note that a job is given to a worker."""
        self.counts[job.name] = self.counts.get(job.name, 0) + 1

    def after_death(self, job: Any) -> Outcome | None:
        """Return None where a job whose worker died is to be tried again, else its end."""
        if self.counts[job.name] < ATTEMPTS:
            return None
        return Outcome(job, error=f"its worker died {ATTEMPTS} times (killed, or out of memory)")
