import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
)

from selbench.evaluation.bootstrap import draw_counts
from selbench.evaluation.classification import (
    accuracy,
    balanced_accuracy,
    called_class,
    confusion_counts,
    f1,
    precision,
    recall,
)


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_counts_and_shares_of_every_resample_are_those_of_scikit_learn(n_classes):
    rng = np.random.default_rng(n_classes)
    labels, called = rng.integers(n_classes, size=(2, 200))
    counts = draw_counts(200, 5, rng).astype(float)
    confusion = confusion_counts(labels, called, counts, n_classes)
    for resample, weights in enumerate(counts):
        expected = confusion_matrix(labels, called, sample_weight=weights)
        np.testing.assert_allclose(confusion[resample], expected)
        assert accuracy(confusion)[resample] == pytest.approx(
            accuracy_score(labels, called, sample_weight=weights)
        )
        assert balanced_accuracy(confusion)[resample] == pytest.approx(
            balanced_accuracy_score(labels, called, sample_weight=weights)
        )
        theirs = precision_recall_fscore_support(labels, called, sample_weight=weights)
        for ours, of_classes in zip((precision, recall, f1), theirs, strict=False):
            np.testing.assert_allclose(ours(confusion)[resample], of_classes)


def test_a_class_that_is_never_called_has_precision_zero():
    confusion = confusion_counts(np.array([0, 1]), np.array([0, 0]), np.ones((1, 2)), 2)
    assert precision(confusion).tolist() == [[0.5, 0.0]]


def test_a_method_that_cannot_tell_calls_the_null_class():
    assert called_class(np.array([[0.5, 0.5], [0.2, 0.8]])).tolist() == [0, 1]
