"""Sections of the HTML report: values that the page lays out, never markup of an author's own.

from selbench import Table, hookimpl, section

@section("How sure each method is", order=750)
def certainty(page):
    \"\"\"Say how far from one half the probabilities of each method are.\"\"\"
    …
    return ["Certainty is the mean distance to one half.", Table(("method", "certainty"), rows)]

@hookimpl
def register_sections():
    return [certainty]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from selbench.errors import PluginError

SectionFunction = Callable[[Any], Any]
"""The page of a run → paragraphs, `Table` and `Chart` in order, or None where there is nothing to show."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}\Z")


@dataclass(frozen=True)
class Table:
    """A table: text stands on the left, numbers on the right with three decimals, whole ones as they are.

    Parameters
    ----------
    heads : sequence of str
    rows : sequence of sequences
        As many cells as heads; text, numbers, or None where nothing is known.
    caption : str

    Raises
    ------
    PluginError
        If a row has more or fewer cells than there are heads.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    caption: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.heads):
                raise PluginError(
                    f"table: expected {len(self.heads)} cells in every row, found {len(row)}: {row!r}"
                )


@dataclass(frozen=True)
class Chart:
    """Lines in one frame.

    Parameters
    ----------
    x_label, y_label : str
    lines : mapping of str to (x, y)
        By label, float64 (n_points,) each; one called as a method is drawn like that method everywhere.
    caption : str

    Raises
    ------
    PluginError
        If there is no line, or one has not as many x as y, all finite.
    """

    x_label: str
    y_label: str
    lines: Mapping[str, tuple[ArrayLike, ArrayLike]]
    caption: str = ""

    def __post_init__(self) -> None:
        if not self.lines:
            raise PluginError("chart: expected a line at least, found none")
        for label, points in self.lines.items():
            x, y = (np.asarray(values, dtype=np.float64) for values in points)
            if x.ndim != 1 or x.shape != y.shape or not len(x) or not np.isfinite([x, y]).all():
                found = f"found shapes {x.shape} and {y.shape}"
                raise PluginError(f"chart: {label}: expected as many x as y, all finite, {found}")


@dataclass(frozen=True)
class ReportSection:
    """A section as the report takes it.

    Parameters
    ----------
    name, title : str
    order : int
        Where it stands; those that selbench ships stand at 100, 200 and so on.
    summary : str
        What it shows, in a line.
    function : callable
        The page → paragraphs, tables and charts, or None.
    """

    name: str
    title: str
    order: int
    summary: str = ""
    function: SectionFunction | None = field(default=None, compare=False, repr=False)


def section(title: str, *, order: int = 1450) -> Callable[[SectionFunction], SectionFunction]:
    """Mark a function as a section; its name is the section's, the first line of its docstring the summary.

    Parameters
    ----------
    title : str
        The heading.
    order : int
        By default after all figures, before failures and provenance.

    Raises
    ------
    PluginError
        If the name is not one of lower-case letters, digits and ``_``, or a text is missing.
    """

    def mark(function: SectionFunction) -> SectionFunction:
        name = getattr(function, "__name__", "")
        summary = " ".join((function.__doc__ or "").strip().partition("\n\n")[0].split())
        if not _NAME.match(name):
            raise PluginError(f"section {name!r}: expected a name of lower-case letters, digits and '_'")
        if not title or not summary:
            raise PluginError(f"section {name}: expected a title, and a docstring that says what it shows")
        function.section = ReportSection(name, title, order, summary, function)  # type: ignore[attr-defined]
        return function

    return mark
