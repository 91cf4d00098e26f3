"""The emissions of popGenHMM (Kern and Haussler 2010): how many carriers a selected allele has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from selbench import DataError, Examples, FeatureSpec, Model, Predictor, Progress, Windows
from selbench.adapters.scikit_learn import flatten_features
from selbench.foreign.arrays import read_npy
from selbench_statistics.citations import KERN_HAUSSLER
from selbench_statistics.classifiers import Logistic

Emissions = Literal["corrected", "as-published"]

_FILE = "log_ratios.npy"
_BETAS = tuple(beta / 2 for beta in range(-100, 101) if beta)
_MAX_BETA = 300.0
_TINY = 1e-300


def expected_spectrum(n: int, beta: float) -> NDArray[np.float64]:
    """Return the expected number of sites by carriers, per unit of θ, float64 (n - 1,).

    Kern and Haussler (2010), eq. 2, from Wright's stationary distribution:
    ∫₀¹ (1 − e^{−2β(1−q)})/(1 − e^{−2β}) · Binom(i; n, q)/(q(1 − q)) dq for i = 1 … n − 1,
    which tends to 1/i as β → 0. The integrand is a polynomial of degree n − 2 times
    an exponential, which Gauss–Legendre quadrature meets to rounding error.

    Parameters
    ----------
    n : int
        Haplotypes.
    beta : float
        2N·s of one copy of the allele (N·s in terms of `Selection.s` with h = ½); negative
        for deleterious alleles.
    """
    q, densities = _weighted_densities(n)
    if beta == 0:
        survives = 1 - q
    elif beta > 0:
        survives = np.expm1(-2 * beta * (1 - q)) / np.expm1(-2 * beta)
    else:  # multiplied through by e^{2β}, which cannot overflow
        survives = (np.exp(2 * beta) - np.exp(2 * beta * q)) / np.expm1(2 * beta)
    spectrum: NDArray[np.float64] = densities @ survives
    return spectrum


@cache
def _weighted_densities(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return quadrature nodes q and Binom(i; n, q)/(q(1 − q)) times their weights, (n - 1, nodes)."""
    nodes, weights = np.polynomial.legendre.leggauss(n // 2 + 200)
    q = (nodes + 1) / 2
    i = np.arange(1, n)[:, None]
    log_binomial = np.cumsum(np.log((n + 1 - i) / i), axis=0)
    densities = np.exp(log_binomial + (i - 1) * np.log(q) + (n - i - 1) * np.log1p(-q))
    return q, densities * weights / 2


@dataclass(frozen=True)
class PopGenHmm(Model):
    """Log-likelihood ratio of the sites under selection, as in popGenHMM (Kern and Haussler 2010).

    Per window, without the chain: every base pair is an observation, invariant ones
    included, and the ratio of a selected against the neutral state becomes a
    probability by logistic regression on the training windows, which also fits its
    sign. With more than two classes there is one ratio per class that is not null.

    Parameters
    ----------
    beta : float, optional
        2N·s of one copy (N·s where heterozygotes have half the advantage s). By
        default the one, from −50 to 50 in steps of ½, that makes the training
        windows of the selected class most likely.
    theta : float, optional
        4Nμ per base pair; by default Watterson's estimate from the null class's
        training windows.
    sites : {"all", "segregating"}
        Whether invariant base pairs count. A selected state expects more sites, a
        sweep leaves fewer, so the two forms can disagree.
    emissions : {"corrected", "as-published"}
        The published program has twice the density for selected sites that the
        neutral limit has.
    """

    name: ClassVar[str] = "popgen-hmm"
    default_encoder: ClassVar[str] = "sfs[invariant=true]"
    citations = (KERN_HAUSSLER,)

    beta: float | None = None
    theta: float | None = None
    sites: Literal["all", "segregating"] = "all"
    emissions: Emissions = "corrected"

    def __post_init__(self) -> None:
        if self.beta is not None and not 0 < abs(self.beta) <= _MAX_BETA:
            raise DataError(
                f"beta: expected −{_MAX_BETA:.0f} to {_MAX_BETA:.0f} but not 0, found {self.beta}"
            )
        if self.theta is not None and not 0 < self.theta < 1:
            raise DataError(f"theta: expected a number between 0 and 1 per bp, found {self.theta}")

    def unsupported(self, features: FeatureSpec) -> str | None:
        """Decline anything but unfolded counts with the invariant base pairs before them."""
        n = len(features.names)
        if features.axes != ("carriers",) or features.names != (
            "invariant",
            *(f"{i} of {n}" for i in range(1, n)),
        ):
            return f"needs an unfolded spectrum with invariant base pairs: use {self.default_encoder}"
        return None

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Progress) -> Predictor:
        """Estimate θ and β where they are not given, then fit the regression on the ratios.

        Raises
        ------
        DataError
            If the counts are not finite, the null class has no segregating site, or θ and β
            leave no room for invariant base pairs.
        """
        counts = flatten_features(train.to_array(), where=f"{self.name}: training features")
        theta = self.theta or _watterson(counts[train.labels == 0])
        selected = [counts[train.labels == code].sum(axis=0) for code in range(1, len(train.classes))]
        if self.beta is not None:
            betas = [self.beta]
        else:
            betas = [self._most_likely_beta(total, theta) for total in selected]
        n = counts.shape[1]
        neutral = self._log_probabilities(n, 0.0, theta)
        log_ratios = np.array([self._log_probabilities(n, beta, theta) - neutral for beta in betas])
        spec = FeatureSpec((len(betas),), "float64", ("ratio",), tuple(f"β = {beta:g}" for beta in betas))
        progress(0.5, f"{self.name}: θ = {theta:.3g} per bp, {', '.join(spec.names)}")

        def ratios(windows: Windows) -> NDArray[np.float64]:
            return _ratios(train.encode(windows), log_ratios)

        regression = Logistic().fit(
            Examples(train.windows, ratios, spec, train.classes),
            Examples(validation.windows, ratios, spec, validation.classes),
            seed=seed,
            progress=lambda fraction, words: progress(0.5 + fraction / 2, words),
        )
        return PopGenHmmPredictor(log_ratios, regression)

    def load(self, directory: Path) -> Predictor:
        """Load the log ratios and the regression."""
        path = directory / _FILE
        log_ratios = read_npy(path, expected="log ratios", way_out="train it again")
        if log_ratios.ndim != 2 or log_ratios.dtype != np.float64:
            raise DataError(f"{path}: expected a float64 table, found {log_ratios.dtype} {log_ratios.shape}")
        return PopGenHmmPredictor(log_ratios, Logistic().load(directory))

    def _most_likely_beta(self, total: NDArray[np.float64], theta: float) -> float:
        """Return the β of the grid under which counts `total` (n,) are most likely."""
        likelihoods = [total @ self._log_probabilities(len(total), beta, theta) for beta in _BETAS]
        return _BETAS[int(np.argmax(likelihoods))]

    def _log_probabilities(self, n: int, beta: float, theta: float) -> NDArray[np.float64]:
        """Return the log-probability of 0 (invariant) and of 1 … n − 1 carriers at a base pair."""
        doubled = beta != 0 and self.emissions == "as-published"
        sites: NDArray[np.float64] = theta * (2 if doubled else 1) * expected_spectrum(n, beta)
        total = float(sites.sum())
        if self.sites == "segregating":
            return np.append(0.0, np.log(np.maximum(sites / total, _TINY)))
        if total >= 1:
            raise DataError(
                f"{self.name}: θ = {theta:.3g} per bp and β = {beta:g} leave no room for invariant "
                f"base pairs ({total:.2g} sites per bp); choose sites=segregating"
            )
        probabilities: NDArray[np.float64] = np.append(1 - total, sites)
        return np.log(np.maximum(probabilities, _TINY))


