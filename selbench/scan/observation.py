"""What is seen of a genome, laid on simulated windows: gaps as they lie, and sites that were left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from selbench.formats.genome import Genome
from selbench.scan.sliding import Places
from selbench.windows import Windows

BOUNDS = (0.25, 0.5, 0.75, 0.95)
"""Least observed shares of the classes of windows that are compared with each other."""

WHOLE = len(BOUNDS) - 1
"""The class of windows that count as observed from end to end."""

LITTLE = 0.02
"""Share of variable sites left out that is not worth laying on simulated windows."""

Stretches = NDArray[np.int64]


def class_of(observed: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the class of each window by the share of it that was observed: −1 under a quarter.

    Examples
    --------
    >>> class_of(np.array([0.1, 0.3, 0.96, 1.0])).tolist()
    [-1, 0, 3, 3]
    """
    return np.searchsorted(BOUNDS, observed, side="right") - 1


@dataclass(frozen=True, eq=False)
class Observation:
    """How a genome was seen.

    Parameters
    ----------
    lost : float
        Share of the sites that vary among the chosen individuals and were left out.
    masks : mapping of int to tuple of int64 (n_stretches, 2)
        By class, the observed stretches of windows of the scan, from each window's own start.
    """

    lost: float = 0.0
    masks: Mapping[int, tuple[Stretches, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, genome: Genome, places: Places, observed: NDArray[np.float64]) -> Observation:
        """Look at the windows of a scan."""
        classes = class_of(observed)
        masks: dict[int, list[Stretches]] = {}
        for i in np.flatnonzero((classes >= 0) & (classes < WHOLE)).tolist():
            start, end = int(places.start[i]), int(places.end[i])
            stretches = genome.chromosomes[places.chromosome[i]].observed
            here = stretches[(stretches[:, 0] < end) & (stretches[:, 1] > start)]
            masks.setdefault(int(classes[i]), []).append(np.clip(here, start, end) - start)
        lost = genome.share_left_out
        return cls(lost if lost > LITTLE else 0.0, {number: tuple(found) for number, found in masks.items()})

    def laid_on(self, windows: Windows, number: int, random: np.random.Generator) -> Windows:
        """Return simulated windows as if seen like windows of a class of the genome.

        Sites are left out at random, at the genome's rate; of a class with gaps, each window takes the gaps
        of one of the genome's windows.
        """
        kept = random.random(len(windows.positions)) >= self.lost
        if masks := self.masks.get(number):
            chosen = random.integers(0, len(masks), len(windows))
            for window, mask in enumerate(chosen.tolist()):
                rows = slice(int(windows.offsets[window]), int(windows.offsets[window + 1]))
                stretch = np.searchsorted(masks[mask][:, 0], windows.positions[rows], side="right") - 1
                kept[rows] &= (stretch >= 0) & (windows.positions[rows] < masks[mask][stretch, 1])
        offsets = np.concatenate([[0], np.cumsum(kept)])[windows.offsets]
        return replace(
            windows, haplotypes=windows.haplotypes[kept], positions=windows.positions[kept], offsets=offsets
        )
