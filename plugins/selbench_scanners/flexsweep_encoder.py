"""Flex-sweep's image of a window: statistics × centres × sizes, against what neutral ones have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DesignedFor, Encoder, FeatureSpec, Stretch, Windows, WindowSpec
from selbench.plugin import Learned
from selbench_scanners.citations import FLEXSWEEP

Floats = NDArray[np.float64]

SITE_STATISTICS = (
    "dind", "hapdaf-o", "hapdaf-s", "sratio", "highfreq", "lowfreq", "ihs", "nsl", "isafe",
)  # fmt: skip
REGION_STATISTICS = ("haf", "h12")

PUBLISHED_BP = 1_200_000
_CENTRES = np.linspace(500_000, 700_000, 21)
_SIZES = np.array([50_000.0, 100_000.0, 200_000.0, 500_000.0, 1_000_000.0])
_N_BINS = 50
_ISAFE_SITES = 300


@dataclass(frozen=True)
class Flexsweep(Encoder):
    """Flex-sweep's features: 11 statistics in 5 windows around 21 centres (Lauterbur et al. 2023).

    Statistics of sites (DIND, hapDAF-o, hapDAF-s, Sratio, highfreq, lowfreq, iHS, nSL, iSAFE) become z-scores
    among the sites of the null class's training windows with the same derived frequency, in bins of 2 %, and
    are averaged over the sites within each window; HAF and H12 become z-scores among null windows at the same
    centre and size. Where there is nothing to average the value is 0. Columns: centres, within each the five
    sizes. iHS and nSL are selscan's here; below 301 sites iSAFE is SAFE.

    Parameters
    ----------
    grid : {"published", "scaled"}
        ``published``: centres from 500 to 700 kb every 10 kb, sizes 50, 100, 200, 500, 1000 kb, in windows of
        1.2 Mb. ``scaled`` is ours: the same shares of a window of any length.
    """

    name: ClassVar[str] = "flexsweep"
    citations = (FLEXSWEEP,)
    designed_for = DesignedFor(sequence_lengths=(PUBLISHED_BP,))

    grid: Literal["published", "scaled"] = "published"

    def unsupported(self, windows: WindowSpec, polarisation: str) -> str | None:
        """Decline windows without ancestral states, and lengths other than the published one."""
        if polarisation != "ancestral":
            return f"needs ancestral states; these windows are polarised by {polarisation}"
        if self.grid == "published" and windows.sequence_length != PUBLISHED_BP:
            return (
                f"the published grid is for windows of {PUBLISHED_BP:,} bp, found "
                f"{windows.sequence_length:,}; grid=scaled, which is ours, has the same shares of any length"
            )
        return None

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return the image: statistics × (centres × sizes)."""
        return FeatureSpec((11, len(_CENTRES) * len(_SIZES)), "float32", ("statistic", "position"))

    def learn(self, train: Windows, *, null: str) -> Learned:
        """Learn mean and deviation of site statistics by frequency, and of regions by cell."""
        neutral = train if train.labels is None else train.take(train.labels == null)
        sums = np.zeros((3, len(SITE_STATISTICS), _N_BINS))
        regions = np.full((len(neutral), len(REGION_STATISTICS), len(_CENTRES) * len(_SIZES)), np.nan)
        for i in range(len(neutral)):
            stretch = Stretch.of(neutral, i).varying()
            for row, (_, values, frequencies) in enumerate(_site_statistics(stretch)):
                bins = np.minimum((frequencies * _N_BINS).astype(np.int64), _N_BINS - 1)
                for power in range(3):
                    sums[power, row] += np.bincount(bins, values**power, minlength=_N_BINS)
            regions[i] = self._regions(stretch)
        count = np.maximum(sums[0], 1)
        means = sums[1] / count
        variances = (sums[2] - count * means**2) / np.maximum(count - 1, 1)
        deviations = np.where(sums[0] >= 2, np.sqrt(np.maximum(variances, 0)), 0)
        known = np.isfinite(regions)
        n_known = np.maximum(known.sum(axis=0), 1)
        region_means = np.where(known, regions, 0).sum(axis=0) / n_known
        squares = np.where(known, (regions - region_means) ** 2, 0).sum(axis=0)
        return {
            "site_means": means,
            "site_deviations": deviations,
            "region_means": region_means,
            "region_deviations": np.sqrt(squares / n_known),
        }

    def encode(self, windows: Windows) -> NDArray[np.float32]:
        """Encode by statistics as they are, which nothing was learned of."""
        return self.encode_with(windows, {})

    def encode_with(self, windows: Windows, learned: Learned) -> NDArray[np.float32]:
        """Return the images, float32 (n_windows, 11, 105)."""
        images = np.zeros((len(windows), 11, len(_CENTRES) * len(_SIZES)))
        for i in range(len(windows)):
            stretch = Stretch.of(windows, i).varying()
            for row, (positions, values, frequencies) in enumerate(_site_statistics(stretch)):
                if learned:
                    bins = np.minimum((frequencies * _N_BINS).astype(np.int64), _N_BINS - 1)
                    values = _standardised(
                        values, learned["site_means"][row, bins], learned["site_deviations"][row, bins]
                    )
                images[i, row] = self._means(positions, values, stretch.length_bp)
            regions = self._regions(stretch)
            if learned:
                regions = _standardised(regions, learned["region_means"], learned["region_deviations"])
            images[i, len(SITE_STATISTICS) :] = regions
        return np.nan_to_num(images, nan=0.0).astype(np.float32)

    def _cells(self, length_bp: float) -> Iterator[tuple[int, float, float]]:
        """Yield the number, centre and size of each cell."""
        scale = length_bp / PUBLISHED_BP if self.grid == "scaled" else 1.0
        for i, centre in enumerate(_CENTRES.tolist()):
            for j, size in enumerate(_SIZES.tolist()):
                yield i * len(_SIZES) + j, centre * scale, size * scale

    def _means(self, positions: Floats, values: Floats, length_bp: float) -> Floats:
        """Average the values of the sites within each cell, NaN where there is none."""
        known = np.isfinite(values)
        positions, sums = positions[known], np.concatenate([[0.0], np.cumsum(values[known])])
        means = np.full(len(_CENTRES) * len(_SIZES), np.nan)
        for cell, centre, size in self._cells(length_bp):
            first = np.searchsorted(positions, centre - size / 2, side="left")
            last = np.searchsorted(positions, centre + size / 2, side="right")
            if last > first:
                means[cell] = (sums[last] - sums[first]) / (last - first)
        return means

    def _regions(self, stretch: Stretch) -> Floats:
        """Return HAF and H12 of each cell, NaN where it has no site, float64 (2, n_cells)."""
        from selbench_scanners.kernels.flexsweep_regions import (
            high_allele_frequency_score,
            joined_h12,
            within,
        )

        values = np.full((len(REGION_STATISTICS), len(_CENTRES) * len(_SIZES)), np.nan)
        for cell, centre, size in self._cells(stretch.length_bp):
            inside = stretch.take(within(stretch.positions, centre, size))
            if inside.n_sites and inside.haplotypes is not None:
                values[0, cell] = high_allele_frequency_score(inside.haplotypes)
                values[1, cell] = joined_h12(inside.haplotypes, inside.positions, centre)
        return values


