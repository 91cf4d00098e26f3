"""Several runs as one: of different people or days, where they judged the same test windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from selbench.errors import DataError
from selbench.evaluation import evaluate
from selbench.plugin import Metric
from selbench.run_folder import ImageRecord, RunInfo, RunRecord, TaskRecord, TrainingRecord, named
from selbench.run_folder.records import MetricRecord
from selbench.tables import show

if TYPE_CHECKING:
    import pandas as pd

SAME_PROBABILITY = 1e-4
"""Two runs said the same when no probability differs by more than this: what two machines may differ by."""

Names = Mapping[str, str]
"""How each method of one run is called among all."""


def join_runs(records: Sequence[RunRecord], installed: Sequence[Metric] = ()) -> RunRecord:
    """Put several runs into one record, to be reported as if they had been one.

    A method that two runs have, and that said the same of every window, stands
    once; if it said something else it stands once per run, as ``METHOD @ RUN``.

    Parameters
    ----------
    records : sequence of RunRecord
    installed : sequence of Metric
        Metrics of plugins: those that a run's experiment names are asked about the methods of all runs. One
        that is not installed is left out, which the description says.

    Raises
    ------
    DataError
        If two runs have a task of one name whose test windows are not the same.
    PluginError
        If a metric of a plugin fails.
    """
    if len(records) < 2:
        raise DataError(f"expected two runs or more to compare, found {len(records)}")
    for index, record in enumerate(records):
        for earlier in records[:index]:
            for task in record.tasks.keys() & earlier.tasks.keys():
                _check_same_windows(task, earlier, record)
    names = list(_names(records))
    metrics = tuple(_metrics(records, installed))
    info = _info(records, names, metrics)
    predictions = _predictions(records, names)
    roles = {name: task.roles for name, task in info.tasks.items()}
    return RunRecord(
        folder=records[0].folder,
        info=info,
        results=evaluate(predictions, roles, seed=info.seed, brought=metrics),
        read_predictions=lambda: predictions,
        read_validation=_validation(records, names),
        experiment_toml="\n\n".join(f"# {r.folder.name}\n{r.experiment_toml.strip()}" for r in records),
        askable=metrics,
    )


def _check_same_windows(task: str, a: RunRecord, b: RunRecord) -> None:
    where = f"{a.folder} and {b.folder}: task {task!r}: test windows are not the same, so nothing is compared"
    ours, theirs = a.tasks[task], b.tasks[task]
    for what in ("classes", "null", "positive", "spec", "empty_windows", "scenarios"):
        if getattr(ours, what) != getattr(theirs, what):
            raise DataError(
                f"{where}: {what}: {show(getattr(ours, what))} against {show(getattr(theirs, what))}"
            )
    for split in ("test", "threshold"):
        if ours.windows.get(split) != theirs.windows.get(split):
            raise DataError(
                f"{where}: {split} windows: {ours.windows.get(split)} against {theirs.windows.get(split)}"
            )
    digests = _digests(ours), _digests(theirs)
    if all(digests) and digests[0] != digests[1]:
        raise DataError(f"{where}: their digests differ; were they made by one version of one simulator?")
    if not all(digests) and (a.seed, ours.simulators) != (b.seed, theirs.simulators):
        raise DataError(f"{where}: seed and simulators: {a.seed} against {b.seed}")


def _digests(task: TaskRecord) -> dict[tuple[str, str], str]:
    return {
        (count.label, count.split): count.digest
        for count in task.counts
        if count.digest and count.split in ("test", "threshold")
    }


def _names(records: Sequence[RunRecord]) -> Iterator[dict[str, str]]:
    """Say for each run how its methods are called among all; what an earlier run said is left out."""
    for index, record in enumerate(records):
        names = {}
        for method in record.methods:
            others = [other for other in records if other is not record and method in other.methods]
            if any(_said_the_same(method, record, earlier) for earlier in records[:index]):
                continue
            alone = all(_said_the_same(method, record, other) for other in others)
            names[method] = method if alone else f"{method} @ {_run_name(records, index)}"
        yield names


def _run_name(records: Sequence[RunRecord], index: int) -> str:
    name = records[index].folder.resolve().name
    n_alike = sum(record.folder.resolve().name == name for record in records)
    return name if n_alike == 1 else f"{name} ({index + 1})"


def _said_the_same(method: str, a: RunRecord, b: RunRecord) -> bool:
    if method not in a.methods or method not in b.methods:
        return False
    ours, theirs = (_rows_of(record, method) for record in (a, b))
    keys = ["train_task", "test_task", "repetition", "split", "window", "label"]
    said = sorted(name for name in ours.columns if name.startswith("p_"))
    if len(ours) != len(theirs) or said != sorted(n for n in theirs.columns if n.startswith("p_")):
        return False
    if any((ours[key].to_numpy() != theirs[key].to_numpy()).any() for key in keys):
        return False
    return bool(np.allclose(ours[said], theirs[said], rtol=0, atol=SAME_PROBABILITY, equal_nan=True))


def _rows_of(record: RunRecord, method: str) -> pd.DataFrame:
    rows = record.predictions[record.predictions["method"] == method]
    order = ["train_task", "test_task", "repetition", "split", "label", "window"]
    return rows.sort_values(order, ignore_index=True).dropna(axis="columns", how="all")


def _predictions(records: Sequence[RunRecord], names: Sequence[Names]) -> pd.DataFrame:
    import pandas as pd

    parts = []
    for record, names_of in zip(records, names, strict=True):
        kept = record.predictions[record.predictions["method"].isin(list(names_of))]
        parts.append(kept.assign(method=kept["method"].map(dict(names_of))))
    return pd.concat(parts, ignore_index=True)


def _validation(records: Sequence[RunRecord], names: Sequence[Names]) -> Callable[[], pd.DataFrame] | None:
    """Return how to put together what runs recorded of validation windows; None where none did."""
    import pandas as pd

    parts = [
        kept.assign(method=kept["method"].map(dict(names_of)))
        for record, names_of in zip(records, names, strict=True)
        if (said := record.validation) is not None and len(kept := said[said["method"].isin(list(names_of))])
    ]
    return (lambda: pd.concat(parts, ignore_index=True)) if parts else None


def _trainings(records: Sequence[RunRecord], names: Sequence[Names]) -> Iterator[TrainingRecord]:
    for record, names_of in zip(records, names, strict=True):
        for training in record.trainings:
            if training.method in names_of:
                yield replace(training, method=names_of[training.method], predictor="")


def _images(records: Sequence[RunRecord]) -> Iterator[ImageRecord]:
    seen: set[tuple[str, str]] = set()
    for record in records:
        yield from (image for image in record.images if (image.task, image.encoder) not in seen)
        seen |= {(image.task, image.encoder) for image in record.images}


def _metrics(records: Sequence[RunRecord], installed: Sequence[Metric]) -> Iterator[Metric]:
    """Yield the installed metric for each that a run names: where two claim a name, the one it told of."""
    told = {name: metric for record in reversed(records) for name, metric in record.info.metrics.items()}
    for name, recorded in told.items():
        claims = [metric for metric in installed if metric.name == name]
        yield from ([metric for metric in claims if MetricRecord.of(metric) == recorded] or claims)[:1]


def _description(records: Sequence[RunRecord], names: Sequence[str], metrics: Sequence[Metric]) -> str:
    tasks = [set(record.tasks) for record in records]
    if set.intersection(*tasks):
        said = f"{len(records)} runs, on the same test windows where they share a task: {', '.join(names)}."
    else:
        said = f"{len(records)} runs side by side, without a task in common: {', '.join(names)}."
    wanted = {name for record in records for name in record.info.metrics}
    lacking = sorted(wanted - {metric.name for metric in metrics})
    return (
        f"{said} Left out, for no plugin installed here has them: {', '.join(lacking)}." if lacking else said
    )


def _info(records: Sequence[RunRecord], names: Sequence[Names], metrics: Sequence[Metric]) -> RunInfo:
    infos = [record.info for record in records]
    called = [_run_name(records, index) for index in range(len(records))]
    platforms = (", ".join(f"{key} {value}" for key, value in info.platform.items()) for info in infos)
    packages: dict[str, dict[str, None]] = {}
    for info in infos:
        for package, version in info.packages.items():
            packages.setdefault(package, {})[version] = None
    return named(
        RunInfo(
            format=infos[0].format,
            experiment=" + ".join(dict.fromkeys(info.experiment for info in infos)),
            seed=infos[0].seed,
            tasks={name: task for info in reversed(infos) for name, task in info.tasks.items()},
            methods={
                names_of[method]: details
                for info, names_of in zip(infos, names, strict=True)
                for method, details in info.methods.items()
                if method in names_of
            },
            trainings=tuple(_trainings(records, names)),
            selbench=", ".join(dict.fromkeys(info.selbench for info in infos)),
            description=_description(records, called, metrics),
            repetitions=max(info.repetitions for info in infos),
            threads=infos[0].threads,
            started=min((info.started for info in infos if info.started), default=""),
            finished=max((info.finished for info in infos if info.finished), default=""),
            seconds=sum(info.seconds for info in infos),
            command=("; ".join(" ".join(info.command) for info in infos),),
            platform=dict(zip(called, platforms, strict=True)),
            packages={name: ", ".join(versions) for name, versions in packages.items()},
            install=tuple(dict.fromkeys(line for record in records for line in record.info.install)),
            simulate_seconds={k: v for info in reversed(infos) for k, v in info.simulate_seconds.items()},
            citations=tuple(citation for info in infos for citation in info.citations),
            images=tuple(_images(records)),
            metrics={metric.name: MetricRecord.of(metric) for metric in metrics},
        )
    )
