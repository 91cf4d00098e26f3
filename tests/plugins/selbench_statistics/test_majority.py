"""The method that does not look says the class frequencies of the training windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from selbench import Examples, Windows
from selbench.testing import random_windows
from selbench_statistics.majority import Majority
from selbench_statistics.summaries import SummaryStatistics

ENCODER = SummaryStatistics(names=("segregating_sites",))


def examples(*counts: int) -> Examples:
    """So many windows of each class."""
    classes = ("neutral", "sweep", "balancing")
    windows: Windows = replace(random_windows(sum(counts), seed=1), labels=np.repeat(classes, counts))
    return Examples(windows, ENCODER.encode, ENCODER.feature_spec(windows.spec), classes)


def test_every_window_gets_the_shares_of_the_training_windows() -> None:
    train, validation = examples(5, 12, 3), examples(2, 2, 16)
    predictor = Majority().fit(train, validation, seed=1, progress=lambda fraction, words: None)
    said = predictor.predict_proba(validation.to_array())
    np.testing.assert_allclose(said, [[0.25, 0.6, 0.15]] * 20, rtol=1e-6)


def test_a_class_without_windows_has_no_share() -> None:
    train = examples(3, 0, 1)
    predictor = Majority().fit(train, train, seed=1, progress=lambda fraction, words: None)
    np.testing.assert_array_equal(predictor.predict_proba(train.to_array()[:1]), [[0.75, 0, 0.25]])