def _standardised(values: Floats, means: Floats, deviations: Floats) -> Floats:
    """Return z-scores, NaN where nothing varies."""
    scores: Floats = np.full(values.shape, np.nan)
    np.divide(values - means, deviations, out=scores, where=deviations > 0)
    return scores


def _site_statistics(stretch: Stretch) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Yield positions, values and derived frequencies of the sites that have each statistic."""
    from selbench_scanners.integrated_scores import Ihs, Nsl
    from selbench_scanners.kernels import safe
    from selbench_scanners.kernels.flexsweep_sites import site_statistics

    assert stretch.haplotypes is not None
    focal, values = site_statistics(stretch.haplotypes, stretch.positions)
    frequencies = stretch.derived[focal] / stretch.haplotypes.shape[1]
    for column in range(6):
        known = np.isfinite(values[:, column])
        yield stretch.positions[focal[known]], values[known, column], frequencies[known]
    for scanner in (Ihs(edges="keep"), Nsl(edges="keep")):
        profile = scanner.profile(stretch, {})
        yield profile.positions, profile.values, profile.parts["frequency"]
    scored = safe.isafe if stretch.n_sites > _ISAFE_SITES else safe.safe
    columns = scored(stretch.haplotypes, stretch.positions)
    yield columns["position"], columns["value"], columns["frequency"]
