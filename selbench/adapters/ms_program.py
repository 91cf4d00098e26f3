"""Run an external program that prints ms text, and believe only what it has printed.

Exit statuses of ms, mssel and msms say nothing: they are 0 after a usage
message and 1 after success. A run has succeeded when its output holds exactly
the windows that were asked for.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from selbench.errors import DataError, SimulatorError
from selbench.formats.ms_text import read_ms_windows
from selbench.windows import Windows, WindowSpec

DEFAULT_TIMEOUT_S = 600.0

_STDERR_LINES = 5
_STDERR_BYTES = 10_000


def run_program(
    command: Sequence[str],
    *,
    spec: WindowSpec,
    expected_windows: int,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    files: Mapping[str, str] | None = None,
    drop_monomorphic: bool = False,
    drop_selected_site: bool = False,
) -> Windows:
    """Run a program and read its standard output as ms text.

    It runs in a folder of its own, with nothing on standard input: a program
    that waits for input ends, and seed files do not meet those of other runs.

    Parameters
    ----------
    command : sequence of str
        Program and arguments, with absolute paths.
    spec : WindowSpec
        What the printed windows are: number of haplotypes, length in bp.
    expected_windows : int
        The run failed unless exactly this many are printed, each complete.
    timeout_s : float
        Seconds after which the program is killed.
    files : mapping of name to text, optional
        Files to put into the folder first.
    drop_monomorphic : bool
        Leave out printed sites that do not vary.
    drop_selected_site : bool
        Leave out the column that each window's line ``selsite: i`` names.

    Raises
    ------
    SimulatorError
        With the command, how the program ended and the last lines of its
        standard error.
    """
    with tempfile.TemporaryDirectory(prefix="selbench-") as name:
        folder = Path(name)
        for file, text in (files or {}).items():
            (folder / file).write_text(text)
        output, errors = folder / "selbench.stdout", folder / "selbench.stderr"
        status = _run(command, folder, output, errors, timeout_s)
        try:
            with output.open("rb") as stream:
                return read_ms_windows(
                    stream,
                    sequence_length=spec.sequence_length,
                    n_haplotypes=spec.n_haplotypes,
                    ploidy=spec.ploidy,
                    drop_monomorphic=drop_monomorphic,
                    drop_selected_site=drop_selected_site,
                    expected_windows=expected_windows,
                )
        except DataError as problem:
            raise SimulatorError(
                f"{shlex.join(command)}: {status}, but its output is not the {expected_windows} "
                f"windows asked for: {problem}; {_last_words(errors)}"
            ) from problem


def _run(command: Sequence[str], folder: Path, output: Path, errors: Path, timeout_s: float) -> str:
    """Run the command to its end and say how it ended."""
    with output.open("wb") as stdout, errors.open("wb") as stderr:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                cwd=folder,
                start_new_session=True,
            )
        except OSError as problem:
            raise SimulatorError(f"{shlex.join(command)}: cannot be started: {problem.strerror}") from problem
        try:
            status = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise SimulatorError(
                f"{shlex.join(command)}: killed after {timeout_s:g} s without an end; {_last_words(errors)}"
            ) from None
        finally:
            _end(process)
    if status < 0:
        return f"killed by signal {-status} ({signal.strsignal(-status) or 'unknown'})"
    return f"exit status {status}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the program, with the processes it started, if it still runs."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _last_words(errors: Path) -> str:
    with errors.open("rb") as stream:
        stream.seek(max(0, errors.stat().st_size - _STDERR_BYTES))
        lines = stream.read().decode(errors="replace").split("\n")
    said = " | ".join([line.strip() for line in lines if line.strip()][-_STDERR_LINES:])
    return f"its standard error ends: {said}" if said else "its standard error is empty"
