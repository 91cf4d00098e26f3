"""One self-contained HTML file: no network, no script that it needs."""

from __future__ import annotations

from html import escape

from selbench.report import terminal
from selbench.report.run_folder import RunRecord


def render(record: RunRecord) -> str:
    """Return the report of a run as one HTML document."""
    body = f"<pre>{escape(terminal.render(record))}</pre>"
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(record.name)}</title>{body}</html>'
