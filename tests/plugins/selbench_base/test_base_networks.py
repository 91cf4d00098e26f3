"""BaSe's network."""

import numpy as np
import plain_layers as plain
import pytest

from selbench import FeatureSpec
from selbench.testing import ModelContract, random_windows
from selbench_base.images import BaseImage
from selbench_base.networks import BaseCnn


def image(*shape):
    return FeatureSpec(shape, "uint8", ("haplotype", "site"))


class TestBaseCnn(ModelContract):
    component = BaseCnn(epochs=1)
    encoder = BaseImage(size=12)
    windows = random_windows(120, seed=5, labels=True)


def test_the_network_has_the_weights_of_the_original():
    assert BaseCnn().network(image(128, 128), 2).count_params() == 4_213_761


def forward(x, weights):
    x = x[..., None]
    for block in range(3):
        x = plain.convolve(x, *weights.take(2), same=True)
        x = plain.relu(plain.normalise(x, *weights.take(4)))
        x = plain.pool(x, (2, 2)) if block < 2 else x
    x = plain.relu(plain.dense(plain.flatten(x), *weights.take(2)))
    return plain.sigmoid(plain.dense(x, *weights.take(2)))


@pytest.mark.parametrize("shape", [(12, 12), (7, 10)])
def test_the_forward_pass_is_that_of_plain_numpy(shape):
    network = BaseCnn().network(image(*shape), 2)
    weights = plain.with_random_weights(network)
    x = np.random.default_rng(2).random((5, *shape)).astype(np.float32)
    expected = forward(x.astype(float), weights)
    assert weights.all_used()
    assert expected.std() > 1e-3
    np.testing.assert_allclose(network.predict_on_batch(x), expected, atol=1e-5)


def test_training_is_the_originals():
    model = BaseCnn()
    assert (model.optimizer, model.learning_rate, model.batch_size) == ("adam", 0.00005, 32)
    assert (model.epochs, model.input_divisor, model.flip) == (10, 255, True)
    network = model.network(image(12, 12), 2)
    assert [layer.rate for layer in network.layers if "dropout" in layer.name] == [0.5, 0.5]
    *penalised, _ = [weight for weight in network.get_weights() if weight.ndim > 1]
    expected = sum(0.005 * (kernel**2).sum() for kernel in penalised)
    assert float(sum(network.losses)) == pytest.approx(expected, rel=1e-4)


def test_windows_are_mirrored_along_the_sites_alone():
    batch = np.arange(600).reshape(100, 2, 3)
    seen = BaseCnn().augmented(batch, image(2, 3), np.random.default_rng(1))
    mirrored = (seen == batch[:, :, ::-1]).all(axis=(1, 2))
    assert 30 < mirrored.sum() < 70
    assert (seen[~mirrored] == batch[~mirrored]).all()


def test_what_is_no_image_is_declined():
    assert "statistic" in BaseCnn().unsupported(FeatureSpec((17,), "float64", ("statistic",)))
    assert "(3, 9)" in BaseCnn().unsupported(image(3, 9))
