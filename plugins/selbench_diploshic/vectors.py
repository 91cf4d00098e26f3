"""diploS/HIC's feature vectors: statistics in sub-windows, each relative to its sum along the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, DesignedFor, Encoder, FeatureSpec, Windows, WindowSpec
from selbench.statistics import compute
from selbench_diploshic.citations import DIPLOSHIC, SHIC

HAPLOID = (
    "pi", "thetaW", "tajD", "thetaH", "fayWuH", "maxFDA", "HapCount", "H1", "H12", "H2/H1",
    "ZnS", "Omega", "distVar", "distSkew", "distKurt",
)  # fmt: skip
DIPLOID = (
    "pi", "thetaW", "tajD", "distVar", "distSkew", "distKurt", "nDiplos", "H1", "H12", "H2/H1",
    "ZnS", "Omega",
)  # fmt: skip
"""The statistics of both forms, under the original's names and in its order."""

_SITES = ("nucleotide_diversity", "theta_w", "tajimas_d", "segregating_sites")
_HAPLOTYPES = ("distinct_haplotypes", "h1", "h12", "h2_h1")
_DIFFERENCES = (
    "pairwise_difference_variance",
    "pairwise_difference_skewness",
    "pairwise_difference_kurtosis",
)
_FEWEST_SITES = 3
"""Below this number of sites scikit-allel's Tajima's D, which the original calls, is undefined."""


@dataclass(frozen=True)
class DiploshicVectors(Encoder):
    """diploS/HIC's features: 15 statistics of haplotypes, or 12 of genotypes, along 11 sub-windows.

    Each statistic is made relative: its least value over the sub-windows is taken off if
    it is negative, and what remains divided by its sum; where the sum is 0 or a value
    undefined, every sub-window gets the same share. So the level is lost and the shape
    along the window is left. A sub-window without sites has one haplotype, H1 = H12 = 1
    and 0 for the rest; one with one or two sites makes Tajima's D undefined.

    Parameters
    ----------
    genotypes : {"haploid", "diploid"}
        ``haploid``: pi, thetaW, tajD, thetaH, fayWuH, maxFDA, HapCount, H1, H12, H2/H1,
        ZnS, Omega, distVar, distSkew, distKurt, of haplotypes; needs ancestral states.
        ``diploid``: pi, thetaW, tajD, distVar, distSkew, distKurt, nDiplos, H1, H12,
        H2/H1, ZnS, Omega, of neighbouring haplotypes taken as individuals without
        phase (an odd last one is left out); ZnS is the mean over the whole square of
        sites, zeros on its diagonal included, as the original has it.
    sub_windows : int
        Stretches of equal length in bp.
    relative : bool
        False leaves the statistics as they are, per base pair where the original's are;
        what is undefined is 0.
    positions : {"bp", "ms"}
        ``bp``: a site lies in the sub-window of its base pair. ``ms``: positions as the
        original reads those of ``ms``, from 1 on and each above the one before, so that
        a site on the first base pair of a sub-window falls into the one before.
    """

    name: ClassVar[str] = "diploshic"
    citations = (DIPLOSHIC, SHIC)
    designed_for = DesignedFor(sequence_lengths=(55_000, 1_100_000))  # a mosquito, and humans

    genotypes: Literal["haploid", "diploid"] = "haploid"
    sub_windows: int = 11
    relative: bool = True
    positions: Literal["bp", "ms"] = "bp"

    def __post_init__(self) -> None:
        if self.sub_windows < 2:
            raise DataError(f"sub_windows: expected at least 2, found {self.sub_windows}")

    @property
    def statistics(self) -> tuple[str, ...]:
        """The statistics by the original's names, in its order."""
        return HAPLOID if self.genotypes == "haploid" else DIPLOID

    @property
    def needs_phase(self) -> bool:
        """Whether the statistics are those of haplotypes."""
        return self.genotypes == "haploid"

    @property
    def needs_ancestral(self) -> bool:
        """Whether thetaH, fayWuH and maxFDA are among the statistics."""
        return self.genotypes == "haploid"

    def unsupported(self, windows: WindowSpec, polarisation: str) -> str | None:
        """Decline haplotypes without ancestral states, too few individuals, and too short windows."""
        if self.genotypes == "haploid" and polarisation != "ancestral":
            return (
                f"thetaH, fayWuH and maxFDA need ancestral states; these windows are polarised by "
                f"{polarisation}; take diploshic[genotypes=diploid]"
            )
        if self.genotypes == "diploid" and windows.n_haplotypes < 6:
            return f"needs at least 3 individuals, found {windows.n_haplotypes} haplotypes"
        if self.sub_windows > windows.sequence_length:
            return f"{windows.sequence_length} bp cannot be cut into {self.sub_windows} sub-windows"
        return None

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return float32 (n_statistics, sub_windows)."""
        shape = (len(self.statistics), self.sub_windows)
        return FeatureSpec(shape, "float32", ("statistic", "sub-window"))

    def encode(self, windows: Windows) -> NDArray[np.float32]:
        """Return the vectors as images, float32 (n_windows, n_statistics, sub_windows)."""
        parts = _cut(windows, self.sub_windows, self.positions == "ms")
        part_bp = windows.spec.sequence_length / self.sub_windows
        values = _haploid(parts, part_bp) if self.genotypes == "haploid" else _diploid(parts, part_bp)
        values = values.reshape(len(windows), self.sub_windows, len(self.statistics)).transpose(0, 2, 1)
        vectors = relative_shares(values) if self.relative else np.nan_to_num(values, nan=0.0)
        return np.ascontiguousarray(vectors, dtype=np.float32)


def relative_shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make values relative along the last axis; see `DiploshicVectors`. NaN marks what is undefined."""
    shifted = values - np.minimum(values.min(axis=-1, keepdims=True), 0)
    total = shifted.sum(axis=-1, keepdims=True)
    even = ~np.isfinite(total) | (total == 0)
    shares: NDArray[np.float64] = shifted / np.where(even, 1, total)
    return np.where(even, 1 / values.shape[-1], shares)


