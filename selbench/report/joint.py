"""Several runs as one: of different people or days, where they judged the same test windows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from selbench.errors import DataError
from selbench.evaluation import evaluate
from selbench.evaluation.results import RESULT_COLUMNS
from selbench.evaluation.samples import COMPARED
from selbench.plugin import Metric
from selbench.run_folder import ImageRecord, RunInfo, RunRecord, TaskRecord, TrainingRecord, named
from selbench.run_folder.records import MetricRecord
from selbench.run_folder.tables import PREDICTION_COLUMNS, no_windows, with_names
from selbench.tables import show, without_folders

if TYPE_CHECKING:
    import pandas as pd

SAME_PROBABILITY = 1e-4
"""Two runs said the same when no probability differs by more than this: what two machines may differ by."""

Names = Mapping[str, str]
"""How each method of one run is called among all."""

Pair = tuple[str, str]
"""Training task and test task."""

Cell = tuple[str, str, str]
"""Training task, test task and method."""


def join_runs(
    records: Sequence[RunRecord],
    installed: Sequence[Metric] = (),
    compared_by: Collection[str] = COMPARED,
    compared_on: Collection[Pair] | None = None,
) -> RunRecord:
    """Put several runs into one record, to be reported as if they had been one.

    A method that two runs have, and that said the same of every window that both
    asked it about, stands once; if it said something else it stands once per run,
    as ``METHOD @ RUN``. What one run alone says of a task is taken from its own tables.

    Parameters
    ----------
    records : sequence of RunRecord
    installed : sequence of Metric
        Metrics of plugins: those that a run's experiment names are asked about the methods of all runs. One
        that is not installed is left out, which the description says.
    compared_by : collection of str
        Metrics by which methods are compared where several runs tell of a task.
    compared_on : collection of (train_task, test_task), optional
        Pairs of tasks on which they are; by default all.

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
            for task in sorted(_used(record) & _used(earlier)):
                _check_same_windows(task, earlier, record)
    metrics = tuple(_metrics(records, installed))
    parts = _parts(records)
    joined = RunRecord(
        folder=records[0].folder,
        info=_info(parts, metrics),
        results=records[0].results,
        read_predictions=cache(lambda: _predictions(parts)),
        read_validation=_validation(parts),
        read_windows=cache(lambda: _windows(records)),
        experiment_toml="\n\n".join(f"# {r.folder.name}\n{r.experiment_toml.strip()}" for r in records),
        askable=metrics,
    )
    told_by_several = _told_by_several(parts) if not metrics else _all_pairs(parts)
    measured_anew = set() if _measured_alike(records) and not metrics else told_by_several
    compared_anew = told_by_several if compared_on is None else told_by_several & set(compared_on)
    return replace(
        joined,
        results=_results(joined, parts, measured_anew, metrics),
        read_comparisons=lambda: _comparisons(joined, parts, told_by_several, compared_anew, compared_by),
    )


def _measured_alike(records: Sequence[RunRecord]) -> bool:
    """Whether runs measured their methods by one version of selbench with one seed: on the same resamples."""
    return len({(record.seed, record.info.selbench) for record in records}) == 1


def _check_same_windows(task: str, a: RunRecord, b: RunRecord) -> None:
    where = f"{a.folder} and {b.folder}: task {task!r}: test windows are not the same, so nothing is compared"
    ours, theirs = a.tasks[task], b.tasks[task]
    for what in ("classes", "null", "positive", "spec", "empty_windows", "scenarios"):
        if without_folders(getattr(ours, what)) != without_folders(getattr(theirs, what)):
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


