"""SweeD's composite likelihood ratio (Pavlidis et al. 2013): SweepFinder's, on whole base pairs."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from selbench import DataError
from selbench_scanners.kernels.bits import Floats
from selbench_scanners.kernels.spectra import SiteCounts, class_probabilities, classes_of
from selbench_scanners.kernels.sweep_model import (
    FURTHEST,
    LATER_VALUES,
    DistanceTable,
    Evidence,
    after_sweep,
    scan_points,
)

_KNOTS = np.geomspace(1e-8, 12.0, 300)
_NEAREST_BP = 0.01


def whole_positions(positions: Floats, sequence_length: float) -> Floats:
    """Return the base pairs that the program makes of fractions of a sequence: single precision, cut off."""
    length = np.float32(sequence_length)
    whole: Floats = np.trunc((positions / sequence_length).astype(np.float32) * length).astype(np.float64)
    return whole


def grid(counts: SiteCounts, n_points: int) -> Floats:
    """Return points from the first to the last site, a step apart that is rounded to single precision."""
    if len(counts) == 0:
        return np.empty(0)
    first, last = counts.positions[0], counts.positions[-1]
    if n_points < 2:
        return np.array([first])
    points = first + np.arange(n_points) * float(np.float32((last - first) / (n_points - 1)))
    points[-1] = last
    return np.asarray(points)


@lru_cache(maxsize=4)
def _interpolated(classes: bytes, spectrum: bytes) -> DistanceTable:
    """Return the table of classes; kept, for windows of one sample and background share theirs."""
    shares, of_classes = np.frombuffer(spectrum), np.frombuffer(classes, dtype=np.int64).reshape(-1, 3)
    swept = after_sweep(shares, _KNOTS)
    swept /= swept[:, shares > 0].sum(axis=1, keepdims=True)
    return DistanceTable.linear(_KNOTS, class_probabilities(of_classes, swept.T).T)


def likelihood_ratios(counts: SiteCounts, spectrum: Floats, points: Floats) -> dict[str, Floats]:
    """Return the composite likelihood ratio of a sweep at each point, and the α that maximises it.

    As `sweepfinder2.likelihood_ratios`, with a table of 300 distances between which probabilities are
    interpolated by straight lines. A folded site counts both of its classes with and without a
    sweep; the program (4.0.0) averages the one and sums the other, so that its ratio falls to 0.

    Parameters
    ----------
    counts : SiteCounts
        At whole base pairs.
    spectrum : float64 (N + 1,)
        Classes that the data cannot have are 0.
    points : float64 (n_points,)
        Base pairs; a sweep is placed at their whole part.

    Returns
    -------
    columns : dict of str to float64 (n_points,)
        ``position``, ``value`` (the ratio), ``alpha``, ``start``, ``end`` (outermost sites within αD < 12).
    """
    if len(counts) == 0:
        nothing = np.full(len(points), np.nan)
        return dict.fromkeys(("value", "alpha", "start", "end"), nothing) | {"position": points}
    if counts.n > len(spectrum) - 1:
        raise DataError(
            f"spectrum: expected one of at least {counts.n} alleles, as the sites have, "
            f"found {len(spectrum) - 1}"
        )
    classes, of_site = classes_of(counts)
    background = class_probabilities(classes, spectrum)
    if (background[of_site] <= 0).any():
        x, called, _ = classes[of_site[int(np.argmin(background[of_site]))]].tolist()
        raise DataError(f"spectrum: found no site with {x} of {called} derived alleles, as a site here has")
    table = _interpolated(classes.tobytes(), spectrum.tobytes())
    places, sites = np.trunc(points.astype(np.float32)).astype(np.float64), counts.positions
    evidence = Evidence(
        sites,
        of_site,
        1 / background[of_site],
        counts.weights,
        table.knots,
        table.inverse_widths,
        table.polynomials,
        _NEAREST_BP,
    )
    ratios, strengths = scan_points(places, evidence, LATER_VALUES)
    reach = FURTHEST / strengths
    following = np.searchsorted(sites, places, side="right")  # a neighbour on either side always counts
    first = np.minimum(np.searchsorted(sites, places - reach, side="right"), np.maximum(following - 1, 0))
    last = np.maximum(np.searchsorted(sites, places + reach, side="left") - 1, following)
    return {
        "position": points,
        "value": ratios,
        "alpha": strengths,
        "start": sites[first],
        "end": sites[np.minimum(last, len(sites) - 1)],
    }
