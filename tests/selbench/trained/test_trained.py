"""Trained methods: saved, loaded and asked about new windows; whatever is damaged is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import (
    DataError,
    Encoder,
    Examples,
    FeatureSpec,
    Model,
    PluginError,
    Predictor,
    Registry,
    SelbenchError,
    TrainedMethod,
    UnsupportedError,
    Windows,
    WindowSpec,
    hookimpl,
)
from selbench.testing import random_windows
from selbench.trained import MethodDescription
from selbench.windows import ENCODE_BATCH, Classes


@dataclass(frozen=True)
class Density(Encoder):
    """Sites per window, times a factor."""

    name: ClassVar[str] = "density"
    factor: float = 1.0

    def unsupported(self, windows: WindowSpec, polarisation: str) -> str | None:
        return "needs ancestral states" if polarisation == "major" else None

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        return FeatureSpec((1,), "float64", ("statistic",))

    def encode(self, windows: Windows) -> NDArray[Any]:
        return self.factor * windows.n_sites[:, None].astype(np.float64)


class Curve(Predictor):
    """A logistic curve."""

    def __init__(self, middle: float) -> None:
        self.middle = middle

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        null = 1 / (1 + np.exp(self.middle - features[:, 0]))
        return np.stack([null, 1 - null], axis=1).astype(np.float32)

    def save(self, directory: Path) -> None:
        assert not list(directory.iterdir()), "an existing empty folder is promised"
        (directory / "middle.txt").write_text(repr(self.middle))


@dataclass(frozen=True)
class Middle(Model):
    """Cuts at the mean of all training windows."""

    name: ClassVar[str] = "middle"
    default_encoder: ClassVar[str] = "density"
    shift: float = 0.0
    names: tuple[str, ...] = ()

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Any) -> Predictor:
        return Curve(float(train.to_array().mean()) + self.shift)

    def load(self, directory: Path) -> Predictor:
        try:
            return Curve(float((directory / "middle.txt").read_text()))
        except (OSError, ValueError) as problem:
            raise DataError(f"{directory}: damaged: {problem}") from problem


REGISTRY = Registry.of(
    SimpleNamespace(
        __name__="tiny",
        register_encoders=hookimpl(lambda: [Density]),
        register_models=hookimpl(lambda: [Middle]),
    )
)
WINDOWS = random_windows(40, seed=1, labels=True, sequence_length=300)


def trained(encoder: Density | None = None, model: Middle | None = None, **changed: Any) -> TrainedMethod:
    encoder, model = encoder or Density(), model or Middle()
    examples = Examples(WINDOWS, encoder.encode, encoder.feature_spec(WINDOWS.spec), ("neutral", "sweep"))
    description = MethodDescription.of(
        encoder,
        model,
        WINDOWS.spec,
        Classes(("neutral", "sweep"), "sweep"),
        empty_windows="drop",
        training_range={"pi": (0.5, 4.25)},
        class_ranges={"neutral": {"pi": (1.5, 4.25)}, "sweep": {"pi": (0.5, 3.0)}},
        provenance={"task": "toy", "repetition": 0},
    )
    predictor = changed.pop("predictor", None) or model.fit(
        examples, examples, seed=1, progress=lambda *_: None
    )
    return TrainedMethod(encoder, model, predictor, replace(description, **changed))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    trained(Density(0.1 + 0.2), Middle(1e-9, ("a;b", "none"))).save(tmp_path / "method")
    return tmp_path / "method"


def test_a_method_comes_back_as_it_was_saved(saved: Path) -> None:
    method = trained(Density(0.1 + 0.2), Middle(1e-9, ("a;b", "none")))
    again = TrainedMethod.load(saved, REGISTRY)
    np.testing.assert_array_equal(again.predict(WINDOWS), method.predict(WINDOWS))
    for name in ("encoder", "model", "spec", "classes", "positive", "empty_windows", "polarisation",
                 "training_range", "class_ranges", "provenance", "versions", "spelling", "null"):  # fmt: skip
        assert getattr(again, name) == getattr(method, name), name
    assert again.null == "neutral"
    assert again.spelling == 'density[factor=0.30000000000000004]+middle[shift=1e-09,names=["a;b", "none"]]'


def test_a_method_saved_without_ranges_per_class_still_loads(saved: Path) -> None:
    file = saved / "method.json"
    file.write_text(json.dumps(edited(json.loads(file.read_text()), "class_ranges", None)))
    again = TrainedMethod.load(saved, REGISTRY)
    assert again.class_ranges == {}
    assert again.training_range == {"pi": (0.5, 4.25)}


def test_versions_are_kept_and_named_where_a_predictor_cannot_be_loaded(saved: Path) -> None:
    import sklearn

    file = saved / "method.json"
    table = json.loads(file.read_text())
    assert table["versions"]["scikit-learn"] == sklearn.__version__
    assert {"python", "selbench", "numpy", "keras", "skops"} <= table["versions"].keys()
    (saved / "predictor" / "middle.txt").write_text("half a numb")
    with pytest.raises(DataError) as same:
        TrainedMethod.load(saved, REGISTRY)
    assert "trained with" not in str(same.value)
    file.write_text(json.dumps(edited(table, "versions.scikit-learn", "1.0.2")))
    with pytest.raises(
        DataError, match=rf"\(trained with scikit-learn 1\.0\.2, here {sklearn.__version__}\)"
    ):
        TrainedMethod.load(saved, REGISTRY)


@pytest.mark.parametrize(
    ("middle", "message"),
    [
        ("nan", "expected probabilities that sum to 1, found nan nan"),
        ("[]", "missing or strange"),
        ("'deep'", "damaged, or of another version: "),
    ],
)
def test_a_predictor_that_cannot_answer_is_refused_when_it_is_loaded(
    saved: Path, middle: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(self: Middle, directory: Path) -> Predictor:
        if middle == "[]":
            raise DataError("missing or strange")
        return Curve(float("nan") if middle == "nan" else middle)  # type: ignore[arg-type]

    monkeypatch.setattr(Middle, "load", load)
    with pytest.raises(DataError, match=message):
        TrainedMethod.load(saved, REGISTRY)


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        (
            np.full((40, 1), 0.5),
            r"for 40 windows, an array of shape \(40, 2\), found an array of shape \(40, 1\)",
        ),
        (np.full((2, 2), 0.5), r"found an array of shape \(2, 2\)"),
        (np.full((40, 2), 0.6), "sum to 1, found 0.6 0.6"),
        (np.tile([-1.0, 2.0], (40, 1)), "sum to 1, found -1 2"),
        (np.tile([np.nan, 1.0], (40, 1)), "sum to 1, found nan 1"),
    ],
)
def test_what_is_no_probability_is_refused(probabilities: Any, message: str) -> None:
    curve = Curve(1.0)
    curve.predict_proba = lambda features: probabilities  # type: ignore[method-assign]
    with pytest.raises(DataError, match=message):
        trained(predictor=curve).predict(WINDOWS)


def test_a_row_of_nan_declines_its_window_where_that_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    curve = Curve(1.0)
    said = curve.predict_proba(Density().encode(WINDOWS))
    said[3] = np.nan
    curve.predict_proba = lambda features: said  # type: ignore[method-assign]
    with pytest.raises(DataError, match="sum to 1, found nan nan"):
        trained(predictor=curve).predict(WINDOWS)
    monkeypatch.setattr(Curve, "may_decline", True)
    np.testing.assert_array_equal(trained(predictor=curve).predict(WINDOWS), said)


def test_a_predictor_of_other_features_is_refused(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Curve, "features", FeatureSpec((1,), "float64", ("statistic",)), raising=False)
    TrainedMethod.load(saved, REGISTRY)
    monkeypatch.setattr(Curve, "features", FeatureSpec((1,), "float64", ("position",)))
    with pytest.raises(
        DataError,
        match=r"expected a predictor of float64 features \(1,\), statistic, found one of .*position",
    ):
        TrainedMethod.load(saved, REGISTRY)


def test_a_method_is_loaded_with_components_at_hand(saved: Path) -> None:
    again = TrainedMethod.load_with(saved, Density(0.1 + 0.2), Middle(1e-9, ("a;b", "none")))
    expected = TrainedMethod.load(saved, REGISTRY)
    np.testing.assert_array_equal(again.predict(WINDOWS), expected.predict(WINDOWS))


@pytest.mark.parametrize("n_windows", [0, 1, ENCODE_BATCH + 3])
def test_predictions_are_the_predictor_s_window_by_window(n_windows: int) -> None:
    method, windows = trained(), random_windows(n_windows, seed=2, sequence_length=300)
    expected = [method.predictor.predict_proba(np.array([[float(n)]]))[0] for n in windows.n_sites]
    found = method.predict(windows)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.array(expected, dtype=np.float32).reshape(-1, 2))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"n_haplotypes": 24}, "trained on 12 haplotypes per window; these windows have 24"),
        ({"sequence_length": 1000}, "trained on windows of 300 bp; these are 1000 bp long"),
    ],
)
def test_windows_of_another_shape_are_refused_naming_both(shape: dict[str, int], message: str) -> None:
    windows = random_windows(3, seed=1, **({"sequence_length": 300} | shape))
    with pytest.raises(DataError, match=message):
        trained().predict(windows)
    with pytest.raises(DataError, match=message):
        trained().check(windows.spec)


def test_ploidy_may_differ_and_polarisation_is_the_encoder_s_to_judge() -> None:
    haploid = replace(WINDOWS, spec=replace(WINDOWS.spec, ploidy=1))
    np.testing.assert_array_equal(trained().predict(haploid), trained().predict(WINDOWS))
    with pytest.raises(UnsupportedError, match="density: needs ancestral states"):
        trained().predict(replace(WINDOWS, polarisation="major"))


@pytest.mark.parametrize("positive", ["neutral", "soft"])
def test_the_positive_class_is_one_of_the_others(positive: str) -> None:
    with pytest.raises(
        DataError, match=f"positive: expected a class but the first, sweep, found '{positive}'"
    ):
        trained(positive=positive)


def edited(table: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return the table with the value at a dotted key replaced, or taken out where it is None."""
    *parents, last = key.split(".")
    copy = json.loads(json.dumps(table))
    inner = copy
    for parent in parents:
        inner = inner[parent]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return copy  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", 2, "expected a predictor of format 1, found 2"),
        ("format", None, "expected a predictor of format 1, found None"),
        ("encoder", None, "damaged: missing encoder"),
        ("encoder", "density", r"damaged\.encoder: expected a table, found 'density'"),
        ("encoder.name", ["density"], r"damaged\.encoder\.name: expected a text"),
        ("encoder.options", 3, r"damaged\.encoder\.options: expected a table, found 3"),
        ("encoder.name", "dense", r"unknown encoder 'dense' .*'density'"),
        ("model.name", "nowhere", "unknown model 'nowhere'; installed models: middle"),
        ("encoder.options.factor", "x", r"density\.factor: expected a number, found 'x'"),
        ("model.options.colour", 3, "middle: unknown key 'colour'"),
        ("windows.n_haplotypes", 12.5, r"damaged\.windows\.n_haplotypes: expected a whole number"),
        ("windows.ploidy", 5, r"damaged\.windows: ploidy: expected a divisor"),
        ("classes", 3, r"damaged\.classes\[0\]: expected a text, found 3"),
        (
            "classes",
            ["neutral", "sweep", "sweep"],
            "classes: expected two or more distinct names, found .'neutral', 'sweep'",
        ),
        (
            "classes",
            ["neutral", "sweep", "soft"],
            "of neutral and sweep and soft for 1 windows",
        ),
        ("classes", ["neutral"], "damaged: classes: expected two or more distinct names"),
        ("positive", None, "damaged: missing positive"),
        ("empty_windows", "maybe", r"damaged\.empty_windows: expected keep or drop, found 'maybe'"),
        ("polarisation", "derived", r"damaged\.polarisation: expected ancestral, ref or major"),
        ("training_range.pi", [1.0], r"damaged\.training_range\.pi: expected 2 values, found 1"),
        ("training_range", [], r"damaged\.training_range: expected a table"),
        ("class_ranges.neutral.pi", [1.0], r"damaged\.class_ranges\.neutral\.pi: expected 2 values"),
        ("class_ranges.neutral", {}, r"class_ranges\.neutral: expected .* statistics of training_range"),
        ("class_ranges.soft", {"pi": [1.0, 2.0]}, r"class_ranges\.soft: expected a class"),
        ("surprise", 1, "damaged: unknown key 'surprise'"),
    ],
)
def test_a_damaged_description_is_refused_by_key(saved: Path, key: str, value: Any, message: str) -> None:
    file = saved / "method.json"
    file.write_text(json.dumps(edited(json.loads(file.read_text()), key, value)))
    with pytest.raises(SelbenchError, match=message) as caught:
        TrainedMethod.load(saved, REGISTRY)
    assert isinstance(caught.value, DataError | PluginError)
    assert "\n" not in str(caught.value)


