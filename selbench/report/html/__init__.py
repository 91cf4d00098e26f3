"""One self-contained HTML file: no network, and readable without its script."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selbench.plugin import Registry
    from selbench.run_folder import RunRecord


def render(record: RunRecord, registry: Registry | None = None) -> str:
    """Return the report of a run as one HTML document, with the sections that plugins bring to it.

    Raises
    ------
    DataError
        If predictions or images of the run folder are damaged.
    """
    from selbench.report.html.document import SHIPPED, all_sections, document

    return document(record, SHIPPED if registry is None else all_sections(registry))
