"""Who is at work in a run folder: an empty file per process, gone when it ends."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from selbench.errors import DataError

_PREFIX = ".running-"


@dataclass(frozen=True)
class Session:
    """A process that runs an experiment.

    Parameters
    ----------
    started : str
        ISO 8601, UTC.
    """

    host: str
    process: int
    started: str

    @property
    def is_alive(self) -> bool:
        """Whether the process still exists; one of another machine is taken at its word."""
        if self.host != socket.gethostname():
            return True
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


@contextmanager
def session(folder: Path) -> Iterator[None]:
    """Be known as at work in a run folder, until the block ends.

    Raises
    ------
    DataError
        If the folder cannot be written.
    """
    for path, earlier in _known(folder):
        if not earlier.is_alive:
            path.unlink(missing_ok=True)
    now = datetime.now(UTC)
    file = folder / f"{_PREFIX}{os.getpid()}-{int(now.timestamp())}-{socket.gethostname()}"
    try:
        file.touch()
    except OSError as problem:
        raise DataError(f"{folder}: cannot be written: {problem.strerror or problem}") from problem
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def sessions_at_work(folder: Path) -> list[Session]:
    """Return the processes that are at work in a run folder now."""
    return [found for _, found in _known(folder) if found.is_alive]


def _known(folder: Path) -> Iterator[tuple[Path, Session]]:
    """Yield the sessions that left their mark: all is in a file's name, so that none is half written."""
    for path in sorted(folder.glob(f"{_PREFIX}*")):
        process, seconds, host = path.name.removeprefix(_PREFIX).split("-", 2)
        started = datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="seconds")
        yield path, Session(host, int(process), started)
