"""The windows of a scan as the page holds them: a few bytes a window, whole genomes in a few megabytes."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selbench.formats.genome_windows import Places
from selbench.scan.track import Track

NONE = 65535
"""Written for what is not known, where 16 bits are written."""

SCORE_STEPS = 65534
"""A score is written in steps of one over this, the middle of a step is less than 0.00001 away."""

P_STEPS = 1000
"""−log10 of a p is written in steps of one over this."""

OUTSIDE, CALLED, REASON_BIT = 1, 2, 2
"""Bits of a window's flags; from `REASON_BIT` on why it was skipped, 0 where it was not."""


def packed(tracks: Sequence[Track]) -> dict[str, Any]:
    """Return everything that the page draws, as JSON holds it.

    Chromosomes are those of all tracks, in their order; each with the stretch that windows cover.
    """
    stretches: dict[str, list[int]] = {}
    for track in tracks:
        places = track.result.places
        for index, chromosome in enumerate(track.result.genome.chromosomes):
            here = places.chromosome == index
            if here.any():
                start, end = int(places.start[here].min()), int(places.end[here].max())
                known = stretches.setdefault(chromosome.name, [start, end])
                stretches[chromosome.name] = [min(start, known[0]), max(end, known[1])]
    names = list(stretches)
    return {
        "chromosomes": [
            {"name": name, "start": start, "end": end} for name, (start, end) in stretches.items()
        ],
        "tracks": [_packed_track(track, names) for track in tracks],
    }


def _packed_track(track: Track, names: Sequence[str]) -> dict[str, Any]:
    result = track.result
    judgement = result.judgement
    yardstick = None if judgement is None else judgement.yardstick
    number_of = {name: number for number, name in enumerate(names)}
    numbers = [number_of.get(chromosome.name, -1) for chromosome in result.genome.chromosomes]
    reasons = list(dict.fromkeys(reason for reason in result.skipped if reason))
    return {
        "label": track.label,
        "positive": track.method.positive,
        "window_bp": result.places.window_bp,
        "runs": [[numbers[chromosome], *rest] for chromosome, *rest in runs(result.places)],
        "score": _text(_steps(result.probability.astype(np.float64), SCORE_STEPS)),
        "p": None if judgement is None else _text(_steps(-np.log10(judgement.p_sim), P_STEPS)),
        "flags": _text(_flags(track, reasons)),
        "reasons": reasons,
        "threshold": None if yardstick is None else yardstick.threshold,
        "fpr": None if yardstick is None else yardstick.fpr,
        "regions": [
            [number_of[region.chromosome], region.start, region.end, region.rank] for region in result.regions
        ],
    }


def runs(places: Places) -> list[tuple[int, int, int, int]]:
    """Return where windows lie as chromosome, first start, step and number of windows that step so.

    Examples
    --------
    >>> runs(Places(np.array([0, 0, 0, 1]), np.array([0, 10, 20, 5]), 10))
    [(0, 0, 10, 3), (1, 5, 0, 1)]
    """
    if not len(places):
        return []
    steps = np.diff(places.start)
    changes = places.chromosome[1:] != places.chromosome[:-1]
    breaks = changes.copy()
    breaks[1:] |= (steps[1:] != steps[:-1]) & ~changes[:-1]
    first = np.r_[0, np.flatnonzero(breaks) + 1]
    length = np.diff(np.r_[first, len(places)])
    return [
        (int(places.chromosome[at]), int(places.start[at]), int(steps[at]) if n > 1 else 0, int(n))
        for at, n in zip(first.tolist(), length.tolist(), strict=True)
    ]


def _flags(track: Track, reasons: Sequence[str]) -> NDArray[np.uint8]:
    result = track.result
    codes = {"": 0} | {reason: code for code, reason in enumerate(reasons[:62], 1)}
    flags = np.array([codes.get(reason, 63) << REASON_BIT for reason in result.skipped], dtype=np.uint8)
    flags |= OUTSIDE * np.array([bool(names) for names in result.outside], dtype=np.uint8)
    if result.judgement is not None:
        flags |= (CALLED * result.judgement.called).astype(np.uint8)
    return flags


def _steps(values: NDArray[np.float64], steps: int) -> NDArray[np.uint16]:
    known = ~np.isnan(values)
    written = np.full(len(values), NONE, dtype="<u2")
    written[known] = np.clip(np.rint(values[known] * steps), 0, NONE - 1).astype("<u2")
    return written


def _text(values: NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode()
