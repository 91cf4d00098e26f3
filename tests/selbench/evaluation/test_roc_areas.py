import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score
from sklearn.metrics import precision_recall_curve as sklearn_precision_recall_curve
from sklearn.metrics import roc_curve as sklearn_roc_curve

from selbench.evaluation.bootstrap import draw_counts
from selbench.evaluation.roc import (
    RankedScores,
    average_precision,
    precision_recall_curve,
    roc_curve,
)

tied_scores = st.lists(st.integers(0, 6).map(lambda value: value / 6), min_size=1, max_size=30)


@settings(max_examples=40)
@given(positive=tied_scores, null=tied_scores, seed=st.integers(0, 1000))
def test_areas_of_every_resample_are_those_of_scikit_learn(positive, null, seed):
    rng = np.random.default_rng(seed)
    counts = [draw_counts(len(scores), 4, rng) for scores in (positive, null)]
    ranked = [RankedScores.of(np.array(s), c) for s, c in zip((positive, null), counts, strict=True)]
    precision = average_precision(*ranked)
    truth = [1] * len(positive) + [0] * len(null)
    for resample, weights in enumerate(np.hstack(counts)):
        assert precision[resample] == pytest.approx(
            average_precision_score(truth, positive + null, sample_weight=weights)
        )


def test_curves_are_those_of_scikit_learn():
    rng = np.random.default_rng(3)
    positive, null = rng.normal(1, size=60).round(1), rng.normal(size=80).round(1)
    truth, scores = np.repeat([1, 0], [60, 80]), np.concatenate([positive, null])
    rates = roc_curve(positive, null)
    for ours, theirs in zip(rates, sklearn_roc_curve(truth, scores, drop_intermediate=False), strict=False):
        np.testing.assert_allclose(ours, theirs)
    precision, recall, _ = sklearn_precision_recall_curve(truth, scores)
    ours = precision_recall_curve(positive, null)
    np.testing.assert_allclose(ours[0], recall[:-1][::-1])
    np.testing.assert_allclose(ours[1], precision[:-1][::-1])


def test_ranking_only_the_top_counts_what_ranking_all_counts():
    rng = np.random.default_rng(8)
    scores, counts = rng.integers(0, 40, 500).astype(float), draw_counts(500, 50, rng)
    everything, top = RankedScores.of(scores, counts), RankedScores.of(scores, counts, more_than=60)
    assert len(top.scores) < 300
    assert (top.down_to[:, -1] > 60).all()
    assert top.scores[-1] > everything.scores[len(top.scores)], "a tie was cut"
    np.testing.assert_array_equal(top.down_to, everything.down_to[:, : top.down_to.shape[1]])