def restricted(record: RunRecord, cells: Collection[Cell]) -> RunRecord:
    """Return a run with what it says of some (train_task, test_task, method) alone."""
    part = _Part(record, {name: name for name in record.methods}, frozenset(cells))
    trained = {(train, method) for train, _, method in cells}

    def comparisons() -> pd.DataFrame:
        rows = part.kept(record.comparisons)
        others = {(train, test, method) for train, test, method in cells}
        keys = zip(rows["train_task"], rows["test_task"], rows["other"], strict=True)
        return rows[[key in others for key in keys]]

    trainings = tuple(t for t in record.trainings if (t.train_task, t.method) in trained)
    return replace(
        record,
        info=replace(record.info, trainings=trainings),
        results=part.kept(record.results),
        read_predictions=lambda: part.kept(record.predictions),
        read_comparisons=comparisons,
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """What a run adds to those before it.

    Parameters
    ----------
    names : mapping of str to str
        How each of its methods is called among all.
    cells : frozenset of (train_task, test_task, method)
        What no run before it says.
    """

    record: RunRecord
    names: Names
    cells: frozenset[Cell]

    def tells_of(self, pairs: Collection[Pair]) -> bool:
        """Whether it adds anything to one of these pairs of tasks."""
        return any(cell[:2] in pairs for cell in self.cells)

    def kept(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of predictions or results that it adds, methods as they are called among all."""
        is_all = self.cells == self.record.cells
        rows = table if is_all else table[_among(table, ("train_task", "test_task", "method"), self.cells)]
        return _called(rows, "method", self.names)


def _called(table: pd.DataFrame, column: str, names: Names) -> pd.DataFrame:
    """Return a table with the methods of a column as they are called among all."""
    import pandas as pd

    if all(method == name for method, name in names.items()):
        return table
    methods = table[column]
    if isinstance(methods.dtype, pd.CategoricalDtype):
        return table.assign(**{column: methods.cat.rename_categories(dict(names))})
    return table.assign(**{column: methods.map(dict(names))})


def _parts(records: Sequence[RunRecord]) -> list[_Part]:
    parts: list[_Part] = []
    for index, record in enumerate(records):
        names = _names(records, index, parts)
        told = {(*cell[:2], part.names[cell[2]]) for part in parts for cell in part.cells}
        new = {cell for cell in record.cells if (*cell[:2], names[cell[2]]) not in told}
        parts.append(_Part(record, names, frozenset(new)))
    return parts


def _used(record: RunRecord) -> set[str]:
    """Return the tasks that a run trained or tested on."""
    return {task for pair in record.pairs for task in pair}


def _names(records: Sequence[RunRecord], index: int, parts: Sequence[_Part]) -> dict[str, str]:
    """Say how the methods of a run are called among all."""
    record, names = records[index], {}
    for method in record.methods:
        others = [other for other in records if other is not record and method in other.methods]
        same = next(
            (p for p in parts if _share(method, record, p.record) and _agree(method, record, p.record)), None
        )
        alone = all(_agree(method, record, other) for other in others)
        own = method if alone else f"{method} @ {_run_name(records, index)}"
        names[method] = same.names[method] if same else own
    return names


def _run_name(records: Sequence[RunRecord], index: int) -> str:
    name = records[index].folder.resolve().name
    n_alike = sum(record.folder.resolve().name == name for record in records)
    return name if n_alike == 1 else f"{name} ({index + 1})"


def _share(method: str, a: RunRecord, b: RunRecord) -> set[Cell]:
    """Return what two runs both have results of, for a method."""
    return {cell for cell in a.cells & b.cells if cell[2] == method}


def _agree(method: str, a: RunRecord, b: RunRecord) -> bool:
    """Whether two runs say the same of a method wherever both say anything."""
    shared = _share(method, a, b)
    if not shared:
        return True
    ours, theirs = (_rows_of(record, shared) for record in (a, b))
    keys = ["train_task", "test_task", "repetition", "split", "window", "label"]
    said = sorted(name for name in ours.columns if name.startswith("p_"))
    if len(ours) != len(theirs) or said != sorted(n for n in theirs.columns if n.startswith("p_")):
        return False
    if any((ours[key].to_numpy() != theirs[key].to_numpy()).any() for key in keys):
        return False
    return bool(np.allclose(ours[said], theirs[said], rtol=0, atol=SAME_PROBABILITY, equal_nan=True))


def _rows_of(record: RunRecord, cells: Collection[Cell]) -> pd.DataFrame:
    rows = _Part(record, {name: name for name in record.methods}, frozenset(cells)).kept(
        record.read_predictions()
    )
    for column in ("train_task", "test_task", "split", "label"):
        words = rows[column].astype("category").cat
        rows = rows.assign(**{column: words.set_categories(sorted(words.categories), ordered=True)})
    order = ["train_task", "test_task", "repetition", "split", "label", "window"]
    return rows.sort_values(order, ignore_index=True).dropna(axis="columns", how="all")


def _predictions(parts: Sequence[_Part], pairs: Collection[Pair] | None = None) -> pd.DataFrame:
    """Put the predictions of runs one below the other, only of some pairs of tasks if these are given.

    Words are categories: a board has millions of rows.
    """
    import pandas as pd

    tables = []
    for part in parts:
        if not pairs or part.tells_of(pairs):
            table = part.kept(part.record.read_predictions())
            table = table[[c for c in table.columns if c in PREDICTION_COLUMNS or str(c).startswith("p_")]]
            tables.append(table if pairs is None else table[_is_of(table, pairs)])
    for column in (name for name, kind in PREDICTION_COLUMNS.items() if kind == "text"):
        words = [table[column].astype("category").cat for table in tables]
        known = list(dict.fromkeys(word for of_table in words for word in of_table.categories))
        tables = [
            table.assign(**{column: of_table.set_categories(known)})
            for table, of_table in zip(tables, words, strict=True)
        ]
    return pd.concat(tables, ignore_index=True)


def _validation(parts: Sequence[_Part]) -> Callable[[], pd.DataFrame] | None:
    """Return how to put together what runs recorded of validation windows; None where none did."""
    import pandas as pd

    told: set[tuple[str, str]] = set()
    asked = []
    for part in parts:
        read = part.record.read_validation
        said = None if read is None else read()
        new = _trained(part) - told
        told |= new
        if said is not None:
            if any(method != name for method, name in part.names.items()):
                said = said.assign(method=said["method"].map(dict(part.names)))
            asked.append(said[_among(said, ("train_task", "method"), new)])
    asked = [rows for rows in asked if len(rows)]
    return (lambda: pd.concat(asked, ignore_index=True)) if asked else None


def _windows(records: Sequence[RunRecord]) -> pd.DataFrame:
    """Return what test windows were made with: those of a task from the first run that wrote it down."""
    tables: list[pd.DataFrame] = []
    told: set[str] = set()
    for record in records:
        rows = record.read_windows()
        tables.append(rows[~rows["test_task"].isin(told)])
        told |= set(rows["test_task"])
    return _together(tables) if tables else no_windows()


def _trained(part: _Part) -> set[tuple[str, str]]:
    """Return every (train_task, method) that a run says anything of, methods as they are called among all."""
    return {(training.train_task, part.names[training.method]) for training in part.record.trainings}


def _trainings(parts: Sequence[_Part]) -> Iterator[TrainingRecord]:
    told: set[tuple[str, str]] = set()
    for part in parts:
        new = _trained(part) - told
        told |= new
        for training in part.record.trainings:
            if (training.train_task, part.names[training.method]) in new:
                yield replace(training, method=part.names[training.method], predictor="")


def _told_by_several(parts: Sequence[_Part]) -> set[Pair]:
    """Return the pairs of training and test task that more than one run adds to."""
    counts = Counter(pair for part in parts for pair in {cell[:2] for cell in part.cells})
    return {pair for pair, count in counts.items() if count > 1}


def _all_pairs(parts: Sequence[_Part]) -> set[Pair]:
    return {cell[:2] for part in parts for cell in part.cells}


def _results(
    joined: RunRecord, parts: Sequence[_Part], anew: Collection[Pair], metrics: Sequence[Metric]
) -> pd.DataFrame:
    """Take the results of runs from their own tables; those of some pairs are measured anew."""
    tables = []
    for part in parts:
        rows = part.kept(part.record.results)[list(RESULT_COLUMNS)]
        tables.append(rows[~_is_of(rows, anew)])
    if anew:
        said = _predictions(parts, anew)
        tables.append(evaluate(said, joined.roles, seed=joined.seed, brought=metrics))
    return _together(tables)


def _comparisons(
    joined: RunRecord,
    parts: Sequence[_Part],
    several: Collection[Pair],
    anew: Collection[Pair],
    metrics: Collection[str],
) -> pd.DataFrame:
    """Take the comparisons of pairs that one run tells of from its own; some of the others are made anew."""
    tables = []
    for part in parts:
        if {cell[:2] for cell in part.cells} - set(several):
            rows = _called(part.kept(part.record.comparisons), "other", part.names)
            tables.append(rows[~_is_of(rows, several)])
    if anew or not tables:
        tables.append(joined.compared(_predictions(parts, anew), metrics))
    return with_names(_together(tables), joined.names)


def _together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put tables one below the other; empty ones would blur what columns hold."""
    import pandas as pd

    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)


def _is_of(table: pd.DataFrame, pairs: Collection[Pair]) -> NDArray[np.bool_]:
    return _among(table, ("train_task", "test_task"), pairs)


def _among(
    table: pd.DataFrame, columns: Sequence[str], wanted: Collection[tuple[str, ...]]
) -> NDArray[np.bool_]:
    """Say which rows of a table have one of the wanted values in these columns, bool (n_rows,)."""
    import pandas as pd

    words = [table[column].astype("category").cat for column in columns]
    # One more of each than there are, never wanted: the place of -1, a missing word.
    is_wanted = np.zeros([len(each.categories) + 1 for each in words], dtype=np.bool_)
    if wanted:
        places = [
            each.categories.get_indexer(pd.Index(said))
            for each, said in zip(words, zip(*wanted, strict=True), strict=True)
        ]
        is_known = np.logical_and.reduce([place >= 0 for place in places])
        is_wanted[tuple(place[is_known] for place in places)] = True
    return np.asarray(is_wanted[tuple(each.codes.to_numpy() for each in words)], dtype=np.bool_)


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


def _info(parts: Sequence[_Part], metrics: Sequence[Metric]) -> RunInfo:
    records, names = [part.record for part in parts], [part.names for part in parts]
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
                for info, names_of in reversed(list(zip(infos, names, strict=True)))
                for method, details in info.methods.items()
            },
            trainings=tuple(_trainings(parts)),
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
            suite=infos[0].suite if len({info.suite for info in infos}) == 1 else "",
        )
    )
