"""Does a window look like what a method was trained on? Distance from the range of its classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.trained import TrainedMethod
from selbench.windows import Windows

Ranges = Mapping[str, Mapping[str, tuple[float, float]]]


@dataclass(frozen=True, eq=False)
class Likeness:
    """How far windows are from the training windows.

    Parameters
    ----------
    distance : float64 (n_windows,)
        From the nearest class, on the statistic that is furthest out: 0 in the
        middle of the class's range (central 99.8 %), 1 at its edge, 2 as far
        out again. NaN where the method knows no range.
    outside : tuple of tuple of str
        The statistics of each window that are beyond the range of that class.
    like : tuple of tuple of str
        The classes whose range holds all statistics of the window.
    """

    distance: NDArray[np.float64]
    outside: tuple[tuple[str, ...], ...]
    like: tuple[tuple[str, ...], ...]


def likeness(method: TrainedMethod, windows: Windows) -> Likeness:
    """Compare windows with what a method was trained on.

    A window is like the training windows where at least one class has all of
    its statistics in range. Statistics that need ancestral states are left out
    where the windows have none, as are those that need phase.
    """
    from selbench.statistics import compute, known_statistics

    ranges: Ranges = method.class_ranges or {"any class": method.training_range}
    known = known_statistics()
    names = [
        name
        for name in method.training_range
        if name in known
        and (windows.polarisation == "ancestral" or not known[name].needs_ancestral)
        and (windows.phased or not known[name].needs_phase)
        and not windows.missing
    ]
    if not names:
        return Likeness(np.full(len(windows), np.nan), ((),) * len(windows), ((),) * len(windows))
    values = compute(windows, names)[:, np.newaxis, :]
    bounds = np.array([[of_class[name] for name in names] for of_class in ranges.values()])
    low, high = bounds[..., 0], bounds[..., 1]  # (n_classes, n_statistics)
    beyond = (values < low) | (values > high)
    worst = _distances(values, low, high, beyond).max(axis=2)
    nearest = worst.argmin(axis=1)
    window = np.arange(len(windows))
    return Likeness(
        worst[window, nearest],
        _named(names, beyond[window, nearest]),
        _named(list(ranges), np.logical_not(beyond.any(axis=2))),
    )


def _named(names: Sequence[str], marked: NDArray[Any]) -> tuple[tuple[str, ...], ...]:
    """Return the names that are marked in each row."""
    return tuple(
        tuple(name for name, is_marked in zip(names, row, strict=True) if is_marked)
        for row in marked.tolist()
    )


def _distances(
    values: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    beyond: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return distances from the middle of each range in half-widths, over 1 just where beyond it.

    A range without width is left at once: infinitely far.
    """
    half = (high - low) / 2
    away = np.abs(values - (low + high) / 2)
    distances = np.divide(away, half, out=np.where(beyond, np.inf, 0.0), where=half > 0)
    return np.where(beyond, np.maximum(distances, np.nextafter(1, 2)), np.minimum(distances, 1.0))
