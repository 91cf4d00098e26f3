"""What training took and how it went: cost against AUC, learning curves, histories by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from markupsafe import Markup

from selbench.report.html.page import Page, Section
from selbench.report.html.svg import Frame, Scale, dot, drawing, element, spread_apart, text
from selbench.report.leaderboard import AUC, Estimate, Leaderboard, Standing
from selbench.report.learning import LearningCurve, learning_curves
from selbench.run_folder import TrainingRecord


@dataclass(frozen=True)
class CostRow:
    """What one training of a method costs."""

    standing: Standing
    style: str
    test_windows_per_second: float


def cost_section(page: Page) -> Section | None:
    """Return AUC against seconds per task, with the table behind it."""
    boards = []
    for board in page.main_boards:
        rows = [_cost_row(page, board, s) for s in board.standings if not isnan(s.total_seconds)]
        if rows:
            simulated = page.record.info.simulate_seconds.get(board.test_task)
            points = [
                (s.label, s.total_seconds, s.estimate("roc_auc"))
                for s in board.standings
                if s.total_seconds > 0
            ]
            chart = cost_chart(page, board.title, points, "seconds to encode, fit and predict", "AUC")
            boards.append((board.title, chart, rows, simulated))
    return Section("cost", "Cost", {"boards": boards}) if boards else None


def _cost_row(page: Page, board: Leaderboard, standing: Standing) -> CostRow:
    predicted = sum(board.n_test_windows.values()) + board.n_threshold_windows
    seconds = standing.seconds.get("predict", 0.0)
    return CostRow(
        standing, page.styles[standing.label].name, predicted / seconds if seconds else float("nan")
    )


def cost_chart(
    page: Page,
    title: str,
    points: Sequence[tuple[str, float, Estimate]],
    spent: str,
    metric: str,
    highest: float = 1.0,
) -> Markup:
    """Draw a share against seconds, on a log scale: a point for each (label, seconds, estimate)."""
    width, height = 680, _height_for(len(points))
    seconds = [spent_by for _, spent_by, _ in points]
    values = [value for _, _, value in points]
    lowest = min(e.low if e.has_interval else e.value for e in values)
    least, most = np.floor(np.log10(min(seconds) * 0.9)), np.ceil(np.log10(max(seconds) * 1.1))
    frame = Frame(
        Scale(10**least, 10**most, 48, 500, True),
        Scale(np.floor(lowest * 20) / 20 - 1e-9, highest, height - 44, 26),
        f"{spent}, log scale", metric,
    )  # fmt: skip
    parts = [frame.grid()]
    heights = spread_apart([float(frame.y(e.value)) + 4 for e in values], 15, height - 44)
    for (label, spent_by, value), label_y in zip(points, heights, strict=True):
        x, y = float(frame.x(spent_by)), float(frame.y(value.value))
        marks = ""
        if value.has_interval:
            low, high = frame.y([value.low, value.high])
            marks = element("line", class_="curve solid", x1=x, x2=x, y1=float(low), y2=float(high))
        marks += dot(x, y, 5, "dot", f"{label}: {metric} {value.value:.3f}, {spent_by:.3g} s")
        marks += element("path", class_="leader", d=f"M{x + 7:.1f} {y:.1f}L510 {label_y - 4:.1f}")
        marks += text(514, label_y, label, "direct")
        parts.append(element("g", marks, class_=f"method {page.styles[label].name}"))
    return drawing(width, height, f"{metric} against cost on {title}", *parts)


def _height_for(n_labels: int) -> int:
    """Return the pixels of a chart beside whose axis so many labels stand."""
    return max(320, 15 * n_labels + 74)


def learning_section(page: Page, metric: str = AUC) -> Section | None:
    """Return a metric by number of training windows, for tasks that were also trained on fewer."""
    curves = [(curve, _learning_chart(page, curve)) for curve in learning_curves(page.record, metric)]
    content = {"curves": curves, "styles": {label: style.name for label, style in page.styles.items()}}
    return Section("learning", "Learning curves", content) if curves else None


def _learning_chart(page: Page, curve: LearningCurve) -> Markup:
    width = 680
    known = {
        label: [(size, found) for size, found in zip(curve.sizes, estimates, strict=True) if found.is_known]
        for label, estimates in curve.estimates.items()
    }
    known = {label: points for label, points in known.items() if points}
    height = _height_for(len(known))
    lowest = min(found.value for points in known.values() for _, found in points)
    frame = Frame(
        Scale(curve.sizes[0] * 0.9, curve.sizes[-1] * 1.1, 48, 500, True),
        Scale(np.floor(lowest * 20) / 20 - 1e-9, 1.0, height - 44, 26),
        "training windows per class, log scale", curve.metric,
    )  # fmt: skip
    ends = [float(frame.y(points[-1][1].value)) + 4 for points in known.values()]
    heights = spread_apart(ends, 15, height - 44)
    parts = [frame.grid(x_ticks=list(curve.sizes))]
    for (label, points), label_y in zip(known.items(), heights, strict=True):
        xs, ys = zip(*((size, found.value) for size, found in points), strict=True)
        marks = frame.line(xs, ys, "curve", label)
        for size, found in points:
            x, y = float(frame.x(size)), float(frame.y(found.value))
            said = f"{label}: {curve.metric} {found.value:.3f} from {size:,} windows per class"
            marks += dot(x, y, 3.5, "dot", said)
        marks += element("path", class_="leader", d=f"M{x + 5:.1f} {y:.1f}L506 {label_y - 4:.1f}")
        marks += text(510, label_y, label, "direct")
        parts.append(element("g", marks, class_=f"method {page.styles[label].name}"))
    return drawing(width, height, f"{curve.metric} by training windows, tested on {curve.test_task}", *parts)


@dataclass(frozen=True)
class History:
    """How loss and accuracy of a method went by epoch, one chart per quantity."""

    task: str
    method: str
    charts: tuple[Markup, ...]


def history_section(page: Page) -> Section | None:
    """Return loss and accuracy by epoch of every method that keeps a history."""
    histories = list(_histories(page))
    return Section("history", "Training histories", {"histories": histories}) if histories else None


def _histories(page: Page) -> Iterator[History]:
    groups: dict[tuple[str, str], list[TrainingRecord]] = {}
    for training in page.record.trainings:
        if max((len(values) for values in training.history.values()), default=0) > 1:  # one epoch is no curve
            groups.setdefault((training.train_task, training.method), []).append(training)
    for (task, method), cells in groups.items():
        label = page.record.labels[method]
        quantities = dict.fromkeys(
            name.removeprefix("val_") for training in cells for name in training.history
        )
        charts = (
            _history_chart(cells, quantity, page.styles[label].name, f"{quantity} of {label}")
            for quantity in quantities
        )
        yield History(task, label, tuple(charts))


def _history_chart(cells: list[TrainingRecord], quantity: str, style: str, label: str) -> Markup:
    width, height = 260, 210
    lines = [
        (name, np.asarray(training.history[name], dtype=float))
        for training in cells
        for name in (quantity, f"val_{quantity}")
        if training.history.get(name)
    ]
    values = np.concatenate([values for _, values in lines])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    margin = (high - low) * 0.05 or 0.05
    n_epochs = max(len(values) for _, values in lines)
    frame = Frame(
        Scale(1, max(n_epochs, 2), 48, width - 12),
        Scale(low - margin, high + margin, height - 44, 26),
        "epoch", quantity.replace("_", " "),
    )  # fmt: skip
    ticks = sorted({1, *(int(t) for t in frame.x.ticks(6) if t == int(t) and t >= 1), n_epochs})
    marks = "".join(
        frame.line(np.arange(1, len(values) + 1), np.nan_to_num(values, nan=low), _line_class(name), name)
        for name, values in lines
    )
    return drawing(
        width, height, label, frame.grid(x_ticks=ticks), element("g", marks, class_=f"method {style}")
    )


def _line_class(name: str) -> str:
    return "curve validation" if name.startswith("val_") else "curve solid"
