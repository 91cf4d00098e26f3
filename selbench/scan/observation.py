"""How the windows of a scan were seen, for simulated ones to be seen alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from selbench.formats.genome import Genome
from selbench.formats.genome_windows import Places
from selbench.windows import WHOLE, Observation, SeenWindow, class_of

LITTLE = 0.02
"""Share of variable sites left out that is not worth laying on simulated windows."""

MOST_SEEN = 2000
"""Windows of a class that are looked at; of more, so many evenly spread."""


@dataclass(frozen=True, eq=False)
class GenomeSeen:
    """How a genome was seen.

    Parameters
    ----------
    lost : float
        Share of the sites that vary among the chosen individuals and were left out; 0 where it is little.
    by_class : mapping of int to tuple of SeenWindow
        By how much of them was observed (see `selbench.windows.class_of`), windows of the scan. The class of
        whole ones stands there only where sites were lost.
    """

    lost: float = 0.0
    by_class: Mapping[int, tuple[SeenWindow, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, genome: Genome, places: Places, observed: NDArray[np.float64]) -> GenomeSeen:
        """Look at the windows of a scan."""
        classes = class_of(observed)
        lost = genome.share_left_out if genome.share_left_out > LITTLE else 0.0
        found: dict[int, tuple[SeenWindow, ...]] = {}
        for number in range(WHOLE + 1 if lost else WHOLE):
            at = np.flatnonzero(classes == number)
            some = at[np.unique(np.linspace(0, len(at) - 1, MOST_SEEN).astype(np.int64))] if len(at) else at
            seen = [
                genome.chromosomes[places.chromosome[i]].seen(int(places.start[i]), int(places.end[i]))
                for i in some.tolist()
            ]
            seen = [each for each in seen if not len(each.lost) or not each.lost.all()]
            if not lost:
                seen = [replace(each, lost=np.zeros_like(each.lost)) for each in seen]
            if seen:
                found[number] = tuple(seen)
        return cls(lost, found)

    def of_class(self, number: int, as_trained: Observation) -> Observation:
        """Return what is laid on simulated windows of a class, beside what a method was trained to expect."""
        return replace(as_trained, seen=self.by_class.get(number, ()))

    def along(self, window_bp: int, length_bp: int, as_trained: Observation) -> Observation:
        """Return what is laid on stretches longer than a window: whole windows, end to end."""
        whole = self.by_class.get(WHOLE, ())
        n_joined = -(-length_bp // window_bp)
        joined = (
            _joined([whole[(i + k) % len(whole)] for k in range(n_joined)], window_bp, length_bp)
            for i in range(len(whole))
        )
        return replace(as_trained, seen=tuple(joined))


def _joined(windows: list[SeenWindow], window_bp: int, length_bp: int) -> SeenWindow:
    """Put windows end to end, and cut the last."""
    starts = [number * window_bp for number in range(len(windows))]
    observed = np.concatenate([each.observed + start for each, start in zip(windows, starts, strict=True)])
    return SeenWindow(
        np.minimum(observed, length_bp),
        np.concatenate([each.lost for each in windows]),
    )
