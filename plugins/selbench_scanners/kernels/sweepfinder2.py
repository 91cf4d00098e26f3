"""SweepFinder2's composite likelihood ratio of a sweep (DeGiorgio et al. 2016), with its maps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from selbench import DataError
from selbench_scanners.kernels.bits import Floats, Wholes
from selbench_scanners.kernels.spectra import Mode, SiteCounts, class_probabilities, classes_of
from selbench_scanners.kernels.sweep_model import (
    FIRST_VALUES,
    DistanceTable,
    Evidence,
    after_sweep,
    scan_points,
)

_KNOTS = np.sort(np.concatenate([np.geomspace(1e-8, 12.0, 250), np.linspace(0.1, 3.0, 250)]))
_SHIFT = 1e-7  # added to every scaled distance, so that no probability is 0
_NEAREST = 0.01
_UNITS_PER_CM = 1e6
_B_LEVELS = 100


@dataclass(frozen=True, eq=False)
class BackgroundSelection:
    """A B map: how much linked purifying selection has lowered diversity at each site (Huber et al. 2016).

    Parameters
    ----------
    values : float64 (n_sites,)
        B, from 0 to 1.
    ancestral_size, current_size : float
        Diploid individuals before and after the split from the outgroup.
    divergence_generations : float
        Since that split.
    """

    values: Floats
    ancestral_size: float = 10_000.0
    current_size: float = 10_000.0
    divergence_generations: float = 200_000.0

    def spectra(self, spectrum: Floats, values: Floats) -> Floats:
        """Return the spectrum at some values of B, float64 (n_values, N + 1), each summing to 1.

        Varying classes go with B; substitutions, p_N, with
        (T + 2B·(N₁ − N₂(1 − 1/N)))/(T + 2·(N₁ − N₂(1 − 1/N))); monomorphic ones stay.
        """
        n = len(spectrum) - 1
        excess = 2 * (self.ancestral_size - self.current_size * (1 - 1 / n))
        time = self.divergence_generations
        scaled = np.tile(spectrum, (len(values), 1))
        scaled[:, 1:-1] *= values[:, None]
        scaled[:, -1] *= (time + values * excess) / (time + excess)
        scaled /= scaled.sum(axis=1, keepdims=True)
        return scaled


def likelihood_ratios(
    counts: SiteCounts,
    spectrum: Floats,
    points: Floats,
    *,
    mode: Mode,
    map_cm: Floats | None = None,
    background_selection: BackgroundSelection | None = None,
) -> dict[str, Floats]:
    """Return the composite likelihood ratio of a sweep at each point, and the α that maximises it.

    ln L(α) − ln L(no sweep), summed over the sites within αD < 12 of the point (Nielsen et al. 2005;
    the program prints it without the factor 2), where α ≈ r·ln(2N_e)/s per bp: a small α is a wide sweep.

    Parameters
    ----------
    counts : SiteCounts
    spectrum : float64 (N + 1,)
        Of the genome: share of sites by derived alleles of N. In mode 0 classes 0 and N are 0, in mode 1
        class 0 is.
    points : float64 (n_points,)
        Base pairs.
    mode : {0, 1, 2}
        See `SiteCounts.mode`.
    map_cm : float64 (n_sites,), optional
        Genetic position of each site, in cM; α is then per cM.
    background_selection : BackgroundSelection, optional
        Modes 1 and 2 alone: without substitutions B does not change a spectrum, and is not looked at.

    Returns
    -------
    columns : dict of str to float64 (n_points,)
        ``position``, ``value`` (the ratio), ``alpha``.

    Raises
    ------
    DataError
        If sites were sampled more often than the spectrum, or are of a class that it lacks.
    """
    if len(counts) == 0:
        return {
            "position": points,
            "value": np.full(len(points), np.nan),
            "alpha": np.full(len(points), np.nan),
        }
    if counts.n > len(spectrum) - 1:
        raise DataError(
            f"spectrum: expected one of at least {counts.n} alleles, as the sites have, "
            f"found {len(spectrum) - 1}"
        )
    classes, of_site = classes_of(counts)
    if background_selection is None or mode == 0:
        table = _interpolated(classes.tobytes(), spectrum.tobytes(), mode)
        background, rows_of_sites = class_probabilities(classes, spectrum)[of_site], of_site
    else:
        values, background, rows_of_sites = _tables_by_b(
            classes, of_site, spectrum, mode, background_selection
        )
        table = DistanceTable.cubic(_KNOTS, values)
    if (background <= 0).any():
        x, called, _ = classes[of_site[int(np.argmin(background))]].tolist()
        raise DataError(
            f"spectrum: found no site with {x} of {called} derived alleles, as a site here has; "
            "learn it from data that include these sites"
        )
    sites, places, unit = counts.positions, points, 1.0
    if map_cm is not None:
        sites, unit = map_cm * _UNITS_PER_CM, _UNITS_PER_CM
        places = np.interp(points, counts.positions, sites)
    evidence = Evidence(
        sites,
        rows_of_sites,
        1 / background,
        counts.weights,
        table.knots,
        table.inverse_widths,
        table.polynomials,
        _NEAREST,
    )
    ratios, strengths = scan_points(places, evidence, FIRST_VALUES)
    return {"position": points, "value": ratios, "alpha": strengths * unit}


def grid(counts: SiteCounts, *, n_points: int = 0, spacing_bp: float | None = None) -> Floats:
    """Return points from the first to the last site: so many, or as many as a spacing suggests.

    G = int((range + g/2)/g) points for a spacing of g, which then is range/(G − 1), not g.
    """
    if len(counts) == 0:
        return np.empty(0)
    first, last = float(counts.positions[0]), float(counts.positions[-1])
    if spacing_bp is not None:
        n_points = int((last - first + spacing_bp / 2) / spacing_bp)
    if n_points < 2:
        return np.array([first])
    return np.asarray(first + np.arange(n_points) * (last - first) / (n_points - 1))


@lru_cache(maxsize=4)
def _interpolated(classes: bytes, spectrum: bytes, mode: Mode) -> DistanceTable:
    """Return the table of classes; kept, for windows of one sample and background share theirs."""
    of_classes = np.frombuffer(classes, dtype=np.int64).reshape(-1, 3)
    return DistanceTable.cubic(_KNOTS, _table(of_classes, np.frombuffer(spectrum), mode))


def _table(classes: NDArray[np.int64], spectrum: Floats, mode: Mode) -> Floats:
    """Return the probabilities of classes at the knots, float64 (n_knots, n_classes)."""
    swept = after_sweep(spectrum, _KNOTS + _SHIFT)
    # 1 minus the classes that nobody sees, not the sum of the others: where a spectrum as
    # printed does not quite sum to 1, only this gives the program's values near the sweep
    hidden = (swept[:, 0] if mode < 2 else 0) + (swept[:, -1] if mode < 1 else 0)
    swept /= np.reshape(1 - hidden, (-1, 1))
    values: Floats = class_probabilities(classes, swept.T).T
    return values


def _tables_by_b(
    classes: NDArray[np.int64],
    of_site: Wholes,
    spectrum: Floats,
    mode: Mode,
    background_selection: BackgroundSelection,
) -> tuple[Floats, Floats, Wholes]:
    """Return a table of each class at each level of B that occurs, the sites' p by their own B, their rows.

    Levels are B rounded down to hundredths; p takes B itself, so that a ratio is not 0 far from a sweep.
    """
    b = background_selection.values
    if len(b) != len(of_site):
        raise DataError(f"B map: expected a value for each of {len(of_site)} sites, found {len(b)}")
    if not ((b >= 0) & (b <= 1)).all():
        raise DataError(f"B map: expected values from 0 to 1, found {b[~((b >= 0) & (b <= 1))][0]:g}")
    levels, level_of_site = np.unique(np.floor(b * _B_LEVELS), return_inverse=True)
    tables = [
        _table(classes, of_level, mode)
        for of_level in background_selection.spectra(spectrum, levels / _B_LEVELS)
    ]
    by_b = class_probabilities(classes, background_selection.spectra(spectrum, b).T)
    background = by_b[of_site, np.arange(len(of_site))]
    return np.concatenate(tables, axis=1), background, level_of_site.reshape(-1) * len(classes) + of_site
