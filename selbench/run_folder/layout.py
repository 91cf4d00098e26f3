"""The files of a run folder by name, and how one is known."""

from __future__ import annotations

from pathlib import Path

EXPERIMENT = "experiment.toml"
PREDICTIONS = "predictions.parquet"
VALIDATION = "validation.parquet"
WINDOWS = "windows.parquet"
RESULTS = "results.parquet"
COMPARISONS = "comparisons.parquet"
RECORD = "run.json"
AUDIT = "audit.json"
REPORT = "report.html"
MADE_FROM = "made_from.json"
COMPONENTS = "components.json"
PREDICTORS = "predictors"
IMAGES = "images"
STORE = "store"
FAILURES = "failures"

FILES = (
    EXPERIMENT, PREDICTIONS, VALIDATION, WINDOWS, RESULTS, COMPARISONS, RECORD, AUDIT, REPORT, MADE_FROM,
    COMPONENTS,
)  # fmt: skip
"""Every file that lies directly in a run folder."""

RUN_FOLDER = "a run folder, as `selbench run EXPERIMENT` writes it"

MAKE_AGAIN = "run the experiment again: finished work is kept, tables are rewritten"
"""The way out of whatever is damaged in a run folder."""


def is_finished_run(folder: Path) -> bool:
    """Whether a folder is that of a run that has ended at least once."""
    return (folder / RECORD).is_file()


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a run, ended or not."""
    return (folder / EXPERIMENT).is_file()


def runs_in(folder: Path) -> list[Path]:
    """Return the run folders that lie in a folder, by name."""
    return sorted(path.parent for path in folder.glob(f"*/{EXPERIMENT}"))
