"""The ladder of networks, its foot, and the DeepSet."""

import numpy as np
import plain_layers as plain
import pytest

from selbench import ExperimentError, FeatureSpec
from selbench.testing import ModelContract, random_windows
from selbench_cecil.images import CecilImage
from selbench_cecil.networks import CecilCnn, CecilDeepSet, CecilMiniCnn


def image(n_haplotypes, n_sites):
    return FeatureSpec((n_haplotypes, n_sites), "uint8", ("haplotype", "site"))


class Small(ModelContract):
    encoder = CecilImage(n_sites=24)
    windows = random_windows(120, seed=5, labels=True)


class TestCecilCnn(Small):
    component = CecilCnn(epochs=1, restarts=2, filters=4)


class TestCecilMiniCnn(Small):
    component = CecilMiniCnn(epochs=1, restarts=5)  # one may be dead from the start


class TestCecilDeepSet(Small):
    component = CecilDeepSet(epochs=1, restarts=1)


@pytest.mark.parametrize(
    ("model", "n_weights"),
    [(CecilCnn(), 420_192), (CecilMiniCnn(), 16_258), (CecilDeepSet(), 516_737)],
)
def test_the_networks_have_the_weights_of_the_originals(model, n_weights):
    assert model.network(image(128, 128), 2).count_params() == n_weights


def convolutions(n_convolutions, n_filters, height, width, pool):
    """Count the weights of a rung without a dense layer."""
    rows = columns = 128
    weights, channels = 0, 1
    for _ in range(n_convolutions):
        weights += height * width * channels * n_filters
        rows, columns, channels = rows - height + 1, columns - width + 1, n_filters
        if pool:
            rows, columns = rows // 2, columns // 2
    return weights + rows * columns * channels


@pytest.mark.parametrize(
    ("options", "n_weights"),
    [
        ({"dense": 0}, convolutions(3, 32, 3, 3, True)),
        ({"dense": 0, "convolutions": 2}, convolutions(2, 32, 3, 3, True)),
        ({"dense": 0, "convolutions": 1}, convolutions(1, 32, 3, 3, True)),
        ({"dense": 0, "convolutions": 1, "filters": 4}, convolutions(1, 4, 3, 3, True)),
        (
            {"dense": 0, "convolutions": 1, "filters": 4, "kernel_columns": 1},
            convolutions(1, 4, 3, 1, True),
        ),
        (
            {"dense": 0, "convolutions": 1, "filters": 1, "kernel_rows": 2, "kernel_columns": 2},
            convolutions(1, 1, 2, 2, True),
        ),
        (
            {
                "dense": 0,
                "convolutions": 1,
                "filters": 1,
                "kernel_rows": 1,
                "kernel_columns": 2,
                "pool": False,
            },
            convolutions(1, 1, 1, 2, False),
        ),
    ],
)
def test_every_rung_of_the_ladder_is_a_set_of_options(options, n_weights):
    assert CecilCnn(**options).network(image(128, 128), 2).count_params() == n_weights


def cnn(x, weights, model):
    x = x[..., None]
    for _ in range(model.convolutions):
        x = plain.convolve(x, *weights.take())
        x = plain.relu(x) if model.relu else x
        x = plain.pool(x, (2, 2)) if model.pool else x
    x = plain.flatten(x)
    if model.dense:
        x = plain.relu(plain.dense(x, *weights.take()))
    return plain.sigmoid(plain.dense(x, *weights.take()))


def deepset(x, weights, model):
    x = x[..., None]
    for _ in range(2):
        x = plain.relu(plain.convolve(x, *weights.take(2)))
    x = plain.flatten(x.mean(axis=1))
    for _ in range(2):
        x = plain.relu(plain.dense(x, *weights.take(2)))
    return plain.sigmoid(plain.dense(x, *weights.take(2)))


@pytest.mark.parametrize(
    ("model", "forward"),
    [
        (CecilCnn(), cnn),
        (CecilCnn(convolutions=2, filters=4, kernel_columns=1, dense=0, relu=False), cnn),
        (CecilMiniCnn(), cnn),
        (CecilDeepSet(), deepset),
    ],
)
def test_the_forward_pass_is_that_of_plain_numpy(model, forward):
    network = model.network(image(23, 31), 2)
    weights = plain.with_random_weights(network)
    x = np.random.default_rng(2).integers(0, 2, (6, 23, 31)).astype(np.float32)
    expected = forward(x.astype(float), weights, model)
    assert weights.all_used()
    assert expected.std() > 1e-3
    np.testing.assert_allclose(network.predict_on_batch(x), expected, atol=1e-5)


def test_a_kernel_of_two_by_one_looks_at_two_haplotypes_whatever_the_encoder_puts_first():
    for spec in (image(40, 20), FeatureSpec((20, 40), "uint8", ("position", "haplotype"))):
        network = CecilMiniCnn().network(spec, 2)
        assert network.weights[0].shape == (2, 1, 1, 1)
        assert network.weights[1].shape == (39 * 20, 1)


def test_the_deepset_does_not_see_the_order_of_haplotypes():
    rng = np.random.default_rng(2)
    network = CecilDeepSet().network(image(9, 20), 2)
    x = rng.integers(0, 2, (4, 9, 20)).astype(np.float32)
    shuffled = x[:, rng.permutation(9)]
    np.testing.assert_allclose(network.predict_on_batch(shuffled), network.predict_on_batch(x), atol=1e-5)


def test_weights_start_from_a_normal_density_without_biases_and_convolutions_are_penalised():
    network = CecilCnn().network(image(128, 128), 2)
    assert all("bias" not in weight.path for weight in network.weights)
    for weight in network.get_weights():
        assert weight.std() == pytest.approx(1, abs=0.25)
    kernels = [weight for weight in network.get_weights() if weight.ndim == 4]
    expected = sum(0.005 * (np.abs(kernel).sum() + (kernel**2).sum()) for kernel in kernels)
    assert float(sum(network.losses)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("model", [CecilCnn(), CecilMiniCnn(), CecilDeepSet()])
def test_training_is_the_originals(model):
    assert (model.optimizer, model.learning_rate, model.batch_size) == ("adam", 0.0001, 64)
    assert (model.epochs, model.restarts, model.keep) == (2, 10, "last")


@pytest.mark.parametrize(
    ("model", "smallest"),
    [(CecilCnn(), (22, 22)), (CecilMiniCnn(), (2, 1)), (CecilDeepSet(), (1, 9))],
)
def test_the_smallest_images_are_taken_and_smaller_ones_declined(model, smallest):
    assert model.unsupported(image(*smallest)) is None
    assert model.network(image(*smallest), 3).output_shape == (None, 3)
    rows, columns = smallest
    smaller = image(rows, columns - 1) if model.name == "cecil-deepset" else image(rows - 1, columns)
    assert "site" in model.unsupported(smaller)


def test_what_is_not_haplotypes_is_declined():
    for model in (CecilCnn(), CecilDeepSet()):
        assert "statistic" in model.unsupported(FeatureSpec((17,), "float64", ("statistic",)))
    with pytest.raises(ExperimentError, match="filters"):
        CecilCnn(filters=0)
