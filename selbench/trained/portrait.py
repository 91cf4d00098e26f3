"""What windows look like on average: variation, spectrum and decay of linkage, window by window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from selbench.windows import Windows

Floats = NDArray[np.float64]

MOST_DRAWN = 1000
"""Windows that a portrait looks at; of more, so many evenly spread."""

_PAIRED_SITES = 100
"""Sites of a window whose pairs tell its linkage; of more, so many evenly spread."""

_COMMON = 0.1
"""Least frequency of the rarer allele at those sites: r² of rare ones hangs on the sample size."""

_DISTANCES = (0.0, 1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Bounds of the classes of distance between two sites, as shares of the window."""


@dataclass(frozen=True)
class Portrait:
    """Mean and spread over windows of what neutral history shapes.

    Parameters
    ----------
    n_windows : int
    measures : mapping of str to (float, float)
        Mean and standard deviation over windows: ``segregating_sites`` and ``nucleotide_diversity`` (per
        window), ``minor_1``, ``minor_2-3``, ``minor_4-7`` … (share of the sites whose rarer allele has so
        many copies) and ``r2_0-6%`` … (r² of sites so far apart, in shares of the window).
    """

    n_windows: int
    measures: Mapping[str, tuple[float, float]]

    @classmethod
    def of(cls, windows: Windows) -> Portrait:
        """Look at windows.

        A window of which a share was observed counts as if all had been. Sites with missing calls tell
        nothing of the spectrum or of linkage; linkage is left out where phase is unknown.
        """
        looked_at = windows.take(np.unique(np.linspace(0, len(windows) - 1, MOST_DRAWN).astype(np.int64)))
        columns: dict[str, list[float]] = {}
        for number, (haplotypes, positions) in enumerate(looked_at):
            share = 1.0 if looked_at.observed is None else float(looked_at.observed[number])
            measured = _variation(haplotypes, share) | _spectrum(haplotypes)
            if looked_at.phased:
                measured |= _linkage(haplotypes, positions / looked_at.spec.sequence_length)
            for name, value in measured.items():
                columns.setdefault(name, []).append(value)
        return cls(len(looked_at), {name: _summary(values) for name, values in columns.items()})


def _summary(values: list[float]) -> tuple[float, float]:
    known = np.array(values)[~np.isnan(values)]
    return (float(known.mean()), float(known.std())) if len(known) else (0.0, 0.0)


def _counts(haplotypes: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many haplotypes carry a 1, and how many have a call, int64 (n_sites,) each."""
    return (haplotypes == 1).sum(axis=1), (haplotypes <= 1).sum(axis=1)


def _variation(haplotypes: NDArray[np.uint8], observed: float) -> dict[str, float]:
    carriers, called = _counts(haplotypes)
    varies = (carriers > 0) & (carriers < called)
    i, n = carriers[varies], called[varies]
    share = observed or np.nan
    return {
        "segregating_sites": varies.sum() / share,
        "nucleotide_diversity": (2 * i * (n - i) / (n * (n - 1))).sum() / share,
    }


def _spectrum(haplotypes: NDArray[np.uint8]) -> dict[str, float]:
    """Return which share of the sites has 1, 2–3, 4–7 … copies of its rarer allele."""
    n = haplotypes.shape[1]
    carriers, called = _counts(haplotypes)
    minor = np.minimum(carriers, n - carriers)[called == n]
    minor = minor[minor > 0]
    classes = int(np.log2(max(n // 2, 1))) + 1
    counts = np.bincount(np.log2(minor).astype(np.int64), minlength=classes) if len(minor) else None
    names = ["minor_1", *(f"minor_{2**k}-{min(2 ** (k + 1) - 1, n // 2)}" for k in range(1, classes))]
    shares = np.full(classes, np.nan) if counts is None else counts / len(minor)
    return dict(zip(names, shares.tolist(), strict=True))


def _linkage(haplotypes: NDArray[np.uint8], positions: Floats) -> dict[str, float]:
    """Return mean r² of pairs of common sites by their distance (Hill and Robertson 1968)."""
    n = haplotypes.shape[1]
    carriers, called = _counts(haplotypes)
    usable = np.flatnonzero((called == n) & (np.minimum(carriers, n - carriers) >= max(2, _COMMON * n)))
    if len(usable) > _PAIRED_SITES:
        usable = usable[np.linspace(0, len(usable) - 1, _PAIRED_SITES).astype(np.int64)]
    frequency = carriers[usable, np.newaxis] / n
    scaled = (haplotypes[usable] - frequency) / np.sqrt(frequency * (1 - frequency))
    first, second = np.triu_indices(len(usable), 1)
    r_squared = ((scaled @ scaled.T) / n)[first, second] ** 2
    distance = positions[usable][second] - positions[usable][first]
    found = {}
    for low, high in pairwise(_DISTANCES):
        here = r_squared[(distance >= low) & (distance < high)]
        found[f"r2_{low:.0%}-{high:.0%}"] = float(here.mean()) if len(here) else np.nan
    return found
