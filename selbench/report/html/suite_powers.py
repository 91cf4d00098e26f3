"""Power over the strength of selection and its time, drawn: a small map per method."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from selbench.report.html.page import Section
from selbench.report.html.svg import drawing, element, text
from selbench.report.suite_powers import FEWEST_WINDOWS, PowerMap, TaskPowers

_CELL = 58, 34
"""Width and height of a cell in pixels."""

_LEFT, _TOP, _BOTTOM = 72, 30, 44


def section(found: Sequence[TaskPowers]) -> Section | None:
    """Return the maps of every task; None where no run tells what its windows were made with."""
    drawn = [(of.task, [(each.label, _drawn(of, each)) for each in of.maps]) for of in found]
    content = {"tasks": drawn, "fewest": FEWEST_WINDOWS}
    return Section("suite_powers", "Where it is found", content) if drawn else None


def _drawn(of: TaskPowers, found: PowerMap) -> Markup:
    n_times, n_strengths = found.power.shape
    width, height = _LEFT + n_strengths * _CELL[0] + 8, _TOP + n_times * _CELL[1] + _BOTTOM
    parts = [*_cells(of, found), *_labels(of)]
    parts.append(text(0, 14, of.time.name, "axis"))
    parts.append(text(_LEFT + n_strengths * _CELL[0] / 2, height - 8, of.strength.name, "axis middle"))
    return drawing(width, height, f"Power of {found.label} on {of.task}, by {_axes(of)}", *parts)


def _axes(of: TaskPowers) -> str:
    return f"{of.strength.name} and {of.time.name}"


def _cells(of: TaskPowers, found: PowerMap) -> Iterator[str]:
    for row, time in enumerate(of.time.bins):
        for column, strength in enumerate(of.strength.bins):
            power, count = float(found.power[row, column]), int(of.n_windows[row, column])
            x, y = _LEFT + column * _CELL[0], _TOP + (len(of.time.bins) - 1 - row) * _CELL[1]
            said = f"{power:.2f}" if power == power else "too few"
            where = f"{of.strength.name} {strength}, {of.time.name} {time}"
            title = element("title", Markup.escape(f"{where}: power {said}, {count} windows"))
            shade = f"fill-opacity:{0.04 + 0.62 * power:.3f}" if power == power else "fill-opacity:0"
            size = {"width": _CELL[0] - 2, "height": _CELL[1] - 2}
            yield element("rect", title, class_="warm", x=x, y=y, style=shade, **size)
            middle = x + _CELL[0] / 2 - 1
            if power == power:
                yield text(middle, y + 15, f"{power:.2f}", "cell middle")
            yield text(middle, y + 27, f"n {count}", "count middle")


def _labels(of: TaskPowers) -> Iterator[str]:
    """Write the ends of the bins along both axes."""
    bottom = _TOP + len(of.time.bins) * _CELL[1]
    for index, end in enumerate(of.strength.ends):
        yield text(_LEFT + index * _CELL[0] - 1, bottom + 14, end, "tick middle")
    for index, end in enumerate(of.time.ends):
        yield text(_LEFT - 8, bottom - index * _CELL[1] + 4, end, "tick end")
