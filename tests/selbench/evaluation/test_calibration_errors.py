import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from selbench.evaluation.calibration import brier_losses, expected_calibration_error, reliability


def probabilities_of(n_windows, n_classes, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(n_classes), size=n_windows)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_brier_score_is_that_of_scikit_learn(n_classes):
    probabilities = probabilities_of(300, n_classes)
    labels = np.random.default_rng(1).integers(n_classes, size=300)
    said = probabilities[:, 1] if n_classes == 2 else probabilities
    expected = brier_score_loss(labels, said, scale_by_half=True, labels=range(n_classes))
    assert brier_losses(probabilities, labels).mean() == pytest.approx(expected)


def test_reliability_bins_are_those_of_scikit_learn():
    said = probabilities_of(500, 2)[:, 1]
    is_class = np.random.default_rng(2).random(500) < said
    ours = reliability(said, is_class)
    came_true, mean_said = calibration_curve(is_class, said, n_bins=10)
    np.testing.assert_allclose(ours.came_true, came_true)
    np.testing.assert_allclose(ours.said, mean_said)
    assert ours.n_windows.sum() == 500


def test_calibration_error_is_the_mean_gap_of_the_bins():
    said = probabilities_of(500, 2, seed=4)[:, 1]
    is_class = np.random.default_rng(5).random(500) < said**2
    bins = reliability(said, is_class)
    expected = (np.abs(bins.said - bins.came_true) * bins.n_windows).sum() / 500
    assert expected_calibration_error(said, is_class, np.ones((1, 500))) == pytest.approx(expected)
    assert expected > 0.1


def test_probabilities_of_zero_and_one_have_bins():
    said = np.array([0.0, 1.0, 1.0])
    assert expected_calibration_error(said, said == 1, np.ones((1, 3))) == 0
    assert expected_calibration_error(said, said == 0, np.ones((1, 3))) == 1
