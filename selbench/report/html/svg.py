"""Drawing: scales, frames with ticks, and the few marks that the charts are made of.

Marks carry class names, not colours: the style sheet gives those, for screen,
dark screen and print.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

import numpy as np
from markupsafe import Markup
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` on pixels from `start` to `stop`, linear or logarithmic."""

    low: float
    high: float
    start: float
    stop: float
    logarithmic: bool = False

    def __call__(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return pixels; values outside are moved to the edge."""
        inside = np.clip(np.asarray(values, dtype=np.float64), self.low, self.high)
        if self.logarithmic:
            share = np.log10(inside / self.low) / log10(self.high / self.low)
        else:
            share = (inside - self.low) / (self.high - self.low)
        return np.asarray(self.start + share * (self.stop - self.start))

    def ticks(self, most: int = 5) -> list[float]:
        """Return round values: powers of ten, or steps of 1, 2 or 5."""
        if self.logarithmic:
            powers = range(ceil(log10(self.low) - 1e-9), floor(log10(self.high) + 1e-9) + 1)
            return [10.0**power for power in powers]
        raw = (self.high - self.low) / most
        magnitude = 10.0 ** floor(log10(raw))
        step = next(s * magnitude for s in (1, 2, 5, 10) if s * magnitude >= raw * (1 - 1e-9))
        first = ceil(self.low / step - 1e-9)
        return [round(i * step, 10) for i in range(first, floor(self.high / step + 1e-9) + 1)]


@dataclass(frozen=True)
class Frame:
    """The box that a chart is drawn into, with its two scales and their names."""

    x: Scale
    y: Scale
    x_label: str
    y_label: str

    def grid(self, x_ticks: Sequence[float] | None = None, y_ticks: Sequence[float] | None = None) -> str:
        """Draw grid lines, tick labels and axis labels."""
        parts = []
        for value in self.x.ticks() if x_ticks is None else x_ticks:
            px = float(self.x(value))
            parts.append(element("line", class_="gridline", x1=px, x2=px, y1=self.y.start, y2=self.y.stop))
            parts.append(text(px, self.y.start + 16, short(value), "tick middle"))
        for value in self.y.ticks() if y_ticks is None else y_ticks:
            py = float(self.y(value))
            parts.append(element("line", class_="gridline", x1=self.x.start, x2=self.x.stop, y1=py, y2=py))
            parts.append(text(self.x.start - 7, py + 4, short(value), "tick end"))
        middle = (self.x.start + self.x.stop) / 2
        parts.append(text(middle, self.y.start + 34, self.x_label, "axis middle"))
        parts.append(text(self.x.start, self.y.stop - 10, self.y_label, "axis"))
        return "".join(parts)

    def line(
        self, xs: ArrayLike, ys: ArrayLike, class_: str, title: str = "", steps_per_pixel: int = 10
    ) -> str:
        """Draw a line through points given in values; points that fall on one another are drawn once."""
        return path(self.x(xs), self.y(ys), class_, title, steps_per_pixel)


def square_frame(size: float, x_label: str, y_label: str, **limits: float) -> Frame:
    """Return a frame of unit scales in a drawing of `size` by `size` pixels."""
    x = Scale(limits.get("x_low", 0.0), 1.0, 44, size - 12, logarithmic="x_low" in limits)
    return Frame(x, Scale(limits.get("y_low", 0.0), 1.0, size - 44, 26), x_label, y_label)


def drawing(width: float, height: float, label: str, *parts: str) -> Markup:
    """Wrap marks into an SVG element that a screen reader announces by `label`."""
    content = "".join(parts)
    view = f"0 0 {number(width)} {number(height)}"
    return Markup(element("svg", content, viewBox=view, role="img", aria_label=label))


def path(
    px: NDArray[np.float64], py: NDArray[np.float64], class_: str, title: str = "", steps_per_pixel: int = 10
) -> str:
    """Draw a line through pixels, each moved to the nearest of so many steps: 10, or 2 for long curves."""
    pixels = np.column_stack([np.atleast_1d(px), np.atleast_1d(py)])
    points = _without_middles((pixels * steps_per_pixel).round() / steps_per_pixel)
    steps = "L".join(f"{x:g} {y:g}" for x, y in points.tolist())  # of five digits at most, as `number` writes
    return element("path", _title(title), class_=class_, d=f"M{steps}")


def dot(px: float, py: float, radius: float, class_: str, title: str = "") -> str:
    """Draw a dot."""
    return element("circle", _title(title), class_=class_, cx=px, cy=py, r=radius)


def text(px: float, py: float, content: str, class_: str) -> str:
    """Write text at pixels."""
    return element("text", escape(content), class_=class_, x=px, y=py)


def element(name: str, content: str = "", **attributes: float | str) -> str:
    """Return an element; trailing underscores of attribute names fall, inner ones become hyphens."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>"


def number(value: float) -> str:
    """Return a coordinate with one decimal at most."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def short(value: float) -> str:
    """Return a tick's label."""
    return f"{value:g}" if abs(value) < 10_000 else f"{value:,.0f}"


def spread_apart(wanted: Iterable[float], gap: float, lowest: float = np.inf) -> list[float]:
    """Move labels so that neighbours stand at least `gap` pixels apart, in their order: down, and up again
    from `lowest`, where a drawing ends."""
    order = sorted(enumerate(wanted), key=lambda pair: pair[1])
    placed: dict[int, float] = {}
    last = -np.inf
    for index, position in order:
        last = max(position, last + gap)
        placed[index] = float(last)
    for index, _ in reversed(order) if last > lowest else ():
        placed[index] = min(placed[index], lowest)
        lowest = placed[index] - gap
    return [placed[index] for index in sorted(placed)]


def _title(content: str) -> str:
    return element("title", escape(content)) if content else ""


def _without_middles(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out repeated points and those in the middle of horizontal or vertical runs."""
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = (points[1:] != points[:-1]).any(axis=1)
    points = points[keep]
    if len(points) < 3:
        return points
    before, here, after = points[:-2], points[1:-1], points[2:]
    on_a_run = ((before == here) & (here == after)).any(axis=1)
    return np.asarray(points[np.concatenate([[True], ~on_a_run, [True]])])
