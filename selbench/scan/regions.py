"""Candidate regions: windows above the threshold that touch, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from selbench.formats.genes import Genes
from selbench.formats.genome_windows import Places
from selbench.scan.yardstick import Judgement

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "chromosome", "start", "end", "n_windows", "peak_start", "peak_end", "peak", "p_sim", "rank",
    "expected_windows_as_high", "expected_regions_as_high", "genes",
)  # fmt: skip


@dataclass(frozen=True)
class CandidateRegion:
    """Called windows that overlap or touch.

    Parameters
    ----------
    chromosome : str
    start, end : int
        bp, 0-based and half-open.
    n_windows : int
    peak_start, peak_end : int
        The window with the highest score; the first of several.
    peak : float
        Its score.
    p_sim : float
    rank : int
        1 for the region with the highest peak.
    expected_windows_as_high : float
        Windows without selection with such a score in a genome of this size; overlapping ones count each.
    expected_regions_as_high : float
        The same of regions, from stretches without selection; NaN where none were drawn.
    genes : tuple of str
        Those that overlap the region.
    """

    chromosome: str
    start: int
    end: int
    n_windows: int
    peak_start: int
    peak_end: int
    peak: float
    p_sim: float
    rank: int
    expected_windows_as_high: float
    expected_regions_as_high: float
    genes: tuple[str, ...] = ()


def runs_of(called: NDArray[np.bool_], places: Places) -> list[NDArray[np.int64]]:
    """Return the indices of called windows, those that overlap or touch together, in genome order."""
    at = np.flatnonzero(called)
    if not len(at):
        return []
    apart = (places.chromosome[at][1:] != places.chromosome[at][:-1]) | (
        places.start[at][1:] > places.end[at][:-1]
    )
    return np.split(at, np.flatnonzero(apart) + 1)


def candidate_regions(
    judgement: Judgement,
    places: Places,
    scores: NDArray[np.floating],
    names: Sequence[str],
    genes: Genes | None = None,
) -> tuple[CandidateRegion, ...]:
    """Merge the called windows of a scan, the region with the highest peak first.

    Parameters
    ----------
    scores : float (n_windows,)
    names : sequence of str
        Of the chromosomes that `places` counts.
    """
    n_asked = int((~np.isnan(scores)).sum())
    runs = sorted(runs_of(judgement.called, places), key=lambda run: -scores[run].max())
    found = []
    for rank, run in enumerate(runs, 1):
        peak = int(run[scores[run].argmax()])
        name, start, end = names[places.chromosome[peak]], int(places.start[run[0]]), int(places.end[run[-1]])
        found.append(
            CandidateRegion(
                name, start, end, len(run),
                int(places.start[peak]), int(places.end[peak]), float(scores[peak]),
                float(judgement.p_sim[peak]), rank,
                float(judgement.p_sim[peak]) * n_asked,
                judgement.yardstick.regions_as_high(float(scores[peak]), n_asked),
                () if genes is None else genes.within(name, start, end),
            )
        )  # fmt: skip
    return tuple(found)


def regions_table(regions: Sequence[CandidateRegion]) -> pd.DataFrame:
    """Return one row per region, columns `COLUMNS`; genes are parted by commas."""
    import pandas as pd

    rows: list[Mapping[str, object]] = [
        {name: getattr(region, name) for name in COLUMNS} | {"genes": ",".join(region.genes)}
        for region in regions
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
