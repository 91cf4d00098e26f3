"""ROC and precision-recall curves: the mean over trainings, with each training behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from selbench.evaluation.predictions import TaskPredictions, score_against_null
from selbench.evaluation.roc import precision_recall_curve, roc_curve
from selbench.report.html.page import Page, Section
from selbench.report.html.svg import Frame, drawing, element, square_frame
from selbench.report.leaderboard import Estimate, Leaderboard

SIZE = 340
"""Width and height of a panel in pixels."""

STEPS = 2
"""Steps of a pixel that curves move by: what a fine screen tells apart, and few points of thousands."""

MOST_TRAININGS = 60
"""With more trainings on a task than this their own lines, behind the means, are left out."""

Points = tuple[NDArray[np.float64], NDArray[np.float64]]
"""The xs and ys of a curve."""

Curve = Callable[[NDArray[np.float64], NDArray[np.float64]], Points]


@dataclass(frozen=True)
class Key:
    """A line of the legend: a method and its area."""

    style: str
    label: str
    is_baseline: bool
    area: Estimate


@dataclass(frozen=True)
class Panels:
    """The curves of one class against the null class on one task."""

    title: str
    positive: str
    null: str
    charts: tuple[tuple[str, Markup], ...]
    keys: tuple[Key, ...]


def section(page: Page) -> Section:
    """Return the ROC and precision-recall panels of every task."""
    return Section(
        "curves",
        "ROC curves",
        {
            "panels": [panels for board in page.main_boards for panels in _panels(page, board)],
            "most": MOST_TRAININGS,
        },
    )


def _panels(page: Page, board: Leaderboard) -> Iterator[Panels]:
    task = page.predictions[board.train_task, board.test_task]
    for code, positive in enumerate(task.roles.classes[1:], start=1):
        n_null = int((task.labels == 0).sum())
        roc, precision = (_curves_of(task, code, curve) for curve in (roc_curve, precision_recall_curve))
        drawn = {
            "ROC": (_roc_frame(), roc),
            "ROC, few false positives": (_few_false_positives_frame(n_null), roc),
            "Precision and recall": (_precision_frame(), precision),
        }
        charts = tuple(
            (name, _chart(page, curves, frame, f"{name} on {board.title}", is_roc=curves is roc))
            for name, (frame, curves) in drawn.items()
        )
        keys = tuple(
            Key(page.styles[s.label].name, s.label, s.is_baseline, s.estimate("roc_auc", positive))
            for s in board.standings
        )
        yield Panels(board.title, positive, task.roles.null, charts, keys)


def _roc_frame() -> Frame:
    return square_frame(SIZE, "false-positive rate", "true-positive rate (power)")


def _few_false_positives_frame(n_null: int) -> Frame:
    lowest = min(0.01, 1 / n_null)  # one window: nothing is known of lower rates
    return square_frame(SIZE, "false-positive rate, log scale", "true-positive rate (power)", x_low=lowest)


def _precision_frame() -> Frame:
    return square_frame(SIZE, "recall", "precision")


def _curves_of(task: TaskPredictions, code: int, curve: Curve) -> dict[str, list[Points]]:
    """Return the curve of every training, by method."""
    return {
        method.method: [
            curve(scores[task.labels == code], scores[task.labels == 0])
            for scores in score_against_null(method.test, code)
        ]
        for method in task.methods
    }


def _chart(
    page: Page, curves: Mapping[str, list[Points]], frame: Frame, label: str, *, is_roc: bool
) -> Markup:
    parts = [frame.grid()]
    if is_roc:
        chance = np.geomspace(max(frame.x.low, 1e-6), 1, 60)
        parts.append(frame.line(chance, chance, "chance", "a coin"))
        parts += [
            element("line", class_="mark", x1=at, x2=at, y1=frame.y.start, y2=frame.y.stop)
            for at in map(float, frame.x([0.01, 0.05]))
            if frame.x.logarithmic
        ]
    each = sum(map(len, curves.values())) <= MOST_TRAININGS
    for method in sorted(curves, key=lambda method: not page.record.methods[method].is_baseline):
        name = page.record.labels[method]
        lines = "".join(_lines(curves[method], frame, name, each=each))
        parts.append(element("g", lines, class_=f"method {page.styles[name].name}", data_method=name))
    return drawing(SIZE, SIZE, label, *parts)


def _lines(single: Sequence[Points], frame: Frame, name: str, *, each: bool) -> Iterator[str]:
    if each and len(single) > 1:
        yield from (frame.line(*_mean([of_one], frame), "curve thin", "", STEPS) for of_one in single)
    yield frame.line(*_mean(single, frame), "curve", name, STEPS)


def _mean(curves: Sequence[Points], frame: Frame) -> Points:
    """Average curves at every x where one of them turns; where they are vertical, from end to end.

    On a logarithmic axis straight lines are bent, so points are put in between.
    """
    between = np.geomspace(frame.x.low, 1, 121) if frame.x.logarithmic else np.empty(0)
    grid = np.unique(np.concatenate([between, *(xs for xs, _ in curves)]))
    first = np.mean([np.interp(-grid, -xs[::-1], ys[::-1]) for xs, ys in curves], axis=0)
    last = np.mean([np.interp(grid, xs, ys) for xs, ys in curves], axis=0)
    return np.repeat(grid, 2), np.column_stack([first, last]).ravel()
