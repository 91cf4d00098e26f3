"""Matrices: confusion, encoder by model, and train here, test there."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from selbench.report.html.page import Page, Section
from selbench.report.leaderboard import UNKNOWN, Estimate, Leaderboard


@dataclass(frozen=True)
class ConfusionRow:
    """The windows of one true class: how many were called what, as counts and shares."""

    label: str
    counts: tuple[float, ...]

    @property
    def shares(self) -> tuple[float, ...]:
        """Counts over the windows of the class."""
        total = sum(self.counts)
        return tuple(count / total for count in self.counts)


@dataclass(frozen=True)
class Confusion:
    """The calls of one method, averaged over trainings."""

    method: str
    classes: tuple[str, ...]
    rows: tuple[ConfusionRow, ...]


def confusion_section(page: Page) -> Section:
    """Return a confusion matrix per method and task."""
    boards = [
        (board.title, [_confusion(board, index) for index in range(len(board.standings))])
        for board in page.main_boards
    ]
    return Section("confusion", "Confusion matrices", {"boards": boards})


def _confusion(board: Leaderboard, index: int) -> Confusion:
    standing = board.standings[index]
    classes = tuple(board.n_test_windows)
    rows = tuple(
        ConfusionRow(true, tuple(standing.estimate(f"called_{called}", true).value for called in classes))
        for true in classes
    )
    return Confusion(standing.label, classes, rows)


@dataclass(frozen=True)
class Heat:
    """A cell of a heat map: a value, its place from lowest to highest, and a word if it is missing."""

    estimate: Estimate
    warmth: float
    note: str = ""


@dataclass(frozen=True)
class HeatMap:
    """AUC by row and column."""

    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Heat, ...]], ...]
    said: str = ""


def combinations_section(page: Page) -> Section | None:
    """Return encoder × model per task, where some trained model takes part with several encoders."""
    methods = [method for method in page.record.methods.values() if not method.is_baseline]
    encoders = tuple(dict.fromkeys(method.encoder for method in methods))
    models = tuple(dict.fromkeys(method.model for method in methods))
    if len({(method.encoder, method.model) for method in methods}) == len(models):
        return None
    maps = [_combinations(page, board, encoders, models) for board in page.main_boards]
    return Section("combinations", "Encoder × model", {"maps": maps})


def _combinations(
    page: Page, board: Leaderboard, encoders: tuple[str, ...], models: tuple[str, ...]
) -> HeatMap:
    by_parts = {
        (page.record.methods[s.method].encoder, page.record.methods[s.method].model): s.estimate("roc_auc")
        for s in board.standings
    }
    notes = {
        (
            page.record.methods[training.method].encoder,
            page.record.methods[training.method].model,
        ): training.status
        for training in page.record.unfinished
        if training.train_task == board.train_task and training.method in page.record.methods
    }
    table = {
        (model, encoder): (by_parts.get((encoder, model), UNKNOWN), notes.get((encoder, model), ""))
        for model in models
        for encoder in encoders
    }
    return heat_map(board.title, "model / encoder", models, encoders, table)


def transfer_section(page: Page) -> Section | None:
    """Return train here, test there: a matrix per method, with the worst case."""
    if not any(board.train_task != board.test_task for board in page.boards):
        return None
    maps = [_transfer(page, label) for label in page.record.labels.values()]
    return Section("transfer", "Train here, test there", {"maps": [m for m in maps if m is not None]})


def _transfer(page: Page, label: str) -> HeatMap | None:
    found = {
        (board.train_task, board.test_task): standing.estimate("roc_auc")
        for board in page.boards
        for standing in board.standings
        if standing.label == label
    }
    if not found:
        return None
    trains, tests = (tuple(dict.fromkeys(pair[axis] for pair in found)) for axis in (0, 1))
    table = {(train, test): (found.get((train, test), UNKNOWN), "") for train in trains for test in tests}
    return heat_map(label, "trained on / tested on", trains, tests, table, _worst_case(found))


def _worst_case(found: dict[tuple[str, str], Estimate]) -> str:
    away = {pair: estimate.value for pair, estimate in found.items() if pair[0] != pair[1]}
    home = [estimate.value for (train, test), estimate in found.items() if train == test]
    if not away:
        return ""
    worst = min(away, key=lambda pair: away[pair])
    drop = f"; {fmean(home):.3f} at home, {fmean(away.values()):.3f} away" if home else ""
    return f"Worst case {away[worst]:.3f}: trained on {worst[0]}, tested on {worst[1]}{drop}."


def heat_map(
    title: str,
    corner: str,
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    table: dict[tuple[str, str], tuple[Estimate, str]],
    said: str = "",
) -> HeatMap:
    """Lay estimates by (row, column) out as a heat map; what is missing says the word beside it."""
    known = [estimate.value for estimate, _ in table.values() if estimate.is_known]
    low, high = min(known, default=0.0), max(known, default=1.0)

    def heat(row: str, column: str) -> Heat:
        estimate, note = table[row, column]
        warmth = (estimate.value - low) / (high - low) if estimate.is_known and high > low else 0.0
        return Heat(estimate, warmth, note)

    return HeatMap(
        title,
        corner,
        columns,
        tuple((row, tuple(heat(row, column) for column in columns)) for row in rows),
        said,
    )
