"""Draw null scores of a trained method in number: what `selbench null` does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selbench.bench.method_workers import in_order, method_at
from selbench.bench.methods import load_folder, method_folder
from selbench.bench.watching import Watch, watch_of
from selbench.errors import DataError
from selbench.plugin import Registry
from selbench.runner.processes import Processes
from selbench.scan.null_draws import NullSource
from selbench.scan.null_file import PIECE_WINDOWS, NullFile
from selbench.scan.null_jobs import NullJob
from selbench.trained import TrainedMethod


def draw_null(
    method: TrainedMethod | str | Path,
    n_windows: int,
    out: str | Path,
    *,
    seed: int = 1,
    allow_programs: bool = False,
    workers: int = 1,
    progress: bool | Watch | None = None,
    registry: Registry | None = None,
) -> NullFile:
    """Simulate windows without selection as a method's task has them, and keep what the method says of them.

    The file grows by 1,000 windows at a time. Begun again, it goes on where it ended: stopped or not, the
    same seed gives the same bytes.

    Parameters
    ----------
    method : TrainedMethod, str or Path
        ``RUN:METHOD``, or its folder.
    n_windows : int
        That the file is to have; more are left as they are. Whole thousands.
    out : str or Path
        The file, to be given to a scan (``null=``).
    seed : int
    allow_programs : bool
        Whether programs may be started that the method's task names as its simulator.
    workers : int
        Processes that draw; the bytes are the same for any number.
    progress : bool, optional
        Whether to show how far it is; by default in a notebook or at a prompt.

    Raises
    ------
    DataError
        If the method has no null scenario to draw from, or the file holds something else.
    ExperimentError
        If the windows would be made by a program that nobody gave leave to.
    """
    if workers < 1:
        raise DataError(f"workers: expected at least 1, found {workers}")
    if n_windows < 1:
        raise DataError(f"windows: expected at least 1, found {n_windows:,}")
    asked = method if isinstance(method, TrainedMethod) else load_folder(method_folder(method), registry)
    known = registry or Registry.installed()
    if asked.null_scores is not None and asked.null_scores.origin.lost:
        raise DataError(
            f"{asked.spelling}: its windows lost sites as those of a genome did, which only a scan "
            "can lay on new ones; draw them with: selbench scan --null-windows N"
        )
    source = NullSource.of(asked, known, seed=seed, allow_programs=allow_programs)
    file = NullFile.begin(Path(out), asked, seed)
    # every piece has as many windows
    numbers = range(len(file.pieces), -(-n_windows // PIECE_WINDOWS))
    with watch_of(progress).bar("Simulating without selection", n_windows) as advance, ExitStack() as stack:
        for scores in _drawn(source, file, numbers, workers, stack):
            file = file.add(scores)
            advance(file.n_windows, f"{file.n_windows:,} of {n_windows:,}")
    return file


def _drawn(
    source: NullSource, file: NullFile, numbers: range, workers: int, stack: ExitStack
) -> Iterator[NDArray[np.float64]]:
    """Yield the scores of pieces, one after the other."""
    if workers == 1 or len(numbers) < 2:
        for number in numbers:
            yield replace(source, seed=file.seed_of(number)).draw(PIECE_WINDOWS).whole
        return
    at = method_at(source.method, stack)
    jobs = [
        NullJob(at, source.simulator, source.scenario, source.as_trained, number, file.seed_of(number))
        for number in numbers
    ]
    executor = stack.enter_context(Processes(min(workers, len(jobs)), threads=1))
    yield from in_order(executor, jobs, lambda done, words: None)
