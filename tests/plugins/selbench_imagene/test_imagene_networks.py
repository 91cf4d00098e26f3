"""ImaGene's networks."""

import numpy as np
import pytest

from selbench import ExperimentError, FeatureSpec
from selbench.testing import ModelContract, random_windows
from selbench_imagene.images import ImaGeneImage
from selbench_imagene.networks import ImaGeneCnn


class TestImaGeneCnn(ModelContract):
    component = ImaGeneCnn(batch_size=32)
    encoder = ImaGeneImage(size=22)
    windows = random_windows(120, seed=5, labels=True)


def image(*shape):
    return FeatureSpec(shape, "uint8", ("haplotype", "site"))


def dense(n_inputs, n_units):
    return n_inputs * n_units + n_units


def convolution(n_inputs, n_filters):
    return dense(9 * n_inputs, n_filters)


@pytest.mark.parametrize(
    ("options", "n_classes", "n_weights"),
    [
        ({}, 2, convolution(1, 32) + 2 * convolution(32, 32) + dense(14 * 14 * 32, 64) + dense(64, 1)),
        ({}, 3, convolution(1, 32) + convolution(32, 64) + convolution(64, 64) + dense(14 * 14 * 64, 3)),
        (
            {"label_sd": 0.5},
            11,
            convolution(1, 32) + convolution(32, 64) + convolution(64, 128) + dense(14 * 14 * 128, 11),
        ),
    ],
)
def test_the_networks_have_the_filters_of_the_paper(options, n_classes, n_weights):
    network = ImaGeneCnn(**options).network(image(128, 128), n_classes)
    assert network.count_params() == n_weights


def test_training_is_that_of_the_paper_for_two_classes():
    model = ImaGeneCnn()
    assert (model.optimizer, model.learning_rate) == ("rmsprop", 0.001)
    assert (model.batch_size, model.epochs, model.keep, model.patience) == (32, 1, "last", None)
    assert model.input_divisor == 255, "pixels are 0 to 1"
    assert model.label_sd is None, "classes have no order"
    assert model.default_encoder == "imagene"


@pytest.mark.parametrize(
    ("options", "n_classes", "filters", "after"),
    [
        ({}, 2, (32, 32, 32), [(64, "relu"), (1, "sigmoid")]),
        ({}, 3, (32, 64, 64), [(3, "softmax")]),
        ({"label_sd": 0.5}, 11, (32, 64, 128), [(11, "softmax")]),
        ({"label_sd": 0.0}, 3, (32, 64, 128), [(3, "softmax")]),
    ],
)
def test_the_layers_are_those_of_the_paper(options, n_classes, filters, after):
    settings = {
        "Conv2D": ("filters", "kernel_size", "strides", "padding", "activation"),
        "MaxPooling2D": ("pool_size", "strides", "padding"),
        "Dense": ("units", "activation"),
    }
    network = ImaGeneCnn(**options).network(image(30, 30), n_classes)
    layers = [(type(layer).__name__, layer.get_config()) for layer in network.layers]
    told = [(kind, *(config[name] for name in settings.get(kind, ()))) for kind, config in layers]
    expected = []
    for n_filters in filters:
        expected.append(("Conv2D", n_filters, (3, 3), (1, 1), "valid", "relu"))
        expected.append(("MaxPooling2D", (2, 2), (2, 2), "valid"))
    expected += [("Dense", *dense) for dense in after]
    assert [layer for layer in told if layer[0] not in {"InputLayer", "Reshape", "Flatten"}] == expected


@pytest.mark.parametrize(("options", "penalty"), [({}, 0.005), ({"penalty": 0.25}, 0.25)])
def test_penalties_are_on_the_kernels_of_the_convolutions(options, penalty):
    network = ImaGeneCnn(**options).network(image(30, 30), 2)
    network.set_weights([weight + 0.1 for weight in network.get_weights()])
    kernels = [w for w in network.get_weights() if w.ndim == 4]
    expected = sum(penalty * (np.abs(kernel).sum() + (kernel**2).sum()) for kernel in kernels)
    assert float(sum(network.losses)) == pytest.approx(expected, rel=1e-5)


def test_classes_without_order_get_one_hot_targets():
    np.testing.assert_array_equal(ImaGeneCnn().targets(np.array([2, 0]), 3), [[0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(ImaGeneCnn(label_sd=0.0).targets(np.array([1]), 3), [[0, 1, 0]])


def test_ordered_classes_get_a_normal_density_around_their_class():
    from scipy.stats import norm

    targets = ImaGeneCnn(label_sd=0.7).targets(np.arange(5), 5)
    for label, target in enumerate(targets):
        density = norm.pdf(np.arange(5), loc=label, scale=0.7)
        np.testing.assert_allclose(target, density / density.sum(), rtol=1e-5)


@pytest.mark.parametrize("side", [(22, 128), (128, 22)])
def test_the_smallest_images_are_taken(side):
    assert ImaGeneCnn().unsupported(image(*side)) is None
    ImaGeneCnn().network(image(*side), 2)


def test_what_does_not_fit_is_declined_with_the_reason():
    assert "(21, 128)" in ImaGeneCnn().unsupported(image(21, 128))
    assert "statistic" in ImaGeneCnn().unsupported(FeatureSpec((17,), "float64", ("statistic",)))


@pytest.mark.parametrize("options", [{"penalty": -1.0}, {"label_sd": -0.1}, {"epochs": 0}])
def test_impossible_options_are_refused(options):
    with pytest.raises(ExperimentError, match=next(iter(options))):
        ImaGeneCnn(**options)
