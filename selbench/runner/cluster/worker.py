"""What runs on the workers of a cluster. They see no file of the machine that planned the run.

A Dask worker has imported what it liked before it met us, with as many threads
as it liked, and may run several tasks at once. So it only passes jobs on, to
processes that begin with the limit of the run: the same ones that work locally.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from selbench.plugin import Simulator
from selbench.runner.events import JobAdvanced
from selbench.runner.executors import Outcome
from selbench.runner.fingerprint import installed_code
from selbench.runner.job_process import JobProcess

SECONDS_IDLE = 10.0
"""A process without jobs for so long ends: the run may be gone without a word."""

SECONDS_BETWEEN_LOOKS = 0.5

_idle: dict[int, list[JobProcess]] = {}
"""Processes that wait for a job, by their number of threads."""
_lock = threading.Lock()


def code_here(packages: Sequence[str]) -> dict[str, str]:
    """Return which code this worker has of Python, selbench and plugin packages."""
    return installed_code(packages)


def provenance_here(simulators: Sequence[Simulator]) -> list[dict[str, str]]:
    """Return what would make windows on this worker: programs with version and checksum."""
    return [dict(simulator.provenance()) for simulator in simulators]


def do_job(job: Any, names: Sequence[str], contents: Sequence[bytes], threads: int, topic: str) -> Any:
    """Do a job in a process of its own.

    Returns
    -------
    outcome : Outcome or None
        None where the process died, or nobody waits for the job any more.
    """
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    process = _take(threads)
    process.give(job.carrying(dict(zip(names, contents, strict=True))))
    while True:
        if not process.connection.poll(SECONDS_BETWEEN_LOOKS):
            if not _is_wanted(worker, key):
                process.stop()
                return None
            continue
        message = process.receive()
        if isinstance(message, JobAdvanced):
            worker.log_event(topic, [message.name, message.fraction, message.message])
        elif isinstance(message, Outcome):
            with _lock:
                _idle.setdefault(threads, []).append(process)
            return message
        else:
            process.stop()
            return None


def end_idle_processes() -> None:
    """End the processes that wait for a job."""
    with _lock:
        idle = [process for processes in _idle.values() for process in processes]
        _idle.clear()
    for process in idle:
        process.stop()


def _take(threads: int) -> JobProcess:
    with _lock:
        waiting = _idle.get(threads, [])
        while waiting:
            process = waiting.pop()
            if process.is_alive:
                return process
            process.stop()
    return JobProcess(threads, seconds_idle=SECONDS_IDLE)


def _is_wanted(worker: Any, key: Any) -> bool:
    """Whether the scheduler still wants a task: it was not cancelled, nor was its client lost."""
    task = worker.state.tasks.get(key)
    return task is not None and task.state in ("executing", "long-running")
