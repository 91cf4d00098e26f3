"""The headline, the leaderboards, every metric, and who beats whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import floor

from selbench.evaluation.claims import BEST_BASELINE, Claim
from selbench.evaluation.comparison import mcnemar
from selbench.evaluation.power import ALPHAS
from selbench.plugin import Metric
from selbench.report.html.page import Page, Section
from selbench.report.leaderboard import UNKNOWN, Estimate, Leaderboard, Standing
from selbench.report.terminal import coverage_note, power_note, upside_down_note
from selbench.report.verdicts import (
    claims_of,
    how_chosen,
    how_judged,
    p_value,
    pair_claim,
    pair_claims,
    verdict,
)

COLUMNS = ("accuracy", "power_at_5_percent_interpolated", "power_at_1_percent_interpolated", "brier")
"""Metrics of the leaderboard, after AUC, where they were measured."""


@dataclass(frozen=True)
class Row:
    """A method in the leaderboard, with its place on the AUC axis in per cent of its width."""

    standing: Standing
    style: str
    spelling: str
    auc: Estimate
    at: float
    low: float
    high: float
    seeds: tuple[float, ...]
    estimates: tuple[tuple[Metric, Estimate], ...]


@dataclass(frozen=True)
class Board:
    """A leaderboard, ready to be laid out."""

    title: str
    windows: str
    note: str
    n_repetitions: int
    axis_low: float
    baseline_at: float | None
    columns: tuple[Metric, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Headline:
    """What the run comes down to, and what that rests on; with several tasks, the verdict on each."""

    sentence: str
    evidence: str
    by_task: tuple[tuple[str, str], ...] = ()


def headline(page: Page) -> Headline | None:
    """Say whether trained methods beat the best baseline; None where there is nothing to compare."""
    said = [(board, found) for board in page.main_boards if (found := verdict(board, page.claims))]
    if not said:
        return None
    if len(said) == 1:
        found = said[0][1]
        return Headline(found.sentence.removesuffix("."), f"{found.aside} {found.note}".strip())
    rivals = "the best baseline" if any(found.aside for _, found in said) else "the runner-up"
    if all(found.claim.verdict == "one training" for _, found in said):
        return Headline(
            f"With one training of each method, nothing can be said of methods against {rivals}",
            "What a new training would change cannot be known from one.",
            tuple((board.title, found.sentence) for board, found in said),
        )
    n_wins = sum(found.claim.verdict == "better" for _, found in said)
    return Headline(
        f"The best trained method is better than {rivals} by AUC on {n_wins} of {len(said)} tasks",
        "Each task by itself: 95 % intervals that hold for all its comparisons at once (max-T), over "
        f"{'test windows' if said[0][1].claim.over == 'windows' else f'test {said[0][1].claim.over}'}.",
        tuple((board.title, found.sentence) for board, found in said),
    )


def leaderboard_section(page: Page) -> Section:
    """Return the leaderboards: of tasks tested on themselves in full, the others folded away."""
    boards = [_board(page, board) for board in page.main_boards]
    others = [_board(page, board) for board in page.boards if board not in page.main_boards]
    return Section(
        "leaderboard",
        "Leaderboard",
        {"boards": boards, "others": others, "n_unfinished": len(page.record.unfinished)},
    )


def _board(page: Page, board: Leaderboard) -> Board:
    values = [estimate for s in board.standings if (estimate := s.estimate("roc_auc")).is_known]
    lowest = min([min(e.low, e.value) if e.has_interval else e.value for e in values], default=0.5)
    axis_low = min(floor(lowest * 20) / 20, 0.95)

    def place(value: float) -> float:
        return 100 * (min(max(value, axis_low), 1) - axis_low) / (1 - axis_low)

    baselines = [s.estimate("roc_auc").value for s in board.standings if s.is_baseline]
    columns = board.measured((*COLUMNS, *board.declining, *board.brought))
    return Board(
        title=board.title,
        windows=board.windows_said,
        note=" ".join(
            filter(None, (power_note(board, ALPHAS), upside_down_note(board), coverage_note(board)))
        ),
        n_repetitions=board.n_repetitions,
        axis_low=axis_low,
        baseline_at=place(max(baselines)) if baselines else None,
        columns=tuple(board.metrics[name] for name in columns),
        rows=tuple(
            _row(s, page.styles[s.label].name, place, [board.metrics[name] for name in columns])
            for s in board.standings
        ),
    )


def _row(standing: Standing, style: str, place: Callable[[float], float], columns: Sequence[Metric]) -> Row:
    auc = standing.estimate("roc_auc")
    low, high = (auc.low, auc.high) if auc.has_interval else (auc.value, auc.value)
    return Row(
        standing=standing,
        style=style,
        spelling=standing.method,
        auc=auc,
        at=place(auc.value),
        low=place(low),
        high=place(high),
        seeds=tuple(place(value) for value in standing.auc_by_repetition.values()),
        estimates=tuple((metric, standing.estimate(metric.name)) for metric in columns),
    )


@dataclass(frozen=True)
class MetricRow:
    """A metric, for one class or all, over the methods of a board."""

    metric: Metric
    of_class: str
    estimates: tuple[Estimate, ...]


@dataclass(frozen=True)
class MetricTable:
    """Every metric of every method on one task."""

    title: str
    methods: tuple[str, ...]
    rows: tuple[MetricRow, ...]


def metrics_section(page: Page) -> Section:
    """Return a table of every metric per task, and what each means."""
    tables = [_metric_table(board) for board in page.main_boards]
    shown = {row.metric for table in tables for row in table.rows}
    glossary = [metric for metric in page.record.metrics.values() if metric in shown]
    return Section("metrics", "Every metric", {"tables": tables, "glossary": glossary})


def _metric_table(board: Leaderboard) -> MetricTable:
    return MetricTable(board.title, tuple(s.label for s in board.standings), tuple(_metric_rows(board)))


def _metric_rows(board: Leaderboard) -> Iterator[MetricRow]:
    classes = tuple(board.n_test_windows)
    two = len(classes) == 2
    for metric in board.metrics.values():
        for of_class in ("", *classes):
            if two and of_class and metric.name not in ("precision", "recall", "f1"):
                continue  # of two classes, one value says it all
            estimates = tuple(s.estimates.get((metric.name, of_class), UNKNOWN) for s in board.standings)
            if any(estimate.is_known for estimate in estimates):
                yield MetricRow(metric, of_class, estimates)


@dataclass(frozen=True)
class Duel:
    """A cell of the comparison matrix: the row's method minus the column's."""

    claim: Claim | None

    @property
    def kind(self) -> str:
        """How the cell is shaded."""
        if self.claim is None:
            return "self"
        return self.claim.verdict if self.claim.shown else "alike"


@dataclass(frozen=True)
class Comparison:
    """Who beats whom on one task.

    Parameters
    ----------
    title : str
    methods : tuple of str
    rows : tuple of (method, its duels)
    sentences : tuple of str
    note : str
        How the sentences were come to.
    others : tuple of Claim
        All comparisons by all metrics, the better method first.
    by_training : tuple of (sentence, p-values)
        McNemar's test of the methods that the sentences are of, training by training.
    """

    title: str
    methods: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Duel, ...]], ...]
    sentences: tuple[str, ...]
    note: str
    others: tuple[Claim, ...]
    by_training: tuple[tuple[str, str], ...]


def comparison_section(page: Page) -> Section | None:
    """Return per task the sentences against the best baseline, all AUC differences, and all other tests."""
    compared = [b for b in page.main_boards if len(b.standings) > 1 and not b.is_genome]
    comparisons = [_comparison(page, board) for board in compared]
    content = {"comparisons": comparisons, "p_value": p_value, "metrics": page.record.metrics}
    return Section("comparison", "Who beats whom", content) if comparisons else None


def _comparison(page: Page, board: Leaderboard) -> Comparison:
    labels = [standing.label for standing in board.standings]
    of_board = tuple(
        claim
        for claim in page.claims
        if (claim.train_task, claim.test_task) == (board.train_task, board.test_task)
    )
    pairs = pair_claims(board, of_board)
    rows = tuple(
        (
            label,
            tuple(
                Duel(None if label == other else pair_claim(board, pairs, label, other)) for other in labels
            ),
        )
        for label in labels
    )
    told = sorted(
        claims_of(board, of_board, BEST_BASELINE), key=lambda claim: labels.index(claim.method)
    ) or [pair_claim(board, pairs, labels[0], other) for other in labels[1:]]
    return Comparison(
        board.title,
        tuple(labels),
        rows,
        tuple(claim.sentence for claim in told),
        " ".join(filter(None, (_rival(board, told[0]), how_judged(told[0], len(told))))),
        tuple(claim.better_first for claim in of_board),
        tuple(_by_training(page, board, told)),
    )


def _rival(board: Leaderboard, told: Claim) -> str:
    return how_chosen(board, told.other) if told.family == BEST_BASELINE else ""


def _by_training(page: Page, board: Leaderboard, told: Sequence[Claim]) -> Iterator[tuple[str, str]]:
    methods = {
        page.record.labels[method.method]: method
        for method in page.predictions[board.train_task, board.test_task].methods
    }
    labels = page.predictions[board.train_task, board.test_task].labels
    for claim in told:
        found = mcnemar(methods[claim.method], methods[claim.other], labels)
        if found:
            yield f"{claim.method} and {claim.other}", ", ".join(p_value(p) for p in found.values())
