"""Draw null scores of a trained method in number: what `selbench null` does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from selbench.bench.methods import load_folder, method_folder
from selbench.bench.watching import Watch, watch_of
from selbench.errors import DataError
from selbench.plugin import Registry
from selbench.scan.null_draws import NullSource
from selbench.scan.null_file import PIECE_WINDOWS, NullFile
from selbench.trained import TrainedMethod


def draw_null(
    method: TrainedMethod | str | Path,
    n_windows: int,
    out: str | Path,
    *,
    seed: int = 1,
    allow_programs: bool = False,
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
    progress : bool, optional
        Whether to show how far it is; by default in a notebook or at a prompt.

    Raises
    ------
    DataError
        If the method has no null scenario to draw from, or the file holds something else.
    ExperimentError
        If the windows would be made by a program that nobody gave leave to.
    """
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
    with watch_of(progress).bar("Simulating without selection", n_windows) as advance:
        while file.n_windows < n_windows:
            advance(file.n_windows, f"{file.n_windows:,} of {n_windows:,}")
            drawn = replace(source, seed=file.seed).draw(PIECE_WINDOWS)
            file = file.add(drawn.whole)
    return file
