"""What every scanner keeps."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from selbench.errors import SelbenchError, UnsupportedError
from selbench.plugin import Profile, Scanner, Stretch, spelling
from selbench.plugin.scanner import checked
from selbench.testing.component_contract import ComponentContract
from selbench.testing.small_windows import random_windows
from selbench.windows import Examples, Windows


class ScannerContract(ComponentContract):
    """What every scanner keeps.

    Attributes
    ----------
    component : Scanner
    windows : Windows
        Override with windows that yours can take, if it is picky; those after the second
        should have enough sites for a value, and not all the same score.
    """

    component: ClassVar[Scanner]
    windows: ClassVar[Windows] = random_windows(
        12, seed=3, n_haplotypes=20, sequence_length=20_000, mean_sites=120
    )

    def stretches(self) -> list[Stretch]:
        """Return copies for one test, so that a scanner that writes is caught by the test for it."""
        windows = self.windows.take(slice(None))
        return [Stretch.of(windows, i) for i in range(len(windows))]

    def profiles(self) -> list[Profile]:
        stretches = self.stretches()
        learned = self.component.background(stretches)
        return [self.component.profile(stretch, learned) for stretch in stretches]

    def test_profiles_are_in_order_and_say_which_values_count(self) -> None:
        for profile in self.profiles():
            assert (np.diff(profile.positions) >= 0).all()
            assert profile.values.dtype == np.float64
            assert np.isfinite(profile.values[profile.is_defined]).all()
            assert all(len(part) == len(profile) for part in profile.parts.values())

    def test_all_profiles_have_the_same_parts(self) -> None:
        assert len({tuple(profile.parts) for profile in self.profiles()}) == 1

    def test_some_window_has_values_that_differ(self) -> None:
        found = np.concatenate([profile.values[profile.is_defined] for profile in self.profiles()])
        assert len(np.unique(found)) > 1

    def test_too_few_sites_give_no_score_and_no_failure(self) -> None:
        stretches = self.stretches()
        learned = self.component.background(stretches)
        for stretch in stretches[:2]:
            profile = self.component.profile(stretch, learned)
            score = self.component.score(profile, learned)
            assert np.isfinite(score) if profile.is_defined.any() and score is not None else score is None

    def test_a_score_is_a_number_or_none(self) -> None:
        learned = self.component.background(self.stretches())
        scores = [self.component.score(profile, learned) for profile in self.profiles()]
        assert all(score is None or np.isfinite(score) for score in scores)
        assert any(score is not None for score in scores)

    def test_a_background_is_arrays_of_numbers_by_name(self) -> None:
        for name, array in self.component.background(self.stretches()).items():
            assert isinstance(name, str)
            assert np.asarray(array).dtype.kind in "fiub"

    def test_a_background_may_be_the_stretch_itself(self) -> None:
        for stretch in self.stretches():
            with contextlib.suppress(SelbenchError):  # too little to be its own background, in words
                assert isinstance(self.component.profile(stretch, {}), Profile)

    def test_scanning_changes_nothing_and_repeats(self) -> None:
        stretches = self.stretches()
        learned = self.component.background(stretches)
        before = [(stretch.haplotypes.copy(), stretch.positions.copy()) for stretch in stretches]  # type: ignore[union-attr]
        for stretch, (haplotypes, positions) in zip(stretches, before, strict=True):
            first, second = (self.component.profile(stretch, learned) for _ in range(2))
            np.testing.assert_array_equal(first.values, second.values)
            np.testing.assert_array_equal(stretch.haplotypes, haplotypes)
            np.testing.assert_array_equal(stretch.positions, positions)

    def test_what_it_needs_is_asked_for_by_name(self) -> None:
        windows = self.windows
        unpolarised = Windows(
            windows.spec, windows.haplotypes, windows.positions, windows.offsets, polarisation="ref"
        )
        stretch = Stretch.of(unpolarised, len(windows) - 1)
        reason = self.component.unsupported(windows.spec, "ref")
        assert (reason is not None) == self.component.needs_ancestral
        if self.component.needs_ancestral:
            with pytest.raises(UnsupportedError, match="ancestral"):
                checked(self.component, stretch)
        else:
            checked(self.component, stretch)

    def test_its_method_has_its_options(self) -> None:
        from selbench.plugin import build_component, options_of
        from selbench.plugin.scan_method import scan_encoder

        encoder = scan_encoder(type(self.component))
        built = build_component(encoder, options_of(self.component))
        assert built.scanner == self.component
        assert spelling(built) == f"scan-{spelling(self.component)}"

    def test_its_method_takes_high_scores_for_selection_whatever_training_windows_say(self) -> None:
        from selbench.plugin import build_component, options_of
        from selbench.plugin.scan_method import scan_encoder, scan_model

        encoder = build_component(scan_encoder(type(self.component)), options_of(self.component))
        windows = self.windows
        learned = encoder.learn(replace(windows, labels=np.full(len(windows), "neutral")), null="neutral")
        features = encoder.encode_with(windows, learned)
        scores = features[features[:, 1] > 0, 0]
        levels = np.unique(scores)
        assert len(levels) > 1
        for is_turned in (False, True):
            is_high = (features[:, 0] > scores.mean()) ^ is_turned
            labelled = replace(windows, labels=np.where(is_high, "sweep", "neutral"))
            examples = Examples(
                labelled,
                lambda some: encoder.encode_with(some, learned),
                encoder.feature_spec(windows.spec),
                ("neutral", "sweep"),
            )
            predictor = scan_model(type(self.component))().fit(
                examples, examples, seed=1, progress=lambda fraction, words: None
            )
            sweep = predictor.predict_proba(np.column_stack([levels, np.ones_like(levels)]))[:, 1]
            assert (np.diff(sweep) >= 0).all()  # scores that rounding alone tells apart may tie
            assert sweep[-1] > sweep[0]
            assert any("in the scanner's own direction" in said for said in predictor.remarks) == is_turned
