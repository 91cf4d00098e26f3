"""What a plugin's section returned, laid out: its text is escaped as all text of strangers is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from selbench.plugin import Chart, ReportSection, Table
from selbench.plugin.faults import fault_in
from selbench.report.html.page import Page, Section
from selbench.report.html.svg import Frame, Scale, drawing, element, short, spread_apart, text


@dataclass(frozen=True)
class Block:
    """A paragraph, a table or a chart; what it is not is empty."""

    paragraph: str = ""
    table: Table | None = None
    chart: Markup | None = None
    caption: str = ""


def built(asked: ReportSection, page: Page) -> Section | None:
    """Ask a section for what it shows; a plugin's that fails says so, and the others go on."""
    assert asked.function is not None
    own = getattr(asked.function, "__module__", "").partition(".")[0]
    if own == "selbench":
        shipped: Section | None = asked.function(page)
        return shipped
    try:
        found = asked.function(page)
        blocks = None if found is None else [_block(each, page) for each in _several(found)]
    except (Exception, SystemExit) as problem:
        blocks = [Block(f"This section failed: {fault_in(problem, own)}")]
    if not blocks:
        return None
    return Section(f"plugin-{own}-{asked.name}", plain(asked.title), {"blocks": blocks}, "blocks.html.jinja")


def _several(found: object) -> Iterable[object]:
    if isinstance(found, str | Table | Chart):
        return [found]
    if isinstance(found, Iterable):
        return found
    raise TypeError(f"expected paragraphs, tables and charts, found {found!r}")


def _block(part: object, page: Page) -> Block:
    if isinstance(part, Table):
        return Block(table=part, caption=plain(part.caption))
    if isinstance(part, Chart):
        return Block(chart=_drawn(part, page), caption=plain(part.caption))
    if type(part) is str:  # not of a kind that calls itself safe
        return Block(part)
    raise TypeError(f"expected text, a Table or a Chart, found {part!r}")


def plain(value: object) -> str:
    """Return text that makes no claim to be markup, whatever kind of text it was."""
    return "".join(str(value))


def cell(value: object) -> str:
    """Return a cell of a table as text."""
    if value is None:
        return "–"
    if isinstance(value, float | np.floating):
        return "–" if value != value else f"{float(value):.3f}"
    return f"{value:,}" if is_number(value) else plain(value)


def is_number(value: object) -> bool:
    """Whether a cell stands on the right."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _drawn(chart: Chart, page: Page) -> Markup:
    width, height = 680, 320
    lines = {label: np.asarray(points, dtype=np.float64) for label, points in chart.lines.items()}
    low, high = _limits(lines)
    frame = Frame(
        Scale(low[0], high[0], 60, 500), Scale(low[1], high[1], height - 44, 26), chart.x_label, chart.y_label
    )
    looks = [style.name for style in page.styles.values()]
    heights = spread_apart([float(frame.y(points[1, -1])) + 4 for points in lines.values()], 15)
    marks = []
    for index, (label, points) in enumerate(lines.items()):
        look = page.styles[label].name if label in page.styles else looks[index % len(looks)]
        line = frame.line(points[0], points[1], "curve", f"{label}: {short(points[1, -1])} at the end")
        name = text(508, heights[index], label, "label")
        marks.append(element("g", line + name, class_=f"method {look}"))
    return drawing(width, height, chart.caption or chart.y_label, frame.grid(), *marks)


def _limits(lines: Mapping[str, np.ndarray]) -> tuple[list[float], list[float]]:
    """Return where the axes begin and end, with some room where all values are one."""
    everything = np.concatenate(list(lines.values()), axis=1)
    low, high = everything.min(axis=1), everything.max(axis=1)
    flat = low == high
    room = np.where(flat, np.maximum(1.0, np.abs(low)) * 0.5, 0.0)
    return (low - room).tolist(), (high + room).tolist()
