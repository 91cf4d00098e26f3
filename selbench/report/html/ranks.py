"""Methods over all tasks: mean ranks and the critical-difference diagram."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from selbench.evaluation.ranks import FEWEST_TASKS, RankComparison, compare_ranks
from selbench.report.html.page import Page, Section
from selbench.report.html.svg import Scale, dot, drawing, element, path, short, text
from selbench.report.verdicts import p_value


def section(page: Page) -> Section | None:
    """Return the diagram, where methods were tested on five tasks or more."""
    labels = [
        label
        for label in page.record.labels.values()
        if all(label in {s.label for s in board.standings} for board in page.main_boards)
    ]
    if len(page.main_boards) < FEWEST_TASKS or len(labels) < 2:
        return None
    values = np.array(
        [
            [
                next(s.estimate("roc_auc").value for s in board.standings if s.label == label)
                for label in labels
            ]
            for board in page.main_boards
        ]
    )
    found = compare_ranks(values, tuple(labels))
    content = {"ranks": found, "chart": _chart(page, found), "p_value": p_value(found.p_value)}
    return Section("ranks", "Over all tasks", content)


def _chart(page: Page, found: RankComparison) -> Markup:
    n_methods = len(found.methods)
    half = -(-n_methods // 2)
    width, top = 720, 76
    base = top + 14 + 9 * len(found.groups)
    height = base + 24 * half + 10
    scale = Scale(1, n_methods, 190, width - 190)
    parts = [
        element("line", class_="ruler", x1=190, x2=width - 190, y1=top, y2=top),
        *(_tick(float(scale(rank)), top, rank) for rank in range(1, n_methods + 1)),
        *_ruler(scale, found.critical_distance),
    ]
    for index, (method, rank) in enumerate(zip(found.methods, found.mean_ranks, strict=True)):
        on_left = index < half
        y = base + 24 * (index if on_left else n_methods - 1 - index) + 10
        x, edge = float(scale(rank)), 180 if on_left else width - 180
        marks = path(np.array([x, x, edge]), np.array([top, y, y]), "leader")
        marks += dot(x, top, 4, "dot")
        side = "direct end" if on_left else "direct"
        marks += text(edge + (-6 if on_left else 6), y + 4, f"{method}  {rank:.2f}", side)
        parts.append(element("g", marks, class_=f"method {page.styles[method].name}"))
    for level, (first, last) in enumerate(found.groups):
        ends = [float(scale(found.mean_ranks[first])) - 4, float(scale(found.mean_ranks[last])) + 4]
        y = top + 12 + 9 * level
        parts.append(element("line", class_="group", x1=ends[0], x2=ends[1], y1=y, y2=y))
    return drawing(width, height, "Critical-difference diagram", *parts)


def _tick(px: float, top: float, rank: float) -> str:
    return element("line", class_="ruler", x1=px, x2=px, y1=top - 5, y2=top) + text(
        px, top - 10, short(rank), "tick middle"
    )


def _ruler(scale: Scale, distance: float) -> list[str]:
    end = float(scale(min(1 + distance, scale.high)))
    return [
        element("line", class_="ruler", x1=scale.start, x2=end, y1=26, y2=26),
        element("line", class_="ruler", x1=scale.start, x2=scale.start, y1=22, y2=30),
        element("line", class_="ruler", x1=end, x2=end, y1=22, y2=30),
        text(scale.start, 16, f"critical distance {distance:.2f}", "tick"),
    ]
