"""How a command ends that fails: one line for what a user or an author of a plugin can mend."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

from typer import Abort

from selbench.errors import SelbenchError, readable

_OUTPUT_IS_LOST = {errno.ENOSPC, errno.EPIPE, errno.EIO, errno.EFBIG, errno.EDQUOT}


def told(problem: BaseException) -> str | None:
    """Return what is said of a failure, "" for nothing; None for a bug of our own, which keeps its traceback.

    What went wrong in a plugin's code is said with its own file and line, and its whole traceback is kept in
    a file.
    """
    if isinstance(problem, OSError) and problem.errno == errno.ENAMETOOLONG:  # given as a file, by any option
        return readable(f"{problem.filename}: {problem.strerror}")
    if words := _fault(problem):
        kept = _keep_trace(problem)
        return f"{words}; whole traceback: {kept}" if kept else None
    if isinstance(problem, SelbenchError):
        return str(problem)
    if isinstance(problem, OSError) and problem.errno in _OUTPUT_IS_LOST:
        # what Python would flush at its end is lost as well: nobody is to be told twice
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        is_read = problem.errno != errno.EPIPE  # else whoever read it has left, as `head` does
        return f"standard output: cannot be written: {problem.strerror}" if is_read else ""
    return None


def _fault(problem: BaseException) -> str:
    """Return what went wrong in a plugin's code, "" where it is none's."""
    if isinstance(problem, Abort) or hasattr(problem, "exit_code"):  # how commands end on purpose
        return ""
    from importlib.metadata import entry_points

    from selbench.cli.strangers import COMMAND_GROUP
    from selbench.plugin.faults import fault_of_plugin
    from selbench.plugin.registry import GROUP

    points = [*entry_points(group=GROUP), *entry_points(group=COMMAND_GROUP)]
    return fault_of_plugin(problem, {point.module.partition(".")[0] for point in points} - {"selbench"})


def _keep_trace(problem: BaseException) -> Path | None:
    """Write the whole traceback where it outlives the command; None where that cannot be."""
    from tempfile import NamedTemporaryFile

    from selbench.plugin.faults import trace_of

    with (
        suppress(OSError),
        NamedTemporaryFile(
            "w", prefix="selbench-traceback-", suffix=".txt", encoding="utf-8", delete=False
        ) as file,
    ):
        file.write(trace_of(problem))
        return Path(file.name)
    return None
