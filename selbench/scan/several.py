"""Scans of one genome by several methods, side by side: one table, one axis."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selbench.files import complete_folder
from selbench.scan.output import (
    BED_GRAPH,
    DESCRIPTION,
    MANHATTAN,
    PAGE,
    REGIONS,
    REGIONS_BED,
    TABLE,
    describe,
)
from selbench.scan.regions import regions_table
from selbench.scan.track import Track
from selbench.scan.tracks import bed_graph_text, bed_text, write_big_wig

if TYPE_CHECKING:
    import pandas as pd


def joint_table(tracks: Sequence[Track]) -> pd.DataFrame:
    """Return the rows of all scans, method by method, which a first column ``method`` names."""
    return _with_methods({track.label: track.result.table for track in tracks})


def write_scans(
    directory: Path, tracks: Sequence[Track], made_with: Sequence[Mapping[str, Any]], *, page: str
) -> None:
    """Write the scans of several methods into a folder, all or nothing.

    The files are those of one scan: tables have a first column ``method``, tracks are named after it,
    ``scan.json`` describes each scan under its method, and ``manhattan.png`` has a panel for each.

    Parameters
    ----------
    made_with : sequence of mapping of str to JSON value
        Of each scan, how it was made.
    page : str
        The scans as HTML.

    Raises
    ------
    DataError
        If another folder is in the way, or it cannot be written.
    """
    from selbench.scan.manhattan import plot_manhattan

    described = {
        track.label: describe(track.result, track.method, made)
        for track, made in zip(tracks, made_with, strict=True)
    }
    steps = [
        int(made.get("step_bp", track.result.places.window_bp))
        for track, made in zip(tracks, made_with, strict=True)
    ]
    judged = [track for track in tracks if track.result.judgement is not None]
    with complete_folder(directory, replace_if_holds=DESCRIPTION) as folder:
        joint_table(tracks).to_csv(folder / TABLE, index=False, float_format="%.6g")
        (folder / BED_GRAPH).write_text(
            "".join(
                bed_graph_text(track.result, step, track.label)
                for track, step in zip(tracks, steps, strict=True)
            )
        )
        if judged:
            regions = _with_methods({track.label: regions_table(track.result.regions) for track in judged})
            regions.to_csv(folder / REGIONS, index=False, float_format="%.6g")
            text = "".join(bed_text(track.result.regions, f"{track.label}:") for track in judged)
            (folder / REGIONS_BED).write_text(text)
        text = json.dumps({"format": 1, "methods": described}, indent=2, ensure_ascii=False)
        (folder / DESCRIPTION).write_text(text + "\n")
        for number, (track, step) in enumerate(zip(tracks, steps, strict=True), 1):
            if made_with[number - 1].get("big_wig"):
                write_big_wig(folder / f"scan.{number}.bw", track.result, step)
        plot_manhattan(tracks, folder / MANHATTAN)
        (folder / PAGE).write_text(page, encoding="utf-8")


def _with_methods(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    named = []
    for label, table in tables.items():
        copy = table.copy()
        copy.insert(0, "method", label)
        named.append(copy)
    return pd.concat(named, ignore_index=True)
