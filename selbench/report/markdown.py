"""The leaderboards as markdown, for a README, an issue or a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from selbench.evaluation.across_tasks import Summary
from selbench.evaluation.claims import number
from selbench.evaluation.power import ALPHAS
from selbench.report.across_tasks import AcrossTasks, across_tasks
from selbench.report.genomes import found_in_genomes
from selbench.report.leaderboard import AUC, Estimate, Leaderboard, at_home, leaderboards
from selbench.report.learning import learning_curves
from selbench.report.short_labels import with_short_labels
from selbench.report.terminal import coverage_note, power_note, seconds
from selbench.report.verdicts import claims, verdict
from selbench.run_folder import RunRecord, summary_lines, worst_verdict
from selbench.tables.visible import inert, visible

SHOWN = (
    "roc_auc", "pr_auc", "accuracy", "power_at_5_percent_interpolated", "power_at_1_percent_interpolated",
    "brier",
)  # fmt: skip
"""The metrics of the markdown table, where they were measured."""


def render(record: RunRecord) -> str:
    """Return the whole report."""
    return "\n".join(_lines(with_short_labels(record))) + "\n"


def _lines(record: RunRecord) -> Iterator[str]:
    yield f"# {inert(record.name)}"
    found = claims(record, ["roc_auc"], record.pairs)
    for board in leaderboards(record):
        yield ""
        yield f"## {inert(board.title)}"
        yield ""
        said = verdict(board, found)
        if said is not None:
            yield f"**{inert(said.sentence)}** {inert(said.aside)} {inert(said.note)}"
            yield ""
        yield from _table(board)
        yield ""
        yield (
            f"Mean over {board.n_repetitions} training(s); in brackets the 95 % interval over test windows "
            f"({inert(board.windows_said)}). {power_note(board, ALPHAS)} {coverage_note(board)}".rstrip()
        )
    for genome in found_in_genomes(record):
        yield from ["", f"## Labelled regions: {inert(genome.title)}", ""]
        yield row_text([f"called {inert(genome.positive)}, by training", *map(inert, genome.heads)])
        yield row_text(["---", *["---:"] * len(genome.heads)])
        yield from (row_text([inert(label), *cells]) for label, cells in genome.rows)
        yield from ["", inert(genome.note)]
    yield from _across_tasks(across_tasks(record, at_home(leaderboards(record))))
    yield from learning_tables(record)
    if record.audits:
        yield from ["", f"## Audit: {worst_verdict(record.audits)}", ""]
        yield from (f"- **{verdict}**: {inert(said)}" for verdict, said in summary_lines(record.audits))
        counted = "; ".join(f"{inert(audit.subject)}: {audit.counted}" for audit in record.audits)
        yield f"- {counted}. All of it: `selbench audit {visible(str(record.folder))}`"
    if record.remarks:
        yield from ["", "## Good to know", ""]
        yield from (f"- {inert(methods)}: {inert(remark)}" for methods, remark in record.remarks)
    if record.unfinished:
        yield from ["", "## Not in the tables", ""]
        for training in record.unfinished:
            yield f"- {training.status}: {inert(training.name)}: {inert(training.reason)}"


def learning_tables(record: RunRecord, metric: str = AUC) -> Iterator[str]:
    """Yield a table for every task that was also trained on fewer windows."""
    for curve in learning_curves(record, metric):
        yield from ["", f"## Learning curve: {inert(curve.test_task)}", ""]
        heads = [f"{inert(curve.metric)} by training windows per class"]
        yield row_text([*heads, *(f"{size:,}" for size in curve.sizes)])
        yield row_text(["---", *["---:"] * len(curve.sizes)])
        for label, estimates in curve.estimates.items():
            yield row_text([inert(label), *map(estimate_text, estimates)])


def _table(board: Leaderboard) -> Iterator[str]:
    shown = board.measured((*SHOWN, *board.declining, *board.brought))
    heads = ["method", *(inert(board.metrics[name].label) for name in shown), "AUC per training", "seconds"]
    yield row_text(heads)
    yield row_text(["---", *["---:"] * (len(heads) - 2), "---:"])
    for standing in board.standings:
        name = inert(standing.label) + (" *(baseline)*" if standing.is_baseline else "")
        name += f" *({standing.not_as_designed})*" if standing.not_as_designed else ""
        estimates = [estimate_text(standing.estimate(metric)) for metric in shown]
        yield row_text([name, *estimates, standing.spread, seconds(standing.total_seconds)])


def _across_tasks(found: AcrossTasks | None) -> Iterator[str]:
    if found is None:
        return
    labels = [method.label for method in found.methods]
    heads = ["method", f"interquartile mean {inert(found.metric.label)}", "mean rank", *map(inert, labels)]
    yield from ["", f"## Over {len(found.tasks)} tasks", ""]
    yield row_text(heads)
    yield row_text(["---", *["---:"] * (len(heads) - 1)])
    for method in found.methods:
        chances = [
            estimate_text(found.pairs[method.label, other].improvement) if other != method.label else ""
            for other in labels
        ]
        middle = estimate_text(method.interquartile_mean)
        yield row_text([inert(method.label), middle, f"{method.mean_rank:.2f}", *chances])
    yield ""
    yield (
        f"Under a method's name: the chance that a training of the row's method scores above one of its own "
        f"on the same task. {inert(found.note)}"
    )


def row_text(cells: Sequence[str]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


def estimate_text(estimate: Estimate | Summary) -> str:
    """Return a value with its interval in brackets, where it has one."""
    if estimate.value != estimate.value:
        return "–"
    interval = f" ({number(estimate.low)}–{number(estimate.high)})" if estimate.has_interval else ""
    return f"{number(estimate.value)}{interval}"
