"""diploS/HIC's network."""

import numpy as np
import plain_layers as plain
import pytest

from selbench import FeatureSpec
from selbench.testing import ModelContract, random_windows
from selbench_diploshic.networks import DiploshicCnn
from selbench_diploshic.vectors import DiploshicVectors


def image(*shape):
    return FeatureSpec(shape, "float32", ("statistic", "sub-window"))


class TestDiploshicCnn(ModelContract):
    component = DiploshicCnn(epochs=2, batch_size=32)
    encoder = DiploshicVectors(genotypes="diploid", sub_windows=2)
    windows = random_windows(120, seed=5, labels=True)


@pytest.mark.parametrize(
    ("shape", "n_classes", "n_weights"),
    [((12, 11), 5, 2_699_205), ((12, 11), 2, 2_698_818), ((15, 11), 5, 3_157_957)],
)
def test_the_network_has_the_weights_of_the_original(shape, n_classes, n_weights):
    assert DiploshicCnn().network(image(*shape), n_classes).count_params() == n_weights


def forward(x, weights):
    """Compute the network in plain numpy: three branches, joined."""
    image, branches = x[..., None], []
    layers = {}
    for depth in (0, 1):  # Keras lists weights by depth: the first layers of all branches come first
        for branch in range(3):
            layers[branch, depth] = weights.take(2)
    for branch, (dilation, pooling) in enumerate([((1, 1), 3), ((1, 3), 2), ((1, 4), 2)]):
        hidden = image
        for depth in (0, 1):
            kernel, bias = layers[branch, depth]
            hidden = plain.relu(plain.convolve(hidden, kernel, bias, dilation=dilation, same=True))
        branches.append(plain.flatten(plain.pool(hidden, (pooling, pooling), same=pooling == 3)))
    hidden = np.concatenate(branches, axis=1)
    for _ in range(2):
        hidden = plain.relu(plain.dense(hidden, *weights.take(2)))
    return plain.softmax(plain.dense(hidden, *weights.take(2)))


@pytest.mark.parametrize("shape", [(12, 11), (5, 4)])
def test_the_forward_pass_is_that_of_plain_numpy(shape):
    network = DiploshicCnn().network(image(*shape), 3)
    weights = plain.with_random_weights(network)
    x = np.random.default_rng(2).normal(size=(4, *shape)).astype(np.float32)
    expected = forward(x, weights)
    assert weights.all_used()
    assert expected.std(axis=0).max() > 0.01
    np.testing.assert_allclose(network.predict_on_batch(x), expected, atol=1e-4)


def test_training_is_the_originals():
    model = DiploshicCnn()
    assert (model.optimizer, model.learning_rate, model.batch_size, model.epochs) == ("adam", 0.001, 32, 100)
    assert (model.patience, model.min_delta, model.keep) == (5, 0.001, "best")
    assert model.standardise, "one mean and one deviation for the whole set"
    rates = [layer.rate for layer in model.network(image(12, 11), 5).layers if "dropout" in layer.name]
    assert rates == [0.15, 0.15, 0.15, 0.2, 0.1]


def test_half_of_the_windows_are_mirrored_along_the_sub_windows():
    batch = np.arange(400.0).reshape(100, 2, 2)
    seen = DiploshicCnn().augmented(batch, image(2, 2), np.random.default_rng(3))
    mirrored = (seen == batch[:, :, ::-1]).all(axis=(1, 2))
    assert 30 < mirrored.sum() < 70
    assert (seen[~mirrored] == batch[~mirrored]).all()
    rng = np.random.default_rng(3)
    np.testing.assert_array_equal(DiploshicCnn(flip=False).augmented(batch, image(2, 2), rng), batch)


def test_what_is_no_image_is_declined():
    assert "statistic" in DiploshicCnn().unsupported(FeatureSpec((17,), "float64", ("statistic",)))
    assert "(1, 11)" in DiploshicCnn().unsupported(image(1, 11))
