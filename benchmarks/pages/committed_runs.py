"""Committed runs, and the pages of docs whose figures are written from them.

What a page takes from files stands between ``<!-- figures: NAME -->`` and ``<!-- end -->``; NAME is a
function that returns it. `filled` writes all of them anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from selbench.evaluation.claims import number
from selbench.evaluation.intervals import wilson

BENCHMARKS = Path(__file__).parents[1]
DOCS = BENCHMARKS.parent / "docs"
MARK = re.compile(r"(<!-- figures: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
OPPOSITE = {"better": "worse", "worse": "better"}


@dataclass(frozen=True)
class Claim:
    """What is known of one method beside another, with the interval of its family."""

    difference: float
    low: float
    high: float
    p: float
    verdict: str

    def turned(self) -> Claim:
        """Return the same, said of the other method."""
        return Claim(
            -self.difference, -self.high, -self.low, self.p, OPPOSITE.get(self.verdict, self.verdict)
        )

    def __str__(self) -> str:
        low, high = number(self.low, signed=True), number(self.high, signed=True)
        return f"{number(self.difference, signed=True)} ({low} to {high})"


@dataclass(frozen=True)
class Run:
    """A committed run: its metrics, its comparisons, and its record."""

    results: pd.DataFrame
    comparisons: pd.DataFrame
    record: dict[str, Any]

    def rows(self, metric: str, method: str, train: str, test: str = "") -> pd.DataFrame:
        """Return the rows of a metric: its mean over trainings, of no repetition, and every training."""
        of = self.results
        return of[
            (of["metric"] == metric)
            & (of["class"] == "")
            & (of["method_label"] == method)
            & (of["train_task"] == train)
            & (of["test_task"] == (test or train.partition("@")[0]))
        ]

    def mean(self, metric: str, method: str, train: str, test: str = "") -> str:
        """Return the mean of a metric over trainings, with its interval."""
        rows = self.rows(metric, method, train, test)
        ((value, low, high),) = rows[rows["repetition"].isna()][["value", "low", "high"]].to_numpy()
        return number(value) if pd.isna(low) else f"{number(value)} ({number(low)}–{number(high)})"

    def value(self, metric: str, method: str, train: str, test: str = "") -> float:
        """Return the mean of a metric over trainings."""
        rows = self.rows(metric, method, train, test)
        return float(rows[rows["repetition"].isna()]["value"].item())

    def area(self, method: str, train: str, test: str = "") -> str:
        """Return the AUC, with its interval."""
        return self.mean("roc_auc", method, train, test)

    def areas(self, method: str, train: str, test: str = "") -> str:
        """Return the AUC of every training."""
        rows = self.rows("roc_auc", method, train, test)
        rows = rows[rows["repetition"].notna()].sort_values("repetition")
        return " ".join(number(value) for value in rows["value"])

    def methods(self, train: str) -> list[str]:
        """Return the methods trained on a task, the best first."""
        of = self.results
        of = of[(of["metric"] == "roc_auc") & (of["class"] == "") & of["repetition"].isna()]
        of = of[(of["train_task"] == train) & (of["test_task"] == train)]
        best_first = of.sort_values(["value", "method_label"], ascending=[False, True])
        labels: list[str] = best_first["method_label"].tolist()
        return labels

    def claim(self, method: str, other: str, task: str, metric: str = "roc_auc") -> Claim:
        """Return what all pairs of a task say of two methods.

        Raises
        ------
        KeyError
            If they were not compared.
        """
        of = self.comparisons
        of = of[(of["metric"] == metric) & (of["family"] == "all pairs")]
        of = of[(of["train_task"] == task) & (of["test_task"] == task)]
        for first, second in ((method, other), (other, method)):
            for _, row in of[(of["method_label"] == first) & (of["other_label"] == second)].iterrows():
                found = Claim(
                    row["difference"],
                    row["low_simultaneous"],
                    row["high_simultaneous"],
                    row["p_adjusted"],
                    row["verdict"],
                )
                return found if first == method else found.turned()
        raise KeyError(f"{task}: {method} and {other} were not compared")


@cache
def run(name: str) -> Run:
    """Return a run folder below `benchmarks`; two that were joined have their comparisons above."""
    folder = BENCHMARKS / name
    comparisons = folder / "comparisons.parquet"
    if not comparisons.exists():
        comparisons = folder.parent / "comparisons.parquet"
    record = folder / "run.json"
    return Run(
        pd.read_parquet(folder / "results.parquet"),
        pd.read_parquet(comparisons),
        json.loads(record.read_text()) if record.exists() else {},
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """Return a table of markdown; columns after the first `words` are figures."""
    lines = [head, ["---"] * words + ["---:"] * (len(head) - words), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def share(k: int, n: int) -> str:
    """Return a share with Wilson's interval."""
    low, high = wilson(k / n, n)
    return f"{number(k / n)} ({number(low)}–{number(high)})"


def by_name(*functions: Callable[[], str]) -> dict[str, Callable[[], str]]:
    """Return functions by their names as marks spell them."""
    return {function.__name__.replace("_", "-"): function for function in functions}


def filled(page: str, figures: Mapping[str, Callable[[], str]]) -> str:
    """Return a page with everything between marks as the committed files have it."""
    return MARK.sub(lambda found: f"{found[1]}\n{figures[found[2]]()}\n{found[3]}", page)
