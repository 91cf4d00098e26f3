"""One self-contained HTML file: no network, and readable without its script."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selbench.run_folder import RunRecord


def render(record: RunRecord) -> str:
    """Return the report of a run as one HTML document.

    Raises
    ------
    DataError
        If predictions or images of the run folder are damaged.
    """
    from selbench.report.html.document import document

    return document(record)
