"""The table of a suite: per task who is best and who is not shown to be worse, gains, costs, other worlds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from statistics import fmean
from typing import TYPE_CHECKING

from selbench.evaluation.claims import ALL_PAIRS, BEST_BASELINE, Claim
from selbench.evaluation.prediction_table import by_task
from selbench.evaluation.predictive_value import predictive_interval, predictive_value
from selbench.evaluation.transferred import transferred
from selbench.report.leaderboard import (
    AUC,
    POWER,
    UNKNOWN,
    Estimate,
    Leaderboard,
    Standing,
    at_home,
    leaderboard_of,
    leaderboards,
)
from selbench.report.verdicts import claims, claims_of, pair_claims
from selbench.run_folder import RunRecord

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.01
"""The false-positive rate of the headline."""

COMPARED_BY = (POWER, AUC)
"""Metrics by which the table says who is better."""

DRIFT = "-drift"
"""How the name of a task's twin ends: the same allele, without selection."""

CURVE = "-curve"
"""How the name of a task ends that is there for a learning curve: another task asks the same."""

NOT_TESTED = "Not tested: background selection, gene conversion, structure, recurrent sweeps."

OUT_OF_REACH = 0.5
"""A task where the best method finds fewer than this share of swept windows is still open."""

FIVE_TRAININGS_CPU_SECONDS, ONE_TRAINING_CPU_SECONDS = 60, 300
"""Tier A: five trainings of a task within the first; tier C: one training over the second."""


@dataclass(frozen=True)
class SuiteRow:
    """A method on a task of a suite.

    Parameters
    ----------
    standing : Standing
    power, auc : Estimate
    right_calls : Estimate
        The share of calls that are right where 1 window in 100 is swept.
    drift : Estimate
        AUC of the task's drift twin: what the allele's frequency or age alone tells.
    cpu_seconds : float
        Of one training: encode, fit, predict; NaN where the run does not tell.
    is_tied : bool
        Whether the best method is not shown to be better.
    """

    standing: Standing
    power: Estimate
    auc: Estimate
    right_calls: Estimate
    drift: Estimate
    cpu_seconds: float
    is_tied: bool

    @property
    def label(self) -> str:
        """How the method is called."""
        return self.standing.label

    @property
    def coverage_said(self) -> str:
        """What share of the windows it judged, where it declined some; "" where none."""
        return coverage_said(self.standing.coverage)

    @property
    def tier(self) -> str:
        """A, B or C by what one training costs; "–" where the run does not tell."""
        if self.cpu_seconds != self.cpu_seconds:
            return "–"
        if 5 * self.cpu_seconds <= FIVE_TRAININGS_CPU_SECONDS:
            return "A"
        return "C" if self.cpu_seconds > ONE_TRAINING_CPU_SECONDS else "B"


@dataclass(frozen=True)
class SuiteTask:
    """A task of a suite, best method first by the headline's metric.

    Parameters
    ----------
    board : Leaderboard
    metric : str
        Power at 1 % false positives; AUC where the task has too few windows for it.
    rows : tuple of SuiteRow
    baseline : str
        Label of the best baseline; "" where there is none.
    chosen_on : str
        What it was chosen on.
    gain : Claim or None
        The best method that is no baseline, minus that one.
    """

    board: Leaderboard
    metric: str
    rows: tuple[SuiteRow, ...]
    baseline: str
    chosen_on: str
    gain: Claim | None

    @property
    def name(self) -> str:
        """The task's name."""
        return self.board.title

    @property
    def best(self) -> SuiteRow:
        """The first row."""
        return self.rows[0]

    @property
    def tied(self) -> tuple[str, ...]:
        """Methods that the best one is not shown to be better than."""
        return tuple(row.label for row in self.rows[1:] if row.is_tied)

    def value(self, row: SuiteRow) -> Estimate:
        """Return a row's value of the headline's metric."""
        return row.power if self.metric == POWER else row.auc

    def row_of(self, label: str) -> SuiteRow | None:
        """Return the row of a method; None where it was not trained on the task."""
        return next((row for row in self.rows if row.label == label), None)


