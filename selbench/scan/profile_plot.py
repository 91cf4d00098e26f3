"""The files of a profile: its table, and a picture with a panel per scanner and stretches in a row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from selbench.errors import DataError
from selbench.files import complete_file
from selbench.scan.profile import ProfileResult

_BLUE, _GREY = "#0072B2", "#555555"
_WIDTH, _PANEL_HEIGHT, _LINE_UP_TO = 10.0, 2.0, 2_000
_MOST_COLUMNS = 6


def write_profiles(result: ProfileResult, path: Path) -> tuple[int, Path]:
    """Write profiles as a CSV file with a picture beside it; return how many values, and the picture.

    Raises
    ------
    DataError
        If the name does not end in .csv, or a file cannot be written.
    """
    table, picture = result.table(), path.with_suffix(".png")
    if path.suffix != ".csv":
        raise DataError(f"--out: expected a name that ends in .csv, found {path}")
    with complete_file(path) as temporary:
        table.to_csv(temporary, index=False)
    with complete_file(picture) as temporary:
        plot_profiles(result, temporary)
    return len(table), picture


def plot_profiles(result: ProfileResult, path: Path) -> None:
    """Draw the profiles into an image file.

    A column per stretch (the first six), a row per scanner. Values that are not defined are left out; a
    dashed line marks the highest.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    scanners = list(dict.fromkeys(scanner for scanner, _, _ in result.profiles))
    places = list(dict.fromkeys((p.file, p.column, p.name) for _, p, _ in result.profiles))[:_MOST_COLUMNS]
    figure = Figure(figsize=(_WIDTH, _PANEL_HEIGHT * len(scanners) + 0.8), layout="constrained")
    panels = figure.subplots(len(scanners), len(places), squeeze=False, sharex="col", sharey="row")
    for scanner, place, profile in result.profiles:
        key = (place.file, place.column, place.name)
        if key in places:
            _draw(panels[scanners.index(scanner), places.index(key)], profile)
    for row, scanner in zip(panels, scanners, strict=True):
        row[0].set_ylabel(scanner, fontsize=9)
    several = len({file for file, _, _ in places}) > 1
    for panel, (file, column, name) in zip(panels[0], places, strict=True):
        panel.set_title(f"{file.name} {name}" if several else f"{column} {name}", fontsize=9)
    for panel in panels[-1]:
        panel.set_xlabel("position (kb)")
        panel.ticklabel_format(axis="x", useOffset=False)
    with rc_context({"text.parse_math": False}):  # a name with dollars is a name
        figure.savefig(path, dpi=150)


def _draw(panel: Any, profile: Any) -> None:
    at, values = profile.positions[profile.is_defined] / 1e3, profile.values[profile.is_defined]
    panel.spines[["top", "right"]].set_visible(False)
    if len(values) == 0:
        panel.text(0.5, 0.5, "no value", transform=panel.transAxes, ha="center", color=_GREY)
        return
    if len(values) <= _LINE_UP_TO:
        panel.plot(at, values, color=_BLUE, linewidth=0.8, marker=".", markersize=3)
    else:
        panel.plot(at, values, color=_BLUE, linestyle="none", marker=".", markersize=2, rasterized=True)
    panel.axvline(at[int(np.argmax(values))], color=_GREY, linewidth=0.8, linestyle="--")
