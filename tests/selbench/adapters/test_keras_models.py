"""Keras networks as models: fitting, saving, loading, and what is refused."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import ClassVar

import numpy as np
import pytest

from selbench import DataError, Encoder, ExperimentError, FeatureSpec, PluginError, UnsupportedError
from selbench.adapters import keras_backend
from selbench.adapters.keras import KerasModel, class_output, image_input, not_an_image
from selbench.adapters.keras_predictor import KerasPredictor, NetworkRecord
from selbench.adapters.keras_training import LossNotFinite
from selbench.testing import ModelContract, random_windows
from selbench.windows import Examples

WINDOWS = random_windows(60, seed=4, n_haplotypes=8, sequence_length=12, labels=True)
TRAIN, VALIDATION = WINDOWS.take(slice(0, 40)), WINDOWS.take(slice(40, 60))


@dataclass(frozen=True)
class DerivedCounts(Encoder):
    """Derived alleles of each haplotype."""

    name: ClassVar[str] = "derived-counts"

    def feature_spec(self, windows):
        return FeatureSpec((windows.n_haplotypes,), "float32", ("haplotype",))

    def encode_window(self, haplotypes, positions, spec):
        return haplotypes.sum(axis=0)


@dataclass(frozen=True)
class TinyNet(KerasModel):
    """A dense layer and dropout."""

    name: ClassVar[str] = "tiny-net"
    default_encoder: ClassVar[str] = "derived-counts"

    epochs: int = 2
    batch_size: int = 20
    units: int = 4

    def network(self, features, n_classes):
        from keras import Input, Model, layers

        inputs = Input(features.shape)
        hidden = layers.Dropout(0.1)(layers.Dense(self.units, activation="relu")(inputs))
        return Model(inputs, class_output(hidden, n_classes))


class TestTinyNet(ModelContract):
    component = TinyNet(batch_size=30)
    encoder = DerivedCounts()


def examples(windows, *, classes=("neutral", "sweep"), encode=DerivedCounts().encode):
    return Examples(windows, encode, DerivedCounts().feature_spec(windows.spec), classes)


def fit(model, train=None, validation=None, seed=1, progress=lambda fraction, message: None):
    train = examples(TRAIN) if train is None else train
    validation = examples(VALIDATION) if validation is None else validation
    return model.fit(train, validation, seed=seed, progress=progress)


def test_a_step_of_one_size_of_batch_is_traced_once():
    import keras

    traced = []

    class Told(keras.Model):
        def train_step(self, data):
            traced.append(data)
            return super().train_step(data)

    class ToldNet(TinyNet):
        name = "told-net"

        def network(self, features, n_classes):
            plain = super().network(features, n_classes)
            return Told(plain.inputs, plain.outputs[0])

    fit(ToldNet(batch_size=20))
    assert len(traced) == 1


@pytest.fixture(scope="module")
def updates():
    """What the fit of `fitted` tells about its progress."""
    return []


@pytest.fixture(scope="module")
def fitted(updates):
    return fit(TinyNet(), progress=lambda *update: updates.append(update))


def test_progress_counts_epochs_and_history_has_a_value_for_each(fitted, updates):
    assert [fraction for fraction, _ in updates] == [0, 0.25, 0.5, 0.75, 1]
    assert updates[1][1].startswith("epoch 1/2, loss ")
    assert updates[4][1].startswith("epoch 2/2, loss ")
    lengths = {name: len(values) for name, values in fitted.history.items()}
    assert lengths == {"loss": 2, "accuracy": 2, "val_loss": 2, "val_accuracy": 2}
    assert fitted.n_parameters == 8 * 4 + 4 + 4 + 1


def test_history_is_what_the_predictor_says_of_the_validation_windows(fitted):
    labels = examples(VALIDATION).labels
    said = fitted.predict_proba(examples(VALIDATION).to_array())
    of_label = said[np.arange(len(labels)), labels]
    assert fitted.history["val_loss"][-1] == pytest.approx(-np.log(of_label).mean(), rel=1e-5)
    assert fitted.history["val_accuracy"][-1] == (said.argmax(axis=1) == labels).mean()


def test_another_seed_gives_another_network(fitted):
    features = examples(WINDOWS).to_array()
    other = fit(TinyNet(epochs=1), validation=examples(WINDOWS.take([])), seed=2)
    assert set(other.history) == {"loss", "accuracy"}
    assert np.abs(other.predict_proba(features) - fitted.predict_proba(features)).max() > 1e-3


def test_more_classes_get_a_softmax_in_code_order():
    counts = np.where(np.arange(60) % 3 == 2, 7, np.arange(60) % 3)
    labels = np.array(["neutral", "hard", "soft"])[np.arange(60) % 3]
    train = examples(
        replace(WINDOWS, labels=labels, parameters={"count": counts}),
        classes=("neutral", "hard", "soft"),
        encode=lambda windows: np.repeat(windows.parameters["count"][:, None], 8, axis=1),
    )
    predictor = fit(TinyNet(epochs=30, optimizer="adam", learning_rate=0.1), train, train)
    said = predictor.predict_proba(train.to_array())
    assert said.shape == (60, 3)
    assert (said.argmax(axis=1) == train.labels).mean() > 0.9


@dataclass(frozen=True)
class NearestRate(TinyNet):
    """Fits nothing: the probability of the right class is the learning rate."""

    def _fit_once(self, learning_rate, train, validation, seed, progress):
        progress(1.0, f"rate {learning_rate}")
        network = type("Network", (), {})()
        network.predict_on_batch = lambda batch: np.where(batch[:, :1] > 0, learning_rate, 1 - learning_rate)
        return KerasPredictor(network, NetworkRecord(train.spec, 2, 1.0))


def test_of_several_learning_rates_the_one_with_the_lowest_validation_loss_is_kept():
    told = []
    known = examples(VALIDATION, encode=lambda windows: np.tile(windows.labels == "sweep", (8, 1)).T)
    chosen = fit(
        NearestRate(learning_rate=(0.2, 0.9, 0.6)),
        validation=known,
        progress=lambda *update: told.append(update),
    )
    assert chosen.predict_proba(np.ones((1, 8)))[0, 1] == pytest.approx(0.9)
    assert [fraction for fraction, _ in told] == pytest.approx([1 / 3, 2 / 3, 1])


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


@dataclass(frozen=True)
class RightShare(TinyNet):
    """Fits nothing: of the four windows it gets right as many as its seed says."""

    def _fit_once(self, learning_rate, train, validation, seed, progress):
        right = RIGHT[len(SEEDS)]
        SEEDS.append(seed)
        network = type("Network", (), {})()

        def answer(batch):
            return np.where(batch[:, 1:2] < right, batch[:, :1], 1 - batch[:, :1])

        network.predict_on_batch = answer
        return KerasPredictor(network, NetworkRecord(train.spec, 2, 1.0))


RIGHT, SEEDS = (1, 3, 2), []


def test_of_several_restarts_the_one_with_the_highest_validation_accuracy_is_kept():
    features = np.array([[0, 0], [1, 1], [0, 2], [1, 3]], dtype=np.float32)
    windows = replace(WINDOWS.take([2, 3, 4, 5]), labels=np.where(features[:, 0], "sweep", "neutral"))
    data = Examples(windows, lambda _: features, FeatureSpec((2,), "float32", ("x",)), ("neutral", "sweep"))
    predictor = fit(RightShare(restarts=3), data, data, seed=5)
    assert SEEDS[0] == 5, "the first fit is the one without restarts"
    assert len(set(SEEDS)) == 3
    assert (predictor.predict_proba(features).argmax(axis=1) == data.labels).mean() == 0.75
    assert predictor.remarks == ("best of 3 fits by validation accuracy, which ranged from 0.250 to 0.750",)


def test_standardised_features_may_have_any_scale(tmp_path):
    def moved(windows):
        return DerivedCounts().encode(windows) * 10 + 1000

    model = TinyNet(standardise=True)
    plain = fit(model)
    elsewhere = fit(model, examples(TRAIN, encode=moved), examples(VALIDATION, encode=moved))
    said = plain.predict_proba(examples(WINDOWS).to_array())
    np.testing.assert_allclose(elsewhere.predict_proba(moved(WINDOWS)), said, atol=1e-4)
    values = DerivedCounts().encode(TRAIN)
    assert elsewhere.record.input_offset == pytest.approx(10 * values.mean() + 1000)
    assert elsewhere.record.input_divisor == pytest.approx(10 * values.std(), rel=1e-5)
    plain.save(tmp_path)
    again = model.load(tmp_path)
    np.testing.assert_array_equal(again.predict_proba(examples(WINDOWS).to_array()), said)
    with pytest.raises(DataError, match="features less"):
        TinyNet().load(tmp_path)


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs Linux's /proc")
def test_fits_leave_no_memory_behind():
    sites, fits = 2000, 10
    encode = partial(np.resize, DerivedCounts().encode(TRAIN))
    wide = Examples(
        TRAIN,
        lambda windows: encode((len(windows), sites)),
        FeatureSpec((sites,), "float32", ("x",)),
        ("neutral", "sweep"),
    )
    none = replace(wide, windows=TRAIN.take([]))
    model = TinyNet(units=sites, epochs=1)
    fit(model, wide, none)
    before = resident_bytes()
    for _ in range(fits):
        fit(model, wide, none)
    layer = sites * sites * 4
    # The allocator keeps three to six layers for itself, however many fits there are: so there are ten.
    # Where variables are not released they hold 24 layers, with what the optimiser has of each.
    assert resident_bytes() - before < fits * layer, "fits that left their layer behind would hold one each"


def test_features_are_divided_before_they_enter():
    record = NetworkRecord(FeatureSpec((2,), "uint8", ("x",)), 2, input_divisor=255.0)
    scaled = record.scaled(np.array([[0, 255]], dtype=np.uint8))
    assert scaled.dtype == np.float32
    np.testing.assert_array_equal(scaled, [[0, 1]])


def test_features_that_are_not_finite_are_refused(fitted):
    spoilt = examples(TRAIN, encode=lambda windows: np.full((len(windows), 8), np.nan))
    with pytest.raises(DataError, match="expected finite features, found nan in window 0"):
        fit(TinyNet(), spoilt)
    with pytest.raises(DataError, match="found NaN"):
        fitted.predict_proba(np.full((1, 8), np.nan))


def test_features_of_another_shape_are_refused_naming_both(fitted):
    with pytest.raises(DataError, match=r"\(8,\).*\(12, 8\)"):
        fitted.predict_proba(np.zeros((1, 12, 8)))


@pytest.mark.parametrize(
    "options", [{"patience": 2}, {"keep": "best"}, {"restarts": 2}, {"learning_rate": (0.1, 0.2)}]
)
def test_choosing_needs_validation_windows(options):
    with pytest.raises(DataError, match="need validation windows"):
        fit(TinyNet(**options), validation=examples(WINDOWS.take([])))


@pytest.mark.parametrize(("chosen", "found"), [([], "none"), ([0, 2, 4], "neutral")])
def test_training_windows_of_fewer_than_two_classes_are_refused(chosen, found):
    with pytest.raises(DataError, match=f"at least two classes, found {found}"):
        fit(TinyNet(), train=examples(WINDOWS.take(chosen)))


@dataclass(frozen=True)
class Sideways(TinyNet):
    """One output too many."""

    def network(self, features, n_classes):
        return super().network(features, n_classes + 1)


def test_a_network_with_other_outputs_than_classes_is_refused():
    with pytest.raises(PluginError, match=r"2 outputs, found \(3,\)"):
        fit(Sideways())


@pytest.mark.parametrize(
    "options",
    [
        {"epochs": 0}, {"batch_size": 0}, {"learning_rate": ()}, {"learning_rate": (0.1, 0.0)},
        {"restarts": 0}, {"min_delta": -0.1}, {"min_delta": 1.0},
        {"input_divisor": 0.0}, {"input_divisor": float("nan")}, {"input_divisor": float("inf")},
        {"momentum": 1.0}, {"momentum": -0.1}, {"patience": 0}, {"start_epoch": 3},
    ],
)  # fmt: skip
def test_impossible_options_are_refused(options):
    with pytest.raises(ExperimentError, match=next(iter(options))):
        TinyNet(**options)


def test_a_learning_rate_that_diverges_loses_and_the_choice_is_told():
    train = examples(TRAIN, encode=lambda windows: 1e4 * DerivedCounts().encode(windows).astype(float))
    diverging = TinyNet(learning_rate=(1e30, 1e-6), epochs=1)
    chosen = fit(diverging, train, train)
    assert chosen.remarks[0].startswith("learning rate 1e-06 chosen by validation loss: inf with 1e+30, ")
    alone = fit(replace(diverging, learning_rate=1e-6), train, train)
    assert alone.remarks == ()
    np.testing.assert_array_equal(
        chosen.predict_proba(train.to_array()), alone.predict_proba(train.to_array())
    )
    with pytest.raises(LossNotFinite, match="none of its learning rates"):
        fit(replace(diverging, learning_rate=(1e30, 1e31)), train, train)


def test_features_that_a_network_cannot_be_built_on_are_refused_in_a_line():
    with pytest.raises(UnsupportedError, match="needs an image with two axes"):
        image_input(FeatureSpec((3,), "float64", ("statistic",)))

    @dataclass(frozen=True)
    class Deep(TinyNet):
        def network(self, features, n_classes):
            from keras import Input, layers

            layers.Conv1D(1, 50)(Input((*features.shape, 1)))

    with pytest.raises(
        UnsupportedError, match=r"tiny-net: cannot be built on features .* \(8,\): "
    ) as refused:
        fit(Deep())
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda weights: weights | {"0000": weights["0000"].astype(int)}, "finite floating-point"),
        (lambda weights: weights | {"0000": weights["0000"] * np.nan}, "finite floating-point"),
        (lambda weights: weights | {"0000": weights["0000"].astype(str)}, "finite floating-point"),
    ],
)
def test_weights_that_are_no_numbers_are_refused(fitted, tmp_path, spoil, message):
    fitted.save(tmp_path)
    with np.load(tmp_path / "weights.npz") as arrays:
        weights = dict(arrays)
    np.savez(tmp_path / "weights.npz", **spoil(weights))
    with pytest.raises(DataError, match=message):
        TinyNet().load(tmp_path)


def test_a_file_that_is_no_archive_of_weights_is_refused(fitted, tmp_path):
    fitted.save(tmp_path)
    with (tmp_path / "weights.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(DataError, match="missing or damaged network"):
        TinyNet().load(tmp_path)


@pytest.mark.parametrize(
    ("key", "value"),
    [("input_divisor", 0), ("input_divisor", float("nan")), ("input_divisor", 255.0), ("n_classes", 1)],
)
def test_a_network_file_with_impossible_numbers_is_refused(fitted, tmp_path, key, value):
    fitted.save(tmp_path)
    table = json.loads((tmp_path / "network.json").read_text())
    (tmp_path / "network.json").write_text(json.dumps(table | {key: value}))
    with pytest.raises(DataError):
        TinyNet().load(tmp_path)


def test_the_weights_of_another_network_are_refused(fitted, tmp_path):
    fitted.save(tmp_path)
    with pytest.raises(DataError, match="tiny-net with these options"):
        TinyNet(units=5).load(tmp_path)


@dataclass(frozen=True)
class RandomMixing(TinyNet):
    """Features mixed by numbers that are drawn when the network is built, and are no weights."""

    name: ClassVar[str] = "random-mixing"

    def network(self, features, n_classes):
        from keras import Input, Model, layers, ops

        mixing = np.random.default_rng().normal(size=(features.shape[0], 16)).astype("float32")
        inputs = Input(features.shape)
        hidden = layers.Lambda(lambda values: ops.cos(ops.matmul(values, mixing)))(inputs)
        return Model(inputs, class_output(hidden, n_classes))


def test_a_network_whose_state_lies_outside_its_weights_answers_as_trained_and_is_refused_when_loaded(
    tmp_path,
):
    updates = []
    fitted = fit(RandomMixing(), progress=lambda *update: updates.append(update))
    loss = fitted.history["val_loss"][-1]
    probabilities = fitted.predict_proba(DerivedCounts().encode(VALIDATION))
    truth = probabilities[np.arange(20), (VALIDATION.labels == "sweep").astype(int)]
    assert -np.log(truth).mean() == pytest.approx(loss, rel=1e-4), "the scores are those of what was trained"
    fitted.save(tmp_path)
    with pytest.raises(DataError, match=r"does not predict as the trained one.*must be weights"):
        RandomMixing().load(tmp_path)


def test_a_network_file_without_answers_is_read(fitted, tmp_path):
    """As an earlier version wrote it."""
    fitted.save(tmp_path)
    network = json.loads((tmp_path / "network.json").read_text())
    assert len(network.pop("answers")) == 8
    (tmp_path / "network.json").write_text(json.dumps(network))
    features = DerivedCounts().encode(VALIDATION)
    np.testing.assert_allclose(
        TinyNet().load(tmp_path).predict_proba(features), fitted.predict_proba(features), atol=1e-6
    )


def test_weights_that_hold_objects_are_not_read(fitted, tmp_path):
    fitted.save(tmp_path)
    np.savez(tmp_path / "weights.npz", **{"0000": np.array([{"code": "here"}], dtype=object)})
    with pytest.raises(DataError, match="which only pickle could read"):
        TinyNet().load(tmp_path)


@pytest.mark.parametrize("text", ["[]", "{}", '{"features": 1, "n_classes": 2, "input_divisor": 1.0}'])
def test_a_network_file_of_another_form_is_refused(fitted, tmp_path, text):
    fitted.save(tmp_path)
    (tmp_path / "network.json").write_text(text)
    with pytest.raises(DataError, match=r"network\.json"):
        TinyNet().load(tmp_path)


_LOAD_ELSEWHERE = """
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, sys.argv[1])
from test_keras_models import TinyNet
folder = Path(sys.argv[2])
predictor = TinyNet().load(folder)
np.save(folder / "said.npy", predictor.predict_proba(np.load(folder / "features.npy")))
"""


_FROM_C_CODE = re.compile(r"\.cc:\d+\] |^WARNING: All log messages before absl|^To enable the following")
"""What some versions of TensorFlow log of the processor and of absent GPUs, before any word of ours."""


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_a_saved_network_loads_elsewhere_and_on_other_backends_without_a_word(fitted, tmp_path, backend):
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    features = examples(WINDOWS).to_array()
    fitted.save(tmp_path)
    np.save(tmp_path / "features.npy", features)
    done = subprocess.run(
        [sys.executable, "-c", _LOAD_ELSEWHERE, os.path.dirname(__file__), str(tmp_path)],
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if not _FROM_C_CODE.search(line)]
    assert (done.returncode, done.stdout, said) == (0, "", [])
    np.testing.assert_allclose(np.load(tmp_path / "said.npy"), fitted.predict_proba(features), atol=1e-5)


def test_images_enter_with_their_long_side_inner():
    _, image = image_input(FeatureSpec((12, 8), "uint8", ("position", "haplotype")))
    assert image.shape == (None, 8, 12, 1)
    _, image = image_input(FeatureSpec((8, 12), "uint8", ("haplotype", "site")))
    assert image.shape == (None, 8, 12, 1)


def test_statistics_are_not_an_image():
    assert "statistic (3,)" in not_an_image(FeatureSpec((3,), "float64", ("statistic",)))


def with_processor_flags(monkeypatch, tmp_path, flags):
    files = {"/proc/cpuinfo": tmp_path / "cpuinfo", "/dev/nvidiactl": tmp_path / "none"}
    files["/proc/cpuinfo"].write_text(f"flags : {flags}\n")
    monkeypatch.setattr(keras_backend, "Path", files.__getitem__)


def test_reduced_precision_is_declined_where_the_processor_lacks_it(tmp_path, monkeypatch):
    with_processor_flags(monkeypatch, tmp_path, "fma avx2 avx512f")
    with pytest.raises(UnsupportedError, match="avx512_bf16"):
        fit(TinyNet(precision="bfloat16"))


def test_reduced_precision_says_nearly_the_same(fitted, tmp_path, monkeypatch):
    with_processor_flags(monkeypatch, tmp_path, "fma avx2 avx512_bf16")
    features = examples(WINDOWS).to_array()
    said = fit(TinyNet(precision="bfloat16")).predict_proba(features)
    assert said.dtype == np.float32
    difference = np.abs(said - fitted.predict_proba(features)).max()
    assert 0 < difference < 0.03


def test_what_was_trained_in_reduced_precision_says_the_same_on_any_processor(tmp_path, monkeypatch):
    with_processor_flags(monkeypatch, tmp_path, "fma avx2 avx512_bf16")
    features = examples(WINDOWS).to_array()
    predictor = fit(TinyNet(precision="bfloat16"))
    predictor.save(tmp_path)
    with_processor_flags(monkeypatch, tmp_path, "fma avx2")
    for loaded in (TinyNet(precision="bfloat16").load(tmp_path), TinyNet().load(tmp_path)):
        np.testing.assert_array_equal(loaded.predict_proba(features), predictor.predict_proba(features))