@dataclass(frozen=True)
class Transfer:
    """A method in a world that it was not trained in, at the threshold of the one that it was."""

    train_task: str
    test_task: str
    label: str
    false_positives: Estimate
    power: Estimate
    auc: Estimate
    coverage_said: str = ""


@dataclass(frozen=True)
class SuiteTable:
    """All that the leaderboard of a suite shows.

    Parameters
    ----------
    name : str
    tasks : tuple of SuiteTask
    transfers : tuple of Transfer
    not_run : str
        The installed methods that have no row, in a sentence.
    encodings : str
        What the encodings of the best methods are.
    on_fewer : tuple of SuiteTask
        Trained on a part of a task's windows, for what is too costly on all of them: nothing is compared.
    """

    name: str
    tasks: tuple[SuiteTask, ...]
    transfers: tuple[Transfer, ...]
    not_run: str = ""
    encodings: str = ""
    on_fewer: tuple[SuiteTask, ...] = ()

    @property
    def metric(self) -> str:
        """What methods are compared by over all tasks: the headline's metric, where every task has it."""
        has_power = all(s.by_repetition(POWER) for task in self.tasks for s in task.board.standings)
        return POWER if has_power else AUC

    @property
    def by_area(self) -> tuple[str, ...]:
        """Tasks that have too few windows for the headline's power: there methods are ranked by AUC."""
        return tuple(task.name for task in self.tasks if task.metric != POWER)

    @property
    def counts(self) -> tuple[tuple[int, str], ...]:
        """How many tasks there are, and apart from them drift twins and other worlds: number and noun."""
        n_twins = sum(any(row.drift.is_known for row in task.rows) for task in self.tasks)
        n_worlds = len({transfer.test_task for transfer in self.transfers})
        counted = ((len(self.tasks), "task"), (n_twins, "drift twin"), (n_worlds, "other world"))
        return tuple((n, noun if n == 1 else f"{noun}s") for n, noun in counted if n)

    @property
    def not_tested(self) -> str:
        """What no task of it asks."""
        return NOT_TESTED

    @property
    def open_questions(self) -> tuple[str, ...]:
        """What nobody can do yet, in sentences."""
        return tuple(_open_questions(self))

    @property
    def labels(self) -> tuple[str, ...]:
        """Every method, best mean place first."""
        places: dict[str, list[float]] = {}
        for task in self.tasks:
            for place, row in enumerate(task.rows):
                places.setdefault(row.label, []).append(place / len(task.rows))
        return tuple(sorted(places, key=lambda label: fmean(places[label])))


def suite_table(record: RunRecord, parts: Sequence[RunRecord] = ()) -> SuiteTable:
    """Return the table of a suite from a run of it, or several joined.

    Parameters
    ----------
    record : RunRecord
    parts : sequence of RunRecord
        The runs that it was joined from: predictions are read of those alone that were tested in other
        worlds, if no method is called otherwise among all.
    """
    boards = leaderboards(record)
    apart = (DRIFT, CURVE)
    home = [board for board in at_home(boards) if not board.test_task.endswith(apart)] or at_home(boards)
    found = claims(record, COMPARED_BY, [(board.train_task, board.test_task) for board in home])
    twins = {
        board.train_task: {s.label: s.estimate(AUC) for s in board.standings}
        for board in boards
        if board.test_task == board.train_task + DRIFT
    }
    cpu = _cpu_seconds(record)
    tasks = [_task(board, found, twins.get(board.train_task, {}), cpu) for board in home]
    away = [b for b in boards if not b.is_at_home and b.test_task != b.train_task + DRIFT]
    return SuiteTable(
        record.info.suite or record.name,
        tuple(tasks),
        tuple(_transfers(record, away, parts)),
        on_fewer=tuple(_on_fewer(record, cpu)),
    )


def _on_fewer(record: RunRecord, cpu: Mapping[tuple[str, str], float]) -> Iterator[SuiteTask]:
    """Yield the tasks that were trained on fewer of their windows, but those of a learning curve."""
    for name, task in record.tasks.items():
        is_of_curve = task.part_of.endswith(CURVE)
        if name in record.parts and not is_of_curve and (name, task.part_of) in record.pairs:
            board = leaderboard_of(record, name, task.part_of)
            twin = leaderboard_of(record, name, task.part_of + DRIFT)
            of_twin = {standing.label: standing.estimate(AUC) for standing in twin.standings}
            found = _task(board, (), of_twin, cpu)
            rows = tuple(replace(row, is_tied=True) for row in found.rows)
            yield replace(found, rows=rows, baseline="", chosen_on="", gain=None)


