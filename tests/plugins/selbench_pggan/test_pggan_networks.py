"""pg-gan's discriminator."""

import numpy as np
import plain_layers as plain
import pytest
from keras_sizes import is_too_small

from selbench import FeatureSpec
from selbench.testing import ModelContract, random_windows
from selbench_pggan.networks import PgGanDiscriminator
from selbench_pggan.regions import PgGanRegion


def region(n_haplotypes, n_sites, n_channels=2):
    return FeatureSpec((n_haplotypes, n_sites, n_channels), "float32", ("haplotype", "site", "channel"))


class TestPgGanDiscriminator(ModelContract):
    component = PgGanDiscriminator(epochs=1, batch_size=32)
    encoder = PgGanRegion(n_sites=16)
    windows = random_windows(120, seed=5, labels=True)


@pytest.mark.parametrize("n_haplotypes", [8, 128, 198])
def test_the_network_has_the_weights_of_the_original_for_any_number_of_haplotypes(n_haplotypes):
    assert PgGanDiscriminator().network(region(n_haplotypes, 36), 2).count_params() == 76_577


def forward(x, weights):
    for _ in range(2):
        x = plain.pool(plain.relu(plain.convolve(x, *weights.take(2))), (1, 2))
    x = plain.flatten(x.sum(axis=1))
    for _ in range(2):
        x = plain.relu(plain.dense(x, *weights.take(2)))
    return plain.sigmoid(plain.dense(x, *weights.take(2)))


@pytest.mark.parametrize(("n_sites", "n_channels"), [(36, 2), (23, 1)])
def test_the_forward_pass_is_that_of_plain_numpy(n_sites, n_channels):
    network = PgGanDiscriminator().network(region(9, n_sites, n_channels), 2)
    weights = plain.with_random_weights(network, gain=0.9)
    x = np.random.default_rng(2).normal(size=(4, 9, n_sites, n_channels)).astype(np.float32)
    expected = forward(x.astype(float), weights)
    assert weights.all_used()
    assert expected.std() > 1e-3
    np.testing.assert_allclose(network.predict_on_batch(x), expected, atol=1e-5)


def test_the_order_of_haplotypes_changes_nothing():
    rng = np.random.default_rng(2)
    network = PgGanDiscriminator().network(region(9, 20), 2)
    x = rng.normal(size=(4, 9, 20, 2)).astype(np.float32)
    shuffled = x[:, rng.permutation(9)]
    np.testing.assert_allclose(network.predict_on_batch(shuffled), network.predict_on_batch(x), atol=1e-5)


def test_it_takes_any_matrix_of_haplotypes():
    for axes, shape in ((("haplotype", "site"), (7, 20)), (("position", "haplotype"), (20, 7))):
        network = PgGanDiscriminator().network(FeatureSpec(shape, "uint8", axes), 3)
        assert network.output_shape == (None, 3)
        first_kernel = next(weight for weight in network.weights if "kernel" in weight.path)
        assert first_kernel.shape == (1, 5, 1, 32)


def test_training_is_the_originals_where_it_can_be():
    model = PgGanDiscriminator()
    assert (model.optimizer, model.learning_rate, model.batch_size) == ("adam", 0.001, 50)
    rates = [layer.rate for layer in model.network(region(4, 36), 2).layers if "dropout" in layer.name]
    assert rates == [0.5, 0.5]


def test_what_does_not_fit_is_declined_with_the_reason():
    model = PgGanDiscriminator()
    assert model.unsupported(region(4, 16)) is None
    assert "at least 16" in model.unsupported(region(4, 15))
    assert is_too_small(lambda: model.network(region(4, 15), 2))
    assert not is_too_small(lambda: model.network(region(4, 16), 2))
    assert "statistic" in model.unsupported(FeatureSpec((17,), "float64", ("statistic",)))
    mixed = FeatureSpec((49, 64), "float32", ("haplotype and distances", "site"))
    assert "haplotypes by sites" in model.unsupported(mixed)
