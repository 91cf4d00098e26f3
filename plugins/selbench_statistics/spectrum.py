"""The site frequency spectrum of a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, Encoder, FeatureSpec, Windows, WindowSpec
from selbench.statistics import site_frequency_spectra
from selbench_statistics.citations import RONEN


@dataclass(frozen=True)
class SiteFrequencySpectrum(Encoder):
    """Site frequency spectrum, unfolded or folded, raw, scaled or normalised.

    Parameters
    ----------
    folded : bool
        Count sites by the carriers of the rarer allele, for which no ancestral
        state is needed.
    scaled : bool
        Multiply every count by what makes its expectation θ in a neutral population
        of constant size: ξᵢ by i; folded ηᵢ by i(n − i)/n, and by 2 more where
        i = n − i (Ronen et al. 2013).
    normalised : bool
        Divide by the window's total, so that the entries sum to 1. This removes the
        number of sites, often the strongest signal. A window without sites is all 0.
    invariant : bool
        Put the number of base pairs without a segregating site before the counts.
        Only with raw counts.
    """

    name: ClassVar[str] = "sfs"
    citations = (RONEN,)

    folded: bool = False
    scaled: bool = False
    normalised: bool = False
    invariant: bool = False

    def __post_init__(self) -> None:
        if self.invariant and (self.scaled or self.normalised):
            raise DataError("invariant: expected raw counts, found scaled or normalised ones")

    needs_phase = False

    @property
    def needs_ancestral(self) -> bool:
        """Whether the spectrum is unfolded."""
        return not self.folded

    def unsupported(self, windows: WindowSpec, polarisation: str) -> str | None:
        """Decline to unfold where nobody knows which allele is derived."""
        if not self.folded and polarisation != "ancestral":
            return (
                f"the unfolded spectrum needs ancestral states; these windows are polarised by {polarisation}"
            )
        return None

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        """Return one float64 per number of carriers: 1 … n − 1, or 1 … n // 2 if folded."""
        n = windows.n_haplotypes
        carriers = range(1, n // 2 + 1 if self.folded else n)
        names = (("invariant",) if self.invariant else ()) + tuple(f"{i} of {n}" for i in carriers)
        return FeatureSpec((len(names),), "float64", ("carriers",), names)

    def encode(self, windows: Windows) -> NDArray[np.float64]:
        """Count sites by carriers, float64 (n_windows, n_features)."""
        counts = site_frequency_spectra(windows, folded=self.folded)
        if self.invariant:
            without = np.maximum(windows.spec.sequence_length - counts.sum(axis=1), 0)
            counts = np.column_stack([without, counts])
        spectra = counts.astype(np.float64)
        if self.scaled:
            spectra *= self._scale(windows.spec.n_haplotypes)
        if self.normalised:
            totals = spectra.sum(axis=1, keepdims=True)
            spectra = np.divide(spectra, totals, out=np.zeros_like(spectra), where=totals > 0)
        return spectra

    def _scale(self, n: int) -> NDArray[np.float64]:
        if not self.folded:
            return np.arange(1, n, dtype=np.float64)
        i = np.arange(1, n // 2 + 1)
        return np.where(2 * i == n, 2, 1) * i * (n - i) / n