def comparisons_of(record: RunRecord, table: SuiteTable) -> pd.DataFrame:
    """Return the comparisons of a record that a table tells of, as its comparisons have them."""
    rows = record.comparisons
    pairs = {(task.board.train_task, task.board.test_task) for task in table.tasks}
    told = zip(rows["train_task"], rows["test_task"], rows["metric"], strict=True)
    is_told = [(train, test) in pairs and metric in COMPARED_BY for train, test, metric in told]
    return rows[is_told].reset_index(drop=True)


def _cpu_seconds(record: RunRecord) -> dict[tuple[str, str], float]:
    """Return the mean CPU seconds of a training, by task and label."""
    spent: dict[tuple[str, str], list[float]] = {}
    for training in record.trainings:
        if training.status == "done" and training.cpu_seconds:
            key = training.train_task, record.labels[training.method]
            spent.setdefault(key, []).append(sum(training.cpu_seconds.values()))
    return {key: fmean(values) for key, values in spent.items()}


def _task(
    board: Leaderboard,
    found: Sequence[Claim],
    twins: Mapping[str, Estimate],
    cpu: Mapping[tuple[str, str], float],
) -> SuiteTask:
    metric = POWER if board.measured((POWER,)) else AUC
    standings = sorted(board.standings, key=lambda s: -_known(s.estimate(metric)))
    # Two methods have one claim: beside the best baseline that of the family of all against it, as of gains.
    beside = claims_of(board, found, BEST_BASELINE, metric)
    pairs = pair_claims(board, found, metric)
    pairs |= {pair: each for claim in beside for pair, each in _both_sides(claim)}
    best = standings[0].label
    rows = tuple(
        SuiteRow(
            standing,
            standing.estimate(POWER),
            standing.estimate(AUC),
            _right_calls(standing),
            twins.get(standing.label, UNKNOWN),
            cpu.get((board.train_task, standing.label), nan),
            standing.label == best or _is_tied(pairs.get((best, standing.label))),
        )
        for standing in standings
    )
    baselines = [s.label for s in standings if s.is_baseline]
    trained = [s.label for s in standings if not s.is_baseline]
    by_validation = board.best_baseline in baselines
    baseline = board.best_baseline if by_validation else next(iter(baselines), "")
    return SuiteTask(
        board,
        metric,
        rows,
        baseline,
        ("validation windows, by AUC" if by_validation else "test windows, which errs in its favour")
        if baseline
        else "",
        _gain(board, found, metric, trained[0], baseline) if trained and baseline else None,
    )


def _both_sides(claim: Claim) -> Iterator[tuple[tuple[str, str], Claim]]:
    yield (claim.method, claim.other), claim
    yield (claim.other, claim.method), claim.reverse


def _gain(
    board: Leaderboard, found: Sequence[Claim], metric: str, method: str, baseline: str
) -> Claim | None:
    """Return the claim of a method over a baseline: of the family of all against it, where there is one."""
    of_two = [
        claim if claim.method == method else claim.reverse
        for family in (BEST_BASELINE, ALL_PAIRS)
        for claim in claims_of(board, found, family, metric)
        if {claim.method, claim.other} == {method, baseline}
    ]
    return next(iter(of_two), None)


def coverage_said(coverage: float) -> str:
    """Say what share of the windows a method judged; "" where all.

    >>> coverage_said(0.934), coverage_said(1.0)
    ('judged 93.4 %', '')
    """
    return f"judged {min(100 * coverage, 99.9):.3g} %" if coverage < 1 else ""


