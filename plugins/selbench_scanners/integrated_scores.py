"""selscan's iHS and nSL as scanners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, Profile, Scanner, Stretch
from selbench.plugin import Learned
from selbench_scanners.citations import FERRER_ADMETLLA, SELSCAN, VOIGHT

_EDGES_DROPPED_FROM_BP = 1_000_000
_EXTREME = 2.0


@dataclass(frozen=True)
class _Integrated(Scanner):
    """What iHS and nSL share."""

    needs_ancestral: ClassVar[bool] = True
    by_sites: ClassVar[bool]

    edges: Literal["auto", "drop", "keep"] = "auto"
    bins: int | None = None
    min_frequency: float = 0.05

    def __post_init__(self) -> None:
        if self.bins is not None and self.bins < 1:
            raise DataError(f"bins: expected at least 1, found {self.bins}")
        if not 0 <= self.min_frequency < 0.5:
            raise DataError(f"min_frequency: expected 0 to below 0.5, found {self.min_frequency}")

    def background(self, stretches: Sequence[Stretch]) -> Learned:
        """Learn mean and deviation of the score by frequency, and over all sites."""
        from selbench_scanners.kernels.frequency_bins import FrequencyBins

        columns = [self._scores(stretch) for stretch in stretches]
        scores = np.concatenate([np.empty(0), *(each["value"] for each in columns)])
        frequencies = np.concatenate([np.empty(0), *(each["frequency"] for each in columns)])
        overall = [scores.mean(), scores.std()] if len(scores) else [np.nan, np.nan]
        learned = {"overall": np.array(overall)}
        if self.bins is not None:
            bins = FrequencyBins.of(scores, frequencies, self.bins)
            learned |= {"means": bins.means, "deviations": bins.deviations}
        return learned

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return the score of every common site, or with `bins` its z-score, undefined in scarce bins."""
        from selbench_scanners.kernels.frequency_bins import FrequencyBins

        columns = self._scores(stretch)
        if self.bins is not None:
            learned = background or self.background([stretch])
            bins = FrequencyBins(learned["means"], learned["deviations"])
            columns["score"] = columns["value"]
            columns["value"] = bins.z_scores(columns["value"], columns["frequency"])
        return Profile(columns.pop("position"), columns.pop("value"), columns)

    def score(self, profile: Profile, background: Learned) -> float | None:
        """Return the share of scored sites beyond 2 standard deviations of the background."""
        values = profile.values[profile.is_defined]
        if len(values) == 0:
            return None
        if self.bins is None:
            mean, deviation = background["overall"] if background else (values.mean(), values.std())
            if not deviation > 0:
                return None
            values = (values - mean) / deviation
        return float(np.mean(np.abs(values) >= _EXTREME))

    def _scores(self, stretch: Stretch) -> dict[str, NDArray[np.float64]]:
        from selbench_scanners.kernels.extended_homozygosity import common_sites, integrated

        sites = stretch.varying()
        assert sites.haplotypes is not None
        common = sites.take(
            common_sites(sites.derived, sites.haplotypes.shape[1], min_frequency=self.min_frequency)
        )
        assert common.haplotypes is not None
        keep = self.edges == "keep"
        if self.edges == "auto":
            keep = stretch.length_bp < _EDGES_DROPPED_FROM_BP
        return integrated(
            common.haplotypes,
            common.positions,
            map_cm=common.map_cm,
            by_sites=self.by_sites,
            keep_edges=keep,
        )


@dataclass(frozen=True)
class Ihs(_Integrated):
    """iHS: do derived carriers stay alike over a longer distance than others? (Voight et al. 2006; selscan)

    Parameters
    ----------
    edges : {"auto", "drop", "keep"}
        Whether a site counts where a haplotype reaches the end of the sequence: dropped from 1 Mb on, kept
        in anything shorter, or as said.
    bins : int, optional
        Bins of frequency within which scores become z-scores; by default they stay log₁₀ ratios.
    min_frequency : float
        Sites whose rarer allele is less frequent are taken out first.
    """

    name: ClassVar[str] = "ihs"
    takes: ClassVar[frozenset[str]] = frozenset({"map_cm"})
    by_sites: ClassVar[bool] = False
    citations = (VOIGHT, SELSCAN)


@dataclass(frozen=True)
class Nsl(_Integrated):
    """nSL: iHS counted in sites instead of genetic distance (Ferrer-Admetlla et al. 2014; selscan)

    As in the program long gaps weigh less and homozygosity is summed down to 0.05, up to 100 sites away.

    Parameters
    ----------
    edges : {"auto", "drop", "keep"}
        Whether a site counts where a haplotype reaches the end of the sequence: dropped from 1 Mb on, kept
        in anything shorter, or as said.
    bins : int, optional
        Bins of frequency within which scores become z-scores; by default they stay log₁₀ ratios.
    min_frequency : float
        Sites whose rarer allele is less frequent are taken out first.
    """

    name: ClassVar[str] = "nsl"
    by_sites: ClassVar[bool] = True
    citations = (FERRER_ADMETLLA, SELSCAN)
