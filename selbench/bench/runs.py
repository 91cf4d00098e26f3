"""A finished run as a value: its tables, its audit, its trained methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from selbench.bench.methods import Methods
from selbench.bench.reports import leaderboard_table, write_report
from selbench.plugin import Registry
from selbench.run_folder import RunRecord

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = ("train_task", "test_task", "method_label", "roc_auc", "roc_auc_low", "roc_auc_high", "accuracy")
"""Columns of the leaderboard in a notebook."""


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """A finished run.

    Parameters
    ----------
    record : RunRecord
        Everything that its folder holds.
    registry : Registry, optional
        That loads its methods; by default that of what is installed.
    """

    record: RunRecord
    registry: Registry | None = None

    def __repr__(self) -> str:
        record, n_failed = self.record, len(self.record.unfinished)
        counts = [(len(record.methods), "method"), (len(record.whole_tasks), "task")]
        said = ", ".join(f"{count:,} {noun}" + "s" * (count != 1) for count, noun in counts)
        skipped = f", {n_failed:,} skipped or failed" if n_failed else ""
        return f"Run: {self.name}, {said}{skipped}, in {self.path}"

    def _repr_html_(self) -> str:
        """Show the words and the leaderboard's first columns, for a notebook."""
        board = self.leaderboard
        shown = [name for name in _SHOWN if name in board.columns]
        table = board[shown].to_html(index=False, border=0, float_format="{:.3f}".format)
        return f"<p>{escape(repr(self))}</p>{table}"

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.record.folder

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.record.name

    @cached_property
    def leaderboard(self) -> pd.DataFrame:
        """A row per method and pair of tasks, best AUC first: metrics with 95 % intervals, and costs."""
        return leaderboard_table(self.record)

    @property
    def predictions(self) -> pd.DataFrame:
        """A row per window, method and repetition: probabilities of the classes."""
        return self.record.predictions

    @property
    def results(self) -> pd.DataFrame:
        """A row per method, repetition, metric and class; without repetition, the mean over them."""
        return self.record.results

    @property
    def comparisons(self) -> pd.DataFrame:
        """A row per pair of methods and metric: difference, interval, p and adjusted p."""
        return self.record.comparisons

    @cached_property
    def audit(self) -> pd.DataFrame:
        """A row per check and task: verdict, headline, evidence, what it means and what to do."""
        import pandas as pd

        columns = ["task", "check", "verdict", "headline", "evidence", "meaning", "advice"]
        rows = [
            [audit.subject, f.check, f.verdict, f.headline, "\n".join(f.evidence), f.meaning, f.advice]
            for audit in self.record.audits
            for f in audit.findings
        ]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def methods(self) -> Methods:
        """The trained methods of repetition 0, by any of their names."""
        return Methods(self.record, self.registry)

    @property
    def best(self) -> tuple[str, ...]:
        """The trained methods that stand first on each task tested on itself, as `methods` takes them."""
        board = self.leaderboard
        home = board[(board["train_task"] == board["test_task"]) & ~board["is_baseline"]]
        first = home.drop_duplicates("train_task")
        several = board["train_task"].nunique() > 1
        pairs = zip(first["train_task"], first["method_label"], strict=True)
        return tuple(f"{task}/{label}" if several else label for task, label in pairs)

    def report(self, path: str | Path) -> Path:
        """Write the report: one page (.html), a table (.csv), markdown (.md), or plain text.

        Returns
        -------
        path : Path
            Where it lies.
        """
        return write_report(self.record, Path(path), registry=self.registry)


def open_run(folder: str | Path, registry: Registry | None = None) -> Run:
    """Open a finished run.

    Raises
    ------
    DataError
        If a piece is missing, cut off, or of another version.

    Examples
    --------
    >>> open_run("runs/quickstart").leaderboard  # doctest: +SKIP
    """
    return Run(RunRecord.read(Path(folder)), registry)


def compare_runs(runs: Sequence[Run | str | Path], registry: Registry | None = None) -> Run:
    """Put runs of different people or days into one.

    Only what is comparable is put together: a task of one name must have the same
    test windows in every run. A method that two runs have stands once if it said
    the same in both, else once per run. Metrics of plugins that a run's experiment
    names are measured of all methods, where the plugin is installed.

    Raises
    ------
    DataError
        If two runs have a task of one name whose test windows are not the same.
    PluginError
        If a metric of a plugin fails.
    """
    from selbench.report.joint import join_runs

    opened = [run if isinstance(run, Run) else open_run(run, registry) for run in runs]
    records = [run.record for run in opened]
    if any(record.info.metrics for record in records):
        registry = registry or Registry.installed()
    offered = registry.metrics.entries() if registry is not None else ()
    return Run(join_runs(records, [offer.value for offer in offered]), registry)
