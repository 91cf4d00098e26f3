import pytest
from sklearn.metrics import roc_auc_score

from selbench.errors import DataError
from selbench.evaluation import ClassRoles, rank_baselines
from selbench.evaluation.rivals import best_ranked

ROLES = {"paper": ClassRoles(("neutral", "sweep"), "neutral", "sweep")}


@pytest.fixture
def validation(make_predictions):
    """What three methods said of validation windows; those of the second repetition are others, and fewer."""
    made = make_predictions({"a": 0.5, "b": 1.5, "trained": 3.0}, n_threshold=0)
    made["split"] = "validation"
    return made[(made["repetition"] == 0) | (made["window"] < 40)]


def test_baselines_are_ranked_by_their_auc_on_validation_windows(validation):
    areas = {
        method: sum(
            roc_auc_score(of_one["label"] == "sweep", of_one["p_sweep"]) / 2
            for _, of_one in rows.groupby("repetition")
        )
        for method, rows in validation.groupby("method")
    }
    assert areas["b"] > areas["a"]
    assert rank_baselines(validation, ROLES, ["a", "b"]) == {"paper": ("b", "a")}


def test_nothing_recorded_ranks_nothing(validation):
    assert rank_baselines(None, ROLES, ["a"]) == {}
    assert rank_baselines(validation, ROLES, []) == {}
    assert rank_baselines(validation[:0], ROLES, ["a"]) == {}


def test_the_best_is_one_of_those_that_are_there_and_unknown_if_one_was_not_asked():
    assert best_ranked(["a", "c"], ("b", "c", "a")) == "c"
    assert best_ranked(["a", "d"], ("b", "a")) == ""
    assert best_ranked([], ("b",)) == ""


def test_damaged_answers_are_refused(validation):
    validation.loc[:, "p_sweep"] = 7.0
    with pytest.raises(DataError, match=r"expected probabilities in \[0, 1\]"):
        rank_baselines(validation, ROLES, ["a", "b"])
