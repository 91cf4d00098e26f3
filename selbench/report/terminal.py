"""The leaderboards as rich tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from selbench.evaluation.across_tasks import Summary
from selbench.evaluation.claims import number
from selbench.evaluation.metrics import COVERAGE
from selbench.evaluation.power import windows_needed
from selbench.report.across_tasks import AcrossTasks, across_tasks
from selbench.report.genomes import FoundInGenome, found_in_genomes
from selbench.report.leaderboard import Estimate, Leaderboard, Standing, at_home, leaderboards
from selbench.report.learning import LearningCurve, learning_curves
from selbench.report.verdicts import claims, verdict
from selbench.run_folder import AUDITED_AREAS, Audit, summary_lines, worst_verdict
from selbench.tables.visible import text_console

if TYPE_CHECKING:
    from selbench.run_folder import RunRecord, TrainingRecord

SHOWN = ("roc_auc", "accuracy", "power_at_5_percent_interpolated")
"""The metrics of the terminal table."""

_NUMBERS_WIDTH = 56
"""Columns that all but the names of methods take where intervals have lines of their own."""

_LEAST_NAME_WIDTH = 20
_ENDLESS = 1000
_COIN = 0.5
_NOT_AS_DESIGNED = "†"


class TerminalReport:
    """All leaderboards of a run, then the trainings that did not finish."""

    def __init__(self, record: RunRecord) -> None:
        self.record = record

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the tables out for the console's width."""
        boards = leaderboards(self.record)
        main = at_home(boards)
        pairs = [(board.train_task, board.test_task) for board in main]
        found = claims(self.record, ["roc_auc"], pairs)
        for board in main:
            yield _fitting_table(board, console, options)
            said = verdict(board, found)
            if said is not None:
                yield Text.assemble(
                    (said.sentence, "bold"), " ", (f"{said.aside} {said.note}".strip(), "dim")
                )
            yield ""
        if len(boards) > len(main):
            yield from (_transfer_table(boards), "")
        for genome in found_in_genomes(self.record):
            yield from (_genome_table(genome), Text(genome.note, style="dim"), "")
        across = across_tasks(self.record, main)
        if across is not None:
            yield from (_across_tasks_table(across), Text(across.note, style="dim"), "")
        for curve in learning_curves(self.record):
            yield from (_learning_table(curve), "")
        if self.record.audits:
            yield from _audit_lines(self.record.audits, self.record.folder)
            yield ""
        if self.record.remarks:
            yield Text("Good to know", style="bold")
            for methods, remark in self.record.remarks:
                yield Text.assemble("  ", (methods, "cyan"), f": {remark}")
            yield ""
        if self.record.unfinished:
            yield Text("Not in the table", style="bold")
            for training in self.record.unfinished:
                yield _unfinished_line(training)


def leaderboard(record: RunRecord) -> TerminalReport:
    """Return what ``selbench run`` and ``selbench report`` show in a terminal."""
    return TerminalReport(record)


