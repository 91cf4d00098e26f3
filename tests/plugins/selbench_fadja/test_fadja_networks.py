"""The seed study's networks and the two one-dimensional ones."""

import numpy as np
import pytest
from keras_sizes import is_too_small

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
    component = FadjaCnn(epochs=1, batch_size=32)


class TestFadjaInitial(SmallImages):
    component = FadjaInitial(epochs=1, batch_size=32)
    windows = random_windows(120, seed=5, n_haplotypes=20, sequence_length=20, labels=True)


class TestFadja1D(SmallImages):
    component = Fadja1D(epochs=1, batch_size=32)


class TestHaplotypeNet(SmallImages):
    component = HaplotypeNet(epochs=1, batch_size=32, filters=4)
    windows = random_windows(120, seed=5, n_haplotypes=8, sequence_length=40, labels=True)


@pytest.mark.parametrize("model", [FadjaInitial(), FadjaCnn(), Fadja1D()])
def test_training_is_the_studys_unless_told_otherwise(model):
    assert (model.optimizer, model.learning_rate, model.momentum) == ("sgd", 0.001, 0.9)
    assert (model.batch_size, model.epochs) == (50, 10)
    assert (model.keep, model.patience, model.start_epoch) == ("last", None, 1)
    assert model.input_divisor == 1, "pixels are 0 to 255"
    assert model.default_encoder == "full-length"


def test_the_haplotype_network_trains_in_its_own_way():
    model = HaplotypeNet()
    assert (model.optimizer, model.learning_rate, model.input_divisor) == ("adam", 0.001, 255)
    assert (model.epochs, model.filters, model.default_encoder) == (10, 32, "sites")


def convolution(filters, length, stride, padding, axes=2):
    return f"Conv{axes}D", filters, (length,) * axes, (stride,) * axes, padding, "relu"


def pooling(axes=2):
    return f"MaxPooling{axes}D", (2,) * axes, (2,) * axes, "valid"


def described(network):
    """Return the layers that compute something, in order, each as its kind and settings."""
    settings = {
        "Conv1D": ("filters", "kernel_size", "strides", "padding", "activation"),
        "Conv2D": ("filters", "kernel_size", "strides", "padding", "activation"),
        "MaxPooling1D": ("pool_size", "strides", "padding"),
        "MaxPooling2D": ("pool_size", "strides", "padding"),
        "Dense": ("units", "activation"),
        "Dropout": ("rate",),
    }
    named = [(type(layer).__name__, layer.get_config()) for layer in network.layers]
    told = [(kind, *(config[name] for name in settings.get(kind, ()))) for kind, config in named]
    return [layer for layer in told if layer[0] not in {"InputLayer", "Permute", "Reshape", "Flatten"}]


DROPOUT = ("Dropout", 0.4)
INITIAL = [
    *(convolution(4, 10, 2, "valid"), pooling()),
    *(convolution(64, 5, 1, "same"), pooling()),
    *(DROPOUT, ("Dense", 1024, "relu")),
]
TEXT = [
    *(convolution(32, 10, 2, "same"), pooling(), DROPOUT),
    *(convolution(64, 10, 2, "same"), pooling(), DROPOUT),
    *(convolution(128, 10, 2, "same"), pooling(), DROPOUT),
    ("Dense", 128, "relu"),
]
TEXT_1D = [
    *(convolution(32, 10, 2, "same", 1), pooling(1), DROPOUT),
    *(convolution(64, 10, 2, "same", 1), pooling(1), DROPOUT),
    *(convolution(128, 10, 2, "same", 1), pooling(1), DROPOUT),
    ("Dense", 128, "relu"),
]


@pytest.mark.parametrize(
    ("model", "hidden"), [(FadjaInitial(), INITIAL), (FadjaCnn(), TEXT), (Fadja1D(), TEXT_1D)]
)
def test_the_layers_are_those_of_the_study(model, hidden):
    assert described(model.network(image(64, 44), 2)) == [*hidden, ("Dense", 1, "sigmoid")]
    assert described(model.network(image(64, 44), 3)) == [*hidden, ("Dense", 3, "softmax")]


def test_every_hidden_layer_of_the_haplotype_network_is_rectified():
    network = HaplotypeNet().network(image(40, 8), 2)
    activations = [layer.get_config().get("activation") for layer in network.layers]
    assert [activation for activation in activations if activation] == ["relu"] * 5 + ["sigmoid"]


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
        assert is_too_small(lambda: model.network(smaller, 2))
    assert not is_too_small(lambda: model.network(image(*smallest), 2))


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
