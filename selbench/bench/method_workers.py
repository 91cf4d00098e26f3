"""Worker processes that ask a trained method: what they load, and their results in order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from selbench.errors import DataError
from selbench.runner.events import ClusterChanged, JobAdvanced
from selbench.runner.executors import Executor
from selbench.scan.worker_methods import MethodAt
from selbench.trained import TrainedMethod


def method_at(method: TrainedMethod, stack: ExitStack) -> MethodAt:
    """Return where workers can load a method from; one that lies nowhere is saved until the stack ends."""
    if method.folder is not None:
        return MethodAt(method.encoder, method.model, method.folder.resolve())
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    method.save(folder)
    return MethodAt(method.encoder, method.model, folder)


def in_order(executor: Executor, jobs: Sequence[Any], advance: Callable[[float, str], None]) -> Iterator[Any]:
    """Yield what jobs return in the order of the jobs, whichever ends first.

    Parameters
    ----------
    advance : callable
        Called with the number of jobs done and a few words.

    Raises
    ------
    DataError
        If a job failed, in its words.
    """
    ready: dict[str, Any] = {}
    n_taken = n_done = 0

    def observe(event: object) -> None:
        if isinstance(event, JobAdvanced | ClusterChanged):
            advance(n_done, event.message)

    for outcome in executor.run(jobs, observe):
        if outcome.error:
            raise DataError(outcome.error)
        n_done += 1
        ready[outcome.job.name] = outcome.result
        advance(n_done, outcome.job.name)
        while n_taken < len(jobs) and jobs[n_taken].name in ready:
            yield ready.pop(jobs[n_taken].name)
            n_taken += 1
