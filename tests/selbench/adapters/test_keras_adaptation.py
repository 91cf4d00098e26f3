"""Domain adaptation: the turned gradient, what a step sees, and that it helps where it should."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from selbench import DataError, FeatureSpec
from selbench.adapters.keras import KerasModel, class_output
from selbench.adapters.keras_adaptation import Adaptation, AdaptiveStep, _with_second_output
from selbench.adapters.keras_predictor import KerasPredictor, NetworkRecord
from selbench.testing import random_windows
from selbench.windows import Examples

SPEC = FeatureSpec((2,), "float32", ("value",))


@dataclass(frozen=True)
class Plane(KerasModel):
    """One dense layer of two units, then the classes."""

    name: ClassVar[str] = "plane"
    default_encoder: ClassVar[str] = "none"

    optimizer: str = "adam"
    learning_rate: float = 0.01
    batch_size: int = 20

    def network(self, features, n_classes):
        from keras import Input, Model, layers

        inputs = Input(features.shape)
        return Model(inputs, class_output(layers.Dense(4, activation="tanh")(inputs), n_classes))


def examples(features, labels=None):
    """Windows whose features are given by their number."""
    windows = random_windows(len(features), seed=1)
    windows = replace(windows, labels=labels, parameters={"index": np.arange(len(features))})
    values = np.asarray(features, dtype=np.float32)
    return Examples(windows, lambda w: values[w.parameters["index"]], SPEC, ("neutral", "sweep"))


def shifted_data(n=400, seed=1):
    """The class shows in both values; in the target the first, which shows it best, is moved."""
    rng = np.random.default_rng(seed)
    labels = np.where(np.arange(n) % 2, "sweep", "neutral")
    signal = np.where(labels == "sweep", 1.0, -1.0)
    source = np.column_stack([signal + rng.normal(0, 0.3, n), signal + rng.normal(0, 0.6, n)])
    target = source[rng.permutation(n)] + np.array([3.0, 0.0])
    return source, labels, target


def fit(model, seed=3):
    source, labels, target = shifted_data()
    train = replace(examples(source, labels), target=examples(target))
    return model.fit(train, examples(source[:0]), seed=seed, progress=lambda fraction, message: None)


def test_the_gradient_is_turned_over_and_values_pass():
    import keras
    import tensorflow as tf

    network = Plane().network(SPEC, 2)
    both, strength = _with_second_output(network)
    kernel = network.weights[0]
    x = tf.constant([[0.3, -0.2], [0.1, 0.4]])
    gradients = {}
    for value in (0.0, 0.5, 1.0):
        strength.assign(value)
        with tf.GradientTape() as tape:
            outputs = both(x)
            domain = keras.ops.sum(outputs["domain"])
        gradients[value] = tape.gradient(domain, kernel.value).numpy()
        np.testing.assert_allclose(outputs["label"], network(x), rtol=1e-6)
    np.testing.assert_array_equal(gradients[0.0], 0)
    assert np.abs(gradients[1.0]).max() > 1e-6
    np.testing.assert_allclose(gradients[0.5], gradients[1.0] / 2, rtol=1e-4)


def test_labelled_windows_teach_the_classes_and_the_others_the_domains():
    """With no weight on the domains a step changes the network as one without them does."""
    source, labels, target = shifted_data(40)
    train = replace(examples(source, labels), target=examples(target))
    import keras

    changed = []
    for adapting in (False, True):
        keras.utils.set_random_seed(1)
        network = Plane().network(SPEC, 2)
        optimizer = keras.optimizers.SGD(0.1)
        if adapting:
            untrained = KerasPredictor(network, NetworkRecord(SPEC, 2, 1.0))
            adaptation = Adaptation(weight=1e-12, ramp_epochs=1)
            step = AdaptiveStep(untrained, train, adaptation, optimizer, "binary_crossentropy", False)
            scores = step(
                source[:10].astype(np.float32),
                np.eye(2, dtype=np.float32)[train.labels[:10]][:, 1:],
                2,
                np.random.default_rng(1),
            )
            assert set(scores) == {"loss", "accuracy", "domain_loss", "domain_accuracy"}
        else:
            network.compile(optimizer=optimizer, loss="binary_crossentropy")
            network.train_on_batch(source[:10].astype(np.float32), train.labels[:10, None].astype(np.float32))
        changed.append(network.get_weights())
    for plain, adapted in zip(*changed, strict=True):
        np.testing.assert_allclose(adapted, plain, atol=1e-6)


def test_strength_rises_linearly_to_one():
    adaptation = Adaptation(weight=0.75, ramp_epochs=4)
    assert [adaptation.strength(epoch) for epoch in (1, 2, 3, 5, 9)] == [0, 0.25, 0.5, 1, 1]


@pytest.mark.slow
def test_it_helps_where_the_target_is_moved():
    source, labels, _ = shifted_data(1000, seed=9)
    moved = source + np.array([3.0, 0.0])
    right = {}
    for adaptation in (0.0, 1.0):
        predictor = fit(Plane(epochs=30, adaptation=adaptation, adaptation_epochs=10))
        said = predictor.predict_proba(moved.astype(np.float32)).argmax(axis=1)
        right[adaptation] = (said == (labels == "sweep")).mean()
    assert right[0.0] < 0.7
    assert right[1.0] > right[0.0] + 0.15


def test_the_same_seed_gives_the_same_network_and_the_report_is_told():
    model = Plane(epochs=2, adaptation=0.75)
    first, second = fit(model), fit(model)
    features = shifted_data()[0].astype(np.float32)
    np.testing.assert_array_equal(first.predict_proba(features), second.predict_proba(features))
    assert first.remarks[-1].startswith("adapted to 400 unlabelled windows of the target")
    assert set(first.history) == {"loss", "accuracy", "domain_loss", "domain_accuracy"}
    assert first.n_parameters == 2 * 4 + 4 + 4 + 1, "what is kept is the network alone"


def test_without_a_target_it_is_refused():
    source, labels, _ = shifted_data(40)
    assert Plane(adaptation=0.5).uses_target
    assert not Plane().uses_target
    with pytest.raises(DataError, match="unlabelled windows of a target"):
        Plane(adaptation=0.5).fit(
            examples(source, labels), examples(source[:0]), seed=1, progress=lambda fraction, message: None
        )
