"""The alignment network."""

import numpy as np
import plain_layers as plain
import pytest
from keras_sizes import is_too_small

from selbench import FeatureSpec
from selbench.testing import ModelContract, random_windows
from selbench_flagel.alignments import FlagelAlignment
from selbench_flagel.networks import FlagelCnn


def alignment(n_sites, n_haplotypes):
    return FeatureSpec((n_sites, n_haplotypes + 1), "float32", ("site", "haplotype and position"))


class TestFlagelCnn(ModelContract):
    component = FlagelCnn(epochs=1)
    encoder = FlagelAlignment(n_sites=32)
    windows = random_windows(120, seed=5, labels=True)


@pytest.mark.parametrize(
    ("n_sites", "n_haplotypes", "n_classes", "n_weights"),
    [(5000, 208, 5, 21_351_749), (500, 48, 2, 2_565_442)],
)
def test_the_network_has_the_weights_of_the_original(n_sites, n_haplotypes, n_classes, n_weights):
    network = FlagelCnn().network(alignment(n_sites, n_haplotypes), n_classes)
    assert network.count_params() == n_weights


def forward(x, weights):
    positions, x = x[:, :, -1], x[:, :, :-1]
    x = plain.relu(plain.convolve_1d(x, *weights.take(2)))
    for how in (np.max, np.max, np.mean, np.mean):
        x = plain.pool_1d(plain.relu(plain.convolve_1d(x, *weights.take(2))), 2, how)
    beside = plain.relu(plain.dense(positions, *weights.take(2)))
    x = np.concatenate([plain.flatten(x), beside], axis=1)
    x = plain.relu(plain.dense(x, *weights.take(2)))
    return plain.softmax(plain.dense(x, *weights.take(2)))


@pytest.mark.parametrize("n_sites", [32, 75])
def test_the_forward_pass_is_that_of_plain_numpy(n_sites):
    network = FlagelCnn().network(alignment(n_sites, 9), 3)
    weights = plain.with_random_weights(network, gain=1.2)
    x = np.random.default_rng(2).normal(size=(4, n_sites, 10)).astype(np.float32)
    expected = forward(x.astype(float), weights)
    assert weights.all_used()
    assert expected.std(axis=0).max() > 1e-3
    np.testing.assert_allclose(network.predict_on_batch(x), expected, atol=1e-5)


def test_without_positions_it_has_the_one_branch():
    for spec in (
        FeatureSpec((9, 40), "uint8", ("haplotype", "site")),
        FeatureSpec((40, 9), "uint8", ("position", "haplotype")),
    ):
        network = FlagelCnn().network(spec, 2)
        assert network.weights[0].shape == (2, 9, 256)
        assert sum("dense" in layer.name for layer in network.layers) == 2


def test_penalties_are_on_all_but_the_last_layer():
    network = FlagelCnn().network(alignment(32, 4), 2)
    *penalised, _ = [weight for weight in network.get_weights() if weight.ndim > 1]
    expected = sum(1e-4 * (kernel**2).sum() for kernel in penalised)
    assert float(sum(network.losses)) == pytest.approx(expected, rel=1e-4)


def test_training_is_the_originals():
    model = FlagelCnn()
    assert (model.optimizer, model.learning_rate, model.batch_size, model.epochs) == ("adam", 0.001, 64, 3)
    rates = [layer.rate for layer in model.network(alignment(32, 4), 2).layers if "dropout" in layer.name]
    assert sorted(rates) == [0.1, 0.2, 0.2, 0.2, 0.2, 0.25]


def test_what_does_not_fit_is_declined_with_the_reason():
    model = FlagelCnn()
    assert model.unsupported(alignment(32, 4)) is None
    assert "at least 32" in model.unsupported(alignment(31, 4))
    assert is_too_small(lambda: model.network(alignment(31, 4), 2))
    assert not is_too_small(lambda: model.network(alignment(32, 4), 2))
    assert "statistic" in model.unsupported(FeatureSpec((17,), "float64", ("statistic",)))
