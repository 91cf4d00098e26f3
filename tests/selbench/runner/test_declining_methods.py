"""A run of a method that declines windows: what its tables and the scores beside it hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from selbench import Registry
from selbench.experiment import parse_experiment
from selbench.runner.executors import InProcess
from selbench.runner.folder import copy_predictors
from selbench.runner.null_scores import write_null_scores
from selbench.runner.plan import Plan
from selbench.runner.run import run_plan
from selbench.runner.store import Store
from selbench.runner.tables import predictions_table
from selbench.trained.null import read_null

FEWEST = 3


def test_declined_windows_stay_in_the_table_and_are_no_null_scores(
    toy_table: dict[str, Any], toy_registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from toy_selection import FewSitesPredictor

    answer = FewSitesPredictor.predict_proba

    def choosy(self: FewSitesPredictor, features: NDArray[Any]) -> NDArray[np.float32]:
        """Decline windows with few sites."""
        said = answer(self, features)
        said[features[:, 0] < FEWEST] = np.nan
        return said

    table = toy_table | {"methods": ["few-sites"], "repetitions": 1}
    experiment = parse_experiment(table, toy_registry, where="toy.toml")
    whole = run_plan(Plan(experiment, Store(tmp_path / "whole")), InProcess())
    monkeypatch.setattr(FewSitesPredictor, "predict_proba", choosy)
    monkeypatch.setattr(FewSitesPredictor, "may_decline", True)
    outcome = run_plan(Plan(experiment, Store(tmp_path / "store")), InProcess())
    said, before = predictions_table(outcome), predictions_table(whole)
    declined = said["p_sweep"].isna()
    assert 0 < declined.sum() < len(said)
    assert (said["p_neutral"].isna() == declined).all()
    assert said[~declined].equals(before[~declined]), "the others are answered as before"
    (tmp_path / "predictors").mkdir()
    folders = copy_predictors(outcome, tmp_path)
    write_null_scores(outcome, folders)
    (folder,) = folders
    null = read_null(folder)
    assert null is not None
    answered = said[(said["split"] == "threshold") & ~declined]["p_sweep"]
    assert null.values.tolist() == sorted(answered.astype(float))
