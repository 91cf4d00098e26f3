"""A scan as genome browsers show it: BED of candidate regions, bedGraph and bigWig of the probability."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.errors import UnsupportedError
from selbench.scan.prediction import ScanResult
from selbench.scan.regions import CandidateRegion


def bed_text(regions: Sequence[CandidateRegion], prefix: str = "") -> str:
    """Return regions as BED: name ``candidate_RANK``, score 1,000 times the peak, in order."""
    lines = [
        f"{each.chromosome}\t{each.start}\t{each.end}\t{prefix}candidate_{each.rank}\t"
        f"{round(1000 * each.peak)}\n"
        for each in sorted(regions, key=lambda each: (each.chromosome, each.start))
    ]
    return "".join(lines)


def bed_graph_text(result: ScanResult, step_bp: int, name: str = "selbench scan") -> str:
    """Return the probability of every window that was asked about as bedGraph.

    Where windows overlap, which bedGraph knows not, each has the step around its middle.
    """
    asked, starts, width = _steps(result, step_bp)
    places, names = result.places, [chromosome.name for chromosome in result.genome.chromosomes]
    head = f'track type=bedGraph name="{name.replace(chr(34), chr(39))}"\n'
    return head + "".join(
        f"{names[places.chromosome[i]]}\t{starts[i]}\t{starts[i] + width}\t{result.probability[i]:.6g}\n"
        for i in asked.tolist()
    )


def big_wig_writer() -> Any:
    """Return the module that writes bigWig.

    Raises
    ------
    UnsupportedError
        If it is not installed.
    """
    try:
        import pyBigWig
    except ImportError as problem:
        raise UnsupportedError(
            "bigWig: needs pyBigWig, which is not installed: pip install pyBigWig"
        ) from problem
    return pyBigWig


def write_big_wig(path: Path, result: ScanResult, step_bp: int) -> None:
    """Write the probability of every window that was asked about as bigWig, as `bed_graph_text` does.

    Chromosomes stand in the order of their names, as browsers want them, and end with what was scanned.

    Raises
    ------
    UnsupportedError
        If pyBigWig is not installed.
    """
    writer = big_wig_writer()
    asked, starts, width = _steps(result, step_bp)
    places, names = result.places, [chromosome.name for chromosome in result.genome.chromosomes]
    lengths = {name: int(places.end[places.chromosome == i].max(initial=0)) for i, name in enumerate(names)}
    covered = sorted(name for name, length in lengths.items() if length)
    with writer.open(str(path), "w") as file:
        file.addHeader([(name, lengths[name]) for name in covered])
        for name in covered:
            here = asked[places.chromosome[asked] == names.index(name)]
            if len(here):
                values = result.probability[here].astype(np.float64)
                file.addEntries(
                    [name] * len(here),
                    starts[here].tolist(),
                    ends=(starts[here] + width).tolist(),
                    values=values.tolist(),
                )


def _steps(result: ScanResult, step_bp: int) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return which windows were asked about, and where the step around the middle of each window lies."""
    places = result.places
    width = min(step_bp, places.window_bp)
    starts = places.start + (places.window_bp - width) // 2
    return np.flatnonzero(~np.isnan(result.probability)), starts, width
