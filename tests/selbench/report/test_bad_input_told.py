"""Predictions that leave something unknown: a stated result or a stated absence in every report."""

import re

import numpy as np
import pytest

from selbench.evaluation.bootstrap import Resamples
from selbench.report import comma_separated, html, markdown, terminal
from selbench.run_folder import RunRecord

LOGISTIC, SITES, CNN = "statistics+logistic", "statistics+segregating-sites", "full-length+fadja-cnn"
SHIFTS = {CNN: 2.0, LOGISTIC: 1.5, SITES: 0.8}


def fewer_trainings(table):
    return table[(table["method"] != CNN) | (table["repetition"] == 0)]


def a_training_that_failed(table):
    return table[(table["method"] != LOGISTIC) | (table["repetition"] != 1)]


def constant_scores(table):
    constant = table["method"] == LOGISTIC
    return table.assign(
        p_neutral=table["p_neutral"].where(~constant, 0.5), p_sweep=table["p_sweep"].where(~constant, 0.5)
    )


def ties_everywhere(table):
    high = np.float32(0.75)
    sweep = np.where(table["p_sweep"] > 0.5, high, 1 - high)
    return table.assign(p_sweep=sweep, p_neutral=1 - sweep)


def all_the_same(table):
    return table.assign(p_neutral=np.float32(1), p_sweep=np.float32(0))


@pytest.mark.parametrize("n_test", [1, 6])
@pytest.mark.parametrize(
    "spoil", [fewer_trainings, a_training_that_failed, constant_scores, ties_everywhere, all_the_same]
)
def test_every_report_says_a_value_or_nothing(fake_run, tmp_path, spoil, n_test):
    class Spoilt(fake_run):
        def _predictions(self, train, test):
            return spoil(super()._predictions(train, test))

    made = Spoilt(shifts=SHIFTS, n_test=n_test, n_threshold=20, n_resamples=10)
    record = RunRecord.read(made.write(tmp_path))
    page = html.render(record)
    shown = re.sub(r"<style.*?</style>|<script.*?</script>|<[^>]*>", " ", page, flags=re.DOTALL)
    texts = [shown, markdown.render(record), terminal.render(record, 100)]
    for text in texts:
        assert not re.search(r"(?<![\w-])(nan|NaN|inf|None|<NA>)(?![\w-])", text), spoil.__name__
        assert re.search(
            r"is better than|Undecided|in one training|too few test windows", " ".join(text.split())
        )
    for drawing in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        assert not re.search(r'[ML ",]nan[ L",]', drawing)
    assert "nan" not in comma_separated.render(record)


def test_no_class_is_ever_empty_in_a_resample():
    labels = np.array([0, 1, 1, 2])
    drawn = Resamples.draw(labels, 0, n_resamples=50, seed=1, task="small")
    for code, n_windows in enumerate(np.bincount(labels)):
        assert (drawn.test[code].sum(axis=1) == n_windows).all()