def on_fewer_said(task: SuiteTask) -> str:
    """Say what a table of methods that were trained on fewer windows is for."""
    return (
        f"Trained on a part of the windows of {task.board.test_task}: what is too costly for all of them "
        "stands here as well, and tiers are of trainings on the part. Nothing is compared."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _known(estimate: Estimate) -> float:
    return estimate.value if estimate.is_known else -1.0


def _is_tied(claim: Claim | None) -> bool:
    return claim is None or claim.verdict != "better"


def _right_calls(standing: Standing) -> Estimate:
    power = standing.estimate("power_at_1_percent")
    rate = standing.estimate("false_positive_rate_at_1_percent")
    if not (power.is_known and rate.is_known) or power.value == rate.value == 0:  # no call, no share
        return UNKNOWN
    value = predictive_value(power.value, rate.value)
    if not (power.has_interval and rate.has_interval):
        return Estimate(value)
    limits = [(e.value, e.low, e.high) for e in (power, rate)]
    return Estimate(value, *predictive_interval(limits[0], limits[1]))


def _transfers(
    record: RunRecord, away: Sequence[Leaderboard], parts: Sequence[RunRecord]
) -> Iterator[Transfer]:
    trains = {board.train_task for board in away}
    sources = [part for part in parts if trains & {train for train, _ in part.pairs}]
    if not sources or not all(part.cells <= record.cells for part in sources):  # or called otherwise in some
        sources = [record] if away else []
    found: dict[tuple[str, str], dict[str, Transfer]] = {}
    for source in sources:
        for each in _transfers_of(source, away, record):
            found.setdefault((each.train_task, each.test_task), {}).setdefault(each.label, each)
    for board in away:
        of_board = found.get((board.train_task, board.test_task), {})
        best_first = [standing.label for standing in board.standings if standing.label in of_board]
        yield from (of_board[label] for label in dict.fromkeys([*best_first, *of_board]))


def _transfers_of(source: RunRecord, away: Sequence[Leaderboard], record: RunRecord) -> Iterator[Transfer]:
    """Yield what predictions of `source` say; methods are called as in `record`."""
    trains = {board.train_task for board in away}
    said = source.read_predictions()
    asked = said["train_task"].isin(trains) & said["test_task"].isin(trains | {b.test_task for b in away})
    wanted = said[asked]
    tasks = {(task.train_task, task.test_task): task for task in by_task(wanted, record.roles)}
    for board in away:
        home = tasks.get((board.train_task, board.train_task))
        elsewhere = tasks.get((board.train_task, board.test_task))
        if home is None or elsewhere is None:
            continue
        standings = {s.method: s for s in board.standings}
        for found in transferred(home, elsewhere, ALPHA):
            standing = standings.get(found.method)
            yield Transfer(
                board.train_task,
                board.test_task,
                record.labels[found.method],
                Estimate(*found.false_positives),
                Estimate(*found.power),
                UNKNOWN if standing is None else standing.estimate(AUC),
                "" if standing is None else coverage_said(standing.coverage),
            )


def _open_questions(table: SuiteTable) -> Iterator[str]:
    for task in table.tasks:
        best = task.value(task.best)
        if task.metric == POWER and best.value < OUT_OF_REACH:
            yield (
                f"{task.name}: at 1 % false positives the best method, {task.best.label}, finds "
                f"{_percent(best.value)} of the windows that are looked for: less than half."
            )
    lost = [task.name for task in table.tasks if task.gain is not None and task.gain.verdict != "better"]
    if lost:
        yield f"No method is shown to be better than the best baseline on: {', '.join(lost)}."
    for task in table.tasks:
        astray = [
            f"{_percent(each.false_positives.value)} in {each.test_task}"
            for each in table.transfers
            if (each.train_task, each.label) == (task.name, task.best.label)
            and each.false_positives.low > 2 * ALPHA
        ]
        if astray:
            yield (
                f"{task.name}: the best method, {task.best.label}, calls 1 % of the windows without "
                f"selection there, and at the same threshold {', '.join(astray)}."
            )
    worlds: dict[tuple[str, str], list[Transfer]] = {}
    for transfer in table.transfers:
        worlds.setdefault((transfer.train_task, transfer.test_task), []).append(transfer)
    for (train, test), found in worlds.items():
        if all(each.false_positives.low > 2 * ALPHA for each in found):
            least = min(found, key=lambda each: each.false_positives.value)
            yield (
                f"{train} → {test}: no method keeps 1 % false positives; the nearest, {least.label}, calls "
                f"{least.false_positives.value:.1%} of windows without selection."
            )
