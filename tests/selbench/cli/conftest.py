"""Run the command line as a user does, in an empty folder, with a stranger's plugin installed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from selbench.cli.app import app
from selbench.cli.console import stderr, stdout

PACKAGES = Path(__file__).parents[2] / "packages"

TOY_EXPERIMENT = """\
name = "toy"
seed = 7
repetitions = 2
resample_training = false
baselines = false
methods = ["few-sites", "few-sites[seconds=0.3]"]

[tasks.small]
null = "neutral"
positive = "sweep"
sample = { n_haplotypes = 10 }
locus = { sequence_length = 500, mutation_rate = 1e-8 }
population = { size = 1000 }
windows = { train = 60, validation = 20, test = 80, threshold = 100 }

[tasks.small.classes.neutral]
simulator = "toy"

[tasks.small.classes.sweep]
simulator = "toy"
selection = { s = 0.1, carriers = "all" }

[reduced]
repetitions = 1
"""


def _command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-c", "from selbench.cli import main; main()", *map(str, arguments)]


def _environment(*packages: Path) -> dict[str, str]:
    path = os.pathsep.join(str(folder) for folder in (packages or [PACKAGES]))
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "160", "NO_COLOR": "1"}


@pytest.fixture
def selbench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs ``selbench ARGUMENTS`` in an empty folder.

    It runs in this process, which has imported by now what takes seconds, and so do the trainings
    of a run that names no workers; with packages of a test's own, or as a process whose streams
    matter, in one of its own.
    """

    def run(
        *arguments: str | Path, packages: tuple[Path, ...] = (), alone: bool = False
    ) -> subprocess.CompletedProcess[str]:
        if packages or alone:
            return subprocess.run(
                _command(*arguments),
                cwd=tmp_path,
                env=_environment(*packages),
                capture_output=True,
                text=True,
                timeout=120,
            )
        words = [str(argument) for argument in arguments]
        if words[:1] == ["run"] and not {"--workers", "--dask"}.intersection(words):
            words += ["--workers", "0"]
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            patch.syspath_prepend(PACKAGES)
            patch.setenv("COLUMNS", "160")
            patch.setenv("NO_COLOR", "1")
            patch.setattr(sys, "argv", ["selbench", *words])
            for console in (stdout, stderr):  # made for this width, whatever came before
                console.cache_clear()
            result = CliRunner().invoke(app, words)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return subprocess.CompletedProcess(words, result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Return a function that starts ``selbench ARGUMENTS`` in an empty folder and does not wait."""

    def begin(*arguments: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            _command(*arguments),
            cwd=tmp_path,
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            # a shell's background job ignores Ctrl-C, and so would what is started from it
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )

    return begin


@pytest.fixture
def packages() -> Path:
    """Return the folder where the toy plugin is installed."""
    return PACKAGES


@pytest.fixture
def toy_file(tmp_path: Path) -> Path:
    """Write the toy experiment into the empty folder."""
    path = tmp_path / "toy.toml"
    path.write_text(TOY_EXPERIMENT)
    return path