@dataclass(frozen=True, eq=False)
class PopGenHmmPredictor(Predictor):
    """Log-likelihood ratios and the regression on them.

    Parameters
    ----------
    log_ratios : float64 (n_ratios, n)
        What one base pair with 0 (invariant) … n − 1 carriers adds to each ratio.
    regression : Predictor
    """

    log_ratios: NDArray[np.float64]
    regression: Predictor

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Return class probabilities, float32 (n_windows, n_classes)."""
        flat = flatten_features(features, where="features")
        if flat.shape[1] != self.log_ratios.shape[1]:
            raise DataError(
                f"features: expected {self.log_ratios.shape[1]} per window, found {flat.shape[1]}"
            )
        return self.regression.predict_proba(_ratios(flat, self.log_ratios))

    def save(self, directory: Path) -> None:
        """Write the log ratios beside the regression."""
        np.save(directory / _FILE, self.log_ratios, allow_pickle=False)
        self.regression.save(directory)


def _watterson(counts: NDArray[np.float64]) -> float:
    """Return S/a₁ per base pair of the null class's windows."""
    sites = counts[:, 1:].sum()
    if sites == 0:
        raise DataError(
            "popgen-hmm: expected segregating sites in the null class's windows, found none; give theta"
        )
    return float(sites / np.sum(1 / np.arange(1, counts.shape[1])) / counts.sum())


def _ratios(counts: NDArray[Any], log_ratios: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum the log ratios of every window's base pairs, row by row, so that no row depends on others."""
    return np.column_stack([(counts * per_base_pair).sum(axis=1) for per_base_pair in log_ratios])
