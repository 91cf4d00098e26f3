"""The leaderboard of a task: methods by AUC, with what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan, nan
from statistics import fmean, stdev

from selbench.evaluation.metrics import COVERAGE, METRICS
from selbench.evaluation.rivals import best_ranked
from selbench.plugin import Metric
from selbench.run_folder import RunRecord, TrainingRecord

AUC, POWER = "roc_auc", "power_at_1_percent_interpolated"
"""The metrics that methods are ranked by: the second where there are windows enough for it, in suites."""

SHOW_EVERY_SEED_UP_TO = 5
"""With more repetitions than this, their range and spread are shown instead."""


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval over windows; NaN where there is none."""

    value: float
    low: float = nan
    high: float = nan

    @property
    def is_known(self) -> bool:
        """Whether there is a value at all."""
        return not isnan(self.value)

    @property
    def has_interval(self) -> bool:
        """Whether there is an interval."""
        return not (isnan(self.low) or isnan(self.high))


UNKNOWN = Estimate(nan)


@dataclass(frozen=True)
class Standing:
    """One method on one task.

    Parameters
    ----------
    method, label : str
        Its spelling, and how it is called in text.
    is_baseline : bool
    estimates : mapping from (metric, class) to Estimate
        Averaged over repetitions.
    auc_by_repetition, power_by_repetition : mapping of int to float
        Power at 1 % false positives, where it is known.
    seconds : mapping of str to float
        Wall seconds of encode, fit and predict for one training, averaged over repetitions.
    n_parameters, peak_memory_bytes : int or None
    devices : tuple of str
        What its trainings were fitted on.
    not_as_designed : str
        That it was made for windows of another length: ``not as designed: 100 kb, made for 1.1 Mb``.
    """

    method: str
    label: str
    is_baseline: bool
    estimates: Mapping[tuple[str, str], Estimate]
    auc_by_repetition: Mapping[int, float]
    seconds: Mapping[str, float]
    n_parameters: int | None = None
    peak_memory_bytes: int | None = None
    devices: tuple[str, ...] = ()
    not_as_designed: str = ""
    power_by_repetition: Mapping[int, float] = field(default_factory=dict)

    def by_repetition(self, metric: str) -> Mapping[int, float]:
        """Return the values of `AUC` or `POWER` of every training."""
        return self.power_by_repetition if metric == POWER else self.auc_by_repetition

    def estimate(self, metric: str, of_class: str = "") -> Estimate:
        """Return the estimate of a metric, `UNKNOWN` where it was not measured."""
        return self.estimates.get((metric, of_class), UNKNOWN)

    @property
    def coverage(self) -> float:
        """Share of the test windows that it answered; the others are scored at its null median.

        1 where the run does not tell: earlier versions let no method decline.
        """
        found = self.estimate(COVERAGE.name)
        return found.value if found.is_known else 1.0

    @property
    def total_seconds(self) -> float:
        """Encode, fit and predict together; NaN where the run does not tell."""
        return sum(self.seconds.values()) if self.seconds else nan

    @property
    def spread(self) -> str:
        """AUC over training seeds, as `spread_of` tells it."""
        return self.spread_of(AUC)

    def spread_of(self, metric: str) -> str:
        """Return the values of every training: each of up to five, then range and standard deviation."""
        values = list(self.by_repetition(metric).values())
        if len(values) <= SHOW_EVERY_SEED_UP_TO:
            return " ".join(f"{value:.3f}" for value in values)
        return f"{min(values):.3f}–{max(values):.3f}, sd {stdev(values):.3f}"


@dataclass(frozen=True)
class Leaderboard:
    """All methods that were trained on one task and tested on one, best AUC first.

    Of the `metrics` of the run, those that plugins `brought` are columns of every table. The label of the
    `best_baseline` is that of the one chosen on validation windows; "" where none was. Of a genome's
    windows there are no intervals and no claims. `part_of` is the task of whose windows the training task
    has a part; "" where it has its own.
    """

    train_task: str
    test_task: str
    standings: tuple[Standing, ...]
    n_test_windows: Mapping[str, int]
    n_threshold_windows: int
    metrics: Mapping[str, Metric] = field(default_factory=lambda: METRICS)
    brought: tuple[str, ...] = ()
    best_baseline: str = ""
    is_genome: bool = False
    part_of: str = ""

    @property
    def is_at_home(self) -> bool:
        """Whether methods are tested on the task that they were trained on, or on a part of."""
        return self.test_task == (self.part_of or self.train_task)

    @property
    def title(self) -> str:
        """The task, or both where they differ."""
        if self.train_task == self.test_task:
            return self.test_task
        return f"{self.train_task} → {self.test_task}"

    @property
    def n_repetitions(self) -> int:
        """Most repetitions that any of the methods has."""
        return max(len(standing.auc_by_repetition) for standing in self.standings)

    def measured(self, metrics: Sequence[str]) -> tuple[str, ...]:
        """Return those of `metrics` that any of its methods has a value of."""
        return tuple(m for m in metrics if any(s.estimate(m).is_known for s in self.standings))

    @property
    def declining(self) -> tuple[str, ...]:
        """The metric ``coverage``, as a further column, where any of its methods declined windows."""
        return (COVERAGE.name,) if any(standing.coverage < 1 for standing in self.standings) else ()

    @property
    def windows_said(self) -> str:
        """The test windows in words: ``500 neutral, 500 sweep``."""
        return ", ".join(f"{count:,} {label}" for label, count in self.n_test_windows.items())


