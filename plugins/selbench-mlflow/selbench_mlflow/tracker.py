"""An observer that tells an MLflow tracking server, or its local store, what happens in a run."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from selbench import Observer, RunBegan, RunEnded, RunListener, TrainingEnded

if TYPE_CHECKING:
    from mlflow import MlflowClient

ARTEFACTS = ("report.html", "experiment.toml", "results.parquet", "comparisons.parquet", "audit.json")
MOST_PARAMETERS, MOST_METRICS = 100, 1000
"""What MLflow takes at once."""
LONGEST_TEXT = 5000
"""Characters of a parameter or tag that MLflow keeps."""

_ENDED = {"finished": "FINISHED", "stopped": "KILLED", "failed": "FAILED"}


@dataclass(frozen=True)
class MlflowTracker(Observer):
    """Follow a run in MLflow: parameters, metrics with intervals, the report as an artefact.

    Parameters
    ----------
    tracking_uri : str
        A server, ``http://host:5000``, or a local store; by default MLflow's own setting.
    experiment : str
        MLflow's experiment; by default it is called like selbench's.
    """

    name: ClassVar[str] = "mlflow"
    tracking_uri: str = ""
    experiment: str = ""

    @property
    def address(self) -> str | None:
        """Where MLflow is told; a folder is that of now, even if the process moves on."""
        if not self.tracking_uri or ":" in self.tracking_uri:
            return self.tracking_uri or None
        return str(Path(self.tracking_uri).resolve())

    def watch(self, began: RunBegan) -> RunListener:
        """Open a run in MLflow, and return what tells it the rest."""
        from mlflow import MlflowClient  # takes seconds to import

        client = MlflowClient(tracking_uri=self.address)
        name = self.experiment or began.experiment
        known = client.get_experiment_by_name(name)
        experiment_id = known.experiment_id if known is not None else client.create_experiment(name)
        run_id = client.create_run(experiment_id, run_name=str(began.folder)).info.run_id
        _log_parameters(client, run_id, {"n_trainings": began.n_trainings, **dict(_flat(began.table))})
        return _Followed(client, experiment_id, run_id).tell


@dataclass
class _Followed:
    """One run in MLflow, and within it one for every training task and method."""

    client: MlflowClient
    experiment_id: str
    run_id: str
    children: dict[tuple[str, str], str] = field(default_factory=dict)

    def tell(self, event: TrainingEnded | RunEnded) -> None:
        """Log what became of a training, or of the run."""
        if isinstance(event, TrainingEnded):
            self._training(event)
        else:
            self._end(event)

    def _training(self, event: TrainingEnded) -> None:
        child = self._child(event.task, event.method, event.method_label)
        repetition = f"r{event.repetition}"
        said = event.status if not event.reason else f"{event.status}: {event.reason}"
        self.client.set_tag(child, f"repetition {repetition}", said[:LONGEST_TEXT])
        values = [(f"seconds_{step}_{repetition}", value, 0) for step, value in event.seconds.items()]
        if event.n_parameters is not None:
            values.append((f"n_parameters_{repetition}", event.n_parameters, 0))
        for name, course in event.history.items():
            values += [(f"{name}_{repetition}", value, epoch) for epoch, value in enumerate(course, start=1)]
        _log_metrics(self.client, child, values)

    def _end(self, event: RunEnded) -> None:
        measured = self._measure(event) if event.status == "finished" else set()
        for method, child in self.children.items():
            status = "FINISHED" if method in measured else "FAILED"
            self.client.set_terminated(child, status if event.status == "finished" else _ENDED[event.status])
        if event.status == "finished":
            for name in ARTEFACTS:
                if (event.folder / name).is_file():
                    self.client.log_artifact(self.run_id, str(event.folder / name))
        if event.reason:
            self.client.set_tag(self.run_id, "reason", event.reason[:LONGEST_TEXT])
        self.client.set_terminated(self.run_id, _ENDED[event.status])

    def _measure(self, event: RunEnded) -> set[tuple[str, str]]:
        """Log the metrics of every method, means over its repetitions; return the methods that have some."""
        from selbench import open_run

        results = open_run(event.folder).results
        means = results[results["repetition"].isna()].astype(object)
        for (task, method), rows in means.groupby(["train_task", "method"], sort=False):
            child = self._child(task, method, rows["method_label"].iloc[0])
            values = [value for row in rows.to_dict("records") for value in _metrics_of(row)]
            _log_metrics(self.client, child, values)
        return set(zip(means["train_task"], means["method"], strict=True))

    def _child(self, task: str, method: str, label: str) -> str:
        """Return MLflow's run of a method on a task, begun when it is first heard of."""
        if (task, method) not in self.children:
            created = self.client.create_run(
                self.experiment_id,
                run_name=f"{task} · {label}",
                tags={"mlflow.parentRunId": self.run_id},
            )
            self.children[task, method] = created.info.run_id
            encoder, _, model = method.rpartition("+")
            about = {"task": task, "method": method, "encoder": encoder, "model": model}
            _log_parameters(self.client, created.info.run_id, about)
        return self.children[task, method]


def _metrics_of(row: Mapping[str, Any]) -> Iterator[tuple[str, float, int]]:
    """Yield a metric's value and the ends of its interval: ``roc_auc``, ``roc_auc_low`` …."""
    elsewhere = "" if row["test_task"] == row["train_task"] else f"{row['test_task']}/"
    of_class = f".{row['class']}" if isinstance(row["class"], str) and row["class"] else ""
    for end in ("value", "low", "high"):
        value = row[end]
        if isinstance(value, int | float) and math.isfinite(value):
            yield f"{elsewhere}{row['metric']}{of_class}" + ("" if end == "value" else f"_{end}"), value, 0


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the keys of an experiment, dotted as on a command line, and their values."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _log_parameters(client: MlflowClient, run_id: str, values: Mapping[str, Any]) -> None:
    from mlflow.entities import Param

    parameters = [Param(_allowed(key), str(value)[:LONGEST_TEXT]) for key, value in values.items()]
    for start in range(0, len(parameters), MOST_PARAMETERS):
        client.log_batch(run_id, params=parameters[start : start + MOST_PARAMETERS])


def _log_metrics(client: MlflowClient, run_id: str, values: Sequence[tuple[str, float, int]]) -> None:
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    metrics = [Metric(_allowed(name), float(value), now, step) for name, value, step in values]
    for start in range(0, len(metrics), MOST_METRICS):
        client.log_batch(run_id, metrics=metrics[start : start + MOST_METRICS])


def _allowed(name: str) -> str:
    """Return a name of the characters that MLflow takes."""
    return "".join(letter if letter.isalnum() or letter in "_-. /" else "_" for letter in name)[:250]
