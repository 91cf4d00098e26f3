"""Named summary statistics of a window, whole or in sub-windows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench import Citation, DataError, Encoder, FeatureSpec, Windows, WindowSpec
from selbench.statistics import STATISTICS, check_names, compute, statistic_named
from selbench_statistics.citations import DEPAULIS, GARUD, KERN_SCHRIDER, TAJIMA_1983, TAJIMA_1989, WATTERSON

DEFAULT_NAMES = (
    "segregating_sites",
    "nucleotide_diversity",
    "tajimas_d",
    "distinct_haplotypes",
    "haplotype_diversity",
    "h12",
    "h2_h1",
)
"""Fast to compute, and the same whichever allele is called 1."""


def _described() -> dict[str, str]:
    """Return what each statistic is and is worth where it is undefined, such as without sites, by name."""
    return {
        name: f"{statistic.summary} ({statistic.undefined_value:g} where undefined"
        f"{', needs ancestral states' if statistic.needs_ancestral else ''})"
        for name, statistic in STATISTICS.items()
    }


@dataclass(frozen=True)
class SummaryStatistics(Encoder):
    """Summary statistics, any subset, of the whole window or of sub-windows.

    Parameters
    ----------
    names : tuple of str
        Statistics, by their names in `selbench.statistics.known_statistics`: the shipped
        ones, whose formulas stand in docs/statistics.md, and those of installed plugins.
    sub_windows : int
        Into how many stretches of equal length (in bp) a window is cut; each gives
        every statistic, of the sites within it.
    """

    name: ClassVar[str] = "statistics"
    citations: ClassVar[tuple[Citation, ...]] = (WATTERSON, TAJIMA_1983, TAJIMA_1989, DEPAULIS, GARUD)

    names: tuple[str, ...] = field(default=DEFAULT_NAMES, metadata={"choices": _described()})
    sub_windows: int = 1

    def __post_init__(self) -> None:
        check_names(self.names)
        if not self.names:
            raise DataError("names: expected at least one statistic, found none")
        if len(set(self.names)) < len(self.names):
            raise DataError(f"names: expected each statistic once, found {', '.join(self.names)}")
        if self.sub_windows < 1:
            raise DataError(f"sub_windows: expected at least 1, found {self.sub_windows}")

    @property
    def needs_ancestral(self) -> bool:
        """Whether any of the statistics does."""
        return any(statistic_named(name).needs_ancestral for name in self.names)

    @property
    def needs_phase(self) -> bool:
        """Whether any of the statistics does."""
        return any(statistic_named(name).needs_phase for name in self.names)

    def unsupported(self, windows: WindowSpec, polarisation: str) -> str | None:
        """Decline sub-windows without a base pair, and derived alleles where nobody knows which those are."""
        if self.sub_windows > windows.sequence_length:
            return f"{windows.sequence_length} bp cannot be cut into {self.sub_windows} sub-windows"
        needing = [name for name in self.names if statistic_named(name).needs_ancestral]
        if needing and polarisation != "ancestral":
            return (
                f"{', '.join(needing)} need ancestral states; these windows are polarised by {polarisation}"
            )
        return None

    def statistics_used(self) -> tuple[str, ...]:
        """Name its statistics."""
        return self.names

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return one float64 per statistic; with sub-windows, all statistics of the first one first."""
        names = self.names
        if self.sub_windows > 1:
            parts = range(1, self.sub_windows + 1)
            names = tuple(f"{name}@{part}/{self.sub_windows}" for part in parts for name in self.names)
        return FeatureSpec((len(names),), "float64", ("statistic",), names)

    def encode(self, windows: Windows) -> NDArray[np.float64]:
        """Compute the statistics, float64 (n_windows, n_features)."""
        parts = _cut(windows, self.sub_windows) if self.sub_windows > 1 else windows
        return compute(parts, self.names).reshape(len(windows), self.sub_windows * len(self.names))


SHAPE_NAMES = (
    "nucleotide_diversity",
    "theta_w",
    "tajimas_d",
    "theta_h",
    "fay_wu_h",
    "distinct_haplotypes",
    "h1",
    "h12",
    "h2_h1",
    "kelly_zns",
    "kim_nielsen_omega",
)
"""What diploS/HIC and Flex-sweep have in common."""


@dataclass(frozen=True)
class SubWindowStatistics(SummaryStatistics):
    """Eleven statistics in each of eleven sub-windows: what a sweep does along a long window.

    `SummaryStatistics` with other defaults: the statistics that diploS/HIC (Kern and
    Schrider 2018) and Flex-sweep (Lauterbur et al. 2023) share, in the eleven sub-windows
    of the former, but with their level kept. A sweep is a valley whose sides are seen; the
    mean over a long window fills it up.
    """

    name: ClassVar[str] = "sub-window-statistics"
    citations = (*SummaryStatistics.citations, KERN_SCHRIDER)

    names: tuple[str, ...] = field(default=SHAPE_NAMES, metadata={"choices": _described()})
    sub_windows: int = 11


def _cut(windows: Windows, n_parts: int) -> Windows:
    """Cut every window into stretches of equal length; sites are sorted, so only offsets change."""
    from selbench_statistics.sub_windows import sub_window_offsets

    offsets = sub_window_offsets(windows.positions, windows.offsets, n_parts, windows.spec.sequence_length)
    return replace(
        windows, offsets=offsets, labels=None, parameters={}, observed=np.repeat(windows.observed, n_parts)
    )
