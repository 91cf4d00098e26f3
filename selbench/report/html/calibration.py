"""Reliability diagrams: what was said of windows, and what came true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from selbench.evaluation.calibration import reliability
from selbench.evaluation.predictions import MethodPredictions, TaskPredictions
from selbench.report.html.page import Page, Section
from selbench.report.html.svg import dot, drawing, square_frame
from selbench.report.leaderboard import Estimate, Standing
from selbench.report.verdicts import p_value

SIZE = 220


@dataclass(frozen=True)
class Diagram:
    """The reliability of one method about the positive class."""

    method: str
    chart: Markup
    error: Estimate
    floor: Estimate
    p: str


def section(page: Page) -> Section:
    """Return a reliability diagram per method and task, about the positive class."""
    boards = []
    for board in page.main_boards:
        task = page.predictions[board.train_task, board.test_task]
        methods = {method.method: method for method in task.methods}
        diagrams = [
            Diagram(
                standing.label,
                _chart(page, task, methods[standing.method], standing.label),
                *_errors(standing, task.roles.positive),
            )
            for standing in board.standings
        ]
        boards.append((board.title, task.roles.positive, diagrams))
    return Section("calibration", "Calibration", {"boards": boards})


def _errors(standing: Standing, positive: str) -> tuple[Estimate, Estimate, str]:
    name = "expected_calibration_error"
    error, floor, p = (standing.estimate(name + ending, positive) for ending in ("", "_floor", "_p"))
    return error, floor, p_value(p.value)


def _chart(page: Page, task: TaskPredictions, method: MethodPredictions, label: str) -> Markup:
    positive = task.roles.classes.index(task.roles.positive)
    frame = square_frame(SIZE, "said", "came true")
    ticks = [0.0, 0.5, 1.0]
    parts = [frame.grid(ticks, ticks), frame.line([0, 1], [0, 1], "chance", "what is said comes true")]
    said = method.test[:, :, positive].ravel()
    bins = reliability(said, np.tile(task.labels == positive, len(method.repetitions)))
    style = page.styles[label].name
    parts.append(f'<g class="method {style}">')
    parts.append(frame.line(bins.said, bins.came_true, "curve"))
    for x, y, count in zip(bins.said, bins.came_true, bins.n_windows, strict=True):
        radius = 2 + 6 * np.sqrt(count / bins.n_windows.sum())
        title = f"{count:,} windows: said {x:.2f}, came true {y:.2f}"
        parts.append(dot(float(frame.x(x)), float(frame.y(y)), radius, "dot", title))
    parts.append("</g>")
    return drawing(SIZE, SIZE, f"Reliability of {label}", *parts)
