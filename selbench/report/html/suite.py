"""The leaderboard of a suite as one page: in a minute who is best at what, in ten why."""

from __future__ import annotations

from collections.abc import Sequence

from selbench.plugin import ReportSection
from selbench.report.html import across_tasks, document, provenance, training
from selbench.report.html.matrices import heat_map
from selbench.report.html.page import Page, Section
from selbench.report.leaderboard import UNKNOWN, Estimate
from selbench.report.suite import POWER, SuiteTable, SuiteTask
from selbench.run_folder import RunRecord


def render_suite(record: RunRecord, table: SuiteTable, refused: Sequence[str] = ()) -> str:
    """Return the leaderboard as one HTML document that loads nothing.

    Parameters
    ----------
    record : RunRecord
        All runs of the suite, joined.
    table : SuiteTable
        What it comes to.
    refused : sequence of str
        What was handed in and may not stand in the table, with its reason.
    """

    def summary(page: Page) -> Section:
        return Section(
            "suite", "In one minute", {"table": table, "refused": refused, "styles": _styles(page)}
        )

    def tasks(page: Page) -> Section:
        return Section("suite_tasks", "Task by task", {"table": table, "styles": _styles(page)})

    def transfer(page: Page) -> Section | None:
        content = {"table": table, "styles": _styles(page)}
        return Section("suite_transfer", "In other worlds", content) if table.transfers else None

    def still_open(page: Page) -> Section:
        return Section("suite_open", "What nobody can do yet", {"table": table})

    own = (
        ("suite", "In one minute", summary),
        ("power", "Every method on every task", lambda page: _power(table)),
        ("suite-open", "What nobody can do yet", still_open),
        ("suite-tasks", "Task by task", tasks),
        ("suite-transfer", "In other worlds", transfer),
        ("suite-cost", "Power against CPU seconds", lambda page: _cost(page, table)),
        ("tasks", "Over all tasks", across_tasks.section),
        ("learning", "Learning curves", training.learning_section),
        ("methods", "The methods", provenance.methods_section),
        ("provenance", "Provenance", provenance.provenance_section),
        ("citations", "Citations", provenance.citations_section),
    )
    sections = [
        ReportSection(name, title, place, title, function)
        for place, (name, title, function) in enumerate(own)
    ]
    return document.document(record, sections)


def _styles(page: Page) -> dict[str, str]:
    return {label: style.name for label, style in page.styles.items()}


def _power(table: SuiteTable) -> Section:
    """Return the headline's metric of every method on every task."""
    columns = tuple(task.name for task in table.tasks)
    values = {(label, task.name): (_value(task, label), "") for label in table.labels for task in table.tasks}
    map_ = heat_map("", "method / task", table.labels, columns, values)
    by_area = [task.name for task in table.tasks if task.metric != POWER]
    return Section("suite_power", "Every method on every task", {"map": map_, "by_area": by_area})


def _value(task: SuiteTask, label: str) -> Estimate:
    row = task.row_of(label)
    return UNKNOWN if row is None else task.value(row)


def _cost(page: Page, table: SuiteTable) -> Section | None:
    charts = []
    for task in table.tasks:
        points = [
            (row.label, row.cpu_seconds, task.value(row))
            for row in task.rows
            if row.cpu_seconds > 0 and task.value(row).is_known
        ]
        if points:
            metric = "power at 1 % false positives" if task.metric == POWER else "AUC"
            charts.append(
                (task.name, training.cost_chart(page, task.name, points, "CPU seconds of a training", metric))
            )
    return Section("suite_cost", "Power against CPU seconds", {"charts": charts}) if charts else None