def test_a_file_cut_anywhere_is_refused_in_one_line(saved: Path) -> None:
    file = saved / "method.json"
    whole = file.read_bytes()
    for cut in range(0, len(whole) - 2, 7):
        file.write_bytes(whole[:cut])
        with pytest.raises(DataError, match=r"method\.json: damaged, expected JSON") as caught:
            TrainedMethod.load(saved, REGISTRY)
        assert "\n" not in str(caught.value)
    file.write_bytes(b"\xff\xfe" + whole)
    with pytest.raises(DataError, match=r"method\.json: damaged, expected JSON"):
        TrainedMethod.load(saved, REGISTRY)
    file.write_text("[" * 100_000)
    with pytest.raises(DataError, match=r"method\.json: damaged, expected JSON"):
        TrainedMethod.load(saved, REGISTRY)
    file.write_text("[1, 2]")
    with pytest.raises(DataError, match="format 1, found 'list'"):
        TrainedMethod.load(saved, REGISTRY)


def test_a_folder_that_is_no_method_is_refused(tmp_path: Path, saved: Path) -> None:
    with pytest.raises(DataError, match=r"expected a predictor folder with method\.json, found none"):
        TrainedMethod.load(tmp_path, REGISTRY)
    (saved / "predictor" / "middle.txt").write_text("half a numb")
    with pytest.raises(DataError, match="damaged: could not convert"):
        TrainedMethod.load(saved, REGISTRY)
    (saved / "predictor" / "middle.txt").unlink()
    (saved / "predictor").rmdir()
    with pytest.raises(DataError, match="expected a folder predictor, found none"):
        TrainedMethod.load(saved, REGISTRY)


