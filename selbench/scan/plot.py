"""The picture of a scan: probability along each chromosome."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from selbench.scan.prediction import ScanResult
from selbench.trained import TrainedMethod

_NO_YARDSTICK = 0.5
"""Drawn as the threshold where no null scores give one."""

RASTERISE_FROM = 5000
"""Points in a vector image are drawn as pixels from this many windows on."""

_BLUE, _ORANGE, _GREY = (
    "#0072B2",
    "#D55E00",
    "#555555",
)  # from the palette of Okabe and Ito, told apart by shape as well
MOST_PANELS = 24
"""Of more chromosomes or scaffolds, all stand on one axis, end to end."""

_PANEL_INCHES = (10.0, 2.6)
_DOTS_PER_INCH, _MOST_DOTS = 150, 30_000  # genomes in hundreds of pieces make tall pictures


def plot_scan(result: ScanResult, method: TrainedMethod, paths: Sequence[Path]) -> None:
    """Draw one panel per chromosome, or one for many, into each of `paths`, in the format of its suffix.

    Filled circles are predictions, hollow diamonds those for windows whose
    statistics no class of the training windows had, ticks at the foot are
    skipped windows.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    parts = _parts(result.table)
    at, words = _threshold(result)
    width, height = _PANEL_INCHES
    with rc_context({"svg.hashsalt": "selbench", "font.size": 10, "text.parse_math": False}):
        figure = Figure(figsize=(width, height * len(parts) + 0.9), layout="constrained")
        panels = figure.subplots(len(parts), 1, squeeze=False)[:, 0]
        for panel, (label, table) in zip(panels, parts, strict=True):
            _draw_chromosome(panel, table, len(result.places) >= RASTERISE_FROM)
            panel.axhline(at, color=_GREY, linewidth=0.8, linestyle="--", label=words)
            panel.set_xlabel(label)
            panel.set_ylabel(f"probability of\n{method.positive}")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
        figure.suptitle(
            f"{method.spelling}: {method.positive} against {method.null}, windows of "
            f"{method.spec.sequence_length:,} bp, {len(result.genome.individuals)} individuals",
            fontsize=10,
        )
        for path in paths:
            metadata = {"Date": None} if path.suffix == ".svg" else None
            dpi = min(_DOTS_PER_INCH, _MOST_DOTS / figure.get_figheight())
            figure.savefig(path, dpi=dpi, metadata=metadata)


def _parts(table: Any) -> list[tuple[str, Any]]:
    """Return what goes into each panel, and what its axis is called."""
    names = list(dict.fromkeys(table["chromosome"]))
    if len(names) <= MOST_PANELS:
        return [(f"position on chromosome {name} (Mb)", table[table["chromosome"] == name]) for name in names]
    lengths = table.groupby("chromosome", sort=False)["end"].max()
    before = table["chromosome"].map(lengths.cumsum() - lengths)
    shifted = table.assign(start=table["start"] + before, end=table["end"] + before)
    return [(f"position along {len(names):,} chromosomes, end to end in the order of the file (Mb)", shifted)]


def _threshold(result: ScanResult) -> tuple[float, str]:
    """Return where the line is drawn, and what it is called."""
    yardstick = None if result.judgement is None else result.judgement.yardstick
    if yardstick is None or yardstick.threshold is None:
        return _NO_YARDSTICK, f"probability {_NO_YARDSTICK}"
    return yardstick.threshold, f"called above, at a false-positive rate of {yardstick.fpr:g}"


def _draw_chromosome(panel: Any, table: Any, rasterised: bool) -> None:
    middle = (table["start"] + table["end"]).to_numpy() / 2e6
    probability = table["probability"].to_numpy()
    skipped = (table["skipped"] != "").to_numpy()
    outside = table["outside_training_range"].to_numpy() & ~skipped
    inside = ~outside & ~skipped
    style = {"s": 24, "linewidths": 1.2, "rasterized": rasterised, "zorder": 3}
    panel.scatter(middle[inside], probability[inside], c=_BLUE, edgecolors=_BLUE, label="window", **style)
    panel.scatter(
        middle[outside],
        probability[outside],
        c="white",
        edgecolors=_ORANGE,
        marker="D",
        label="window like nothing in the training data",
        **style,
    )
    panel.scatter(
        middle[skipped],
        np.full(skipped.sum(), -0.06),
        c=_GREY,
        marker="|",
        s=40,
        label="skipped",
        rasterized=rasterised,
    )
    panel.set_ylim(-0.1, 1.05)
    panel.set_xlim(table["start"].min() / 1e6, table["end"].max() / 1e6)
    panel.ticklabel_format(axis="x", useOffset=False)
    panel.spines[["top", "right"]].set_visible(False)
