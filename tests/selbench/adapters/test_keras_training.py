"""The training loop, on a stand-in for a network that says what it is told to."""

from dataclasses import replace

import numpy as np
import pytest

from selbench import DataError, FeatureSpec, Windows
from selbench.adapters.keras_predictor import KerasPredictor, NetworkRecord
from selbench.adapters.keras_training import (
    Lesson,
    PlainStep,
    Schedule,
    flipped,
    mean_and_deviation,
    train_network,
)
from selbench.windows import Examples

N_WINDOWS = 10


class StandIn:
    """Gets `right[epoch]` of the ten validation windows right; its weights are the epoch's number."""

    output_shape = (None, 1)

    def __init__(self, right):
        self.right = right
        self.steps = []
        self.epoch = 0
        self.loss = None

    def reset_metrics(self):
        pass

    def train_on_batch(self, features, targets, return_dict):
        assert targets.shape == (len(features), 1)
        if sum(map(len, self.steps)) == self.epoch * N_WINDOWS:
            self.epoch += 1
        self.steps.append(features[:, 0].astype(int).tolist())
        return {"loss": self.loss or float(len(features)), "accuracy": 0.5}

    def predict_on_batch(self, features):
        index, label = features[:, 0], features[:, 1]
        right = index < self.right[self.epoch - 1]
        return np.where(right == (label == 1), 0.9, 0.1)[:, None]

    def get_weights(self):
        return [np.array(self.epoch)]

    def set_weights(self, weights):
        self.epoch = int(weights[0])


def examples():
    """Windows whose features are their index and their label."""
    empty = Windows.from_arrays(
        [np.zeros((0, 2))] * N_WINDOWS, [[]] * N_WINDOWS, sequence_length=9, n_haplotypes=2
    )
    windows = Windows(
        empty.spec,
        empty.haplotypes,
        empty.positions,
        empty.offsets,
        labels=np.array(["neutral", "sweep"] * 5),
        parameters={"index": np.arange(N_WINDOWS)},
    )
    spec = FeatureSpec((2,), "float32", ("value",))

    def encode(batch):
        return np.stack([batch.parameters["index"], batch.labels == "sweep"], axis=1).astype(np.float32)

    return Examples(windows, encode, spec, ("neutral", "sweep"))


def as_it_is(batch, features, rng):
    return batch


def train(right, *, seed=1, batch_size=4, data=None, loss=None, augmented=as_it_is, **schedule):
    network, data = StandIn(right), data or examples()
    network.loss = loss
    options = {"patience": None, "min_delta": 0.0, "start_epoch": 1, "keep": "last"} | schedule
    predictor = train_network(
        KerasPredictor(network, NetworkRecord(data.spec, 2, 1.0)),
        Lesson(data, np.eye(2, dtype=np.float32)[data.labels], augmented, PlainStep(network)),
        data,
        Schedule(epochs=len(right), batch_size=batch_size, **options),
        seed,
        lambda fraction, message: None,
    )
    return network, predictor.history


def test_each_epoch_sees_each_window_once_in_an_order_of_its_own():
    network, _ = train([5, 5])
    assert [len(step) for step in network.steps] == [4, 4, 2, 4, 4, 2]
    first, second = (np.concatenate(steps).tolist() for steps in (network.steps[:3], network.steps[3:]))
    assert sorted(first) == sorted(second) == list(range(N_WINDOWS))
    assert first != second
    assert train([5, 5])[0].steps == network.steps
    assert train([5, 5], seed=2)[0].steps != network.steps


def test_losses_are_means_over_windows_not_over_batches():
    _, history = train([5])
    assert history["loss"] == ((4 * 4 + 4 * 4 + 2 * 2) / 10,)


@pytest.mark.parametrize(
    ("right", "schedule", "epochs", "kept"),
    [
        ([5, 6, 9, 7, 7, 7], {}, 6, 6),
        ([5, 6, 9, 7, 7, 7], {"keep": "best"}, 6, 3),
        ([5, 6, 9, 7, 7, 7, 7], {"patience": 3}, 6, 6),
        ([5, 6, 9, 7, 7, 7, 7], {"patience": 3, "keep": "best"}, 6, 3),
        ([5, 5, 5, 5, 8, 5, 5, 5], {"patience": 3}, 4, 4),
        ([5, 5, 5, 5, 8, 5, 5, 5], {"patience": 3, "start_epoch": 4}, 8, 8),
        ([9, 5, 5, 8, 5], {"start_epoch": 2, "keep": "best"}, 5, 4),
        ([5, 9, 9, 5], {"patience": 2}, 4, 4),
        ([5, 6, 7, 8, 9, 5], {"patience": 2, "min_delta": 0.15}, 6, 6),
        ([5, 6, 6, 8, 9, 5], {"patience": 2, "min_delta": 0.15}, 3, 3),
        ([5, 6, 6, 8, 9, 5], {"patience": 2, "min_delta": 0.15, "keep": "best"}, 3, 2),
    ],
)
def test_stopping_and_keeping_follow_the_validation_accuracy(right, schedule, epochs, kept):
    network, history = train(right, **schedule)
    assert history["val_accuracy"] == tuple(n / 10 for n in right[:epochs])
    assert network.epoch == kept


def test_a_step_sees_augmented_windows_and_validation_never_does():
    def shifted(batch, features, rng):
        return batch + 100 * rng.integers(1, 3)

    network, history = train([5, 5], augmented=shifted)
    seen = np.concatenate(network.steps)
    assert set(seen // 100) == {1, 2}
    assert sorted(seen % 100) == sorted([*range(N_WINDOWS)] * 2)
    assert train([5, 5], augmented=shifted)[0].steps == network.steps
    assert history["val_accuracy"] == (0.5, 0.5)


def test_windows_are_mirrored_by_the_toss_of_a_coin_along_the_axis_named():
    batch = np.arange(40 * 6).reshape(40, 3, 2)
    spec = FeatureSpec((3, 2), "float32", ("site", "haplotype"))
    mirrored = flipped(batch, spec, np.random.default_rng(1), {"position", "site"})
    turned = [bool((after == before[::-1]).all()) for before, after in zip(batch, mirrored, strict=True)]
    kept = [bool((after == before).all()) for before, after in zip(batch, mirrored, strict=True)]
    assert [a != b for a, b in zip(turned, kept, strict=True)] == [True] * 40
    assert 10 < sum(turned) < 30
    np.testing.assert_array_equal(flipped(batch, spec, np.random.default_rng(1), {"sub-window"}), batch)


def test_one_mean_and_one_deviation_are_those_of_all_values():
    values = examples().to_array().astype(np.float64)
    mean, deviation = mean_and_deviation(examples())
    assert mean == pytest.approx(values.mean(), abs=1e-9)
    assert deviation == pytest.approx(values.std() + 1e-6, abs=1e-9)


def test_constant_features_are_refused():
    constant = replace(examples(), encode=lambda batch: np.ones((len(batch), 2), dtype=np.float32))
    with pytest.raises(DataError, match="all 10 training windows have the same features"):
        train([5], data=constant)


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_ends_the_fit(loss):
    with pytest.raises(DataError, match=r"epoch 1; lower learning_rate"):
        train([5], loss=loss)