def test_nothing_in_the_folder_is_run(saved: Path, tmp_path: Path) -> None:
    assert sorted(path.name for path in saved.rglob("*.*")) == ["method.json", "middle.txt"]
    witness = tmp_path / "witness"
    attack = f"__import__('pathlib').Path({str(witness)!r}).touch()"
    file = saved / "method.json"
    for name in ("predictor.py", "__init__.py", "method.py", "predictor/__init__.py"):
        (saved / name).write_text(attack)
    TrainedMethod.load(saved, REGISTRY)
    whole = json.loads(file.read_text())
    for key in ("encoder.name", "encoder.options.factor", "model.name", "positive"):
        file.write_text(json.dumps(edited(whole, key, attack)))
        with pytest.raises(SelbenchError):
            TrainedMethod.load(saved, REGISTRY)
    assert not witness.exists()


def test_a_method_is_not_written_over_another(saved: Path) -> None:
    with pytest.raises(FileExistsError, match="holds a trained method; remove it"):
        trained().save(saved)


@pytest.mark.parametrize("is_there", [False, True])
def test_a_method_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path, is_there: bool) -> None:
    class Torn(Curve):
        def save(self, directory: Path) -> None:
            super().save(directory)
            raise RuntimeError("the predictor cannot be written")

    folder = tmp_path / "method"
    if is_there:
        folder.mkdir()
    with pytest.raises(RuntimeError, match="cannot be written"):
        replace(trained(), predictor=Torn(0.5)).save(folder)
    assert folder.exists() is is_there
    assert list(tmp_path.rglob("*")) == [folder] * is_there
    trained().save(folder)
    assert TrainedMethod.load(folder, REGISTRY).spelling == trained().spelling


def test_a_method_is_described_in_a_line() -> None:
    assert (
        repr(trained())
        == f"TrainedMethod: {trained().spelling}, neutral / sweep, windows of {trained().spec}"
    )
