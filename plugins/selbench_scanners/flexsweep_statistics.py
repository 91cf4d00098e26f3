"""Flex-sweep's statistics of sites and of regions as scanners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from selbench import Profile, Scanner, Stretch
from selbench.plugin import Learned, expect_above_zero
from selbench_scanners.citations import BARREIRO, FLEXSWEEP


@dataclass(frozen=True)
class _OfSites(Scanner):
    """A statistic of focal sites with a derived frequency of 0.25 to 0.95 and the sites around them."""

    needs_ancestral: ClassVar[bool] = True
    pools: ClassVar[bool] = False
    column: ClassVar[int]

    window_bp: float = 50_000.0

    def __post_init__(self) -> None:
        expect_above_zero(window_bp=self.window_bp)

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return the statistic of every focal site that has one, and its derived frequency."""
        from selbench_scanners.kernels.flexsweep_sites import site_statistics

        sites = stretch.varying()
        assert sites.haplotypes is not None
        focal, values = site_statistics(sites.haplotypes, sites.positions, window_bp=self.window_bp)
        known = np.isfinite(values[:, self.column])
        focal = focal[known]
        frequency = sites.derived[focal] / sites.haplotypes.shape[1]
        return Profile(sites.positions[focal], values[known, self.column], {"frequency": frequency})


@dataclass(frozen=True)
class Dind(_OfSites):
    """DIND: diversity around a site among ancestral over that among derived carriers (Barreiro et al. 2009)

    Parameters
    ----------
    window_bp : float
        Sites at most half of it away count.
    """

    name: ClassVar[str] = "dind"
    column: ClassVar[int] = 0
    citations = (BARREIRO, FLEXSWEEP)


@dataclass(frozen=True)
class HapdafO(_OfSites):
    """hapDAF-o: sites frequent among derived carriers and rare among others (Lauterbur et al. 2023)

    Parameters
    ----------
    window_bp : float
        Sites at most half of it away count.
    """

    name: ClassVar[str] = "hapdaf-o"
    column: ClassVar[int] = 1
    citations = (FLEXSWEEP,)


@dataclass(frozen=True)
class HapdafS(_OfSites):
    """hapDAF-s: as hapDAF-o with stricter bounds, for standing variation (Lauterbur et al. 2023)

    Parameters
    ----------
    window_bp : float
        Sites at most half of it away count.
    """

    name: ClassVar[str] = "hapdaf-s"
    column: ClassVar[int] = 2
    citations = (FLEXSWEEP,)


@dataclass(frozen=True)
class Sratio(_OfSites):
    """Sratio: sites that vary among ancestral over those among derived carriers (Lauterbur et al. 2023)

    Parameters
    ----------
    window_bp : float
        Sites at most half of it away count.
    """

    name: ClassVar[str] = "sratio"
    column: ClassVar[int] = 3
    citations = (FLEXSWEEP,)


@dataclass(frozen=True)
class Highfreq(_OfSites):
    """highfreq: how frequent the frequent alleles among derived carriers are (Lauterbur et al. 2023)

    Parameters
    ----------
    window_bp : float
        Sites at most half of it away count.
    """

    name: ClassVar[str] = "highfreq"
    column: ClassVar[int] = 4
    citations = (FLEXSWEEP,)


@dataclass(frozen=True)
class Lowfreq(_OfSites):
    """lowfreq: how rare the rare alleles among derived carriers are (Lauterbur et al. 2023)

    Parameters
    ----------
    window_bp : float
        Sites at most half of it away count.
    """

    name: ClassVar[str] = "lowfreq"
    column: ClassVar[int] = 5
    citations = (FLEXSWEEP,)


@dataclass(frozen=True)
class _OfRegions(Scanner):
    """A statistic of regions around centres: the points of a grid, or the middle of the sequence."""

    needs_ancestral: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"grid"})
    pools: ClassVar[bool] = False

    size_bp: float = 500_000.0

    def __post_init__(self) -> None:
        expect_above_zero(size_bp=self.size_bp)

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return the statistic at every centre; undefined where its region has no site."""
        from selbench_scanners.kernels.flexsweep_regions import within

        sites = stretch.varying()
        centres = np.array([stretch.length_bp / 2]) if stretch.grid is None else stretch.grid
        values = np.full(len(centres), np.nan)
        for i, centre in enumerate(centres.tolist()):
            inside = sites.take(within(sites.positions, centre, self.size_bp))
            if inside.n_sites:
                values[i] = self.of_region(inside, centre)
        return Profile(centres, values)

    def of_region(self, sites: Stretch, centre: float) -> float:
        """Return the statistic of the sites around a centre."""
        raise NotImplementedError


@dataclass(frozen=True)
class FlexsweepHaf(_OfRegions):
    """Flex-sweep's HAF: the mean derived frequency of the top tenth of haplotypes (Lauterbur et al. 2023)

    Parameters
    ----------
    size_bp : float
        Of the region around a centre.
    """

    name: ClassVar[str] = "flexsweep-haf"
    citations = (FLEXSWEEP,)

    def of_region(self, sites: Stretch, centre: float) -> float:
        """Return HAF."""
        from selbench_scanners.kernels.flexsweep_regions import high_allele_frequency_score

        assert sites.haplotypes is not None
        return high_allele_frequency_score(sites.haplotypes)


@dataclass(frozen=True)
class FlexsweepH12(_OfRegions):
    """Flex-sweep's H12: the two leading groups of haplotypes nearly alike (Lauterbur et al. 2023)

    Parameters
    ----------
    size_bp : float
        Of the region around a centre.
    """

    name: ClassVar[str] = "flexsweep-h12"
    citations = (FLEXSWEEP,)

    def of_region(self, sites: Stretch, centre: float) -> float:
        """Return H12."""
        from selbench_scanners.kernels.flexsweep_regions import joined_h12

        assert sites.haplotypes is not None
        return joined_h12(sites.haplotypes, sites.positions, centre)
