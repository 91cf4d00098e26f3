"""A program as the user names it: where it is, which version, which bytes."""

from __future__ import annotations

import hashlib
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from selbench.errors import SimulatorError

_VERSION_FLAGS = ("--version", "-version")
_VERSION_TIMEOUT_S = 20


@dataclass(frozen=True)
class Program:
    """A program found on this machine.

    Parameters
    ----------
    words : tuple of str
        How it is started, with absolute paths: ``("/usr/bin/java", "-jar", "/opt/msms.jar")``.
    """

    words: tuple[str, ...]

    @classmethod
    def find(cls, spelling: str) -> Program:
        """Find what the user calls ``ms``, ``/path/to/mssel`` or ``java -jar msms.jar``.

        Raises
        ------
        SimulatorError
            If there is no such program, or a file that it names is missing.
        """
        try:
            first, *rest = shlex.split(spelling)
        except ValueError:
            raise SimulatorError(f"program = {spelling!r}: expected a program and its first words") from None
        path = shutil.which(first)
        if path is None:
            raise SimulatorError(
                f"program = {spelling!r}: {first!r} is neither on PATH nor the path of an executable file"
            )
        if "-jar" in rest[:-1] and not Path(rest[rest.index("-jar") + 1]).is_file():
            raise SimulatorError(f"program = {spelling!r}: {rest[rest.index('-jar') + 1]!r} is no file")
        words = [str(Path(word).absolute()) if Path(word).is_file() else word for word in rest]
        return cls((str(Path(path).absolute()), *words))

    @property
    def file(self) -> Path:
        """The file that holds the program itself: a jar or a script, else the executable."""
        return [Path(word) for word in self.words if Path(word).is_file()][-1]

    def provenance(self) -> dict[str, str]:
        """Return its command, its version line (empty where it tells none) and its SHA-256."""
        return dict(_provenance(self.words, self.file, self.file.stat().st_mtime_ns))

    def version(self) -> str:
        """Return the line in which the program tells its version, or nothing: many have no such option."""
        for flag in _VERSION_FLAGS:
            line = _told([*self.words, flag])
            if line:
                return line
        return ""


@cache
def _provenance(words: tuple[str, ...], file: Path, _modified: int) -> tuple[tuple[str, str], ...]:
    return (
        ("program", shlex.join(words)),
        ("version", Program(words).version()),
        ("sha256", hashlib.sha256(file.read_bytes()).hexdigest()),
    )


def _told(command: list[str]) -> str:
    """Return the first line that a command prints, if it ends well and the line holds a digit."""
    with tempfile.TemporaryDirectory(prefix="selbench-") as folder:
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                cwd=folder,
                timeout=_VERSION_TIMEOUT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return ""  # no version option: the checksum still says which program it is
    lines = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines()
    return lines[0].strip() if lines and any(character.isdigit() for character in lines[0]) else ""
