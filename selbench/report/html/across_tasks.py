"""Methods over all tasks: the middle of their trainings, pairs, profiles, and ranks where they are tested."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from selbench.evaluation.across_tasks import performance_profile
from selbench.evaluation.ranks import RankComparison
from selbench.report.across_tasks import AcrossTasks, across_tasks
from selbench.report.html.page import Page, Section
from selbench.report.html.svg import Frame, Scale, dot, drawing, element, path, short, spread_apart, text

_WIDTH = 720

_LETTER = 7
"""Pixels that a letter of a label takes at most, on average."""


def section(page: Page) -> Section | None:
    """Return what several tasks say together, by AUC; None where there is one."""
    return section_of(page, across_tasks(page.record, page.main_boards))


def section_of(page: Page, found: AcrossTasks | None) -> Section | None:
    """Return what is shown of several tasks; None where they say nothing together."""
    if found is None:
        return None
    content = {
        "across": found,
        "styles": {label: style.name for label, style in page.styles.items()},
        "profiles": _profiles(page, found),
        "diagram": _rank_diagram(page, found.ranks) if found.are_ranks_tested else None,
    }
    return Section("tasks", found.title, content)


def _profiles(page: Page, found: AcrossTasks) -> Markup:
    """Draw the share of trainings that lie above each value; a line to the right of another is better."""
    height = 320
    values = np.unique(np.concatenate([of for of_tasks in found.scores.values() for of in of_tasks]))
    lowest = float(np.floor(values[0] * 20) / 20)
    frame = Frame(
        Scale(min(lowest, 0.95), 1.0, 48, 500),
        Scale(0.0, 1.0, height - 44, 26),
        found.metric.label, "share of trainings above it, over all tasks",
    )  # fmt: skip
    at = np.unique(np.concatenate([[frame.x.low], values, [1.0]]))
    labels = [method.label for method in found.methods]
    label_heights = spread_apart([26.0 + 4] * len(labels), 15)
    parts = [frame.grid()]
    for label, label_y in zip(labels, label_heights, strict=True):
        shares = performance_profile(found.scores[label], at)
        steps = np.repeat(at, 2)[1:], np.repeat(shares, 2)[:-1]
        marks = frame.line(*steps, "curve", label)
        marks += element("line", class_="curve", x1=512, x2=536, y1=label_y - 4, y2=label_y - 4)
        marks += text(542, label_y, label, "direct")
        parts.append(element("g", marks, class_=f"method {page.styles[label].name}", data_method=label))
    return drawing(_WIDTH, max(height, label_heights[-1] + 10), "Performance profiles", *parts)


def _rank_diagram(page: Page, found: RankComparison) -> Markup:
    """Draw mean ranks on a line, with bars that join what Nemenyi's test does not tell apart."""
    n_methods = len(found.methods)
    half = -(-n_methods // 2)
    margin = max(190, 30 + _LETTER * max(len(f"{method}  0.00") for method in found.methods))
    width, top = _WIDTH + 2 * (margin - 190), 76
    base = top + 14 + 9 * len(found.groups)
    height = base + 24 * half + 10
    scale = Scale(1, n_methods, margin, width - margin)
    parts = [
        element("line", class_="ruler", x1=margin, x2=width - margin, y1=top, y2=top),
        *(_tick(float(scale(rank)), top, rank) for rank in range(1, n_methods + 1)),
        *_ruler(scale, found.critical_distance),
    ]
    for index, (method, rank) in enumerate(zip(found.methods, found.mean_ranks, strict=True)):
        on_left = index < half
        y = base + 24 * (index if on_left else n_methods - 1 - index) + 10
        x, edge = float(scale(rank)), margin - 10 if on_left else width - margin + 10
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
