"""ImaGene's networks."""

import numpy as np
import pytest

from selbench import ExperimentError, FeatureSpec
from selbench.testing import ModelContract, random_windows
from selbench_imagene.images import ImaGeneImage
from selbench_imagene.networks import ImaGeneCnn


class TestImaGeneCnn(ModelContract):
    component = ImaGeneCnn(batch_size=40)
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


def test_penalties_are_on_the_kernels_of_the_convolutions():
    network = ImaGeneCnn(penalty=0.25).network(image(30, 30), 2)
    kernels = [w for w in network.get_weights() if w.ndim == 4]
    expected = sum(0.25 * (np.abs(kernel).sum() + (kernel**2).sum()) for kernel in kernels)
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
