"""The leaderboard of a suite as one page: in a minute which encoding to take, in ten why."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from markupsafe import Markup

from selbench.plugin import ReportSection
from selbench.report import suite_founders
from selbench.report.across_tasks import across_most_tasks
from selbench.report.html import across_tasks, document, provenance, suite_powers, training
from selbench.report.html.matrices import heat_map
from selbench.report.html.page import Page, Section
from selbench.report.html.standings import Headline
from selbench.report.html.svg import Scale, dot, drawing, element
from selbench.report.leaderboard import AUC, POWER, UNKNOWN, Estimate
from selbench.report.suite import SuiteTable, SuiteTask, Transfer, on_fewer_said
from selbench.report.suite_choices import (
    choices,
    columns_explained,
    encodings,
    evidence_said,
    headline_said,
)
from selbench.report.suite_signals import EXPLAINED
from selbench.report.suite_why import Why
from selbench.run_folder import RunRecord


def render_suite(
    record: RunRecord, table: SuiteTable, refused: Sequence[str] = (), why: Why | None = None
) -> str:
    """Return the leaderboard as one HTML document that loads nothing.

    Parameters
    ----------
    record : RunRecord
        All runs of the suite, joined.
    table : SuiteTable
        What it comes to.
    refused : sequence of str
        What was handed in and may not stand in the table, with its reason.
    why : Why, optional
        What stands behind the table.
    """
    behind = why or Why()

    def laid_out(anchor: str, title: str, page: Page) -> Section:
        said = {"table": table, "refused": refused, "on_fewer_said": on_fewer_said}
        return Section(anchor, title, {**said, "styles": _styles(page)})

    own = (
        ("suite", "In one minute", lambda page: _choices(page, table)),
        ("encodings", "Which encoding", lambda page: _encodings(page, table)),
        ("power", "Every method on every task", lambda page: _power(table)),
        ("suite-open", "What nobody can do yet", lambda page: laid_out("suite_open", _OPEN, page)),
        ("suite-tasks", "Task by task", lambda page: laid_out("suite_tasks", "Task by task", page)),
        ("suite-cost", "Power against CPU seconds", lambda page: _cost(page, table)),
        ("suite-powers", "Where it is found", lambda page: suite_powers.section(behind.powers)),
        ("suite-founders", "One founder or several", lambda page: _founders(page, behind)),
        ("suite-signals", "What methods live on", lambda page: _signals(page, behind)),
        ("suite-transfer", "In other worlds", lambda page: _transfer(page, table)),
        ("tasks", "Over all tasks", lambda page: _over_tasks(page, table)),
        ("learning", "Learning curves", lambda page: training.learning_section(page, POWER)),
        ("suite-refused", "Not in the table", lambda page: _refused(refused)),
        ("methods", "The methods", provenance.methods_section),
        ("provenance", "Provenance", provenance.provenance_section),
        ("citations", "Citations", provenance.citations_section),
    )
    sections = [
        ReportSection(name, title, place, title, function)
        for place, (name, title, function) in enumerate(own)
    ]
    headline = Headline(headline_said(record, table), " ".join(evidence_said(table)))
    return document.document(record, sections, headline, "leaderboard", table.counts)


_OPEN = "What nobody can do yet"


def _styles(page: Page) -> dict[str, str]:
    return {label: style.name for label, style in page.styles.items()}


def _choices(page: Page, table: SuiteTable) -> Section:
    """Return a card per task: what to take, how much it finds, and whether that beats a baseline."""
    found = [(choice, _strip(page, choice.task)) for choice in choices(page.record, table)]
    explained = {"explained": columns_explained(table), "encodings": table.encodings}
    return Section("suite", "In one minute", {"choices": found, "power": POWER, **explained})


def _strip(page: Page, task: SuiteTask) -> Markup:
    """Draw every method's value on a line from 0 to 1: the best with its interval, baselines dashed."""
    scale = Scale(0.0, 1.0, 6, 314)
    best = task.value(task.best)
    parts = [element("line", class_="gridline", x1=6, x2=314, y1=15, y2=15)]
    parts += [
        element("line", class_="gridline", x1=at, x2=at, y1=11, y2=19)
        for at in map(float, scale([0.0, 0.25, 0.5, 0.75, 1.0]))
    ]
    for row in task.rows:
        value = task.value(row)
        if value.is_known:
            at = float(scale(value.value))
            mark = element("line", class_="curve", x1=at, x2=at, y1=6, y2=24)
            title = element("title", Markup.escape(f"{row.label}: {value.value:.3f}"))
            parts.append(element("g", title + mark, class_=f"method {page.styles[row.label].name}"))
    if best.has_interval:
        low, high = map(float, scale([best.low, best.high]))
        parts.append(element("line", class_="best", x1=low, x2=high, y1=15, y2=15))
    if best.is_known:
        parts.append(dot(float(scale(best.value)), 15, 5.5, "best"))
    return drawing(320, 30, f"{task.name}: all methods from 0 to 1, {task.best.label} best", *parts)


