"""Who is at work in a run folder: a small file per process, gone when it ends."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from selbench.runner.store import write_whole

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
    """Be known as at work in a run folder, until the block ends."""
    for path, earlier in _known(folder):
        if not earlier.is_alive:
            path.unlink(missing_ok=True)
    own = Session(socket.gethostname(), os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"))
    file = folder / f"{_PREFIX}{own.host}-{own.process}"
    write_whole(file, json.dumps(asdict(own)).encode())
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def sessions_at_work(folder: Path) -> list[Session]:
    """Return the processes that are at work in a run folder now."""
    return [found for _, found in _known(folder) if found.is_alive]


def _known(folder: Path) -> Iterator[tuple[Path, Session]]:
    for path in sorted(folder.glob(f"{_PREFIX}*")):
        try:
            yield path, Session(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            path.unlink(missing_ok=True)  # cut short by a kill: it speaks of nobody
