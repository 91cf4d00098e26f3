"""A process of its own for a library that may end it: bytes in, bytes out, its standard error heard."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
import warnings
from typing import IO

from selbench.foreign import variant_worker

_CODE = "from selbench.foreign.variant_worker import main; main()"


class ReaderProcess:
    """Runs `variant_worker.main` in a new process.

    On Linux it is a fork: Python, numpy and cyvcf2 are there already, where a
    new interpreter would take longer to start than a small file takes to read.
    The child touches nothing but cyvcf2, numpy and its three pipes.

    Attributes
    ----------
    stdin, stdout, stderr : binary streams
    """

    def __init__(self) -> None:
        self.stdin: IO[bytes]
        self.stdout: IO[bytes]
        self.stderr: IO[bytes]
        self.status: int | None = None
        if sys.platform == "linux":
            self._fork()
        else:
            self._spawn()

    def end(self, *, wait: bool = False) -> int:
        """Kill the process, or wait for it where it is ending by itself.

        Returns
        -------
        status : int
            Its exit status, or minus the signal that ended it.
        """
        if self.status is None:
            self.status = self._ended(wait)
        return self.status

    def close(self) -> None:
        """Close the streams."""
        for stream in (self.stdout, self.stderr):
            stream.close()

    def _fork(self) -> None:
        import cyvcf2  # noqa: F401  # before the fork, so that the child need not import anything

        pipes = [os.pipe() for _ in range(3)]
        theirs = (pipes[0][0], pipes[1][1], pipes[2][1])
        ours = (pipes[0][1], pipes[1][0], pipes[2][0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
            self.pid = os.fork()
        if self.pid == 0:
            _serve(theirs, ours)
        for descriptor in theirs:
            os.close(descriptor)
        self.stdin = os.fdopen(ours[0], "wb")
        self.stdout, self.stderr = os.fdopen(ours[1], "rb"), os.fdopen(ours[2], "rb")
        self._ended = self._end_fork

    def _end_fork(self, wait: bool) -> int:
        if not wait:
            os.kill(
                self.pid, signal.SIGKILL
            )  # it is a child that nobody has waited for: the number is its own
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def _spawn(self) -> None:
        pipe = subprocess.PIPE
        process = subprocess.Popen([sys.executable, "-P", "-c", _CODE], stdin=pipe, stdout=pipe, stderr=pipe)
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.stdin, self.stdout, self.stderr = process.stdin, process.stdout, process.stderr
        self.process = process
        self._ended = self._end_spawn

    def _end_spawn(self, wait: bool) -> int:
        if not wait:
            self.process.kill()
        return self.process.wait()


def _serve(theirs: tuple[int, ...], ours: tuple[int, ...]) -> None:
    """Be the child: take the pipes for standard streams, answer, and leave as a process of its own."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it and kills
        faulthandler.disable()
        for descriptor in ours:
            os.close(descriptor)
        for standard, descriptor in enumerate(theirs):
            os.dup2(descriptor, standard)
        variant_worker.main()
        os._exit(0)
    finally:
        os._exit(1)
