"""SAFE and iSAFE as scanners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from selbench import Profile, Scanner, Stretch
from selbench.plugin import Learned, expect_above_zero
from selbench_scanners.citations import ISAFE, RONEN


@dataclass(frozen=True)
class Safe(Scanner):
    """SAFE: are a site's carriers those of many derived alleles, and few kinds? (Akbari et al. 2018)"""

    name: ClassVar[str] = "safe"
    needs_ancestral: ClassVar[bool] = True
    pools: ClassVar[bool] = False
    citations = (RONEN, ISAFE)

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return SAFE of every site, with φ and κ."""
        from selbench_scanners.kernels import safe

        sites = stretch.varying()
        assert sites.haplotypes is not None
        columns = safe.safe(sites.haplotypes, sites.positions)
        return Profile(columns.pop("position"), columns.pop("value"), columns)


@dataclass(frozen=True)
class Isafe(Scanner):
    """iSAFE: which site of a sweep is the favoured one, from windows of SAFE (Akbari et al. 2018)

    Only candidates have a value, and none where there are not more sites than a window has.

    Parameters
    ----------
    window_sites, step_sites : int
        Sites of a window, and between windows.
    top : int
        Sites of each window that weigh it.
    """

    name: ClassVar[str] = "isafe"
    needs_ancestral: ClassVar[bool] = True
    pools: ClassVar[bool] = False
    citations = (RONEN, ISAFE)

    window_sites: int = 300
    step_sites: int = 150
    top: int = 1

    def __post_init__(self) -> None:
        expect_above_zero(window_sites=self.window_sites, step_sites=self.step_sites, top=self.top)

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return iSAFE of the candidate sites."""
        from selbench_scanners.kernels import safe

        sites = stretch.varying()
        assert sites.haplotypes is not None
        columns = safe.isafe(
            sites.haplotypes,
            sites.positions,
            window_sites=self.window_sites,
            step_sites=self.step_sites,
            top=self.top,
        )
        return Profile(columns.pop("position"), columns.pop("value"), columns)
