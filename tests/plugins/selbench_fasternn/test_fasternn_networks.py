"""FAST-NN and FASTER-NN."""

import numpy as np
import plain_layers as plain
import pytest
from keras_sizes import is_too_small

from selbench import FeatureSpec
from selbench.testing import ModelContract, random_windows
from selbench_fasternn.networks import FasterNn, FastNn
from selbench_fasternn.snps import FrequencyTrack


def track(n_sites, n_channels=2):
    return FeatureSpec((n_sites, n_channels), "float32", ("site", "channel"))


class TestFastNn(ModelContract):
    component = FastNn(epochs=1, batch_size=32)
    encoder = FrequencyTrack(n_sites=16)
    windows = random_windows(120, seed=5, labels=True)


class TestFasterNn(ModelContract):
    component = FasterNn(epochs=1, batch_size=32)
    encoder = FrequencyTrack(n_sites=304)
    windows = random_windows(120, seed=5, labels=True, mean_sites=320, sequence_length=5000, n_haplotypes=6)


@pytest.mark.parametrize(
    ("model", "features", "n_weights"),
    [
        (FastNn(), track(128), 28_818),
        (FastNn(), track(128, 1), 28_658),
        (FasterNn(), track(512), 25_218),
    ],
)
def test_the_networks_have_the_weights_of_the_originals(model, features, n_weights):
    assert model.network(features, 2).count_params() == n_weights


def fast_nn(x, weights):
    for _ in range(3):
        x = plain.relu(plain.pool_1d(plain.convolve_1d(x, *weights.take(2)), 2))
    x = plain.relu(plain.dense(x, *weights.take(2))).mean(axis=1)
    return plain.softmax(plain.dense(x, *weights.take(2)))


def faster_nn(x, weights):
    for _ in range(3):
        x = plain.relu(plain.pool_1d(plain.convolve_1d(x, *weights.take(2)), 2))
    for _ in range(3):
        x = plain.relu(plain.convolve_1d(x, *weights.take(2), stride=2))
    return plain.softmax(plain.dense(plain.flatten(x), *weights.take(2)))


@pytest.mark.parametrize(
    ("model", "forward", "n_sites"),
    [(FastNn(), fast_nn, 33), (FasterNn(), faster_nn, 310), (FasterNn(), faster_nn, 512)],
)
def test_the_forward_pass_is_that_of_plain_numpy(model, forward, n_sites):
    network = model.network(track(n_sites), 3)
    weights = plain.with_random_weights(network, gain=1.0)
    x = np.random.default_rng(2).normal(size=(4, n_sites, 2)).astype(np.float32)
    expected = forward(x.astype(float), weights)
    assert weights.all_used()
    assert expected.std(axis=0).max() > 1e-3
    np.testing.assert_allclose(network.predict_on_batch(x), expected, atol=1e-5)


@pytest.mark.parametrize(("model", "n_sites"), [(FastNn(), 15), (FasterNn(), 302)])
def test_the_shortest_tracks_are_taken_and_shorter_ones_declined(model, n_sites):
    assert model.unsupported(track(n_sites)) is None
    assert not is_too_small(lambda: model.network(track(n_sites), 2))
    assert f"at least {n_sites}" in model.unsupported(track(n_sites - 1))
    assert is_too_small(lambda: model.network(track(n_sites - 1), 2))


@pytest.mark.parametrize("axes", [("haplotype", "site"), ("position", "haplotype")])
def test_of_haplotypes_it_sees_their_mean(axes):
    alleles = np.random.default_rng(3).integers(0, 2, (5, 7, 40)).astype(np.float32)
    matrix = FeatureSpec((7, 40) if axes[0] == "haplotype" else (40, 7), "uint8", axes)
    on_matrix, on_means = FastNn().network(matrix, 2), FastNn().network(track(40, 1), 2)
    on_matrix.set_weights(on_means.get_weights())
    features = alleles if axes[0] == "haplotype" else alleles.transpose(0, 2, 1)
    means = alleles.mean(axis=1)[..., None]
    np.testing.assert_allclose(
        on_matrix.predict_on_batch(features), on_means.predict_on_batch(means), atol=1e-6
    )


def test_weights_start_as_in_pytorch():
    network = FastNn().network(track(128), 2)
    for layer in network.layers:
        if layer.weights:
            kernel, bias = layer.get_weights()
            bound = 1 / np.sqrt(np.prod(kernel.shape[:-1]))
            assert 0.9 * bound < np.abs(kernel).max() <= bound
            assert np.abs(bias).max() <= bound
            assert np.abs(bias).max() > 0


@pytest.mark.parametrize("model", [FastNn(), FasterNn()])
def test_training_is_the_originals(model):
    assert (model.optimizer, model.learning_rate, model.batch_size) == ("adam", 0.0005, 8)
    assert (model.epochs, model.keep, model.input_divisor) == (20, "best", 1)


@pytest.mark.parametrize("model", [FastNn(), FasterNn()])
def test_statistics_are_declined(model):
    assert "statistic" in model.unsupported(FeatureSpec((400,), "float64", ("statistic",)))
    assert "sub-window" in model.unsupported(FeatureSpec((15, 400), "float32", ("statistic", "sub-window")))