def render(record: RunRecord, width: int = 120) -> str:
    """Return the same as plain text."""
    console = text_console(width=width, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(leaderboard(record))
    return captured.get()


def _fitting_table(board: Leaderboard, console: Console, options: ConsoleOptions) -> Table:
    """Return the table of a leaderboard; where it does not fit, intervals go to a line of their own."""
    longest = max(_name(standing).cell_len for standing in board.standings)
    wide = _table(board, name_width=longest, narrow=False)
    needed = Measurement.get(console, options.update(max_width=_ENDLESS), wide).maximum
    if needed <= options.max_width:
        return wide
    left = max(options.max_width - _NUMBERS_WIDTH, _LEAST_NAME_WIDTH)
    return _table(board, name_width=min(longest, left), narrow=True)


def _table(board: Leaderboard, *, name_width: int, narrow: bool) -> Table:
    table = Table(
        title=Text(f"{board.title}: {board.windows_said} test windows"),
        title_style="bold",
        title_justify="left",
        caption=Text(_caption(board)),
        caption_justify="left",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    table.add_column("method", overflow="fold", min_width=name_width)
    shown = (*SHOWN, *board.declining, *board.measured(board.brought))
    for metric in shown:
        table.add_column(
            Text(board.metrics[metric].label), no_wrap=not narrow, max_width=11 if narrow else None
        )
    table.add_column("AUC of each" if narrow else "AUC per training", max_width=6 if narrow else 24)
    table.add_column("seconds", justify="right", no_wrap=True)
    best = max(standing.estimate("roc_auc").value for standing in board.standings)
    for standing in board.standings:
        first = standing.estimate("roc_auc").value == best
        table.add_row(
            _name(standing),
            *(_estimate(standing.estimate(metric), narrow=narrow) for metric in shown),
            Text(_spread(standing, narrow=narrow), style="dim"),
            seconds(standing.total_seconds),
            style="bold" if first else None,
        )
    return table


def _transfer_table(boards: Sequence[Leaderboard]) -> Table:
    """Return the AUC of every method by training and test task."""
    labels = dict.fromkeys(standing.label for board in boards for standing in board.standings)
    table = Table(title="AUC: train here, test there", title_style="bold", title_justify="left", box=None)
    table.add_column("trained on → tested on", overflow="fold")
    for label in labels:
        table.add_column(Text(label), overflow="fold", justify="right")
    for board in boards:
        aucs = {standing.label: standing.estimate("roc_auc").value for standing in board.standings}
        shown = [f"{aucs[label]:.3f}" if label in aucs else "–" for label in labels]
        table.add_row(Text(f"{board.train_task} → {board.test_task}"), *shown)
    return table


def _genome_table(found: FoundInGenome) -> Table:
    """Return what each method called in labelled regions of a genome and elsewhere."""
    title = Text(f"{found.title}: windows called {found.positive}, by training")
    table = Table(title=title, title_style="bold", title_justify="left", box=None)
    table.add_column("method", overflow="fold")
    for head in found.heads:
        table.add_column(Text(head), justify="right")
    for label, cells in found.rows:
        table.add_row(Text(label), *cells)
    return table


def _across_tasks_table(found: AcrossTasks) -> Table:
    """Return what all tasks say together of each method."""
    title = f"Over {len(found.tasks)} tasks"
    table = Table(title=title, title_style="bold", title_justify="left", box=None)
    table.add_column("method", overflow="fold")
    table.add_column("interquartile mean AUC")
    table.add_column("mean rank", justify="right")
    for method in found.methods:
        middle = _estimate(method.interquartile_mean, narrow=False)
        table.add_row(Text(method.label), middle, f"{method.mean_rank:.2f}")
    return table


def _learning_table(curve: LearningCurve) -> Table:
    title = f"{curve.metric} on {curve.test_task} by training windows per class"
    table = Table(title=Text(title), title_style="bold", title_justify="left", box=None)
    table.add_column("method", overflow="fold")
    for size in curve.sizes:
        table.add_column(f"{size:,}", justify="right")
    for label, estimates in curve.estimates.items():
        table.add_row(Text(label), *(f"{of.value:.3f}" if of.is_known else "–" for of in estimates))
    return table


def _name(standing: Standing) -> Text:
    name = Text(standing.label)
    if standing.is_baseline:
        name.append(" baseline", style="italic not bold cyan")
    if standing.not_as_designed:
        name.append(f" {_NOT_AS_DESIGNED}", style="not bold yellow")
    return name


def _spread(standing: Standing, *, narrow: bool) -> str:
    """Return the AUC of each training; where there is little room, the lowest and the highest."""
    aucs = standing.auc_by_repetition.values()
    if not narrow or len(aucs) <= 2:
        return standing.spread
    low, high = f"{min(aucs):.3f}", f"{max(aucs):.3f}"
    return low if low == high else f"{low}–\n{high}"


def _estimate(estimate: Estimate | Summary, *, narrow: bool) -> Text:
    if estimate.value != estimate.value:
        return Text("–", style="dim")
    text = Text(number(estimate.value))
    if estimate.has_interval:
        gap = "\n" if narrow else " "
        text.append(f"{gap}{number(estimate.low)}–{number(estimate.high)}", style="dim not bold")
    return text


def seconds(value: float) -> str:
    """Return seconds with two digits that matter, and thousands apart."""
    if value != value:
        return "–"
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"


def _caption(board: Leaderboard) -> str:
    lines = [
        f"Mean over {_trainings(board.n_repetitions)}, with the 95 % interval over test windows. "
        "How much a new training changes is not in the interval: see AUC per training.",
        power_note(board),
        upside_down_note(board),
        coverage_note(board),
        _design_note(board),
        "Seconds: encode, fit and predict, for one training.",
    ]
    return "\n".join(filter(None, lines))


def power_note(board: Leaderboard, rates: Sequence[float] = (0.05,)) -> str:
    """Say where the thresholds of the power come from, or why there is none."""
    found = f"{board.n_threshold_windows:,}"
    enough = [rate for rate in rates if board.n_threshold_windows >= windows_needed(rate)]
    said = [
        f"Power at {_percent(rate)} FPR needs {windows_needed(rate):,} null windows to choose a threshold "
        f"on, and the threshold split holds {found}."
        for rate in rates
        if rate not in enough
    ]
    if enough:
        passing = f"{' or '.join(map(_percent, enough))} of {found} separate null windows pass"
        measured = f"Power: positive windows called at the threshold that lets exactly {passing}"
        said.insert(0, f"{measured}; its interval is over those as well.")
    return " ".join(said)


def _percent(rate: float) -> str:
    return f"{rate:.0%}".replace("%", " %")


def upside_down_note(board: Leaderboard) -> str:
    """Name the methods whose AUC is below that of a coin with its whole interval; "" where none is."""
    below = [s.label for s in board.standings if s.estimate("roc_auc").high < _COIN]
    if not below:
        return ""
    their, orders = ("Its", "orders") if len(below) == 1 else ("Their", "order")
    return (
        f"{' and '.join(below)}: worse than a coin. {their} AUC lies below {_COIN} with its whole interval: "
        f"{'it' if len(below) == 1 else 'they'} {orders} the classes the wrong way round."
    )


def coverage_note(board: Leaderboard) -> str:
    """Say what the coverage is, where a method declined windows; "" where none did."""
    if not board.declining:
        return ""
    none_of = "".join(
        f" {s.label} answered no window of {label}: where it is compared, intervals are not to be read."
        for s in board.standings
        for label in board.n_test_windows
        if s.estimate(COVERAGE.name, label).value == 0
    )
    return (
        "Coverage: the share of test windows that a method answered; those that it declined are scored at "
        "its median score of null windows." + none_of
    )


def _design_note(board: Leaderboard) -> str:
    """Say of methods that were made for windows of another length what those are; "" where none was."""
    marked = {s.label: s.not_as_designed for s in board.standings if s.not_as_designed}
    by_design: dict[str, list[str]] = {}
    for label, said in marked.items():
        by_design.setdefault(said, []).append(label)
    told = "; ".join(f"{said} ({', '.join(labels)})" for said, labels in by_design.items())
    if not told:
        return ""
    return f"{_NOT_AS_DESIGNED} {told}: by the paper of its encoding or model. It was run all the same."


def _trainings(count: int) -> str:
    return "one training" if count == 1 else f"{count} trainings"


def _audit_lines(audits: Sequence[Audit], folder: Path) -> Iterator[Text]:
    """Yield what the audit found that is worth knowing."""
    colours = {"red": "bold red", "amber": "bold yellow", "green": "bold green"}
    counted = audits[0].counted if len(audits) == 1 else f"{len(audits)} tasks"
    yield Text.assemble(
        ("Audit ", "bold"), (worst_verdict(audits), colours[worst_verdict(audits)]), (f" ({counted})", "dim"),
        (f"; all of it: selbench audit {folder}", "dim"),
    )  # fmt: skip
    yield Text(f"  {AUDITED_AREAS}", style="dim")
    for colour, sentence in summary_lines(audits):
        yield Text.assemble("  ", (f"{colour:<6}", colours[colour]), sentence)


def _unfinished_line(training: TrainingRecord) -> Text:
    colour = "red" if training.status == "failed" else "yellow"
    return Text.assemble("  ", (training.status, colour), f"  {training.name}: {training.reason}")
