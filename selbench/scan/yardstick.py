"""How unusual is a score? Against windows simulated without selection, and against chance over a genome."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.formats.genome_windows import Places
from selbench.windows import WHOLE, class_of

Floats = NDArray[np.float64]

MEANING = (
    "p_sim is the share of windows simulated without selection that score as high; "
    "not the probability of neutrality"
)
FALSE_POSITIVE_RATE = 0.01
"""Unless said otherwise."""

Q_LEVEL = 0.05
"""What q has to be able to reach before it is given."""


@dataclass(frozen=True, eq=False)
class Yardstick:
    """Scores of windows without selection, and the rate at which such windows may be called.

    Parameters
    ----------
    null : float64 (n_null,)
        Rising; of windows observed from end to end, or nearly.
    fpr : float
        A window is called where its `p_sim` is this or less.
    n_drawn : int
        How many of them were drawn for this scan; the others are the run's threshold windows.
    peaks : float64 (n_regions,), optional
        Highest score of every run of called windows in stretches without selection; rising.
    n_in_stretches : int
        Windows of those stretches.
    partly : mapping of int to float64 (n_null,), rising
        Null scores for windows observed in part, by class (see `selbench.windows.class_of`).
    """

    null: Floats
    fpr: float = FALSE_POSITIVE_RATE
    n_drawn: int = 0
    peaks: Floats | None = None
    n_in_stretches: int = 0
    partly: Mapping[int, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.fpr < 1:
            raise DataError(f"fpr: expected a rate above 0 and below 1, found {self.fpr:g}")

    @property
    def threshold(self) -> float | None:
        """The score above which a window is called; None where there are too few null windows."""
        return threshold_at(self.null, self.fpr)

    def p_sim(self, scores: NDArray[np.floating], classes: NDArray[np.int64] | None = None) -> Floats:
        """Return (1 + null scores ≥ x) / (m + 1) of every score, NaN of NaN (Davison and Hinkley 1997, §4.2).

        Parameters
        ----------
        scores : float (n_windows,)
        classes : int64 (n_windows,), optional
            By how much of each window was observed; a class without null scores has no p.

        Examples
        --------
        >>> Yardstick(np.array([0.1, 0.2, 0.9])).p_sim(np.array([0.95, 0.2])).tolist()
        [0.25, 0.75]
        """
        p = np.full(len(scores), np.nan)
        for number, null in {WHOLE: self.null, **self.partly}.items():
            here = ~np.isnan(scores) if classes is None else ~np.isnan(scores) & (classes == number)
            as_high = len(null) - np.searchsorted(null, scores[here], side="left")
            p[here] = (1 + as_high) / (len(null) + 1) if len(null) else np.nan
            if classes is None:
                break
        return p

    def regions_as_high(self, score: float, n_asked: int) -> float:
        """Return how many regions with a peak as high neutral stretches of so many windows hold on average.

        NaN where no stretches were drawn. Runs that the end of a stretch cuts count in full: rather too many.
        """
        if self.peaks is None or not self.n_in_stretches:
            return math.nan
        as_high = len(self.peaks) - int(np.searchsorted(self.peaks, score, side="left"))
        return as_high / self.n_in_stretches * n_asked


def threshold_at(null: Floats, fpr: float) -> float | None:
    """Return the score above which ``p_sim ≤ fpr``, from rising null scores; None where they are too few.

    Examples
    --------
    >>> threshold_at(np.arange(99) / 100, 0.05)
    0.94
    >>> threshold_at(np.arange(10) / 100, 0.05) is None
    True
    """
    n_above = int(fpr * (len(null) + 1) + 1e-9)
    return float(null[-n_above]) if n_above else None


@dataclass(frozen=True, eq=False)
class Judgement:
    """What a yardstick says of the windows of a scan.

    Parameters
    ----------
    yardstick : Yardstick
    p_sim : float64 (n_windows,)
        NaN where a window was skipped, or where no null window was observed as little.
    rank : int64 (n_windows,)
        1 for the highest score, equal ones alike; 0 where skipped.
    called : bool (n_windows,)
    apart : bool (n_windows,)
        Windows that have a `p_sim` and share no base pair with another of them.
    q : float64 (n_windows,)
        Of those, where it may be given; NaN elsewhere.
    why_no_q : str
        "" where it is given.
    """

    yardstick: Yardstick
    p_sim: Floats
    rank: NDArray[np.int64]
    called: NDArray[np.bool_]
    apart: NDArray[np.bool_]
    q: Floats
    why_no_q: str


def judge(
    yardstick: Yardstick,
    places: Places,
    scores: NDArray[np.floating],
    *,
    step_bp: int,
    observed: Floats | None = None,
    misfits: tuple[str, ...] = (),
) -> Judgement:
    """Hold the scores of a scan against a yardstick.

    Parameters
    ----------
    scores : float (n_windows,)
        NaN where a window was skipped.
    observed : float64 (n_windows,), optional
        Share of each window that was observed; all of it by default.
    misfits : tuple of str
        Where the null is known not to fit the genome: no q is given.
    """
    p = yardstick.p_sim(scores, None if observed is None else class_of(observed))
    apart = windows_apart(places, step_bp) & ~np.isnan(p)
    called = p <= yardstick.fpr * (1 + 1e-9)
    why_no_q = _why_no_q(yardstick, int(apart.sum()), int((called & apart).sum()), misfits)
    q = np.full(len(scores), np.nan)
    if not why_no_q:
        q[apart] = q_values(p[apart])
    return Judgement(yardstick, p, _ranks(scores, ~np.isnan(scores)), called, apart, q, why_no_q)


def windows_apart(places: Places, step_bp: int) -> NDArray[np.bool_]:
    """Choose windows that share no base pair, from the first of every chromosome on: bool (n_windows,)."""
    stride = stride_of(places.window_bp, step_bp)
    first = np.r_[True, places.chromosome[1:] != places.chromosome[:-1]]
    begins = places.start[first][np.cumsum(first) - 1]
    chosen: NDArray[np.bool_] = (places.start - begins) % stride == 0
    return chosen


def stride_of(window_bp: int, step_bp: int) -> int:
    """Return the distance between windows that share no base pair, in whole steps.

    Examples
    --------
    >>> stride_of(100, 30)
    120
    """
    return -(-window_bp // step_bp) * step_bp


def q_values(p: Floats) -> Floats:
    """Return the least false-discovery rate at which each would be called (Benjamini and Hochberg 1995).

    Examples
    --------
    >>> q_values(np.array([0.01, 0.04, 0.03, 0.5])).round(3).tolist()
    [0.04, 0.053, 0.053, 0.5]
    """
    order = np.argsort(p)[::-1]
    q = np.empty(len(p))
    q[order] = np.minimum.accumulate(p[order] * len(p) / np.arange(len(p), 0, -1))
    return np.minimum(q, 1.0)


def needed_null_windows(n_windows: int, n_called: int) -> int:
    """Return the least m for q ≤ 0.05 of `n_called` among `n_windows`: 1/(m+1) ≤ 0.05 · called/windows."""
    return math.ceil(n_windows / (Q_LEVEL * max(1, n_called)) - 1e-9) - 1


def _why_no_q(yardstick: Yardstick, n_windows: int, n_called: int, misfits: tuple[str, ...]) -> str:
    m = len(yardstick.null)
    if misfits:
        return f"the simulated windows do not fit this genome: {'; '.join(misfits)}"
    if not n_windows:
        return "no window was asked about"
    needed = needed_null_windows(n_windows, n_called)
    calls = "one call" if n_called < 2 else f"{n_called:,} calls"
    if m < needed:
        return (
            f"needs m ≥ {needed:,} null windows for {calls} among {n_windows:,} windows "
            f"that do not overlap; there are {m:,}"
        )
    return ""


def _ranks(scores: NDArray[np.floating], is_asked: NDArray[np.bool_]) -> NDArray[np.int64]:
    ranks = np.zeros(len(scores), dtype=np.int64)
    asked = scores[is_asked]
    ranks[is_asked] = 1 + len(asked) - np.searchsorted(np.sort(asked), asked, side="right")
    return ranks
