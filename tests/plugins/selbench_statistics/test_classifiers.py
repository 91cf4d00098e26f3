"""The classical learners: what their options and defaults do, and what the seed decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import Examples, FeatureSpec, Model
from selbench.testing import random_windows
from selbench_statistics.classifiers import GradientBoosting, Logistic, RandomForest, SpectrumSvm

N = 200
RNG = np.random.default_rng(1)
IS_SWEEP = np.arange(N) % 2
OVERLAPPING = IS_SWEEP[:, None] + RNG.normal(size=(N, 5)) * np.arange(1, 6)


def fit(model: Model, features: NDArray[np.float64] = OVERLAPPING, seed: int = 1) -> Any:
    """Fit a model on rows of features, every other of a sweep."""
    n = len(features)
    windows = random_windows(n, seed=2, mean_sites=1, labels=True)
    windows = replace(windows, parameters={"row": np.arange(n)})
    spec = FeatureSpec(features.shape[1:], "float64", ("statistic",))
    train = Examples(windows, lambda some: features[some.parameters["row"]], spec, ("neutral", "sweep"))
    return model.fit(train, train, seed=seed, progress=lambda fraction, words: None)


def sweep_probabilities(model: Model, features: NDArray[np.float64] = OVERLAPPING) -> NDArray[np.float64]:
    return fit(model, features).predict_proba(features)[:, 1].astype(np.float64)


@pytest.mark.parametrize("model", [Logistic(), SpectrumSvm()], ids=lambda model: model.name)
def test_the_unit_of_a_feature_does_not_matter(model: Model) -> None:
    units = 2.0 ** np.array([20, -20, 0, 5, -3])
    np.testing.assert_array_equal(sweep_probabilities(model, OVERLAPPING * units), sweep_probabilities(model))


@pytest.mark.parametrize(("model", "c"), [(Logistic(), 1.0), (Logistic(C=0.01), 0.01)])
def test_logistic_minimises_the_penalised_loss_of_standardised_features(model: Logistic, c: float) -> None:
    """There, w = C Σ (y − p) x: the gradient of |w|²/2 + C Σ loss is 0."""
    said = sweep_probabilities(model)
    standardised = (OVERLAPPING - OVERLAPPING.mean(axis=0)) / OVERLAPPING.std(axis=0)
    inputs = np.column_stack([standardised, np.ones(N)])
    weights = np.linalg.lstsq(inputs, np.log(said / (1 - said)), rcond=None)[0]
    pull = c * inputs.T @ (IS_SWEEP - said)
    np.testing.assert_allclose(weights[:-1], pull[:-1], atol=0.01)
    assert pull[-1] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("model", "n_trees", "min_leaf"),
    [(RandomForest(), 300, 2), (RandomForest(n_trees=20, min_leaf=9), 20, 9)],
)
def test_the_forest_has_its_trees_and_its_smallest_leaf(
    model: RandomForest, n_trees: int, min_leaf: int
) -> None:
    trees = [tree.tree_ for tree in fit(model).estimator.estimators_]
    assert len(trees) == n_trees
    leaves = [tree.n_node_samples[tree.children_left < 0] for tree in trees]
    assert min(sizes.min() for sizes in leaves) == min_leaf


@pytest.mark.parametrize(
    ("model", "rate"), [(GradientBoosting(), 0.1), (GradientBoosting(learning_rate=0.4), 0.4)]
)
def test_a_first_boosting_round_goes_the_learning_rate_of_a_newton_step(
    model: GradientBoosting, rate: float
) -> None:
    """Balanced classes start at logit 0; Σ(y − p)/Σ p(1 − p) is ±2 where a feature tells them apart."""
    said = sweep_probabilities(replace(model, n_rounds=1), IS_SWEEP[:, None].astype(np.float64))
    np.testing.assert_allclose(np.log(said / (1 - said)), 2 * rate * (2 * IS_SWEEP - 1), rtol=1e-5)


@pytest.mark.parametrize(("model", "rounds"), [(GradientBoosting(), 100), (GradientBoosting(n_rounds=7), 7)])
def test_boosting_goes_all_its_rounds_on_many_windows_too(model: GradientBoosting, rounds: int) -> None:
    """On noise, from 10,001 windows on, scikit-learn would stop early by itself."""
    assert fit(model, np.random.default_rng(1).random((10_500, 1))).estimator.n_iter_ == rounds


def test_the_spectrum_machine_tells_a_ring_from_its_inside() -> None:
    angle, radius = RNG.random(N) * 2 * np.pi, 1 + 2 * IS_SWEEP
    ring = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    assert ((sweep_probabilities(SpectrumSvm(), ring) > 0.5) == IS_SWEEP).all()


@pytest.mark.parametrize(("model", "cost"), [(SpectrumSvm(), 1.0), (SpectrumSvm(C=0.2), 0.2)])
def test_no_window_weighs_more_than_the_cost(model: SpectrumSvm, cost: float) -> None:
    machine = fit(model).estimator.calibrated_classifiers_[0].estimator[-1]
    assert np.abs(machine.dual_coef_).max() == pytest.approx(cost)


def test_another_seed_grows_another_forest() -> None:
    one, other = (fit(RandomForest(n_trees=10), seed=seed).predict_proba(OVERLAPPING) for seed in (1, 2))
    assert np.abs(one - other).max() > 0.01
