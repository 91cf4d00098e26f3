"""The document: sections in the order in which a reader asks."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from selbench.evaluation.across_tasks import Summary
from selbench.evaluation.claims import number
from selbench.plugin import Registry, ReportSection
from selbench.report.html import (
    across_tasks,
    audit,
    blocks,
    calibration,
    curves,
    genomes,
    matrices,
    pictures,
    provenance,
    standings,
    training,
)
from selbench.report.html.page import Page
from selbench.report.html.palette import style_sheet
from selbench.report.leaderboard import Estimate
from selbench.report.short_labels import with_short_labels
from selbench.report.terminal import seconds
from selbench.run_folder import RunRecord

if TYPE_CHECKING:
    from jinja2 import Environment

SHIPPED: tuple[ReportSection, ...] = tuple(
    ReportSection(name, title, 100 * place, summary, function)
    for place, (name, title, summary, function) in enumerate(
        (
            ("leaderboard", "Leaderboard", "Methods by AUC.", standings.leaderboard_section),
            ("curves", "ROC curves", "Curves of every method.", curves.section),
            ("comparison", "Who beats whom", "Every paired comparison.", standings.comparison_section),
            ("audit", "Is the comparison honest?", "What the audit found.", audit.section),
            ("images", "What the models see", "Examples of each class.", pictures.section),
            ("confusion", "Confusion matrices", "Classes called by true class.", matrices.confusion_section),
            ("calibration", "Calibration", "What was said, and what came true.", calibration.section),
            ("combinations", "Encoder × model", "AUC by both.", matrices.combinations_section),
            ("transfer", "Train here, test there", "AUC by both tasks.", matrices.transfer_section),
            ("genomes", "Labelled regions of a genome", "Windows called by label.", genomes.section),
            ("tasks", "Over all tasks", "Methods over all tasks.", across_tasks.section),
            ("learning", "Learning curves", "AUC by training windows.", training.learning_section),
            ("cost", "Cost", "AUC against seconds.", training.cost_section),
            ("history", "Training histories", "Loss by epoch.", training.history_section),
            ("metrics", "Every metric", "All metrics, and what they mean.", standings.metrics_section),
            ("failures", "Skipped and failed", "What did not finish.", provenance.failures_section),
            ("data", "The data", "Windows by split and class.", provenance.data_section),
            ("methods", "The methods", "Where each comes from.", provenance.methods_section),
            ("provenance", "Provenance, and how to do it again", "Versions.", provenance.provenance_section),
            ("citations", "Citations", "Whom to cite.", provenance.citations_section),
        ),
        start=1,
    )
)
"""In the order of the page, as `register_sections` takes them."""


def all_sections(registry: Registry) -> tuple[ReportSection, ...]:
    """Return the shipped sections and those of installed plugins, in their order."""
    brought = [each.value for each in registry.sections.entries()]
    new = [each for each in brought if not any(each is shipped for shipped in SHIPPED)]
    return tuple(sorted((*SHIPPED, *new), key=lambda each: each.order))


@cache
def _environment() -> Environment:
    """Return the templates; compiled once for all reports that a process writes."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("selbench.report.html", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "value": _value,
        "interval": _interval,
        "signed": _signed,
        "three_digits": number,
        "seconds": seconds,
        "size": _size,
        "zip_with": zip,
        "code": _code,
        "cell": blocks.cell,
    }
    environment.tests["right_aligned"] = blocks.is_number
    return environment


def document(
    record: RunRecord,
    sections: Sequence[ReportSection] = SHIPPED,
    headline: standings.Headline | None = None,
    kind: str = "report",
    counts: Sequence[tuple[int, str]] = (),
) -> str:
    """Return the report of a run as one HTML document.

    The headline is by AUC where none is given; `counts` are tasks, by kind, where they are not all of one.
    """
    page, environment = Page(with_short_labels(record)), _environment()
    found = [section for each in sections if (section := blocks.built(each, page)) is not None]
    assert environment.loader is not None
    script, _, _ = environment.loader.get_source(environment, "page.js")
    return environment.get_template("report.html.jinja").render(
        record=page.record,
        kind=kind,
        script=script,
        policy=content_policy(script),
        description=[part for part in record.info.description.split("\n\n") if part.strip()],
        facts=_facts(page, counts),
        headline=headline or standings.headline(page),
        sections=found,
        palette=style_sheet(page.styles.values()),
        styles=page.styles,
    )


def content_policy(script: str) -> str:
    """Return what the page allows itself: its own script, known by its hash, its styles, images inside it.

    Whatever a stranger's name or message would smuggle in, a browser neither runs nor fetches it.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def _facts(page: Page, counts: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    """Return the strip of figures below the title."""
    info, boards = page.record.info, page.main_boards
    n_tasks, n_methods = len(page.record.whole_tasks), len(page.record.tried)
    n_windows = sum(sum(board.n_test_windows.values()) for board in boards)
    n_repetitions = max(board.n_repetitions for board in boards)
    facts = [
        (str(n_methods), "method" if n_methods == 1 else "methods"),
        *((str(n), noun) for n, noun in counts or [(n_tasks, "task" if n_tasks == 1 else "tasks")]),
        (str(n_repetitions), "training each" if n_repetitions == 1 else "trainings each"),
        (f"{n_windows:,}", "test windows"),
        (str(info.seed), "seed"),
    ]
    seconds = sum(cell.total_seconds for cell in page.record.trainings) + sum(
        seconds for task, seconds in info.simulate_seconds.items() if task in page.record.whole_tasks
    )
    if seconds:
        facts.append((_duration(seconds), "of computing"))
    if info.finished:
        facts.append((_day(info.finished), "finished"))
    return facts


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 90:
        return f"{minutes / 60:.1f} h"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _day(moment: str) -> str:
    try:
        day = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return f"{day.day} {day:%b %Y}"


def _code(text: str) -> Markup:
    """Return text with what stands between backticks as code."""
    parts = text.split("`")
    marked = [f"<code>{escape(part)}</code>" if i % 2 else escape(part) for i, part in enumerate(parts)]
    return Markup("".join(marked) if len(parts) % 2 else escape(text))


def _value(estimate: Estimate | Summary) -> str:
    return number(estimate.value) if estimate.value == estimate.value else "–"


def _signed(value: float) -> str:
    return number(value, signed=True)


def _interval(estimate: Estimate | Summary) -> str:
    return f"{number(estimate.low)}–{number(estimate.high)}" if estimate.has_interval else ""


def _size(value: Any) -> str:
    """Return bytes as text."""
    return f"{value / 2**20:,.0f} MiB" if value else "–"
