"""The baselines among the thresholds on one statistic; every other statistic has its threshold by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from selbench.plugin import ThresholdModel
from selbench_statistics.citations import DEPAULIS, GARUD, TAJIMA_1983, TAJIMA_1989, WATTERSON


@dataclass(frozen=True)
class SegregatingSites(ThresholdModel):
    """Threshold on the number of segregating sites: the baseline that everything must beat."""

    name: ClassVar[str] = "segregating-sites"
    statistic: ClassVar[str] = "segregating_sites"
    default_encoder: ClassVar[str] = "statistics[names=segregating_sites]"
    is_baseline: ClassVar[bool] = True
    citations = (WATTERSON,)


@dataclass(frozen=True)
class NucleotideDiversity(ThresholdModel):
    """Threshold on nucleotide diversity."""

    name: ClassVar[str] = "nucleotide-diversity"
    statistic: ClassVar[str] = "nucleotide_diversity"
    default_encoder: ClassVar[str] = "statistics[names=nucleotide_diversity]"
    is_baseline: ClassVar[bool] = True
    citations = (TAJIMA_1983,)


@dataclass(frozen=True)
class DistinctHaplotypes(ThresholdModel):
    """Threshold on the number of distinct haplotypes."""

    name: ClassVar[str] = "distinct-haplotypes"
    statistic: ClassVar[str] = "distinct_haplotypes"
    default_encoder: ClassVar[str] = "statistics[names=distinct_haplotypes]"
    is_baseline: ClassVar[bool] = True
    citations = (DEPAULIS,)


@dataclass(frozen=True)
class TajimasD(ThresholdModel):
    """Threshold on Tajima's D."""

    name: ClassVar[str] = "tajimas-d"
    statistic: ClassVar[str] = "tajimas_d"
    default_encoder: ClassVar[str] = "statistics[names=tajimas_d]"
    citations = (TAJIMA_1989,)


@dataclass(frozen=True)
class H12(ThresholdModel):
    """Threshold on H12, haplotype homozygosity with the two commonest haplotypes as one."""

    name: ClassVar[str] = "h12"
    statistic: ClassVar[str] = "h12"
    default_encoder: ClassVar[str] = "statistics[names=h12]"
    citations = (GARUD,)