def leaderboards(record: RunRecord) -> tuple[Leaderboard, ...]:
    """Return a leaderboard for every pair of training and test task that has predictions.

    Tasks of `RunRecord.parts` stand in the learning curves alone.
    """
    rows = _rows_by_pair(record)
    return tuple(
        _leaderboard(record, train, test, rows.get((train, test), ()))
        for train, test in record.pairs
        if train not in record.parts
    )


def at_home(boards: tuple[Leaderboard, ...]) -> tuple[Leaderboard, ...]:
    """Return the leaderboards of tasks tested on themselves; all, where there are none."""
    return tuple(board for board in boards if board.is_at_home) or boards


def leaderboard_of(record: RunRecord, train: str, test: str) -> Leaderboard:
    """Return the leaderboard of one training task tested on one task."""
    return _leaderboard(record, train, test, _rows_by_pair(record).get((train, test), ()))


def _leaderboard(record: RunRecord, train: str, test: str, rows: Sequence[Row]) -> Leaderboard:
    by_method: dict[str, list[Row]] = {}
    for row in rows:
        by_method.setdefault(row[0], []).append(row)
    standings = [_standing(record, train, method, rows) for method, rows in by_method.items()]
    task = record.tasks[test]
    baselines = [standing.method for standing in standings if standing.is_baseline]
    best = best_ranked(baselines, record.ranking.get(train, ()))
    return Leaderboard(
        train,
        test,
        tuple(sorted(standings, key=lambda standing: -standing.estimate("roc_auc").value)),
        {label: task.tested(label) for label in task.classes},
        task.windows["threshold"],
        record.metrics,
        tuple(record.brought),
        record.labels.get(best, ""),
        task.genome is not None,
        record.tasks[train].part_of,
    )


Row = tuple[str, int | None, str, str, float, float, float]
"""Method, repetition (None for the mean over them), metric, class, value, low, high."""


def _rows_by_pair(record: RunRecord) -> dict[tuple[str, str], list[Row]]:
    """Return what leaderboards show of the results: means over trainings, and AUC and power of each."""
    table = record.results
    is_mean = table["repetition"].isna()
    is_ranked_by = table["metric"].isin([AUC, POWER]) & (table["class"] == "")
    shown = table[is_mean | is_ranked_by]
    columns = [shown[name].tolist() for name in ("metric", "class", "value", "low", "high")]
    repetitions = [
        None if missing else int(n)
        for n, missing in zip(shown["repetition"].tolist(), shown["repetition"].isna().tolist(), strict=True)
    ]
    pairs = zip(shown["train_task"].tolist(), shown["test_task"].tolist(), strict=True)
    found: dict[tuple[str, str], list[Row]] = {}
    for pair, row in zip(
        pairs, zip(shown["method"].tolist(), repetitions, *columns, strict=True), strict=True
    ):
        found.setdefault(pair, []).append(row)
    return found


def _standing(record: RunRecord, train: str, method: str, rows: Sequence[Row]) -> Standing:
    estimates = {
        (metric, of_class): Estimate(value, low, high)
        for _, repetition, metric, of_class, value, low, high in rows
        if repetition is None
    }
    areas, powers = (_by_repetition(rows, metric) for metric in (AUC, POWER))
    trainings = record.trainings_of(train, method)
    return Standing(
        method=method,
        label=record.labels[method],
        is_baseline=record.methods[method].is_baseline,
        estimates=estimates,
        auc_by_repetition=areas,
        seconds=_mean_seconds(trainings),
        n_parameters=trainings[0].n_parameters if trainings else None,
        peak_memory_bytes=max((training.peak_memory_bytes or 0 for training in trainings), default=0) or None,
        devices=tuple(dict.fromkeys(training.device for training in trainings if training.device)),
        not_as_designed=record.methods[method].not_as_designed(record.tasks[train].spec["sequence_length"]),
        power_by_repetition=powers,
    )


def _by_repetition(rows: Sequence[Row], wanted: str) -> dict[int, float]:
    values = {n: value for _, n, metric, _, value, *_ in rows if metric == wanted and n is not None}
    return {n: values[n] for n in sorted(values) if not isnan(values[n])}


def _mean_seconds(trainings: tuple[TrainingRecord, ...]) -> dict[str, float]:
    stages = dict.fromkeys(stage for training in trainings for stage in training.seconds)
    return {stage: fmean(training.seconds.get(stage, 0.0) for training in trainings) for stage in stages}
