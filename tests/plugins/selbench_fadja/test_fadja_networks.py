"""The seed study's networks and the two one-dimensional ones."""

import numpy as np
import pytest

from selbench import FeatureSpec
from selbench.testing import ModelContract, random_windows
from selbench_fadja.full_length import FullLength
from selbench_fadja.haplotype_networks import Fadja1D, HaplotypeNet
from selbench_fadja.networks import FadjaCnn, FadjaInitial


def image(*shape):
    return FeatureSpec(shape, "uint8", ("position", "haplotype"))


class SmallImages(ModelContract):
    encoder = FullLength()
    windows = random_windows(120, seed=5, n_haplotypes=44, sequence_length=44, labels=True)


class TestFadjaCnn(SmallImages):
    component = FadjaCnn(epochs=1, batch_size=40)
    reload_in_new_process = True


class TestFadjaInitial(SmallImages):
    component = FadjaInitial(epochs=1, batch_size=40)
    windows = random_windows(120, seed=5, n_haplotypes=20, sequence_length=20, labels=True)


class TestFadja1D(SmallImages):
    component = Fadja1D(epochs=1, batch_size=40)


class TestHaplotypeNet(SmallImages):
    component = HaplotypeNet(epochs=1, batch_size=40, filters=4)
    windows = random_windows(120, seed=5, n_haplotypes=8, sequence_length=40, labels=True)


@pytest.mark.parametrize(
    ("model", "shape", "n_weights"),
    [
        (FadjaInitial(), (1000, 48), 40_641_237),
        (FadjaCnn(), (1000, 48), 1_273_441),
        (FadjaCnn(), (10_000, 48), 3_583_585),
    ],
)
def test_the_networks_have_the_weights_that_the_study_counts(model, shape, n_weights):
    from keras import backend

    assert model.network(image(*shape), 2).count_params() == n_weights
    backend.clear_session()


def plain_fadja_cnn(n_positions, n_haplotypes):
    """Build the network as the text describes it, position by haplotype."""
    from keras import Input, Model, layers

    inputs = Input((n_positions, n_haplotypes, 1))
    hidden = inputs
    for filters in (32, 64, 128):
        hidden = layers.Conv2D(filters, 10, strides=2, padding="same", activation="relu")(hidden)
        hidden = layers.MaxPooling2D(2)(hidden)
    hidden = layers.Dense(128, activation="relu")(layers.Flatten()(hidden))
    return Model(inputs, layers.Dense(1, activation="sigmoid")(hidden))


def test_the_transposed_network_is_the_same_function():
    features = np.random.default_rng(1).random((5, 200, 90), dtype=np.float32)
    fast, plain = FadjaCnn().network(image(200, 90), 2), plain_fadja_cnn(200, 90)
    weights = plain.get_weights()
    for kernel in (0, 2, 4):
        weights[kernel] = weights[kernel].transpose(1, 0, 2, 3)
    height, width, filters = plain.layers[-4].output.shape[1:]
    dense = weights[6].reshape(height, width, filters, -1)
    weights[6] = dense.transpose(1, 0, 2, 3).reshape(weights[6].shape)
    fast.set_weights(weights)
    np.testing.assert_allclose(
        fast.predict_on_batch(features), plain.predict_on_batch(features[..., None]), atol=1e-5
    )


@pytest.mark.parametrize(
    ("model", "smallest"),
    [(FadjaInitial(), (16, 16)), (FadjaCnn(), (43, 43)), (Fadja1D(), (43, 1)), (HaplotypeNet(), (1, 1))],
)
def test_the_smallest_images_are_taken_and_smaller_ones_declined(model, smallest):
    assert model.unsupported(image(*smallest)) is None
    assert model.network(image(*smallest), 3).output_shape == (None, 3)
    if smallest[0] > 1:
        smaller = image(smallest[0] - 1, smallest[1])
        assert str(smaller.shape) in model.unsupported(smaller)
        with pytest.raises(ValueError, match="output"):
            model.network(smaller, 2)


@pytest.mark.parametrize("model", [FadjaInitial(), FadjaCnn(), Fadja1D(), HaplotypeNet()])
def test_statistics_are_declined(model):
    assert "statistic" in model.unsupported(FeatureSpec((17,), "float64", ("statistic",)))


@pytest.mark.parametrize("model", [Fadja1D(), HaplotypeNet()])
def test_rows_that_are_not_haplotypes_are_declined(model):
    mixed = FeatureSpec((49, 64), "float32", ("haplotype and distances", "site"))
    assert "haplotypes alone" in model.unsupported(mixed)


@pytest.mark.parametrize("axes", [("position", "haplotype"), ("haplotype", "site")])
def test_the_haplotype_network_does_not_see_the_order_of_haplotypes(axes):
    rng = np.random.default_rng(2)
    spec = FeatureSpec((20, 20), "uint8", axes)
    network = HaplotypeNet(filters=8).network(spec, 2)
    features = rng.random((6, 20, 20), dtype=np.float32)
    haplotypes = 1 + axes.index("haplotype")
    said = network.predict_on_batch(features)
    shuffled = np.take(features, rng.permutation(20), axis=haplotypes)
    np.testing.assert_allclose(network.predict_on_batch(shuffled), said, atol=1e-6)
    elsewhere = np.take(features, rng.permutation(20), axis=3 - haplotypes)
    assert np.abs(network.predict_on_batch(elsewhere) - said).max() > 1e-4


@pytest.mark.parametrize("axes", [("position", "haplotype"), ("haplotype", "site")])
def test_the_one_dimensional_network_takes_haplotypes_as_channels(axes):
    shape = (60, 8) if axes[0] == "position" else (8, 60)
    network = Fadja1D().network(FeatureSpec(shape, "uint8", axes), 2)
    first_kernel = next(weight for weight in network.weights if "kernel" in weight.path)
    assert first_kernel.shape == (10, 8, 32)
