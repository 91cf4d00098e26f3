"""A process that does jobs one after the other, kept to a number of threads.

Numerical libraries read their number of threads when they are imported, so a
limit is certain only in a process that begins with it. That is why nothing is
computed in the process that plans the run, nor inside a Dask worker.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from selbench.runner.events import JobAdvanced
from selbench.runner.executors import Outcome, attempt, words_of

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)

SECONDS_BETWEEN_MESSAGES = 0.1
_STANDARD_ERROR = 2


class JobProcess:
    """The side that gives jobs.

    Parameters
    ----------
    threads : int
        How many threads the process computes with.
    seconds_idle : float, optional
        It ends by itself after so long without a job.
    """

    def __init__(self, threads: int, *, seconds_idle: float | None = None) -> None:
        self.connection, theirs = multiprocessing.Pipe()
        begin = (
            f"import sys; sys.path[:] = {sys.path!r}; from selbench.runner.job_process import serve; "
            f"serve({theirs.fileno()}, {os.getpid()}, {seconds_idle!r})"
        )
        # its own process group: Ctrl-C is the planner's to hear, and programs it starts can end with it
        self._process = subprocess.Popen(
            [sys.executable, "-c", begin],
            stdin=subprocess.DEVNULL,
            stdout=_STANDARD_ERROR,  # what components print is no data
            pass_fds=[theirs.fileno()],
            process_group=0,
            env=os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads)),
        )
        theirs.close()

    def give(self, job: Any) -> None:
        """Hand over a job; should the process be dead, `receive` will tell."""
        try:
            self.connection.send(job)
        except (BrokenPipeError, ConnectionResetError):
            return

    def receive(self) -> JobAdvanced | Outcome | None:
        """Wait for the next message: progress, the job's end, or None where the process died."""
        try:
            message: JobAdvanced | Outcome = self.connection.recv()
        except (EOFError, ConnectionResetError):
            return None
        return message

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process and the programs it started, whatever they do."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.connection.close()


def serve(descriptor: int, parent: int, seconds_idle: float | None) -> None:
    """Do the jobs that come through a pipe, until it is closed: what a `JobProcess` runs."""
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    connection = Connection(descriptor)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the other side is gone
        while connection.poll(seconds_idle):
            _do_next(connection)


def _do_next(connection: Any) -> None:
    try:
        job = connection.recv()
    except EOFError:
        raise
    except Exception as problem:  # such as a plugin that cannot be imported here
        error, trace = words_of(problem)
        connection.send(Outcome(None, error=error, traceback=trace))
        return
    last = [0.0]

    def report(fraction: float, message: str) -> None:
        now = time.perf_counter()
        if now - last[0] > SECONDS_BETWEEN_MESSAGES:
            last[0] = now
            connection.send(JobAdvanced(job.name, fraction, message))

    outcome = attempt(job, report)
    connection.send(Outcome(None, outcome.result, outcome.error, outcome.traceback, outcome.seconds))


def _leave_with(parent: int) -> None:
    """End with the parent, even in the middle of a job; nobody would take its result."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.killpg(0, signal.SIGKILL)
