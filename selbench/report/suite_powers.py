"""Power over the strength of selection and its time: where in a task's prior a method finds anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.evaluation.power import windows_needed
from selbench.evaluation.prediction_table import by_task
from selbench.evaluation.transferred import called_windows
from selbench.report.suite import ALPHA, SuiteTable, SuiteTask
from selbench.run_folder import RunRecord
from selbench.run_folder.layout import MAKE_AGAIN

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 3
"""Best methods of a task that are drawn."""

FEWEST_WINDOWS = 10
"""A cell of fewer windows than this is left blank."""

N_STRENGTHS, N_TIMES = 5, 4

_STRENGTHS = {"selection.s": "s", "selection.w_Aa": "fitness of heterozygotes"}
_TIMES = {
    "selection.fixation_time": "generations since fixation",
    "selection.onset_time": "generations since onset",
    "selection.present_frequency": "frequency today",
    "selection.onset_frequency": "frequency at onset",
}


@dataclass(frozen=True, eq=False)
class Axis:
    """A parameter that windows were made with, cut into bins.

    Parameters
    ----------
    name : str
    edges : float64 (n_bins + 1,)
    """

    name: str
    edges: NDArray[np.float64]

    @property
    def ends(self) -> tuple[str, ...]:
        """The ends of the bins as text."""
        decimals = ".4g" if self.edges[-1] < 2 * self.edges[0] else ".2g"
        return tuple(f"{edge:{decimals}}" if edge < 100 else f"{edge:,.0f}" for edge in self.edges)

    @property
    def bins(self) -> tuple[str, ...]:
        """The bins as text."""
        return tuple(f"{low}–{high}" for low, high in zip(self.ends, self.ends[1:], strict=False))

    def bin_of(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the bin of each value, int64 (n_values,)."""
        return np.clip(np.searchsorted(self.edges, values, side="right") - 1, 0, len(self.edges) - 2)


@dataclass(frozen=True, eq=False)
class PowerMap:
    """A method's power over two parameters.

    Parameters
    ----------
    label : str
    power : float64 (n_times, n_strengths)
        NaN where there are too few windows.
    """

    label: str
    power: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TaskPowers:
    """The best methods of a task, over the strength of selection and its time.

    Parameters
    ----------
    task : str
    strength, time : Axis
    n_windows : int64 (n_times, n_strengths)
    maps : tuple of PowerMap
        Best method first.
    """

    task: str
    strength: Axis
    time: Axis
    n_windows: NDArray[np.int64]
    maps: tuple[PowerMap, ...]


def powers(table: SuiteTable, parts: Sequence[RunRecord]) -> tuple[TaskPowers, ...]:
    """Return where the best methods of each task find selection, for tasks whose windows tell what they are.

    Parameters
    ----------
    parts : sequence of RunRecord
        The runs that the table was made from. One of them must have asked the method.

    Raises
    ------
    DataError
        If a run's windows are not those of its predictions.
    """
    return tuple(found for task in table.tasks if (found := _of_task(task, parts)) is not None)


def _of_task(task: SuiteTask, parts: Sequence[RunRecord]) -> TaskPowers | None:
    pair = task.board.train_task, task.board.test_task
    best = {row.standing.method: row.label for row in task.rows[:SHOWN]}
    for part in parts:
        wanted = [method for method in best if (*pair, method) in part.cells]
        if wanted and task.board.n_threshold_windows >= windows_needed(ALPHA):
            return _of_part(task, part, {method: best[method] for method in wanted})
    return None


def _of_part(task: SuiteTask, part: RunRecord, methods: dict[str, str]) -> TaskPowers | None:
    train, test = task.board.train_task, task.board.test_task
    positive = part.tasks[test].positive
    windows = part.read_windows()
    of_class = windows[(windows["test_task"] == test) & (windows["label"] == positive)]
    made_with = of_class.sort_values("window")
    by_strength = _axis(made_with, _STRENGTHS, N_STRENGTHS)
    by_time = _axis(made_with, _TIMES, N_TIMES)
    if by_strength is None or by_time is None:
        return None
    (strength, strengths), (time, times) = by_strength, by_time
    place = time.bin_of(times) * N_STRENGTHS + strength.bin_of(strengths)
    counts = np.bincount(place, minlength=N_TIMES * N_STRENGTHS)
    said = part.read_predictions()
    rows = (said["train_task"] == train) & (said["test_task"] == test) & said["method"].isin(list(methods))
    (judged,) = by_task(said[rows], part.roles)
    code = judged.roles.classes.index(positive)
    if (n_positive := int((judged.labels == code).sum())) != len(place):
        raise DataError(
            f"{part.folder}: windows of {test}: expected {n_positive} of class {positive}, "
            f"found {len(place)}; {MAKE_AGAIN}"
        )
    said_by = {method.method: method for method in judged.methods}
    maps = (
        PowerMap(label, _binned(called_windows(of, of, code, ALPHA)[:, judged.labels == code], place))
        for label, of in ((label, said_by[method]) for method, label in methods.items())
    )
    return TaskPowers(task.name, strength, time, counts.reshape(N_TIMES, N_STRENGTHS), tuple(maps))


def _binned(called: NDArray[np.float64], place: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of windows that are called, mean over trainings, in every cell."""
    n_cells = N_TIMES * N_STRENGTHS
    counts = np.bincount(place, minlength=n_cells)
    total = np.bincount(place, weights=called.mean(axis=0), minlength=n_cells)
    share = np.where(counts >= FEWEST_WINDOWS, total / np.maximum(counts, 1), np.nan)
    return np.asarray(share.reshape(N_TIMES, N_STRENGTHS))


def _axis(
    made_with: pd.DataFrame, columns: dict[str, str], n_bins: int
) -> tuple[Axis, NDArray[np.float64]] | None:
    """Return the first of several columns that varies, in bins, with its values; None where none does."""
    for column, name in columns.items():
        if column in made_with.columns:
            values = made_with[column].to_numpy(np.float64)
            low, high = (values.min(), values.max()) if np.isfinite(values).all() and len(values) else (0, 0)
            if high > low:
                space = np.geomspace if _is_logarithmic(values) else np.linspace
                return Axis(name, np.asarray(space(low, high, n_bins + 1), dtype=np.float64)), values
    return None


def _is_logarithmic(values: NDArray[np.float64]) -> bool:
    """Whether values lie evenly on a log scale rather than on a linear one, by where their median is."""
    low, middle, high = float(values.min()), float(np.median(values)), float(values.max())
    if low <= 0:
        return False
    return abs(log(middle / sqrt(low * high))) < abs(log(middle / ((low + high) / 2)))


def rows_of(found: TaskPowers) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the best method's power as rows of text: a bin of time, and a cell per strength."""
    for bin_, powers_there, counts in zip(found.time.bins, found.maps[0].power, found.n_windows, strict=True):
        yield (
            bin_,
            tuple(
                "–" if power != power else f"{power:.2f} ({count})"
                for power, count in zip(powers_there, counts, strict=True)
            ),
        )
