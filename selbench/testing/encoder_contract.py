"""What every encoder keeps."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from selbench.plugin import Encoder
from selbench.testing.component_contract import ComponentContract
from selbench.testing.small_windows import random_windows
from selbench.windows import Windows


class EncoderContract(ComponentContract):
    """What every encoder keeps.

    Attributes
    ----------
    component : Encoder
    windows : Windows
        Override with windows that yours can take, if it is picky.
    """

    component: ClassVar[Encoder]
    windows: ClassVar[Windows] = random_windows(12, seed=3)

    def own_windows(self) -> Windows:
        """Return a copy for one test, so that an encoder that writes is caught by the test for it."""
        return self.windows.take(slice(None))

    def test_features_are_as_the_spec_says(self) -> None:
        windows = self.own_windows()
        spec = self.component.feature_spec(windows.spec)
        features = self.component.encode(windows)
        assert features.shape == (len(windows), *spec.shape)
        assert features.dtype == np.dtype(spec.dtype)
        assert len(spec.axes) == len(spec.shape)
        assert not spec.names or len(spec.names) == spec.shape[-1]

    def test_features_are_finite_even_without_sites(self) -> None:
        windows = self.own_windows()
        assert np.isfinite(self.component.encode(windows).astype(np.float64)).all()

    def test_windows_that_differ_do_not_all_look_alike(self) -> None:
        features = self.component.encode(self.own_windows())
        assert (features != features[:1]).any(), "the features are the same for every window"

    def test_no_windows_give_no_features(self) -> None:
        windows = self.own_windows()
        spec = self.component.feature_spec(windows.spec)
        assert self.component.encode(windows.take([])).shape == (0, *spec.shape)

    def test_a_window_is_encoded_alike_in_any_batch(self) -> None:
        windows = self.own_windows()
        together = self.component.encode(windows)
        for i in range(len(windows)):
            np.testing.assert_array_equal(self.component.encode(windows.take([i]))[0], together[i])

    def test_encoding_changes_nothing_and_repeats(self) -> None:
        windows = self.own_windows()
        before = windows.haplotypes.copy(), windows.positions.copy()
        first = self.component.encode(windows)
        np.testing.assert_array_equal(self.component.encode(windows), first)
        np.testing.assert_array_equal(windows.haplotypes, before[0])
        np.testing.assert_array_equal(windows.positions, before[1])

    def test_remarks_are_sentences(self) -> None:
        windows = self.own_windows()
        for some in (windows, windows.take([])):
            assert all(isinstance(remark, str) and remark for remark in self.component.remarks(some))
