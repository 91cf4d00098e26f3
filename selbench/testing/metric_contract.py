"""What every metric keeps."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench.evaluation.brought import value_of
from selbench.plugin import Metric

Floats = NDArray[np.float64]


class MetricContract:
    """What every metric keeps.

    Attributes
    ----------
    metric : function marked with `selbench.metric`, in a ``staticmethod``, or a `Metric`
    n_windows : int
        Test windows of each class that it is tried on.
    """

    metric: ClassVar[Any]
    n_windows: ClassVar[int] = 60

    @property
    def described(self) -> Metric:
        found = getattr(self.metric, "metric", self.metric)
        assert isinstance(found, Metric), "expected a function marked with @metric(…)"
        return found

    def said(self, quality: float, n_classes: int = 2) -> tuple[NDArray[np.int64], Floats]:
        """Return labels and what a method says that is right (1), knows nothing (0) or is wrong (-1)."""
        labels = np.repeat(np.arange(n_classes), self.n_windows)
        rng = np.random.default_rng(4)
        powers = rng.normal(0, 0.5, size=(len(labels), n_classes))
        powers[np.arange(len(labels)), labels] += 4 * quality
        exponents = np.exp(powers)
        return labels, exponents / exponents.sum(axis=1, keepdims=True)

    def threshold(self, quality: float, n_classes: int = 2) -> Floats:
        """Return what the same method says of null windows that serve nothing else."""
        labels, said = self.said(quality, n_classes)
        n_windows = max(self.described.threshold_windows, self.n_windows)
        return np.resize(said[labels == 0], (n_windows, n_classes))

    def value(self, quality: float, n_classes: int = 2) -> Floats:
        labels, said = self.said(quality, n_classes)
        return value_of(self.described, labels, said, self.threshold(quality, n_classes))

    @pytest.mark.parametrize("n_classes", [2, 3])
    def test_it_is_a_finite_number_or_one_per_window(self, n_classes: int) -> None:
        for quality in (1.0, 0.0, -1.0):
            self.value(quality, n_classes)  # raises in words otherwise

    def test_values_lie_within_its_bounds(self) -> None:
        for quality in (1.0, 0.0, -1.0):
            value = self.value(quality).mean()
            assert self.described.lowest <= value <= self.described.highest

    def test_it_tells_methods_apart(self) -> None:
        values = {round(float(self.value(quality).mean()), 12) for quality in (1.0, 0.3, 0.0, -1.0)}
        assert len(values) > 1, "the value is the same whatever a method says"

    def test_a_method_that_is_right_is_not_worse_than_one_that_is_wrong(self) -> None:
        right, wrong = (float(self.value(quality).mean()) for quality in (1.0, -1.0))
        assert (right >= wrong) if self.described.higher_is_better else (right <= wrong), (
            "higher_is_better points the other way"
        )

    def test_windows_may_come_in_any_order(self) -> None:
        labels, said = self.said(0.3)
        order = np.random.default_rng(2).permutation(len(labels))
        aside = self.threshold(0.3)
        together = value_of(self.described, labels, said, aside)
        mixed = value_of(self.described, labels[order], said[order], aside[::-1])
        np.testing.assert_allclose(mixed, together[order] if together.ndim else together, rtol=1e-9)

    def test_it_changes_nothing_and_repeats(self) -> None:
        labels, said = self.said(0.3)
        aside = self.threshold(0.3)
        told = [labels.copy(), said.copy(), aside.copy()][: 3 if self.described.threshold_windows else 2]
        assert self.described.function is not None, "expected a function"
        first = np.asarray(self.described.function(*told))
        np.testing.assert_array_equal(np.asarray(self.described.function(*told)), first)
        np.testing.assert_array_equal(told[0], labels)
        np.testing.assert_array_equal(told[1], said)

    def test_equal_and_certain_probabilities_and_few_windows_have_a_value(self) -> None:
        labels, said = self.said(1.0)
        aside = self.threshold(1.0)
        certain, wrong = np.eye(2)[labels], np.eye(2)[1 - labels]
        for extreme in (np.full_like(said, 0.5), certain, wrong):
            value_of(self.described, labels, extreme, aside)
        few = np.flatnonzero(np.diff(labels, prepend=-1))
        value_of(self.described, labels[few], said[few], aside)

    def test_it_says_what_it_is_and_after_whom(self) -> None:
        assert self.described.label
        assert self.described.meaning
        assert self.described.citation
