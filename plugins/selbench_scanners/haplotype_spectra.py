"""Garud's H12 scan, LASSI's T and saltiLASSI's Λ as scanners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from selbench import DataError, Profile, Scanner, Stretch
from selbench.plugin import Learned, expect_above_zero
from selbench_scanners.citations import GARUD, LASSI, SALTILASSI

if TYPE_CHECKING:
    from selbench_scanners.kernels.lassi import HaplotypeSpectra, SweepSpectra


@dataclass(frozen=True)
class H12(Scanner):
    """H12 in windows of SNPs: the homozygosity of haplotypes, the two commonest as one (Garud et al. 2015).

    A window has one SNP more than `window_sites` where that is even: half on either side of a central
    one. With fewer SNPs there is no value.

    Parameters
    ----------
    window_sites : int
        SNPs per window.
    step_sites : int
        SNPs between centres.
    """

    name: ClassVar[str] = "h12"
    pools: ClassVar[bool] = False
    citations = (GARUD,)

    window_sites: int = 400
    step_sites: int = 50

    def __post_init__(self) -> None:
        expect_above_zero(window_sites=self.window_sites, step_sites=self.step_sites)

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return H12 of every window at its central SNP."""
        from selbench_scanners.kernels import h12

        sites = stretch.varying()
        assert sites.haplotypes is not None
        columns = h12.homozygosity(
            sites.haplotypes, sites.positions, window_sites=self.window_sites, step_sites=self.step_sites
        )
        return Profile(columns.pop("position"), columns.pop("value"), columns)


@dataclass(frozen=True)
class _Likelihood(Scanner):
    """What LASSI and saltiLASSI share: windows of SNPs, their spectra, and those that a sweep may leave."""

    takes: ClassVar[frozenset[str]] = frozenset({"spectrum"})

    window_sites: int = 117
    step_sites: int = 12
    n_classes: int = 10

    def __post_init__(self) -> None:
        expect_above_zero(window_sites=self.window_sites, step_sites=self.step_sites)
        if self.n_classes < 2:
            raise DataError(f"n_classes: expected at least 2, found {self.n_classes}")

    def background(self, stretches: Sequence[Stretch]) -> Learned:
        """Learn the mean spectrum of all windows of SNPs."""
        spectra = [self._spectra(stretch).frequencies for stretch in stretches]
        together = np.concatenate([np.empty((0, self.n_classes)), *spectra])
        if len(together) == 0:
            raise DataError(
                f"{self.name}: expected sequences of at least {self.window_sites} SNPs to learn a spectrum "
                "from, found none; take longer ones, or a smaller window_sites"
            )
        return {"spectrum": together.mean(axis=0)}

    def _spectra(self, stretch: Stretch) -> HaplotypeSpectra:
        from selbench_scanners.kernels.lassi import haplotype_spectra

        sites = stretch.varying()
        assert sites.haplotypes is not None
        return haplotype_spectra(
            sites.haplotypes,
            sites.positions,
            window_sites=self.window_sites,
            step_sites=self.step_sites,
            n_classes=self.n_classes,
        )

    def _sweeps(self, spectra: HaplotypeSpectra, background: Learned) -> SweepSpectra:
        null = background["spectrum"] if background else spectra.frequencies.mean(axis=0)
        if len(null) != self.n_classes:
            raise DataError(f"spectrum: expected {self.n_classes} classes of haplotypes, found {len(null)}")
        return _sweep_spectra(tuple(np.asarray(null, dtype=np.float64).tolist()))


@lru_cache(maxsize=8)
def _sweep_spectra(null: tuple[float, ...]) -> SweepSpectra:
    from selbench_scanners.kernels.lassi import SweepSpectra

    return SweepSpectra.of(np.array(null))


@dataclass(frozen=True)
class Lassi(_Likelihood):
    """LASSI's T: is the spectrum of haplotypes one that a sweep would leave? (Harris and DeGiorgio 2020)

    Parameters
    ----------
    window_sites, step_sites : int
        SNPs of a window, and between windows; a last, incomplete window is dropped.
    n_classes : int
        How many of the commonest haplotypes are looked at.
    """

    name: ClassVar[str] = "lassi"
    citations = (LASSI,)

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return T of every window at its middle, and m, the haplotypes that sweep."""
        from selbench_scanners.kernels.lassi import t_statistic

        spectra = self._spectra(stretch)
        if len(spectra.frequencies) == 0:
            return _without_rows(spectra, "m")
        values, sweeping = t_statistic(spectra, self._sweeps(spectra, background))
        parts = dict(spectra.parts)
        return Profile(parts.pop("position"), values, parts | {"m": sweeping})


@dataclass(frozen=True)
class SaltiLassi(_Likelihood):
    """saltiLASSI's Λ: LASSI with the spectra of windows nearby (DeGiorgio and Szpiech 2022).

    Parameters
    ----------
    window_sites, step_sites : int
        SNPs of a window, and between windows; a last, incomplete window is dropped.
    n_classes : int
        How many of the commonest haplotypes are looked at.
    max_distance_bp : float
        How far away windows contribute.
    """

    name: ClassVar[str] = "saltilassi"
    citations = (LASSI, SALTILASSI)

    max_distance_bp: float = 100_000.0

    def __post_init__(self) -> None:
        super().__post_init__()
        expect_above_zero(max_distance_bp=self.max_distance_bp)

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        """Return Λ of every window at its middle, m, and how far the sweep reaches, 1/A in bp."""
        from selbench_scanners.kernels.lassi import lambda_statistic

        spectra = self._spectra(stretch)
        if len(spectra.frequencies) == 0:
            return _without_rows(spectra, "m", "reach_bp")
        values, sweeping, reach = lambda_statistic(
            spectra, self._sweeps(spectra, background), max_distance_bp=self.max_distance_bp
        )
        parts = dict(spectra.parts)
        return Profile(parts.pop("position"), values, parts | {"m": sweeping, "reach_bp": reach})


def _without_rows(spectra: HaplotypeSpectra, *more: str) -> Profile:
    parts: dict[str, Any] = {**spectra.parts, **{name: np.empty(0) for name in more}}
    return Profile(parts.pop("position"), np.empty(0), parts)
