"""The study's training, step by step, against the optimizers' formulas written out."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from selbench import Examples, FeatureSpec
from selbench.testing import random_windows
from selbench_fadja.networks import FadjaCnn

N = 61
IS_SWEEP = np.arange(N) % 4 == 0
WINDOWS = replace(
    random_windows(N, seed=3),
    labels=np.where(IS_SWEEP, "sweep", "neutral"),
    parameters={"row": np.arange(N)},
)
FEATURES = 2 * IS_SWEEP[:, None] - 1 + np.random.default_rng(4).normal(0, 0.5, (N, 6))


@dataclass(frozen=True)
class OneUnit(FadjaCnn):
    """One sigmoid unit that starts at 0, trained as the study's network: its gradient fits in a line."""

    name: ClassVar[str] = "one-unit"

    def unsupported(self, features):
        return None

    def network(self, features, n_classes):
        from keras import Input, Model, layers

        inputs = Input(features.shape)
        return Model(inputs, layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")(inputs))


def examples(*classes):
    spec = FeatureSpec((6,), "float64", ("statistic",))
    return Examples(WINDOWS, lambda windows: FEATURES[windows.parameters["row"]], spec, classes)


def fit(validation_classes=("neutral", "sweep"), **options):
    """Fit in steps of all windows; swapped classes make the validation worse with every step."""
    train, validation = examples("neutral", "sweep"), examples(*validation_classes)
    model = OneUnit(batch_size=N, **options)
    return model.fit(train, validation, seed=1, progress=lambda fraction, words: None)


def weights_of(predictor):
    kernel, bias = predictor.network.get_weights()
    return np.append(kernel, bias)


def fading_sum(values, decay):
    return sum(decay**age * value for age, value in enumerate(reversed(values)))


def sgd(gradients, rate, momentum):
    return -rate * fading_sum(gradients, momentum)


def adam(gradients, rate):
    t, squares = len(gradients), [gradient**2 for gradient in gradients]
    mean = 0.1 * fading_sum(gradients, 0.9) / (1 - 0.9**t)
    return -rate * mean / np.sqrt(0.001 * fading_sum(squares, 0.999) / (1 - 0.999**t))


def rmsprop(gradients, rate):
    squares = [gradient**2 for gradient in gradients]
    return -rate * gradients[-1] / np.sqrt(0.1 * fading_sum(squares, 0.9))


@pytest.mark.parametrize(
    ("options", "change", "settings"),
    [
        ({}, sgd, (0.001, 0.9)),
        ({"learning_rate": 0.2, "momentum": 0.5}, sgd, (0.2, 0.5)),
        ({"learning_rate": 0.2, "momentum": 0.0}, sgd, (0.2, 0.0)),
        ({"optimizer": "adam"}, adam, (0.001,)),
        ({"optimizer": "adam", "learning_rate": 0.03}, adam, (0.03,)),
        ({"optimizer": "rmsprop", "input_divisor": 4.0}, rmsprop, (0.001,)),
        ({"optimizer": "rmsprop", "learning_rate": 0.02}, rmsprop, (0.02,)),
    ],
)
def test_weights_follow_the_formula_of_the_optimizer(options, change, settings):
    inputs = np.column_stack([FEATURES / options.get("input_divisor", 1), np.ones(N)])
    weights, gradients = np.zeros(7), []
    for _ in range(4):
        said = 1 / (1 + np.exp(-inputs @ weights))
        gradients.append(inputs.T @ (said - IS_SWEEP) / N)
        weights = weights + change(gradients, *settings)
    found = weights_of(fit(epochs=4, **options))
    np.testing.assert_allclose(found, weights, rtol=1e-4, atol=1e-7)


def test_the_last_epoch_is_kept_or_the_best_one():
    swapped = ("sweep", "neutral")
    best, only = fit(swapped, epochs=3, keep="best"), fit(swapped, epochs=1)
    np.testing.assert_array_equal(weights_of(best), weights_of(only))
    assert len(best.history["loss"]) == 3
    assert (weights_of(fit(swapped, epochs=3)) != weights_of(only)).all()


@pytest.mark.parametrize(("start_epoch", "stopped"), [(1, 3), (4, 6)])
def test_patience_waits_from_the_best_epoch_that_counts(start_epoch, stopped):
    fitted = fit(("sweep", "neutral"), patience=2, start_epoch=start_epoch)
    assert len(fitted.history["loss"]) == stopped
