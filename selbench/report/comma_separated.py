"""The results table as comma-separated values, to go on with elsewhere."""

from __future__ import annotations

from selbench.report.run_folder import RunRecord


def render(record: RunRecord) -> str:
    """Return every row of the results: one per cell, metric and class."""
    return str(record.results.to_csv(index=False))
