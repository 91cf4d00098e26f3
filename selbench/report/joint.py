"""Several runs as one: of different people or days, where they judged the same test windows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from selbench.errors import DataError
from selbench.evaluation import evaluate
from selbench.report.records import CellRecord, ImageRecord, TaskRecord
from selbench.report.run_folder import RunRecord
from selbench.tables import show

if TYPE_CHECKING:
    import pandas as pd

SAME_PROBABILITY = 1e-4
"""Two runs said the same when no probability differs by more than this: what two machines may differ by."""

Names = Mapping[str, str]
"""How each method of one run is called among all."""


def join_runs(records: Sequence[RunRecord]) -> RunRecord:
    """Put several runs into one record, to be reported as if they had been one.

    A method that two runs have, and that said the same of every window, stands
    once; if it said something else it stands once per run, as ``METHOD @ RUN``.

    Raises
    ------
    DataError
        If two runs have a task of one name whose test windows are not the same.
    """
    if len(records) < 2:
        raise DataError(f"expected two runs or more to compare, found {len(records)}")
    for index, record in enumerate(records):
        for earlier in records[:index]:
            for task in record.tasks.keys() & earlier.tasks.keys():
                _check_same_windows(task, earlier, record)
    names = list(_names(records))
    tasks = {name: task for record in reversed(records) for name, task in record.tasks.items()}
    predictions = _predictions(records, names)
    first = records[0]
    return RunRecord(
        folder=first.folder,
        info=_info(records),
        tasks=tasks,
        methods={
            names_of[method]: details
            for record, names_of in zip(records, names, strict=True)
            for method, details in record.methods.items()
            if method in names_of
        },
        cells=tuple(_cells(records, names)),
        images=tuple(_images(records)),
        results=evaluate(predictions, {n: task.roles for n, task in tasks.items()}, seed=first.seed),
        predictions=predictions,
        experiment_toml="\n\n".join(f"# {r.folder.name}\n{r.experiment_toml.strip()}" for r in records),
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


def _cells(records: Sequence[RunRecord], names: Sequence[Names]) -> Iterator[CellRecord]:
    for record, names_of in zip(records, names, strict=True):
        for cell in record.cells:
            if cell.method in names_of:
                yield replace(cell, method=names_of[cell.method])


def _images(records: Sequence[RunRecord]) -> Iterator[ImageRecord]:
    seen: set[tuple[str, str]] = set()
    for record in records:
        yield from (image for image in record.images if (image.task, image.encoder) not in seen)
        seen |= {(image.task, image.encoder) for image in record.images}


def _description(records: Sequence[RunRecord], names: Sequence[str]) -> str:
    tasks = [set(record.tasks) for record in records]
    if set.intersection(*tasks):
        return f"{len(records)} runs, on the same test windows where they share a task: {', '.join(names)}."
    return f"{len(records)} runs side by side, without a task in common: {', '.join(names)}."


def _info(records: Sequence[RunRecord]) -> dict[str, Any]:
    infos = [record.info for record in records]
    names = [_run_name(records, index) for index in range(len(records))]

    def each(key: str) -> str:
        return "; ".join(f"{name}: {info.get(key, '')}" for name, info in zip(names, infos, strict=True))

    packages: dict[str, dict[str, None]] = {}
    for info in infos:
        for package, version in info.get("packages", {}).items():
            packages.setdefault(package, {})[str(version)] = None
    return {
        **infos[0],
        "experiment": " + ".join(dict.fromkeys(str(info["experiment"]) for info in infos)),
        "description": _description(records, names),
        "selbench": ", ".join(dict.fromkeys(str(info.get("selbench", "")) for info in infos)),
        "seconds": sum(float(info.get("seconds") or 0) for info in infos),
        "started": min((str(info["started"]) for info in infos if info.get("started")), default=""),
        "finished": max((str(info["finished"]) for info in infos if info.get("finished")), default=""),
        "command": "; ".join(" ".join(map(str, info.get("command", []))) for info in infos),
        "platform": {"systems": each("platform")},
        "packages": {name: ", ".join(versions) for name, versions in packages.items()},
        "citations": [c for info in infos for c in info.get("citations", [])],
        "simulate_seconds": {
            k: v for info in reversed(infos) for k, v in info.get("simulate_seconds", {}).items()
        },
    }
