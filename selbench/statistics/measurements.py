"""What the formulas are made of, each measured once per batch and only when a formula asks."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from selbench.windows import Windows

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class SiteCounts(NamedTuple):
    """Sums over the segregating sites of each window, int64 (n_windows,); i counts derived alleles."""

    sites: Integers
    sum_i: Integers
    sum_i_squared: Integers
    singletons: Integers
    largest_i: Integers


class HaplotypeCounts(NamedTuple):
    """How the haplotypes of each window fall into identical groups, int64 (n_windows,)."""

    groups: Integers
    sum_of_squares: Integers
    largest: Integers
    second: Integers
    third: Integers


class Linkage(NamedTuple):
    """Pairwise linkage disequilibrium of each window, float64 (n_windows,)."""

    mean_r_squared: Floats
    omega: Floats
    omega_inner: Floats


class Mismatches(NamedTuple):
    """The distribution of differences between two haplotypes, float64 (n_windows,)."""

    raggedness: Floats
    variance: Floats
    skewness: Floats
    kurtosis: Floats


class Measurements:
    """Shared intermediate results of one batch of windows."""

    def __init__(self, windows: Windows) -> None:
        self.windows = windows
        self.n = windows.spec.n_haplotypes

    @cached_property
    def _counts(self) -> tuple[Integers, Integers]:
        from selbench.statistics.counts import count_sites_and_haplotypes

        haplotypes, _, offsets = for_kernels(self.windows)
        sites, groups = count_sites_and_haplotypes(haplotypes, offsets)
        return sites, groups

    @property
    def sites(self) -> SiteCounts:
        return SiteCounts(*self._counts[0].T)

    @property
    def haplotypes(self) -> HaplotypeCounts:
        return HaplotypeCounts(*self._counts[1].T)

    @cached_property
    def _segregating(self) -> Windows:
        """The windows without the sites that do not vary in the sample."""
        from selbench.statistics.counts import count_carriers

        windows = self.windows
        carriers = count_carriers(for_kernels(windows)[0])
        varies = (carriers > 0) & (carriers < self.n)
        if varies.all():
            return windows
        return replace(
            windows,
            haplotypes=windows.haplotypes[varies],
            positions=windows.positions[varies],
            offsets=np.append(0, np.cumsum(varies))[windows.offsets].astype(np.int64),
        )

    @cached_property
    def linkage(self) -> Linkage:
        from selbench.statistics.linkage import measure_linkage

        haplotypes, _, offsets = for_kernels(self._segregating)
        return Linkage(*measure_linkage(haplotypes, offsets))

    @cached_property
    def mismatches(self) -> Mismatches:
        from selbench.statistics.mismatch import measure_mismatches

        haplotypes, _, offsets = for_kernels(self._segregating)
        return Mismatches(*measure_mismatches(haplotypes, offsets).T)

    @cached_property
    def max_nsl(self) -> Floats:
        from selbench.statistics.homozygosity import largest_nsl

        haplotypes, _, offsets = for_kernels(self._segregating)
        return largest_nsl(haplotypes, offsets)

    @cached_property
    def max_ihs(self) -> Floats:
        from selbench.statistics.homozygosity import largest_ihs

        return largest_ihs(*for_kernels(self._segregating))

    @cached_property
    def a1(self) -> float:
        """Σ 1/i for i from 1 to n − 1."""
        return float(np.sum(1 / np.arange(1, self.n)))

    @cached_property
    def a2(self) -> float:
        """Σ 1/i² for i from 1 to n − 1."""
        return float(np.sum(1 / np.arange(1, self.n) ** 2))


def for_kernels(windows: Windows) -> tuple[NDArray[np.uint8], Floats, Integers]:
    """Return haplotypes, positions and offsets as arrays that cannot be written to.

    Arrays of windows can be where they were simulated and cannot where they were read from a file, and a
    kernel is compiled once more for either.
    """
    read_only = windows.haplotypes.view(), windows.positions.view(), windows.offsets.view()
    for array in read_only:
        array.flags.writeable = False
    return read_only
