"""Contract suites that every plugin inherits: subclass one, name your component, run pytest.

    from selbench.testing import EncoderContract

    class TestMyEncoder(EncoderContract):
        component = MyEncoder()

The module is also a ``pytest11`` entry point, so that its asserts show values.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench.components import Component, Encoder, Model, Predictor, Simulator
from selbench.errors import SelbenchError, UnsupportedError
from selbench.features import Examples
from selbench.options import build_component, options_of, parse_spelling, spelling, summary
from selbench.population import Population
from selbench.scenario import Locus, Sample, Scenario, Selection
from selbench.windows import Polarisation, Windows


def neutral_scenario(*, n_haplotypes: int = 12, sequence_length: int = 1000) -> Scenario:
    """Return a small neutral scenario: θ ≈ 3 per window."""
    return Scenario(Sample(n_haplotypes), Locus(sequence_length, 7.5e-8, 1e-8), Population(size=10_000))


def random_windows(
    n_windows: int,
    *,
    seed: int,
    n_haplotypes: int = 12,
    sequence_length: int = 200,
    mean_sites: float = 8.0,
    ploidy: int = 2,
    polarisation: Polarisation = "ancestral",
    labels: bool = False,
) -> Windows:
    """Return windows with random alleles; the first has no sites, the second has one.

    With `labels`, classes ``neutral`` and ``sweep`` alternate, and sweep windows
    have a third of the sites, so that every method can learn something.
    """
    rng = np.random.default_rng(seed)
    counts = rng.poisson(mean_sites, n_windows)
    classes = np.where(np.arange(n_windows) % 2, "sweep", "neutral")
    if labels:
        counts = np.where(classes == "sweep", counts // 3, counts)
    counts[:2] = (0, 1)[:n_windows]
    haplotypes = []
    for n_sites in counts:
        carriers = rng.integers(1, n_haplotypes, n_sites)
        ranks = rng.random((n_sites, n_haplotypes)).argsort(axis=1)
        haplotypes.append((ranks < carriers[:, None]).astype(np.uint8))
    positions = [np.sort(rng.random(n_sites) * sequence_length) for n_sites in counts]
    return Windows.from_arrays(
        haplotypes,
        positions,
        sequence_length=sequence_length,
        n_haplotypes=n_haplotypes,
        ploidy=ploidy,
        polarisation=polarisation,
        labels=classes.tolist() if labels else None,
    )


def assert_same_windows(found: Windows, expected: Windows) -> None:
    """Assert that two batches hold the same bytes, parameters included."""
    assert found.spec == expected.spec
    np.testing.assert_array_equal(found.offsets, expected.offsets)
    np.testing.assert_array_equal(found.positions, expected.positions)
    np.testing.assert_array_equal(found.haplotypes, expected.haplotypes)
    assert set(found.parameters) == set(expected.parameters)
    for name, values in expected.parameters.items():
        np.testing.assert_array_equal(found.parameters[name], values)


class _ComponentContract:
    """What holds for every component: its name and options are its identity."""

    component: ClassVar[Any]

    def test_it_is_rebuilt_by_its_options(self) -> None:
        component: Component = self.component
        assert build_component(type(component), options_of(component)) == component

    def test_it_is_rebuilt_by_its_spelling(self) -> None:
        component: Component = self.component
        name, options = parse_spelling(spelling(component))
        assert name == component.name
        assert build_component(type(component), options) == component

    def test_a_misspelt_option_is_refused_by_name(self) -> None:
        with pytest.raises(SelbenchError, match="no_such_option"):
            build_component(type(self.component), {"no_such_option": 1})

    def test_it_says_what_it_is_in_one_line(self) -> None:
        assert summary(type(self.component)), "the first line of the class docstring stands in listings"

    def test_its_citations_are_complete(self) -> None:
        for citation in self.component.citations:
            assert citation.year > 1900
            assert citation.bibtex().count("{") == citation.bibtex().count("}")


class SimulatorContract(_ComponentContract):
    """What every simulator keeps. Override `scenario` with one that yours can do.

    Attributes
    ----------
    component : Simulator
    scenario : Scenario
    """

    component: ClassVar[Simulator]
    scenario: ClassVar[Scenario] = neutral_scenario()

    def simulate(self, windows: range, seed: int = 7) -> Windows:
        return self.component.simulate(self.scenario, windows=windows, seed=seed)

    def test_it_makes_exactly_the_windows_asked_for(self) -> None:
        windows = self.simulate(range(30))
        assert len(windows) == 30
        assert windows.spec == self.scenario.window_spec
        assert len(self.simulate(range(4, 4))) == 0

    def test_sites_are_polymorphic_and_some_exist(self) -> None:
        windows = self.simulate(range(30))
        counts = windows.haplotypes.sum(axis=1, dtype=np.int64)
        assert len(counts) > 0
        if not (self.scenario.selection and self.scenario.selection.keep_selected_site):
            assert ((counts > 0) & (counts < windows.spec.n_haplotypes)).all()

    def test_the_same_seed_gives_the_same_bytes(self) -> None:
        assert_same_windows(self.simulate(range(20)), self.simulate(range(20)))

    def test_another_seed_gives_other_windows(self) -> None:
        here, there = self.simulate(range(20), seed=7), self.simulate(range(20), seed=8)
        assert here.digests() != there.digests()

    def test_windows_of_one_batch_differ(self) -> None:
        windows = self.simulate(range(30))
        digests = [d for d, n in zip(windows.digests(), windows.n_sites, strict=True) if n > 3]
        assert len(set(digests)) == len(digests)

    def test_chunking_does_not_change_the_bytes(self) -> None:
        if not self.component.any_range:
            pytest.skip("this simulator is asked for whole blocks only")
        parts = [self.simulate(range(a, b)) for a, b in [(0, 7), (7, 8), (8, 20)]]
        assert_same_windows(Windows.concatenate(parts), self.simulate(range(20)))

    def test_what_it_cannot_do_it_refuses(self) -> None:
        selection = Selection(s=0.1, carriers=3, given_trajectories=(), position=-5.0, present_frequency=0.5)
        strange = replace(self.scenario, selection=selection)
        reason = self.component.unsupported(strange)
        if reason is None:
            pytest.skip("it can do this scenario")
        with pytest.raises(UnsupportedError):
            self.component.simulate(strange, windows=range(2), seed=1)

    def test_its_placebo_is_something_it_can_do(self) -> None:
        placebo = self.component.placebo(self.scenario)
        if placebo is None:
            pytest.skip("no placebo")
        assert self.component.unsupported(placebo) is None
        assert len(self.component.simulate(placebo, windows=range(3), seed=1)) == 3


class EncoderContract(_ComponentContract):
    """What every encoder keeps.

    Attributes
    ----------
    component : Encoder
    windows : Windows
        Override with windows that yours can take, if it is picky.
    """

    component: ClassVar[Encoder]
    windows: ClassVar[Windows] = random_windows(12, seed=3)

    def test_features_are_as_the_spec_says(self) -> None:
        spec = self.component.feature_spec(self.windows.spec)
        features = self.component.encode(self.windows)
        assert features.shape == (len(self.windows), *spec.shape)
        assert features.dtype == np.dtype(spec.dtype)
        assert len(spec.axes) == len(spec.shape)
        assert not spec.names or len(spec.names) == spec.shape[-1]

    def test_features_are_finite_even_without_sites(self) -> None:
        assert np.isfinite(self.component.encode(self.windows).astype(np.float64)).all()

    def test_no_windows_give_no_features(self) -> None:
        spec = self.component.feature_spec(self.windows.spec)
        assert self.component.encode(self.windows.take([])).shape == (0, *spec.shape)

    def test_a_window_is_encoded_alike_in_any_batch(self) -> None:
        together = self.component.encode(self.windows)
        for i in range(len(self.windows)):
            np.testing.assert_array_equal(self.component.encode(self.windows.take([i]))[0], together[i])

    def test_encoding_changes_nothing_and_repeats(self) -> None:
        before = self.windows.haplotypes.copy(), self.windows.positions.copy()
        first = self.component.encode(self.windows)
        np.testing.assert_array_equal(self.component.encode(self.windows), first)
        np.testing.assert_array_equal(self.windows.haplotypes, before[0])
        np.testing.assert_array_equal(self.windows.positions, before[1])


def _silent(fraction: float, message: str) -> None:
    assert 0 <= fraction <= 1 + 1e-9
    assert isinstance(message, str)


_RELOAD = """
import sys
from pathlib import Path
import numpy as np
from selbench.registry import Registry
folder = Path(sys.argv[1])
model = Registry.installed().models.build(sys.argv[2])
probabilities = model.load(folder / "predictor").predict_proba(np.load(folder / "features.npy"))
np.save(folder / "probabilities.npy", probabilities)
"""


class ModelContract(_ComponentContract):
    """What every model keeps.

    Attributes
    ----------
    component : Model
    encoder : Encoder
        Makes the features that the model is tried on.
    windows : Windows
        Labelled training windows; classes ``neutral`` and ``sweep``.
    reload_in_new_process : bool
        Also load the saved predictor in a fresh Python, through the installed registry.
    """

    component: ClassVar[Model]
    encoder: ClassVar[Encoder]
    windows: ClassVar[Windows] = random_windows(120, seed=5, labels=True)
    reload_in_new_process: ClassVar[bool] = False
    tolerance: ClassVar[float] = 1e-5

    def examples(self, windows: Windows) -> Examples:
        spec = self.encoder.feature_spec(windows.spec)
        return Examples(windows, self.encoder.encode, spec, ("neutral", "sweep"))

    def fit(self, seed: int = 11) -> Predictor:
        train = self.examples(self.windows.take(slice(0, 80)))
        validation = self.examples(self.windows.take(slice(80, 120)))
        return self.component.fit(train, validation, seed=seed, progress=_silent)

    @pytest.fixture(scope="class")
    def fitted(self) -> Predictor:
        return self.fit()

    @pytest.fixture(scope="class")
    def features(self) -> NDArray[Any]:
        return self.encoder.encode(self.windows)

    def test_it_takes_these_features(self) -> None:
        assert self.component.unsupported(self.encoder.feature_spec(self.windows.spec)) is None

    def test_its_default_encoder_is_a_spelling(self) -> None:
        name, _ = parse_spelling(self.component.default_encoder)
        assert name

    def test_rows_are_probabilities(self, fitted: Predictor, features: NDArray[Any]) -> None:
        probabilities = fitted.predict_proba(features)
        assert probabilities.shape == (len(features), 2)
        assert probabilities.dtype == np.float32
        assert np.isfinite(probabilities).all()
        assert (probabilities >= 0).all()
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)

    def test_no_windows_give_no_rows(self, fitted: Predictor, features: NDArray[Any]) -> None:
        assert fitted.predict_proba(features[:0]).shape == (0, 2)

    def test_a_window_is_judged_alike_in_any_batch(self, fitted: Predictor, features: NDArray[Any]) -> None:
        together = fitted.predict_proba(features)
        for rows in (slice(0, 1), slice(5, 12), slice(30, 31)):
            np.testing.assert_allclose(
                fitted.predict_proba(features[rows]), together[rows], atol=self.tolerance
            )

    def test_the_same_seed_gives_the_same_predictor(self, fitted: Predictor, features: NDArray[Any]) -> None:
        np.testing.assert_array_equal(self.fit().predict_proba(features), fitted.predict_proba(features))

    def test_saving_and_loading_changes_nothing(
        self, fitted: Predictor, features: NDArray[Any], tmp_path: Path
    ) -> None:
        folder = tmp_path / "predictor"
        folder.mkdir()
        fitted.save(folder)
        again = self.component.load(folder)
        expected = fitted.predict_proba(features)
        np.testing.assert_array_equal(again.predict_proba(features), expected)
        if self.reload_in_new_process:
            np.save(tmp_path / "features.npy", features)
            command = [sys.executable, "-c", _RELOAD, str(tmp_path), spelling(self.component)]
            subprocess.run(command, check=True, timeout=120)
            elsewhere = np.load(tmp_path / "probabilities.npy")
            np.testing.assert_allclose(elsewhere, expected, atol=self.tolerance)

    def test_a_damaged_folder_is_refused_in_one_line(self, fitted: Predictor, tmp_path: Path) -> None:
        whole = tmp_path / "whole"
        whole.mkdir()
        fitted.save(whole)
        for name in sorted(path.name for path in whole.iterdir()):
            folder = tmp_path / f"cut-{name}"
            folder.mkdir()
            for path in whole.iterdir():
                content = path.read_bytes()
                (folder / path.name).write_bytes(
                    content[: len(content) // 2] if path.name == name else content
                )
            with pytest.raises(SelbenchError) as caught:
                self.component.load(folder)
            assert "\n" not in str(caught.value)
        empty = tmp_path / "empty"
        empty.mkdir()
        with pytest.raises(SelbenchError):
            self.component.load(empty)