def _encodings(page: Page, table: SuiteTable) -> Section | None:
    """Return the best method of every encoding on every task; None where there is one, and no other."""
    found = encodings(page.record, table)
    if len(found) < 2 and not table.not_run:
        return None
    columns = tuple(task.name for task in table.tasks)
    values: dict[tuple[str, str], tuple[Estimate, str]] = {}
    for encoding, on_tasks in found.items():
        for task in table.tasks:
            best = on_tasks.get(task.name)
            values[encoding, task.name] = (task.value(best.row), best.model) if best else (UNKNOWN, "")
    map_ = heat_map("", "encoding / task", tuple(found), columns, values)
    content = {"map": map_, "found": found, "not_run": table.not_run, "by_area": table.by_area}
    return Section("suite_encodings", "Which encoding", content)


def _power(table: SuiteTable) -> Section:
    """Return the headline's metric of every method on every task."""
    columns = tuple(task.name for task in table.tasks)
    values = {(label, task.name): _value(task, label) for label in table.labels for task in table.tasks}
    map_ = heat_map("", "method / task", table.labels, columns, values)
    content = {"map": map_, "by_area": table.by_area}
    return Section("suite_power", "Every method on every task", content)


def _value(task: SuiteTask, label: str) -> tuple[Estimate, str]:
    row = task.row_of(label)
    return (UNKNOWN, "") if row is None else (task.value(row), row.coverage_said)


def _transfer(page: Page, table: SuiteTable) -> Section | None:
    """Return what thresholds are worth in other worlds, a map per training task; None where nobody asked."""
    maps = []
    for train in dict.fromkeys(each.train_task for each in table.transfers):
        found = {(each.label, each.test_task): each for each in table.transfers if each.train_task == train}
        worlds = tuple(dict.fromkeys(world for _, world in found))
        labels = tuple(label for label in table.labels if any(label == of for of, _ in found))
        values = {(label, world): (UNKNOWN, "") for label in labels for world in worlds} | {
            key: (Estimate(each.false_positives.value), _power_there(each)) for key, each in found.items()
        }
        maps.append(
            heat_map(f"Trained on {train}: false positives", "method / world", labels, worlds, values)
        )
    content = {"maps": maps, "table": table, "styles": _styles(page)}
    return Section("suite_transfer", "In other worlds", content) if maps else None


def _power_there(found: Transfer) -> str:
    return " ".join(filter(None, (f"power {found.power.value:.2f}", found.coverage_said)))


def _founders(page: Page, why: Why) -> Section | None:
    """Return windows of one founder and of several, scored apart; None where no task has both."""
    content = {"tasks": why.founders, "styles": _styles(page), "explained": suite_founders.EXPLAINED}
    return Section("suite_founders", "One founder or several", content) if why.founders else None


def _signals(page: Page, why: Why) -> Section | None:
    """Return what methods keep where windows are shuffled; None where no audit tells it."""
    tasks = list(dict.fromkeys(each.task for each in why.signals))
    content = {"signals": why.signals, "tasks": tasks, "styles": _styles(page), "explained": EXPLAINED}
    return Section("suite_signals", "What methods live on", content) if tasks else None


def _over_tasks(page: Page, table: SuiteTable) -> Section | None:
    """Return what the tasks that most methods stand on say together."""
    boards = [task.board for task in table.tasks]
    return across_tasks.section_of(page, across_most_tasks(page.record, boards, table.metric))


def _refused(refused: Sequence[str]) -> Section | None:
    content = {"refused": refused}
    return Section("suite_refused", "Handed in, and not in the table", content) if refused else None


def _cost(page: Page, table: SuiteTable) -> Section | None:
    charts = []
    for task in table.tasks:
        points = [
            (row.label, row.cpu_seconds, task.value(row))
            for row in task.rows
            if row.cpu_seconds > 0 and task.value(row).is_known
        ]
        if points:
            metric = "AUC" if task.metric == AUC else "power at 1 % false positives"
            highest = max(e.high if e.has_interval else e.value for _, _, e in points)
            top = min(1.0, ceil(highest * 10 + 1e-9) / 10)
            chart = training.cost_chart(page, task.name, points, "CPU seconds of a training", metric, top)
            charts.append((task.name, chart))
    return Section("suite_cost", "Power against CPU seconds", {"charts": charts}) if charts else None
