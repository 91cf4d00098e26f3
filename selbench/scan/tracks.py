"""A scan as genome browsers show it: BED of candidate regions, bedGraph of the probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
    places = result.places
    width = min(step_bp, places.window_bp)
    starts = places.start + (places.window_bp - width) // 2
    asked = np.flatnonzero(~np.isnan(result.probability))
    names = [chromosome.name for chromosome in result.genome.chromosomes]
    head = f'track type=bedGraph name="{name.replace(chr(34), chr(39))}"\n'
    return head + "".join(
        f"{names[places.chromosome[i]]}\t{starts[i]}\t{starts[i] + width}\t{result.probability[i]:.6g}\n"
        for i in asked.tolist()
    )
