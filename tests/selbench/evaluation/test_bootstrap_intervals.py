import numpy as np
import pytest

from selbench.evaluation.bootstrap import (
    Resamples,
    draw_counts,
    percentile_interval,
    reflected_interval,
)
from selbench.evaluation.calibration import expected_calibration_error


def test_a_resample_draws_as_many_windows_as_there_are():
    counts = draw_counts(50, 300, np.random.default_rng(0))
    assert (counts[0] == 1).all()
    assert (counts.sum(axis=1) == 50).all()
    # multinomial: mean 1, variance 1 - 1/n; the variance of 15,000 counts has a standard error below 0.02
    assert counts[1:].var() == pytest.approx(1 - 1 / 50, abs=0.1)


def test_strata_keep_their_sizes_and_their_streams():
    labels = np.array([0, 1, 1, 0, 1])
    few = Resamples.draw(labels, 7, n_resamples=20, seed=3, task="paper")
    joint = few.joint(labels)
    assert (joint[:, labels == 0].sum(axis=1) == 2).all()
    assert (joint[:, labels == 1].sum(axis=1) == 3).all()
    more = Resamples.draw(labels, 9, n_resamples=20, seed=3, task="paper")
    np.testing.assert_array_equal(few.test[1], more.test[1])
    other = Resamples.draw(labels, 7, n_resamples=20, seed=3, task="other")
    assert (few.test[1] != other.test[1]).any()


def test_intervals_leave_the_value_itself_out():
    values = np.concatenate([[1000.0], np.linspace(0, 1, 1001)])
    assert percentile_interval(values) == pytest.approx((0.025, 0.975))
    values[0] = 0.4
    assert reflected_interval(values) == pytest.approx((0.0, 0.775))


def covers(low, truth, high):
    return bool(low <= truth <= high)


@pytest.mark.slow
def test_the_reflected_interval_of_the_calibration_error_reaches_down_to_a_small_truth():
    rng = np.random.default_rng(12)
    covered = {"reflected": 0, "percentile": 0}
    for _ in range(200):
        said = rng.beta(0.5, 0.5, size=400)
        is_class = rng.random(400) < 0.9 * said
        truth = 0.1 * 0.5  # every bin says a tenth too much: the mean gap is 0.1 E[said]
        counts = draw_counts(400, 300, rng).astype(float)
        errors = expected_calibration_error(said, is_class, counts)
        covered["reflected"] += covers(*np.insert(reflected_interval(errors), 1, truth))
        covered["percentile"] += covers(*np.insert(percentile_interval(errors), 1, truth))
    assert covered["reflected"] > covered["percentile"]
    assert covered["reflected"] / 200 > 0.8
