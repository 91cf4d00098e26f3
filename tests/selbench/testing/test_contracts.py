"""The contract suites: whole components pass every test, and each test catches what it is for."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import (
    Citation,
    DataError,
    Encoder,
    Examples,
    FeatureSpec,
    Model,
    Predictor,
    Scenario,
    Simulator,
    UnsupportedError,
    Windows,
    WindowSpec,
)
from selbench.testing import (
    EncoderContract,
    ModelContract,
    SimulatorContract,
    assert_same_windows,
    random_windows,
)

Fault = Literal[
    "",
    "forgets an option",
    "drops windows",
    "shape",
    "monomorphic",
    "global random state",
    "ignores the seed",
    "copies",
    "depends on the chunk",
    "approximates",
    "placebo",
    "no parameters",
]


@dataclass(frozen=True)
class Scatter(Simulator):
    """Scatters derived alleles at random."""

    name: ClassVar[str] = "scatter"
    citations: ClassVar[tuple[Citation, ...]] = (Citation("a2020", "A, B", "T", "J", 2020),)
    independent_windows: ClassVar[bool] = True
    fault: Fault = ""

    def unsupported(self, scenario: Scenario) -> str | None:
        if self.fault == "placebo":
            return "nothing at all"
        return "no selection" if scenario.selection else None

    def placebo(self, scenario: Scenario) -> Scenario | None:
        return scenario

    def simulate(self, scenario: Scenario, *, windows: range, seed: int) -> Windows:
        if scenario.selection and self.fault != "approximates":
            raise UnsupportedError("scatter: no selection")
        spec = scenario.window_spec
        haplotypes, positions, rates = [], [], []
        for index in windows:
            stream: list[int] = [seed, index]
            if self.fault == "ignores the seed":
                stream = [0, index]
            if self.fault == "copies":
                stream = [seed]
            if self.fault == "depends on the chunk":
                stream = [seed, index - windows.start]
            if self.fault == "global random state":
                stream = [np.random.randint(2**31)]  # noqa: NPY002
            rng = np.random.default_rng(stream)
            rates.append(rng.uniform(1e-8, 1e-7))
            carriers = rng.integers(1, spec.n_haplotypes, 8)
            if self.fault == "monomorphic":
                carriers[0] = spec.n_haplotypes
            haplotypes.append(rng.random((8, spec.n_haplotypes)).argsort(axis=1) < carriers[:, None])
            positions.append(np.sort(rng.random(8) * spec.sequence_length))
        drawn = {"locus.mutation_rate": np.array(rates)} if self.fault != "no parameters" else {}
        made = Windows.from_arrays(
            haplotypes,
            positions,
            sequence_length=spec.sequence_length + (self.fault == "shape"),
            n_haplotypes=spec.n_haplotypes,
            parameters=drawn if scenario.priors() else {},
        )
        return made.take(slice(1, None)) if self.fault == "drops windows" else made


class TestScatter(SimulatorContract):
    component = Scatter()


EncoderFault = Literal[
    "", "shape", "dtype", "axes", "names", "nan", "no windows", "whole batch", "writes", "remembers"
]


@dataclass(frozen=True)
class Count(Encoder):
    """Counts sites and derived alleles."""

    name: ClassVar[str] = "count"
    fault: EncoderFault = ""

    def feature_spec(self, windows: WindowSpec) -> FeatureSpec:
        names = ("sites",) if self.fault == "names" else ("sites", "derived")
        axes = () if self.fault == "axes" else ("statistic",)
        return FeatureSpec((3,) if self.fault == "shape" else (2,), "float32", axes, names)

    def encode(self, windows: Windows) -> NDArray[Any]:
        counts = [[len(positions), alleles.sum()] for alleles, positions in windows]
        features = np.array(counts, dtype="f8" if self.fault == "dtype" else "f4")
        if self.fault != "no windows":
            features = features.reshape(-1, 2)
        if self.fault == "nan":
            features[windows.n_sites == 0] = np.nan
        if self.fault == "whole batch":
            features -= features[:1]
        if self.fault == "writes":
            windows.haplotypes[:] = 0
        if self.fault == "remembers":
            CALLS.append(1)
            features += len(CALLS)
        return features


CALLS: list[int] = []


class TestCount(EncoderContract):
    component = Count()


ModelFault = Literal[
    "", "declines", "no encoder", "sum", "nan", "double", "one row", "batch", "seed", "lossy", "trusting"
]


class Line(Predictor):
    """A logistic curve on the number of sites."""

    def __init__(self, middle: float, fault: ModelFault) -> None:
        self.middle = middle
        self.fault = fault

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float32]:
        middle = features[:1, 0] if self.fault == "batch" else self.middle
        null = 1 / (1 + np.exp(middle - features[:, 0].astype(float)))
        if self.fault == "nan" and len(null):
            null[0] = np.nan
        if self.fault == "one row" and not len(null):
            null = np.zeros(1)
        other = null if self.fault == "sum" else 1 - null
        return np.stack([null, other], axis=1).astype("f8" if self.fault == "double" else "f4")

    def save(self, directory: Path) -> None:
        middle = self.middle + (self.fault == "lossy")
        (directory / "middle.json").write_text(json.dumps({"middle": middle}))


@dataclass(frozen=True)
class Middle(Model):
    """Cuts between the class means."""

    name: ClassVar[str] = "middle"
    default_encoder: ClassVar[str] = "count"
    fault: ModelFault = ""

    def unsupported(self, features: FeatureSpec) -> str | None:
        return "never" if self.fault == "declines" else None

    def fit(self, train: Examples, validation: Examples, *, seed: int, progress: Any) -> Predictor:
        progress(0.5, "halfway")
        counts = train.to_array()[:, 0]
        middle = float(np.mean([counts[train.labels == code].mean() for code in (0, 1)]))
        noise = np.random.random() if self.fault == "seed" else 0.0  # noqa: NPY002
        return Line(middle + noise, self.fault)

    def load(self, directory: Path) -> Predictor:
        try:
            return Line(json.loads((directory / "middle.json").read_text())["middle"], self.fault)
        except (OSError, ValueError, KeyError) as problem:
            if self.fault == "trusting":
                return Line(0.0, self.fault)
            raise DataError(f"{directory}: damaged") from problem


@dataclass(frozen=True)
class Unspelt(Middle):
    """Its encoder cannot be spelled."""

    default_encoder: ClassVar[str] = "the one of the paper"


class TestMiddle(ModelContract):
    component = Middle()
    encoder = Count()


def failures(suite: type[Any], tmp_path: Path) -> set[str]:
    """Run a suite by hand and return the tests that fail; skipped ones pass."""
    instance = suite()
    given: dict[str, Callable[[], Any]] = {"tmp_path": lambda: tmp_path}
    if issubclass(suite, ModelContract):
        given["features"] = lambda: instance.encoder.encode(instance.windows)
        given["fitted"] = instance.fit
    failed = set()
    for name, test in inspect.getmembers(instance, inspect.ismethod):
        if not name.startswith("test_"):
            continue
        folder = tmp_path / name
        folder.mkdir(parents=True)
        given["tmp_path"] = lambda folder=folder: folder
        try:
            test(**{argument: given[argument]() for argument in inspect.signature(test).parameters})
        except pytest.skip.Exception:
            continue
        except (Exception, pytest.fail.Exception):
            failed.add(name)
    return failed


@pytest.mark.parametrize(
    ("fault", "caught_by"),
    [
        ("drops windows", "test_it_makes_exactly_the_windows_asked_for"),
        ("shape", "test_it_makes_exactly_the_windows_asked_for"),
        ("monomorphic", "test_sites_are_polymorphic_and_some_exist"),
        ("global random state", "test_the_same_seed_gives_the_same_bytes"),
        ("ignores the seed", "test_another_seed_gives_other_windows"),
        ("copies", "test_windows_of_one_batch_differ"),
        ("depends on the chunk", "test_chunking_does_not_change_the_bytes"),
        ("approximates", "test_what_it_cannot_do_it_refuses"),
        ("placebo", "test_its_placebo_is_something_it_can_do"),
        ("no parameters", "test_what_is_drawn_per_window_stands_in_the_parameters"),
    ],
)
def test_a_faulty_simulator_is_caught(tmp_path: Path, fault: Fault, caught_by: str) -> None:
    class Suite(SimulatorContract):
        component = Scatter(fault)

    assert caught_by in failures(Suite, tmp_path)


@pytest.mark.parametrize(
    ("fault", "caught_by"),
    [
        ("shape", "test_features_are_as_the_spec_says"),
        ("dtype", "test_features_are_as_the_spec_says"),
        ("axes", "test_features_are_as_the_spec_says"),
        ("names", "test_features_are_as_the_spec_says"),
        ("nan", "test_features_are_finite_even_without_sites"),
        ("no windows", "test_no_windows_give_no_features"),
        ("whole batch", "test_a_window_is_encoded_alike_in_any_batch"),
        ("writes", "test_encoding_changes_nothing_and_repeats"),
        ("remembers", "test_encoding_changes_nothing_and_repeats"),
    ],
)
def test_a_faulty_encoder_is_caught(tmp_path: Path, fault: EncoderFault, caught_by: str) -> None:
    class Suite(EncoderContract):
        component = Count(fault)
        windows = random_windows(12, seed=3)

    assert caught_by in failures(Suite, tmp_path)


@pytest.mark.parametrize(
    ("fault", "caught_by"),
    [
        ("declines", "test_it_takes_these_features"),
        ("sum", "test_rows_are_probabilities"),
        ("nan", "test_rows_are_probabilities"),
        ("double", "test_rows_are_probabilities"),
        ("one row", "test_no_windows_give_no_rows"),
        ("batch", "test_a_window_is_judged_alike_in_any_batch"),
        ("seed", "test_the_same_seed_gives_the_same_predictor"),
        ("lossy", "test_saving_and_loading_changes_nothing"),
        ("trusting", "test_a_damaged_folder_is_refused_in_one_line"),
    ],
)
def test_a_faulty_model_is_caught(tmp_path: Path, fault: ModelFault, caught_by: str) -> None:
    class Suite(ModelContract):
        component = Middle(fault)
        encoder = Count()

    assert caught_by in failures(Suite, tmp_path)


def test_an_encoder_that_cannot_be_spelled_is_caught(tmp_path: Path) -> None:
    class Suite(ModelContract):
        component = Unspelt()
        encoder = Count()

    assert failures(Suite, tmp_path) == {"test_its_default_encoder_is_a_spelling"}


def test_faults_of_any_component_are_caught(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Odd(Count):
        levels: Any = frozenset({1})

        citations: ClassVar[tuple[Citation, ...]] = (Citation("a", "A, B", "{T", "J", 0),)

    class Suite(EncoderContract):
        component = Odd(levels=frozenset({2}))

    assert failures(Suite, tmp_path) == {
        "test_it_is_rebuilt_by_its_spelling",
        "test_it_travels_between_processes",
        "test_it_says_what_it_is_in_one_line",
        "test_its_citations_are_complete",
    }


def test_whole_components_fail_nothing(tmp_path: Path) -> None:
    for suite in (TestScatter, TestCount, TestMiddle):
        assert failures(suite, tmp_path / suite.__name__) == set()


def test_windows_are_the_same_only_with_all_their_bytes() -> None:
    windows = random_windows(5, seed=1, labels=True)
    windows = replace(windows, parameters={"s": np.arange(5.0)})
    assert_same_windows(windows, replace(windows))
    for other in (
        windows.take([0, 1, 2, 4, 3]),
        windows.take(slice(4)),
        replace(windows, spec=WindowSpec(12, 300)),
        replace(windows, polarisation="major"),
        replace(windows, labels=None),
        windows.with_label("sweep"),
        replace(windows, parameters={}),
        replace(windows, parameters={"s": np.zeros(5)}),
        replace(windows, haplotypes=1 - windows.haplotypes),
        replace(windows, positions=windows.positions / 2),
    ):
        with pytest.raises(AssertionError):
            assert_same_windows(other, windows)


def test_small_windows_hold_the_awkward_cases() -> None:
    windows = random_windows(200, seed=9, labels=True)
    assert windows.n_sites[:2].tolist() == [0, 1]
    counts = windows.haplotypes.sum(axis=1)
    assert ((counts > 0) & (counts < 12)).all()
    assert windows.labels is not None
    means = [windows.n_sites[windows.labels == label].mean() for label in ("neutral", "sweep")]
    assert means[0] > 2 * means[1]
    assert_same_windows(random_windows(200, seed=9, labels=True), windows)
    assert random_windows(200, seed=10).digests() != windows.digests()
    assert len(random_windows(0, seed=1)) == 0
