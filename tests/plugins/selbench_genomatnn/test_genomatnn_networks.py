"""genomatnn's network."""

import numpy as np
import plain_layers as plain
import pytest

from selbench import FeatureSpec
from selbench.testing import ModelContract, random_windows
from selbench_genomatnn.densities import GenomatnnDensity
from selbench_genomatnn.networks import GenomatnnCnn


def image(*shape):
    return FeatureSpec(shape, "uint8", ("position", "haplotype"))


class TestGenomatnnCnn(ModelContract):
    component = GenomatnnCnn(epochs=1)
    encoder = GenomatnnDensity(bins=32)
    windows = random_windows(120, seed=5, labels=True)


@pytest.mark.parametrize("n_haplotypes", [48, 128])
def test_the_network_has_the_weights_of_the_original(n_haplotypes):
    assert GenomatnnCnn().network(image(256, n_haplotypes), 2).count_params() == 25_381


def forward(x, weights):
    x = x[..., None]
    for _ in range(7):
        x = plain.normalise(x, *weights.take(4))
        x = plain.leaky(plain.convolve(x, *weights.take(), stride=2, same=True), 0.3)
    x = plain.normalise(plain.flatten(x), *weights.take(4))
    return plain.sigmoid(plain.dense(x, *weights.take(2)))


@pytest.mark.parametrize("shape", [(256, 48), (33, 9)])
def test_the_forward_pass_is_that_of_plain_numpy(shape):
    network = GenomatnnCnn().network(image(*shape), 2)
    weights = plain.with_random_weights(network, gain=2.5)
    x = np.random.default_rng(2).poisson(1, (4, *shape)).astype(np.float32)
    expected = forward(x.astype(float), weights)
    assert weights.all_used()
    assert expected.std() > 1e-3
    np.testing.assert_allclose(network.predict_on_batch(x), expected, atol=1e-5)


def test_training_and_the_start_are_the_originals():
    model = GenomatnnCnn()
    assert (model.optimizer, model.learning_rate, model.batch_size, model.epochs) == ("adam", 0.001, 64, 3)
    kernels = [w for w in model.network(image(256, 48), 2).get_weights() if w.ndim == 4]
    assert len(kernels) == 7
    assert np.std(kernels[3]) == pytest.approx(1 / 16, rel=0.1)


def test_what_is_no_image_is_declined():
    assert "statistic" in GenomatnnCnn().unsupported(FeatureSpec((17,), "float64", ("statistic",)))
