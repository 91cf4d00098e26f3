"""What every statistic keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from selbench.plugin import Statistic
from selbench.statistics import Measurements
from selbench.testing.small_windows import random_windows
from selbench.windows import Windows


class StatisticContract:
    """What every statistic keeps.

    Attributes
    ----------
    statistic : function marked with `selbench.statistic`, in a ``staticmethod``
    windows : Windows
        Override with windows on which yours is defined, if it is picky.
    """

    statistic: ClassVar[Any]
    windows: ClassVar[Windows] = random_windows(24, seed=9, mean_sites=14.0)

    @property
    def described(self) -> Statistic:
        found = getattr(self.statistic, "statistic", None)
        assert isinstance(found, Statistic), "expected a function marked with @statistic(…)"
        return found

    def values(self, windows: Windows) -> NDArray[np.float64]:
        return np.asarray(self.described.values(Measurements(windows)), dtype=np.float64)

    def test_it_is_a_finite_number_per_window(self) -> None:
        values = self.values(self.windows)
        assert values.shape == (len(self.windows),)
        assert np.isfinite(values).all()
        assert self.values(self.windows.take([])).shape == (0,)

    def test_it_tells_windows_apart(self) -> None:
        assert len(np.unique(self.values(self.windows))) > 1, "the value is the same for every window"

    def test_windows_without_sites_have_its_undefined_value(self) -> None:
        empty = self.windows.take(np.flatnonzero(self.windows.n_sites == 0))
        assert len(empty), "windows: expected one without sites"
        assert (self.values(empty) == self.described.undefined_value).all()

    def test_a_window_has_the_same_value_in_any_batch(self) -> None:
        together = self.values(self.windows)
        for i in range(len(self.windows)):
            np.testing.assert_array_equal(self.values(self.windows.take([i])), together[[i]])

    def test_it_changes_nothing_and_repeats(self) -> None:
        windows = self.windows.take(slice(None))
        before = windows.haplotypes.copy(), windows.positions.copy()
        np.testing.assert_array_equal(self.values(windows), self.values(windows))
        np.testing.assert_array_equal(windows.haplotypes, before[0])
        np.testing.assert_array_equal(windows.positions, before[1])

    def test_sites_that_do_not_vary_in_the_sample_do_not_count(self) -> None:
        parts = []
        for haplotypes, positions in self.windows:
            nobody = np.zeros((1, self.windows.spec.n_haplotypes), dtype=np.uint8)
            parts.append((np.concatenate([nobody, haplotypes]), np.concatenate([[0.0], positions])))
        longer = Windows.from_arrays(
            [haplotypes for haplotypes, _ in parts],
            [positions for _, positions in parts],
            sequence_length=self.windows.spec.sequence_length,
        )
        np.testing.assert_allclose(self.values(longer), self.values(self.windows), rtol=1e-9, atol=1e-12)

    def test_alleles_may_change_places_where_it_needs_no_ancestral_states(self) -> None:
        if self.described.needs_ancestral:
            return
        flipped = np.random.default_rng(1).random(len(self.windows.haplotypes)) < 0.5
        haplotypes = np.where(flipped[:, np.newaxis], 1 - self.windows.haplotypes, self.windows.haplotypes)
        other = replace(self.windows, haplotypes=haplotypes.astype(np.uint8))
        np.testing.assert_allclose(self.values(other), self.values(self.windows), rtol=1e-9, atol=1e-12)

    def test_haplotypes_may_be_mixed_where_it_needs_no_phase(self) -> None:
        if self.described.needs_phase:
            return
        order = np.random.default_rng(2).random(self.windows.haplotypes.shape).argsort(axis=1)
        mixed = replace(self.windows, haplotypes=np.take_along_axis(self.windows.haplotypes, order, axis=1))
        np.testing.assert_allclose(self.values(mixed), self.values(self.windows), rtol=1e-9, atol=1e-12)

    def test_it_says_what_it_is_and_after_whom(self) -> None:
        assert self.described.summary
        assert self.described.citation
