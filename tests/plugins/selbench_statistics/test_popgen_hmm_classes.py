"""popgen-hmm with three classes: a ratio for each that is not null."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import hyp1f1

from selbench import Examples, FeatureSpec
from selbench.testing import random_windows
from selbench_statistics.hidden_markov import PopGenHmm

N_HAPLOTYPES, LENGTH, THETA = 30, 10_000, 1e-3
BETAS = {"neutral": 0.0, "sweep": 8.0, "balancing": -4.0}
N_EACH = 200


def density(beta: float) -> NDArray[np.float64]:
    """Sites by carriers and base pair, in closed form."""
    n, i = N_HAPLOTYPES, np.arange(1, N_HAPLOTYPES)
    if beta == 0:
        return THETA / i
    return THETA * n / (i * (n - i)) * (1 - hyp1f1(n - i, n, -2 * beta)) / -np.expm1(-2 * beta)


@pytest.fixture(scope="module")
def train() -> Examples:
    """Spectra drawn around each class's own."""
    rng = np.random.default_rng(3)
    sites = np.concatenate(
        [rng.poisson(LENGTH * density(beta), (N_EACH, N_HAPLOTYPES - 1)) for beta in BETAS.values()]
    )
    spectra = np.column_stack([LENGTH - sites.sum(axis=1), sites]).astype(np.float64)
    windows = replace(
        random_windows(len(spectra), seed=1, mean_sites=1),
        labels=np.repeat(list(BETAS), N_EACH),
        parameters={"row": np.arange(len(spectra))},
    )
    names = ("invariant", *(f"{i} of {N_HAPLOTYPES}" for i in range(1, N_HAPLOTYPES)))
    spec = FeatureSpec((N_HAPLOTYPES,), "float64", ("carriers",), names)
    return Examples(windows, lambda some: spectra[some.parameters["row"]], spec, tuple(BETAS))


@pytest.fixture(scope="module")
def fitted(train: Examples) -> Any:
    return PopGenHmm().fit(train, train, seed=1, progress=lambda fraction, words: None)


def test_each_class_that_is_not_null_has_the_ratio_of_its_own_beta(fitted: Any) -> None:
    assert fitted.log_ratios.shape == (2, N_HAPLOTYPES)
    for ratio, beta in zip(fitted.log_ratios, [BETAS["sweep"], BETAS["balancing"]], strict=True):
        np.testing.assert_allclose(ratio[1:], np.log(density(beta) / density(0)), atol=0.15)


def test_three_classes_are_told_apart(fitted: Any, train: Examples) -> None:
    said = fitted.predict_proba(train.to_array())
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-6)
    right = said.argmax(axis=1) == train.labels
    assert [right[train.labels == code].mean() > 0.8 for code in range(3)] == [True] * 3
