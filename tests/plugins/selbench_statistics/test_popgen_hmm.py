"""The emissions of popGenHMM against their closed form, and the ratio of a window's sites."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import hyp1f1

from selbench import DataError, Examples, Windows
from selbench.testing import random_windows
from selbench_statistics.hidden_markov import PopGenHmm, expected_spectrum
from selbench_statistics.spectrum import SiteFrequencySpectrum

ENCODER = SiteFrequencySpectrum(invariant=True)


def examples(windows: Windows) -> Examples:
    return Examples(windows, ENCODER.encode, ENCODER.feature_spec(windows.spec), ("neutral", "sweep"))


def fit(model: PopGenHmm, windows: Windows) -> Any:
    train = examples(windows)
    return model.fit(train, train, seed=1, progress=lambda fraction, words: None)


def windows_with_spectrum(expected: NDArray[np.float64], n_windows: int, label: str, seed: int) -> Windows:
    """Windows of 1,000 bp whose sites are Poisson around an expected spectrum."""
    rng = np.random.default_rng(seed)
    n = len(expected) + 1
    matrices = []
    for counts in rng.poisson(expected, (n_windows, n - 1)):
        carriers = np.repeat(np.arange(1, n), counts)
        matrices.append((np.arange(n) < carriers[:, None]).astype(np.uint8))
    positions = [np.linspace(0, 999, len(matrix)) for matrix in matrices]
    return Windows.from_arrays(
        matrices, positions, sequence_length=1000, n_haplotypes=n, labels=[label] * n_windows
    )


@pytest.mark.parametrize("beta", [0.01, 0.5, 3.0, 10.0, 50.0, -0.5, -3.0, -10.0])
@pytest.mark.parametrize("n", [4, 48, 128])
def test_the_integral_equals_its_closed_form(beta: float, n: int) -> None:
    """θ·n/(i(n − i)) · [1 − ₁F₁(n − i; n; −2β)]/(1 − e^{−2β})."""
    i = np.arange(1, n)
    closed = n / (i * (n - i)) * (1 - hyp1f1(n - i, n, -2 * beta)) / -np.expm1(-2 * beta)
    np.testing.assert_allclose(expected_spectrum(n, beta), closed, rtol=1e-8)


def test_without_selection_it_is_one_over_i() -> None:
    i = np.arange(1, 48)
    np.testing.assert_allclose(expected_spectrum(48, 0.0), 1 / i, rtol=1e-10)
    np.testing.assert_allclose(expected_spectrum(48, 1e-7), 1 / i, rtol=1e-5)


def test_strong_selection_of_either_sign_stays_finite() -> None:
    for beta in (300.0, -300.0):
        spectrum = expected_spectrum(1000, beta)
        assert np.isfinite(spectrum).all()
        assert (spectrum >= 0).all()


def test_a_favoured_allele_has_more_sites() -> None:
    assert expected_spectrum(48, 10.0).sum() == pytest.approx(1.7 * np.sum(1 / np.arange(1, 48)), rel=0.01)


@pytest.mark.parametrize("beta", [8.0, -4.0])
@pytest.mark.parametrize("sites", ["all", "segregating"])
def test_the_most_likely_beta_is_the_one_that_made_the_windows(beta: float, sites: Any) -> None:
    neutral = windows_with_spectrum(10 * expected_spectrum(30, 0.0), 400, "neutral", 1)
    selected = windows_with_spectrum(10 * expected_spectrum(30, beta), 400, "sweep", 2)
    train = Windows.concatenate([neutral, selected])
    told: list[str] = []
    PopGenHmm(sites=sites).fit(
        examples(train), examples(train), seed=1, progress=lambda fraction, words: told.append(words)
    )
    message = next(words for words in told if "β" in words)
    found = float(message.split("β = ")[1])
    assert found == pytest.approx(beta, rel=0.3)
    assert float(message.split("θ = ")[1].split()[0]) == pytest.approx(10 / 1000, rel=0.05)


def test_a_window_scores_the_sum_over_its_base_pairs() -> None:
    """The log ratio, written out for one window; the regression rises with it."""
    windows = random_windows(60, seed=2, labels=True)
    predictor = fit(PopGenHmm(beta=-5.0, theta=0.02), windows)
    n = windows.spec.n_haplotypes
    neutral, selected = 0.02 / np.arange(1, n), 0.02 * expected_spectrum(n, -5.0)
    ratios = []
    for haplotypes, _ in windows:
        carriers = haplotypes.sum(axis=1)
        invariant = windows.spec.sequence_length - len(carriers)
        ratio = invariant * np.log((1 - selected.sum()) / (1 - neutral.sum()))
        ratios.append(ratio + sum(np.log(selected[i - 1] / neutral[i - 1]) for i in carriers.tolist()))
    found = predictor.predict_proba(ENCODER.encode(windows))[:, 1]
    slope = predictor.regression.estimator[-1].coef_[0, 0]
    order = np.argsort(ratios)
    assert (np.diff(found[order] * np.sign(slope)) >= -1e-6).all()
    logits = np.log(found / (1 - found))
    assert abs(np.corrcoef(logits, ratios)[0, 1]) > 0.9999


def test_segregating_sites_alone_do_not_see_their_number() -> None:
    windows = random_windows(60, seed=2, labels=True)
    predictor = fit(PopGenHmm(sites="segregating"), windows)
    assert (predictor.log_ratios[:, 0] == 0).all()


def test_published_emissions_double_the_selected_density() -> None:
    windows = random_windows(60, seed=2, labels=True)
    corrected = fit(PopGenHmm(beta=3.0, theta=0.01), windows).log_ratios
    published = fit(PopGenHmm(beta=3.0, theta=0.01, emissions="as-published"), windows).log_ratios
    np.testing.assert_allclose(published[:, 1:] - corrected[:, 1:], np.log(2))


def test_features_of_another_kind_are_declined() -> None:
    spec = random_windows(2, seed=1).spec
    assert PopGenHmm().unsupported(ENCODER.feature_spec(spec)) is None
    for other in (SiteFrequencySpectrum(), SiteFrequencySpectrum(folded=True, invariant=True)):
        reason = PopGenHmm().unsupported(other.feature_spec(spec))
        assert reason is not None
        assert "sfs[invariant=true]" in reason


@pytest.mark.parametrize(
    ("options", "message"),
    [({"beta": 0.0}, "beta"), ({"beta": 1e4}, "beta"), ({"theta": 0.0}, "theta"), ({"theta": 2.0}, "theta")],
)
def test_impossible_options_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        PopGenHmm(**options)


def test_too_much_diversity_and_none_at_all_are_refused() -> None:
    windows = random_windows(40, seed=2, labels=True)
    with pytest.raises(DataError, match="no room for invariant"):
        fit(PopGenHmm(beta=10.0, theta=0.9), windows)
    empty = windows.take([0] * 5).with_label("neutral")
    with pytest.raises(DataError, match="give theta"):
        fit(PopGenHmm(), Windows.concatenate([empty, windows.take([1, 3, 5])]))
