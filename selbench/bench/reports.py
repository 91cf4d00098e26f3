"""Reports of a run in every form."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from selbench.files import write_whole
from selbench.plugin import Registry
from selbench.run_folder import RunRecord

if TYPE_CHECKING:
    import pandas as pd

Form = Literal["terminal", "markdown", "csv", "html"]

_RENDERERS: dict[Form, str] = {
    "terminal": "selbench.report.terminal",
    "markdown": "selbench.report.markdown",
    "csv": "selbench.report.comma_separated",
    "html": "selbench.report.html",
}

_SUFFIXES: dict[str, Form] = {".md": "markdown", ".csv": "csv", ".html": "html", ".htm": "html"}


def render_report(record: RunRecord, form: Form, registry: Registry | None = None) -> str:
    """Return a report as text; a page has the sections of plugins in the registry as well."""
    if form == "html":
        from selbench.report.html import render

        return render(record, registry or Registry.installed())
    return str(import_module(_RENDERERS[form]).render(record))


def write_report(
    record: RunRecord, path: Path, form: Form | None = None, registry: Registry | None = None
) -> Path:
    """Write a report whole or not at all; its form follows from the file's suffix unless it is said."""
    chosen: Form = form or _SUFFIXES.get(path.suffix.lower(), "terminal")
    write_whole(path, render_report(record, chosen, registry).encode())
    return path


def leaderboard_table(record: RunRecord) -> pd.DataFrame:
    """Return the leaderboards as one table: a row per method and pair of tasks, best AUC first."""
    import pandas as pd

    from selbench.report.leaderboard import leaderboards

    rows = []
    for board in leaderboards(record):
        for standing in board.standings:
            name = record.names[standing.method]
            row: dict[str, object] = {
                "train_task": board.train_task,
                "test_task": board.test_task,
                "method": name.method,
                "method_label": name.label,
                "method_folder": name.folder,
                "is_baseline": standing.is_baseline,
                "n_repetitions": len(standing.auc_by_repetition),
            }
            for metric in board.measured(tuple(board.metrics)):
                estimate = standing.estimate(metric)
                row |= {
                    metric: estimate.value,
                    f"{metric}_low": estimate.low,
                    f"{metric}_high": estimate.high,
                }
            row |= {
                "seconds": standing.total_seconds,
                "n_parameters": standing.n_parameters,
                "peak_memory_bytes": standing.peak_memory_bytes,
            }
            rows.append(row)
    return pd.DataFrame(rows)
