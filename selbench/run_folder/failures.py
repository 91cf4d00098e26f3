"""Whole tracebacks of what failed in a run, a text file each, for whoever has to mend it."""

from __future__ import annotations

from pathlib import Path

from selbench.files import write_whole
from selbench.run_folder.layout import FAILURES
from selbench.run_folder.names import file_name


def failure_file(folder: Path, name: str) -> Path:
    """Return where in a run folder the traceback of a job or observer lies that is called so."""
    return folder / FAILURES / f"{file_name(name)}.txt"


def keep_failure(folder: Path, name: str, error: str, traceback: str) -> Path:
    """Write what failed, its error in a line, and the whole traceback; return the file."""
    path = failure_file(folder, name)
    path.parent.mkdir(exist_ok=True)
    write_whole(path, f"{name}\n{error}\n\n{traceback}".encode())
    return path


def forget_failure(folder: Path, name: str) -> None:
    """Remove what is kept of an earlier failure: it is tried again."""
    failure_file(folder, name).unlink(missing_ok=True)


def kept_failures(folder: Path) -> list[Path]:
    """Return the files of everything that failed."""
    return sorted((folder / FAILURES).glob("*.txt"))
