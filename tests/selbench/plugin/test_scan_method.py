"""A scanner as a method: named with its options, taught by neutral windows, and honest without a value."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import DataError, Profile, Scanner, Stretch, Windows, hookimpl
from selbench.evaluation.predictions import score_against_null
from selbench.experiment import Method
from selbench.plugin import Learned, Predictor, Registry
from selbench.plugin.scan_method import ScanEncoder, ScanPredictor, scan_encoder, scan_model
from selbench.testing import EncoderContract, ModelContract, ScannerContract, random_windows
from selbench.trained import MethodDescription, TrainedMethod
from selbench.windows import Classes, Examples


@dataclass(frozen=True)
class Gaps(Scanner):
    """Distance from each site to the next, over the mean among neutral windows.

    Parameters
    ----------
    longest : float
        A gap counts as this long at most.
    """

    name: ClassVar[str] = "gaps"
    takes_counts: ClassVar[bool] = True

    longest: float = 1e9

    def __post_init__(self) -> None:
        if self.longest <= 0:
            raise DataError(f"longest: expected above 0, found {self.longest}")

    def background(self, stretches: Sequence[Stretch]) -> Learned:
        gaps = [np.minimum(np.diff(stretch.positions), self.longest) for stretch in stretches]
        together = np.concatenate([np.empty(0), *gaps])
        return {"mean": np.array(together.mean())} if len(together) else {}

    def profile(self, stretch: Stretch, background: Learned) -> Profile:
        gaps = np.minimum(np.diff(stretch.positions), self.longest)
        return Profile(stretch.positions[:-1], gaps / float(background.get("mean", 1.0)))


class Plugin:
    @hookimpl
    def register_scanners(self) -> list[type[Scanner]]:
        return [Gaps]


class TestGaps(ScannerContract):
    component = Gaps(longest=5_000.0)


class TestScanGaps(EncoderContract):
    component = scan_encoder(Gaps)()


class TestScanGapsModel(ModelContract):
    component = scan_model(Gaps)()
    encoder = scan_encoder(Gaps)()
    windows = random_windows(120, seed=5, labels=True)


WINDOWS = random_windows(60, seed=8, labels=True)


def encoder(**options: float) -> ScanEncoder:
    return scan_encoder(Gaps)(**options)  # type: ignore[arg-type]


def examples(windows: Windows, learned: Learned) -> Examples:
    spec = encoder().feature_spec(windows.spec)
    return Examples(windows, lambda some: encoder().encode_with(some, learned), spec, ("neutral", "sweep"))


def silent(fraction: float, words: str) -> None:
    pass


def test_a_scanner_is_a_method_named_with_its_options() -> None:
    registry = Registry.of(Plugin())
    method = Method.parse("scan-gaps[longest=30.0]", registry)
    assert method.encoder.scanner == Gaps(longest=30.0)  # type: ignore[attr-defined]
    assert method.name == method.short_name == "scan-gaps[longest=30.0]"
    assert Method.parse(method.name, registry) == method
    assert Method.parse("scan-gaps", registry).short_name == "scan-gaps"


def test_options_are_refused_as_the_scanner_refuses_them() -> None:
    registry = Registry.of(Plugin())
    with pytest.raises(Exception, match="longest: expected above 0"):
        registry.encoders.build("scan-gaps[longest=-1.0]")
    with pytest.raises(Exception, match="swept_background: expected a share from 0"):
        registry.encoders.build("scan-gaps[swept_background=1.0]")


def test_the_background_is_learned_from_neutral_windows_alone() -> None:
    neutral = WINDOWS.take(np.asarray(WINDOWS.labels) == "neutral")
    alone = Gaps().background([Stretch.of(neutral, i) for i in range(len(neutral))])
    assert encoder().learn(WINDOWS, null="neutral") == alone
    mixed = encoder(swept_background=0.25).learn(WINDOWS, null="neutral")
    assert mixed["mean"] > alone["mean"]
    with pytest.raises(DataError, match="asks for 270 windows that are not neutral, found 30"):
        encoder(swept_background=0.9).learn(WINDOWS, null="neutral")


def test_windows_without_a_value_are_declined() -> None:
    counts = [3, 0, 4, 1, 0, 5, 2, 1, 0, 2]
    labels = [
        "neutral",
        "sweep",
        "neutral",
        "sweep",
        "sweep",
        "neutral",
        "sweep",
        "neutral",
        "sweep",
        "sweep",
    ]
    rng = np.random.default_rng(1)
    windows = Windows.from_arrays(
        [np.eye(6, dtype=np.uint8)[:n] for n in counts],
        [np.sort(rng.random(n)) * 100 for n in counts],
        sequence_length=100,
        n_haplotypes=6,
        labels=labels,
    )
    predictor = scan_model(Gaps)().fit(examples(windows, {}), examples(windows, {}), seed=1, progress=silent)
    probabilities = predictor.predict_proba(encoder().encode(windows))
    assert np.flatnonzero(np.isnan(probabilities).all(axis=1)).tolist() == [1, 3, 4, 7, 8]
    assert np.isfinite(probabilities[[0, 2, 5, 6]]).all()
    assert predictor.remarks == (
        "training windows without a value: 1 of neutral, 4 of sweep; such a window is declined",
    )


def fitted_on(values: NDArray[np.float64], labels: NDArray[np.int64], classes: tuple[str, ...]) -> Predictor:
    """A predictor of windows that the scanner gives these values."""
    windows = replace(random_windows(len(values), seed=1), labels=np.array(classes)[labels])
    features = iter(np.column_stack([values, np.ones_like(values)]))
    spec = encoder().feature_spec(windows.spec)
    train = Examples(
        windows, lambda some: np.array([next(features) for _ in range(len(some))]), spec, classes
    )
    return scan_model(Gaps)().fit(train, train, seed=1, progress=silent)


def probabilities_of(predictor: Predictor, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return predictor.predict_proba(np.column_stack([values, np.ones_like(values)])).astype(np.float64)


@pytest.mark.parametrize(("labels", "is_against"), [([0, 0, 1, 1], False), ([1, 1, 0, 0], True)])
def test_high_values_are_taken_for_selection_whatever_training_windows_say(
    labels: list[int], is_against: bool, tmp_path: Path
) -> None:
    predictor = fitted_on(np.arange(4.0), np.array(labels), ("neutral", "sweep"))
    sweep = probabilities_of(predictor, np.arange(-10.0, 20.0))[:, 1]
    assert (np.diff(sweep) > 0).all()
    remarks = (
        "in training windows neutral has higher values than sweep: read in the scanner's own direction all "
        "the same, high values for selection",
    ) * is_against
    assert predictor.remarks == remarks
    predictor.save(tmp_path)
    assert scan_model(Gaps)().load(tmp_path) == predictor


def test_of_several_classes_each_is_scored_against_the_null_class_in_the_scanners_own_direction() -> None:
    rng = np.random.default_rng(4)
    labels = np.repeat([0, 1, 2, 3], 300)
    values = rng.normal(np.array([2.0, 6.0, 4.0, 0.0])[labels], 1)
    predictor = fitted_on(values, labels, ("neutral", "hard", "soft", "balancing"))
    assert isinstance(predictor, ScanPredictor)
    assert predictor.cuts.order == (0, 3, 2, 1)
    assert "neutral has higher values than balancing: " in predictor.remarks[0]
    probabilities = probabilities_of(predictor, np.linspace(-3, 9, 500))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    for code in (1, 2, 3):
        assert (np.diff(score_against_null(probabilities, code)) > 0).all()
    called = probabilities_of(predictor, np.array([4.0, 6.5])).argmax(axis=1)
    assert called.tolist() == [2, 1]
    # what has lower values than neutral windows cannot be told from them in this direction
    np.testing.assert_allclose(probabilities_of(predictor, np.array([1.0]))[0, [0, 3]], 0.5, atol=0.05)


OLD = {  # what was written when the direction was learned
    "cuts": {
        "n_classes": 2,
        "order": [1, 0],
        "cuts": [{"threshold": 1.0, "slope_below": 2.0, "slope_above": 3.0}],
    },
    "n_without_value": [0, 0],
    "classes": ["neutral", "sweep"],
}


def test_a_method_saved_with_a_learned_direction_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "scan.json").write_text(json.dumps(OLD))
    predictor = scan_model(Gaps)().load(tmp_path)
    neutral = probabilities_of(predictor, np.array([0.0, 1.0, 2.0]))[:, 0]
    np.testing.assert_allclose(neutral, 1 / (1 + np.exp([2.0, 0.0, -3.0])), rtol=1e-6)
    (said,) = predictor.remarks
    assert said.startswith("read backwards: in training windows neutral has higher values than sweep")


def test_three_classes_saved_before_keep_their_probabilities(tmp_path: Path) -> None:
    cuts = [{"threshold": float(at), "slope_below": 2.0, "slope_above": 2.0} for at in (0, 3)]
    old = {
        "cuts": {"n_classes": 3, "order": [2, 0, 1], "cuts": cuts},
        "n_without_value": [0, 0, 0],
        "classes": ["neutral", "hard", "soft"],
    }
    (tmp_path / "scan.json").write_text(json.dumps(old))
    first, second = 1 / (1 + np.exp(-2.0)), 1 / (1 + np.exp(4.0))
    found = probabilities_of(scan_model(Gaps)().load(tmp_path), np.array([1.0]))
    np.testing.assert_allclose(found, [[first - second, second, 1 - first]], rtol=1e-6)


@dataclass(frozen=True)
class WideGaps(Gaps):
    """Gaps of many sites."""

    name: ClassVar[str] = "wide-gaps"
    window_sites: int = 50


def test_where_no_window_has_a_value_the_options_that_ask_for_less_are_named() -> None:
    windows = WINDOWS.take([1, 1])
    none = examples(windows, {})
    with pytest.raises(DataError, match=r"longer ones, or a smaller scan-wide-gaps\[window_sites=…\]"):
        scan_model(WideGaps)().fit(none, none, seed=1, progress=silent)
    one = examples(WINDOWS.take([1, 1, 5]), {})
    with pytest.raises(
        DataError, match=r"every one of 1, and 2 without one; .* scan-wide-gaps\[window_sites=…\]"
    ):
        scan_model(WideGaps)().fit(one, one, seed=1, progress=silent)


def test_windows_that_all_have_the_same_value_are_refused() -> None:
    windows = WINDOWS.take([0, 0, 1, 1])
    with pytest.raises(
        DataError, match="scan-gaps: expected training windows whose values differ, found none"
    ):
        scan_model(Gaps)().fit(examples(windows, {}), examples(windows, {}), seed=1, progress=silent)


def test_what_was_learned_is_saved_with_the_method(tmp_path: Path) -> None:
    learned = encoder().learn(WINDOWS, null="neutral")
    predictor = scan_model(Gaps)().fit(
        examples(WINDOWS, learned), examples(WINDOWS, learned), seed=1, progress=silent
    )
    classes = Classes(("neutral", "sweep"), "sweep")
    description = MethodDescription.of(encoder(), scan_model(Gaps)(), WINDOWS.spec, classes)
    method = TrainedMethod(encoder(), scan_model(Gaps)(), predictor, description, learned)
    method.save(tmp_path / "method")
    again = TrainedMethod.load(tmp_path / "method", Registry.of(Plugin()))
    assert again.learned == learned
    np.testing.assert_array_equal(again.predict(WINDOWS), method.predict(WINDOWS))


def test_generated_classes_travel_between_processes() -> None:
    for component in (encoder(longest=3.0, swept_background=0.05), scan_model(Gaps)()):
        assert pickle.loads(pickle.dumps(component)) == component
    assert scan_encoder(Gaps) is scan_encoder(Gaps)
    assert scan_encoder(Gaps).__module__ == Gaps.__module__
