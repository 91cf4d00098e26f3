"""SweepNet's network."""

import numpy as np
import plain_layers as plain
import pytest

from selbench import FeatureSpec
from selbench.testing import ModelContract, random_windows
from selbench_sweepnet.images import SweepnetImage
from selbench_sweepnet.networks import SweepnetCnn


def image(*shape):
    return FeatureSpec(shape, "uint8", ("haplotype", "site"))


class TestSweepnetCnn(ModelContract):
    component = SweepnetCnn(epochs=1, batch_size=32)
    encoder = SweepnetImage(n_sites=8)
    windows = random_windows(120, seed=5, labels=True)


@pytest.mark.parametrize("shape", [(128, 128), (48, 20)])
def test_the_network_has_the_weights_of_the_original_on_any_image(shape):
    assert SweepnetCnn().network(image(*shape), 2).count_params() == 9_700


def forward(x, weights):
    x = x[..., None]
    for _ in range(3):
        x = plain.relu(plain.convolve(x, *weights.take(2)))
        x = plain.pool(x, (2, 2), stride=(1, 1))
    squeezed = x.mean(axis=(1, 2), keepdims=True)
    excited = plain.relu(plain.convolve(squeezed, *weights.take(2)))
    x = x * plain.sigmoid(plain.convolve(excited, *weights.take(2)))
    x = plain.relu(plain.dense(x, *weights.take(2))).mean(axis=(1, 2))
    return plain.softmax(plain.dense(x, *weights.take(2)))


def test_the_forward_pass_is_that_of_plain_numpy():
    network = SweepnetCnn().network(image(12, 15), 3)
    weights = plain.with_random_weights(network)
    x = np.random.default_rng(2).integers(0, 2, (5, 12, 15)).astype(np.float32)
    expected = forward(x.astype(float), weights)
    assert weights.all_used()
    assert expected.std(axis=0).max() > 1e-3
    np.testing.assert_allclose(network.predict_on_batch(x), expected, atol=1e-5)


def test_training_is_the_originals():
    model = SweepnetCnn()
    assert (model.optimizer, model.learning_rate, model.batch_size) == ("adam", 0.001, 1)
    assert (model.epochs, model.keep, model.input_divisor) == (10, "best", 255)


def test_what_does_not_fit_is_declined_with_the_reason():
    assert SweepnetCnn().unsupported(image(7, 7)) is None
    assert SweepnetCnn().network(image(7, 7), 2).output_shape == (None, 2)
    assert "(6, 7)" in SweepnetCnn().unsupported(image(6, 7))
    assert "statistic" in SweepnetCnn().unsupported(FeatureSpec((17,), "float64", ("statistic",)))
