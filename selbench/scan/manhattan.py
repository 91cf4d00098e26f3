"""A scan as a Manhattan plot: every window on one axis in genome order, a panel per method."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.scan.track import Track
from selbench.scan.yardstick import Q_LEVEL

_COLOURS = ("#0b62a8", "#7a8691")
"""Of neighbouring chromosomes, by turns."""

_CALLED, _LINE = "#c8501e", "#555555"
_WIDTH, _PANEL_HEIGHT, _DOTS_PER_INCH = 11.0, 2.8, 150
_ROOM = 0.0075
"""Share of the axis that a letter takes; a chromosome that has no room for its name stands without."""


def plot_manhattan(tracks: Sequence[Track], path: Path) -> None:
    """Draw −log10 of p_sim along all chromosomes, end to end in the order of the file.

    A method without null scores has its probability drawn instead. Windows that are called are in a colour
    of their own; a dashed line marks the rate at which they are, a dotted one the p from which on q is at
    most 0.05, where q is given.

    Parameters
    ----------
    tracks : sequence of Track
    path : Path
        An image file, in the format of its suffix.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    begins, names, total = _laid_end_to_end(tracks)
    with rc_context({"font.size": 10, "text.parse_math": False}):
        figure = Figure(figsize=(_WIDTH, _PANEL_HEIGHT * len(tracks) + 0.4), layout="constrained")
        panels = figure.subplots(len(tracks), 1, squeeze=False, sharex=True)[:, 0]
        for panel, track in zip(panels, tracks, strict=True):
            _draw(panel, track, begins)
            panel.set_title(f"{track.label}: {track.method.positive}", fontsize=10, loc="left")
        panels[-1].set_xlim(0, total)
        shown = [name for name in names if names[name] >= _ROOM * (len(name) + 0.5) * total]
        panels[-1].set_xticks([begins[name] + names[name] / 2 for name in shown], shown)
        panels[-1].tick_params(axis="x", length=0)
        figure.savefig(path, dpi=_DOTS_PER_INCH)


def _laid_end_to_end(tracks: Sequence[Track]) -> tuple[dict[str, int], dict[str, int], int]:
    """Return where each chromosome begins on the axis, how long it is there, and how long the axis is."""
    lengths: dict[str, int] = {}
    for track in tracks:
        places = track.result.places
        for index, chromosome in enumerate(track.result.genome.chromosomes):
            ends = places.end[places.chromosome == index]
            if len(ends):
                lengths[chromosome.name] = max(lengths.get(chromosome.name, 0), int(ends.max()))
    begins, before = {}, 0
    for name, length in lengths.items():
        begins[name] = before
        before += length
    return begins, lengths, before


def _draw(panel: Any, track: Track, begins: dict[str, int]) -> None:
    result = track.result
    judgement, places = result.judgement, result.places
    first = np.array([begins.get(chromosome.name, 0) for chromosome in result.genome.chromosomes])
    at = first[places.chromosome] + places.start + places.window_bp / 2
    height = result.probability if judgement is None else -np.log10(judgement.p_sim)
    called = np.zeros(len(places), dtype=bool) if judgement is None else judgement.called
    number = {name: at for at, name in enumerate(begins)}
    turn = np.array([number.get(each.name, 0) % 2 for each in result.genome.chromosomes])[places.chromosome]
    known = ~np.isnan(height)
    for which, colour, size in (
        (known & ~called & (turn == 0), _COLOURS[0], 5),
        (known & ~called & (turn == 1), _COLOURS[1], 5),
        (known & called, _CALLED, 14),
    ):
        _points(panel, at[which], height[which], colour, size)
    panel.set_ylim(bottom=0)
    panel.set_ylabel("probability" if judgement is None else "−log10 p_sim")
    panel.spines[["top", "right"]].set_visible(False)
    if judgement is None:
        return
    fpr = judgement.yardstick.fpr
    panel.axhline(-np.log10(fpr), color=_LINE, linewidth=0.8, linestyle="--", label=f"p_sim = {fpr:g}")
    significant = judgement.p_sim[judgement.q <= Q_LEVEL]
    if len(significant):
        panel.axhline(
            -np.log10(significant.max()),
            color=_CALLED,
            linewidth=0.8,
            linestyle=":",
            label=f"q = {Q_LEVEL:g}",
        )
    panel.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=8, borderpad=0)


def _points(
    panel: Any, at: NDArray[np.floating], height: NDArray[np.floating], colour: str, size: int
) -> None:
    panel.scatter(at, height, c=colour, s=size, linewidths=0, rasterized=True)
