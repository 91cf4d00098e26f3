"""What a run told MLflow, MLflow's own client reads back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mlflow")

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from selbench_mlflow.tracker import MlflowTracker

from selbench import RunBegan, RunEnded, TrainingEnded
from selbench.testing import ObserverContract


@pytest.fixture(autouse=True)
def a_store_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")


def runs_in(store: Path) -> tuple[MlflowClient, Any, list[Any]]:
    """Return MLflow's client, the run for the whole and those within it."""
    client = MlflowClient(tracking_uri=str(store))
    experiment = client.get_experiment_by_name("small")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    (whole,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    return client, whole, [run for run in runs if run is not whole]


class TestMlflowTracker(ObserverContract):
    component = MlflowTracker(tracking_uri="mlruns")

    def test_what_was_logged_is_what_the_run_says(self, tmp_path: Path) -> None:
        ended = self.watched(tmp_path)
        client, whole, within = runs_in(tmp_path / "mlruns")
        assert whole.info.status == "FINISHED"
        parameters = whole.data.params
        assert (parameters["seed"], parameters["tasks.study.windows.train"]) == ("1", "30")
        assert (parameters["n_trainings"], parameters["repetitions"]) == ("4", "2")
        by_method = {run.data.params["method"]: run for run in within}
        assert len(by_method) == 2
        skipped = by_method["full-length+segregating-sites"]
        assert skipped.info.status == "FAILED"
        assert skipped.data.tags["repetition r0"].startswith("skipped: ")
        method = by_method["statistics[names=segregating_sites]+segregating-sites"]
        assert all(run.data.tags["mlflow.parentRunId"] == whole.info.run_id for run in within)
        logged = method.data.metrics
        means = ended.results[ended.results["repetition"].isna() & (ended.results["metric"] == "roc_auc")]
        assert len(means)
        for mean in means.to_dict("records"):
            name = "roc_auc" + (f".{mean['class']}" if mean["class"] else "")
            found = logged[name], logged[f"{name}_low"], logged[f"{name}_high"]
            assert found == (mean["value"], mean["low"], mean["high"])
        assert {"seconds_fit_r0", "seconds_fit_r1"} <= logged.keys()
        path = download_artifacts(
            run_id=whole.info.run_id, artifact_path="report.html", tracking_uri=str(tmp_path / "mlruns")
        )
        assert Path(path).read_bytes() == (ended.path / "report.html").read_bytes()
        assert "results.parquet" in {found.path for found in client.list_artifacts(whole.info.run_id)}

    def test_histories_have_a_step_per_epoch_and_a_stopped_run_is_killed(self, tmp_path: Path) -> None:
        tell = self.component.watch(RunBegan("small", tmp_path, {"seed": 1}, 1))
        tell(TrainingEnded("study", "a+b", "b", 3, "done", history={"val_loss": (0.5, 0.25)}))
        tell(RunEnded(tmp_path, "stopped"))
        client, whole, (method,) = runs_in(tmp_path / "mlruns")
        assert (whole.info.status, method.info.status) == ("KILLED", "KILLED")
        course = client.get_metric_history(method.info.run_id, "val_loss_r3")
        assert [(point.step, point.value) for point in course] == [(1, 0.5), (2, 0.25)]