def _haploid(parts: Windows, part_bp: float) -> NDArray[np.float64]:
    """Return the statistics of haplotypes, float64 (n_parts, 15), NaN where undefined."""
    names = (
        *_SITES, "theta_h", "largest_derived_frequency", *_HAPLOTYPES,
        "kelly_zns", "kim_nielsen_omega_inner", *_DIFFERENCES,
    )  # fmt: skip
    value = dict(zip(names, compute(parts, names).T, strict=True))
    pi, theta_h = value["nucleotide_diversity"] / part_bp, value["theta_h"] / part_bp
    return np.column_stack(
        [
            pi,
            value["theta_w"] / part_bp,
            _tajimas_d(value["tajimas_d"], value["segregating_sites"], parts),
            theta_h,
            theta_h - pi,
            value["largest_derived_frequency"],
            *(value[name] for name in _HAPLOTYPES),
            value["kelly_zns"],
            value["kim_nielsen_omega_inner"],
            *_differences([value[name] for name in _DIFFERENCES], parts, part_bp),
        ]
    )


def _diploid(parts: Windows, part_bp: float) -> NDArray[np.float64]:
    """Return the statistics of genotypes, float64 (n_parts, 12), NaN where undefined."""
    from selbench_diploshic.genotypes import genotype_indicators, genotype_linkage

    n_haplotypes = parts.spec.n_haplotypes // 2 * 2
    spec = replace(parts.spec, n_haplotypes=n_haplotypes, ploidy=1)
    parts = replace(parts, spec=spec, haplotypes=parts.haplotypes[:, :n_haplotypes])
    individuals = replace(
        parts,
        phased=True,
        spec=replace(spec, n_haplotypes=n_haplotypes // 2),
        haplotypes=genotype_indicators(parts.haplotypes),
        positions=np.repeat(parts.positions, 3),
        offsets=3 * parts.offsets,
    )
    pi, theta_w, tajimas_d, n_segregating = compute(parts, _SITES).T
    variance, skewness, kurtosis, *groups = compute(individuals, (*_DIFFERENCES, *_HAPLOTYPES)).T
    zns, omega = genotype_linkage(parts.haplotypes, parts.offsets).T
    return np.column_stack(
        [
            pi / part_bp,
            theta_w / part_bp,
            _tajimas_d(tajimas_d, n_segregating, parts),
            *_differences([variance / 4, skewness, kurtosis], parts, part_bp),  # two rows for each dosage
            *groups,
            zns,
            omega,
        ]
    )


def _tajimas_d(
    values: NDArray[np.float64], n_segregating: NDArray[np.float64], parts: Windows
) -> NDArray[np.float64]:
    return np.where((parts.n_sites > 0) & (n_segregating < _FEWEST_SITES), np.nan, values)


def _differences(
    moments: Sequence[NDArray[np.float64]], parts: Windows, part_bp: float
) -> tuple[NDArray[np.float64], ...]:
    """Return the moments per base pair; shape is undefined where sites tell no pair from another."""
    variance, skewness, kurtosis = moments
    undefined = (variance == 0) & (parts.n_sites > 0)
    return (
        variance / part_bp**2,
        np.where(undefined, np.nan, skewness),
        np.where(undefined, np.nan, kurtosis),
    )


def _cut(windows: Windows, n_parts: int, as_ms: bool) -> Windows:
    """Cut every window into stretches of equal length; sites are sorted, so only offsets change."""
    from selbench_diploshic.genotypes import positions_from_one

    length, places = windows.spec.sequence_length, np.floor(windows.positions).astype(np.int64)
    if as_ms:
        places = positions_from_one(windows.positions, windows.offsets, length) - 1
    part = np.minimum(places * n_parts // length, n_parts - 1)
    owner = np.repeat(np.arange(len(windows)), windows.n_sites) * n_parts + part
    counts = np.bincount(owner, minlength=len(windows) * n_parts)
    offsets = np.append(0, np.cumsum(counts)).astype(np.int64)
    observed = np.repeat(windows.observed, n_parts)
    return replace(windows, offsets=offsets, labels=None, parameters={}, observed=observed)
